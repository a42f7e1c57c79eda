//! exemption_decision_time

use facts::Kind;

use super::told::{Told, figure};

#[test]
fn requests_that_wait_count_with_the_time_so_far() {
    let told = Told::of(&[(
        Kind::Exemption,
        "id,policy,requested_at,decided_at,decision
        1,signed,2025-03-01T00:00:00Z,2025-03-03T00:00:00Z,granted
        2,signed,2025-03-01T00:00:00Z,2025-03-05T00:00:00Z,refused
        3,limits,2025-12-22T00:00:00Z,,",
    )]);
    let row = told.row("exemption_decision_time", "2025-01-01 2026-01-01", "");
    // Two thirds wait for longer than 2 days, one third for longer than 4.
    assert_eq!((row.estimate.value, row.estimate.n, row.more("n_open")), (Some(4.0 * 86_400.0), 3, Some(1.0)));
    let by = told.figures("exemption_decision_time", "2025-03-01 2025-04-01 all", "decision");
    assert_eq!(by, [figure("granted", 172_800.0, 1), figure("refused", 345_600.0, 1)]);
}
