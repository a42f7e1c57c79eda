//! Work spread over the machine's cores.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{self, available_parallelism};

/// How many cores there are.
pub(crate) fn all_cores() -> usize {
    // Asking the system reads some files each time.
    static ALL: OnceLock<usize> = OnceLock::new();
    *ALL.get_or_init(|| available_parallelism().map_or(1, NonZero::get))
}

/// Does the same to each of some things on so many cores; the results come in the order of the things. Each core takes as
/// many as are its share.
pub(crate) fn on_cores<T: Send, R: Send>(n_cores: usize, things: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let share = things.len().div_ceil(n_cores.max(1)).max(1);
    let mut things = things.into_iter();
    let mut next_share = || things.by_ref().take(share).collect::<Vec<T>>();
    let own = next_share();
    let others: Vec<Vec<T>> = std::iter::from_fn(|| Some(next_share()).filter(|share| !share.is_empty())).collect();
    let do_all = |things: Vec<T>| things.into_iter().map(&work).collect::<Vec<R>>();
    thread::scope(|scope| {
        let others: Vec<_> = others.into_iter().map(|things| scope.spawn(|| do_all(things))).collect();
        let mut results = do_all(own);
        for other in others {
            // A panic over there is a panic here: the work has no other way to fail.
            results.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        results
    })
}

/// Does something with each of some things on all cores, of which each takes the next whenever it is done with one.
pub(crate) fn each_on_all_cores<T: Send>(things: Vec<T>, work: impl Fn(T) + Sync) {
    let n_cores = all_cores().min(things.len());
    let things = Mutex::new(things.into_iter());
    let next = || things.lock().unwrap_or_else(PoisonError::into_inner).next();
    let do_all = |()| {
        while let Some(thing) = next() {
            work(thing);
        }
    };
    on_cores(n_cores, vec![(); n_cores], do_all);
}
