//! How much memory DuckDB may hold, where nobody said.

use std::sync::atomic::Ordering;

use duckdb::Connection;

use crate::open::Store;

/// What DuckDB may hold beside the store itself, where it is to be frugal.
const FRUGAL_MB: u64 = 64;

/// The same where much is written at once: with less, what is staged is written to disk and read again.
const BOUNDED_MB: u64 = 1_000;

impl Store {
    /// From now on DuckDB may hold as much memory as the store is long, and a little for its work: for a process that
    /// writes bit by bit and asks nothing. It otherwise keeps whatever it has read until the machine is nearly full. A
    /// limit that was given to [`Store::open`] stands.
    pub fn be_frugal(&self) {
        self.leave_room(FRUGAL_MB);
    }

    /// The same with more room: for a process that writes large files, of which DuckDB would otherwise keep as much in memory
    /// as there is.
    pub fn be_bounded(&self) {
        self.leave_room(BOUNDED_MB);
    }

    fn leave_room(&self, megabytes: u64) {
        let is_given = self.options().memory_limit.is_some();
        self.room_mb().store(if is_given { 0 } else { megabytes }, Ordering::Relaxed);
        self.fit_memory(&self.writer());
    }

    /// Adapts the limit to how long the store is by now.
    pub(crate) fn fit_memory(&self, connection: &Connection) {
        let room = self.room_mb().load(Ordering::Relaxed);
        if room == 0 {
            return;
        }
        let megabytes = std::fs::metadata(self.path()).map_or(0, |file| file.len() / 1_000_000) + room;
        // A limit below what is in use at this moment is refused; the next write tries again.
        if let Err(error) = connection.execute_batch(&format!("set memory_limit = '{megabytes}MB'")) {
            tracing::debug!(%error, megabytes, "the memory limit stays as it was");
        }
    }

    /// Takes back a limit that nobody asked for; says whether there was one.
    pub(crate) fn unbound_memory(&self, connection: &Connection) -> bool {
        self.room_mb().load(Ordering::Relaxed) > 0 && connection.execute_batch("reset memory_limit").is_ok()
    }
}
