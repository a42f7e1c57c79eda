//! The watch over work in a sandbox: beside it somebody looks whether it is to end, since DuckDB itself only looks whether
//! it was interrupted.

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use store::Sandbox;

use super::Cancel;
use super::refusal::Refusal;

/// How long work may take, and whose wish that is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// How long.
    pub(super) time: Duration,
    /// The client set it for its connection; else it is the installation's limit.
    pub(super) is_of_client: bool,
}

impl Patience {
    fn refusal(self) -> Refusal {
        let seconds = self.time.as_secs_f64();
        let refusal = Refusal::new("57014", "canceling statement due to statement timeout");
        refusal.hint(match self.is_of_client {
            true => format!("the connection's statement_timeout is {seconds} s; set it higher, or to 0 for what the installation allows"),
            false => format!(
                "a query may run for {seconds} s: name the metric, the grain and a shorter time in WHERE, or raise postgres_wire.time"
            ),
        })
    }
}

const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Does work in a sandbox, and ends it when it is cancelled or takes too long. What was ended is refused, whatever came of it.
pub(super) fn watched<T>(
    sandbox: &Sandbox,
    begun: Instant,
    patience: Patience,
    cancel: &Cancel,
    work: impl FnOnce() -> T,
) -> Result<T, Refusal> {
    let (ended, end) = sync_channel::<()>(0);
    let interrupter = sandbox.interrupter();
    let (is_late, found) = std::thread::scope(|scope| {
        let watch = scope.spawn(move || {
            loop {
                let is_late = begun.elapsed() > patience.time;
                if is_late || cancel.is_cancelled() {
                    cancel.cancel();
                    interrupter.interrupt();
                    // Once is not always enough: an interrupt that comes before the query begins is forgotten.
                    while end.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
                        interrupter.interrupt();
                    }
                    return is_late;
                }
                match end.recv_timeout(LOOK_EVERY) {
                    Err(RecvTimeoutError::Timeout) => {}
                    _ => return false,
                }
            }
        });
        let found = work();
        drop(ended);
        (watch.join().unwrap_or(false), found)
    });
    if is_late {
        return Err(patience.refusal());
    }
    if cancel.is_cancelled() {
        return Err(Refusal::cancelled());
    }
    Ok(found)
}
