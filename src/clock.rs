//! The clock: the one place that asks what time it is.

use chrono::{DateTime, SubsecRound, Utc};

/// The present time, to the microsecond, as the store keeps it.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
