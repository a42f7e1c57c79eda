//! value_of_time_saved

use crate::support::{ask, engine, store_in};
use crate::value::worked_example;

#[test]
fn the_metric_is_the_models_net_for_each_bucket() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(&store_in(&folder), "UTC").with_value(worked_example().model());
    let answer = ask(&engine, "value_of_time_saved", "2025-01-01", "2025-03-01", "month", "", "");
    let found: Vec<_> = answer.rows.iter().map(|row| (row.estimate.value, row.more("gross"))).collect();
    assert_eq!(found, vec![(Some(2_400_000.0), Some(3_000_000.0)); 2]);
    assert_eq!(answer.rows[0].more("net_p10"), Some(2_400_000.0));
    let json = serde_json::to_value(&answer).unwrap();
    assert_eq!(json["unit"], "USD a year");
    let [p10, p50, p90] = ["net_p10", "net_p50", "net_p90"].map(|name| json["rows"][0][name].as_f64());
    assert_eq!([p10, p50, p90], [Some(2_400_000.0); 3]);
}

#[test]
fn of_a_part_of_the_organisation_or_without_a_model_it_is_not_known_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    crate::support::write(
        &store,
        &[crate::support::batch(&[crate::support::service("shop", "2024-01-01T00:00:00Z", "payments", None)])],
    );
    let without = ask(&engine(&store, "UTC"), "value_of_time_saved", "2025-01-01", "2025-02-01", "all", "", "");
    assert_eq!(without.rows[0].estimate.value, None);
    assert!(without.coverage.reasons.keys().any(|reason| reason.contains("no [value]")), "{:?}", without.coverage);
    let engine = engine(&store, "UTC").with_value(worked_example().model());
    let part = ask(&engine, "value_of_time_saved", "2025-01-01", "2025-02-01", "all", "", "team=payments");
    assert_eq!(part.rows[0].estimate.value, None);
    assert!(part.coverage.reasons.keys().any(|reason| reason.contains("whole organisation")), "{:?}", part.coverage);
}

#[test]
fn where_a_capability_is_not_known_neither_is_the_metric() {
    let folder = tempfile::tempdir().unwrap();
    let written = worked_example().saving("templates", "telemetry.hours", "facts = \"time_saving\"");
    let engine = engine(&store_in(&folder), "UTC").with_value(written.model());
    let answer = ask(&engine, "value_of_time_saved", "2025-01-01", "2025-03-01", "month", "", "");
    assert!(answer.rows.iter().all(|row| row.estimate.value.is_none() && row.more("gross").is_none()));
    assert!(answer.coverage.reasons.keys().any(|reason| reason.contains("templates.telemetry.hours is not known")));
}
