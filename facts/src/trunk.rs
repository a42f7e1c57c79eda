//! What a repository's trunk holds, as opposed to what it held.

use chrono::{DateTime, Utc};

/// All commits that a source found on a repository's trunk within a time. Of those that it told of earlier as changes of
/// their own, and that were committed in that time, the ones that are not among these were taken away by a force-push:
/// they never reach production, and hold no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trunk {
    /// The repository.
    pub repository: String,
    /// Begin of the time.
    pub from: DateTime<Utc>,
    /// Its end, included.
    pub to: DateTime<Utc>,
    /// The commits.
    pub revisions: Vec<String>,
}
