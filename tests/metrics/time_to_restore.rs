//! time_to_restore

use crate::support::{ask, batch, engine, incident, store_in, write};

#[test]
fn an_open_incident_counts_with_the_time_it_has_lasted_so_far() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(
        &store,
        &[batch(&[
            incident("1", Some("a"), "2025-12-30T00:00:00Z", Some("2025-12-30T01:00:00Z"), None),
            incident("2", Some("a"), "2025-12-30T00:00:00Z", Some("2025-12-30T02:00:00Z"), None),
            // Open since three hours at the end of the year.
            incident("3", None, "2025-12-31T21:00:00Z", None, None),
        ])],
    );
    let answer = ask(&engine(&store, "UTC"), "time_to_restore", "2025-12-01", "2026-01-01", "all", "", "");
    let row = &answer.rows[0];
    // Survival falls to 2/3 after one hour and to 1/3 after two: the median is two hours.
    assert_eq!((row.estimate.value, row.estimate.n, row.more("n_open")), (Some(7200.0), 3, Some(1.0)));
}

#[test]
fn an_incident_whose_end_lies_in_the_future_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(&store, &[batch(&[incident("1", Some("a"), "2025-12-03T00:00:00Z", Some("2026-02-02T00:00:00Z"), None)])]);
    let answer = ask(&engine(&store, "UTC"), "time_to_restore", "2025-12-01", "2026-01-01", "all", "", "");
    let row = &answer.rows[0];
    // From 3 December to the present, New Year's Day: 29 days, and not the 61 until February.
    assert_eq!((row.estimate.value, row.more("n_open")), (None, Some(1.0)));
    assert_eq!(row.more("more_than"), Some(29.0 * 86_400.0));
}
