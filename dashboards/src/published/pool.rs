//! The sandboxes: as many as queries may run at once, made when first needed and used again and again.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use store::{Sandbox, SandboxOptions, Shelf};

use super::refusal::Refusal;
use super::relation::Relations;
use super::watch::Patience;
use super::{Cancel, Limits, reader};

/// The sandboxes.
pub(super) struct Pool {
    options: SandboxOptions,
    shelf: Arc<dyn Shelf>,
    most: usize,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Sandbox>,
    n_made: usize,
}

/// A sandbox in use; it goes back when dropped.
pub(super) struct Taken<'a> {
    pool: &'a Pool,
    sandbox: Option<Sandbox>,
}

impl Pool {
    pub(super) fn new(layout: String, limits: Limits, relations: &Relations) -> Pool {
        Pool {
            options: SandboxOptions { memory: limits.memory, layout },
            shelf: Arc::new(reader::Columns::of(relations)),
            most: limits.queries.max(1),
            state: Mutex::default(),
            freed: Condvar::new(),
        }
    }

    /// Opens sandboxes ahead, so that those who come first need not wait for it.
    pub(super) fn open_ahead(&self, n: usize) -> Result<(), Refusal> {
        for _ in 0..n.min(self.most) {
            {
                let mut state = self.locked();
                if state.n_made >= self.most.min(n) {
                    return Ok(());
                }
                state.n_made += 1;
            }
            drop(self.made()?);
        }
        Ok(())
    }

    /// A new sandbox, which was counted already.
    fn made(&self) -> Result<Taken<'_>, Refusal> {
        match Sandbox::open(&self.options, Arc::clone(&self.shelf)) {
            Ok(sandbox) => Ok(Taken { pool: self, sandbox: Some(sandbox) }),
            Err(error) => {
                self.locked().n_made -= 1;
                self.freed.notify_one();
                Err(error.into())
            }
        }
    }

    /// Takes a sandbox, waiting for one to be free if need be.
    pub(super) fn take(&self, patience: Patience, cancel: &Cancel) -> Result<Taken<'_>, Refusal> {
        let begun = Instant::now();
        let mut state = self.locked();
        loop {
            if let Some(sandbox) = state.idle.pop() {
                return Ok(Taken { pool: self, sandbox: Some(sandbox) });
            }
            if state.n_made < self.most {
                state.n_made += 1;
                drop(state);
                return self.made();
            }
            if cancel.is_cancelled() {
                return Err(Refusal::cancelled());
            }
            if begun.elapsed() >= patience.time {
                return Err(Refusal::new(
                    "53300",
                    format!("{} queries run already, and none of them ended", self.most),
                )
                .hint("ask again in a while, or raise postgres_wire.queries in cairn.toml"));
            }
            let wait = Duration::from_millis(50);
            state = self.freed.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::ops::Deref for Taken<'_> {
    type Target = Sandbox;

    fn deref(&self) -> &Sandbox {
        self.sandbox.as_ref().expect("it is taken out only when dropped")
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.locked();
        match self.sandbox.take() {
            // After a panic nobody knows what it is in the midst of.
            Some(sandbox) if !std::thread::panicking() => state.idle.push(sandbox),
            _ => state.n_made -= 1,
        }
        drop(state);
        self.pool.freed.notify_one();
    }
}
