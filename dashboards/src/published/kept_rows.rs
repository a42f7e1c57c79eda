//! Rows of facts and marts that were read: everybody who looks at a dashboard is shown the same marks. They hold until something
//! is written; over large marts, where something is written all the time, for some seconds more, as answers do (`recent.rs`).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::results::Collected;

/// The rows read last, by what was read.
#[derive(Default)]
pub(super) struct KeptRows(Mutex<HashMap<String, Kept>>);

struct Kept {
    rows: Arc<Collected>,
    data_version: i64,
    read_at: DateTime<Utc>,
}

/// How long rows stand of which more may be known by now.
const STANDS: TimeDelta = TimeDelta::seconds(15);
/// About how many bytes they take together.
const MOST: usize = 64_000_000;

impl KeptRows {
    /// Rows that were read of this version, or a moment ago where they may `stand`.
    pub(super) fn find(
        &self,
        what: &str,
        data_version: i64,
        now: DateTime<Utc>,
        stand: bool,
    ) -> Option<Arc<Collected>> {
        let known = self.known();
        let kept = known.get(what)?;
        let is_fresh = kept.data_version == data_version || (stand && (now - kept.read_at).abs() <= STANDS);
        is_fresh.then(|| Arc::clone(&kept.rows))
    }

    /// Keeps rows. `data_version` is that from before they were read.
    pub(super) fn keep(&self, what: String, data_version: i64, now: DateTime<Utc>, rows: Collected) {
        if !rows.is_whole() {
            return;
        }
        let mut known = self.known();
        known.retain(|_, kept| kept.data_version == data_version || (now - kept.read_at).abs() <= STANDS);
        if known.values().map(|kept| kept.rows.size()).sum::<usize>() + rows.size() > MOST {
            known.clear();
        }
        known.insert(what, Kept { rows: Arc::new(rows), data_version, read_at: now });
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
