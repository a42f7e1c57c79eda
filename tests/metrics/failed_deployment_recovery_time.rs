//! failed_deployment_recovery_time

use facts::{Deployment, DeploymentKind, DeploymentResult};

use crate::support::{ask, batch, because, deployment, engine, incident, store_in, write};

const METRIC: &str = "failed_deployment_recovery_time";
const MINUTE: f64 = 60.0;

#[test]
fn it_runs_from_the_incident_to_its_end_or_the_remedy_whichever_came_first() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let rollback = |deployment| Deployment { kind: Some(DeploymentKind::Rollback), ..deployment };
    write(
        &store,
        &[
            batch(&[
                // No incident: 10:00 to the rollback at 10:30.
                deployment("1", "a", "2025-03-03T10:00:00Z"),
                rollback(deployment("2", "a", "2025-03-03T10:30:00Z")),
                // Opened 10:10, rolled back 10:30, resolved 11:00: 20 minutes.
                deployment("3", "b", "2025-03-03T10:00:00Z"),
                rollback(deployment("4", "b", "2025-03-03T10:30:00Z")),
                // Opened 10:05, resolved 10:45, no remedy: 40 minutes.
                deployment("5", "c", "2025-03-03T10:00:00Z"),
            ]),
            batch(&[
                incident("x", Some("b"), "2025-03-03T10:10:00Z", Some("2025-03-03T11:00:00Z"), Some("3")),
                incident("y", Some("c"), "2025-03-03T10:05:00Z", Some("2025-03-03T10:45:00Z"), Some("5")),
            ]),
        ],
    );
    let answer = ask(&engine(&store, "UTC"), METRIC, "2025-03-01", "2025-04-01", "all", "service", "");
    let values: Vec<Option<f64>> = answer.rows.iter().map(|row| row.estimate.value).collect();
    assert_eq!(values, [Some(30.0 * MINUTE), Some(20.0 * MINUTE), Some(40.0 * MINUTE)]);
}

#[test]
fn a_month_without_failed_deployments_has_no_recovery_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(&store, &[batch(&[deployment("1", "a", "2025-03-03T10:00:00Z")])]);
    let answer = ask(&engine(&store, "UTC"), METRIC, "2025-03-01", "2025-04-01", "month", "", "");
    assert_eq!((answer.rows[0].estimate.value, answer.rows[0].estimate.n), (None, 0));
}

#[test]
fn where_fewer_than_half_have_recovered_the_median_is_more_than_the_longest_seen() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(
        &store,
        &[
            batch(&[deployment("1", "a", "2025-12-31T10:00:00Z"), deployment("2", "b", "2025-12-31T20:00:00Z")]),
            batch(&[
                incident("x", Some("a"), "2025-12-31T12:00:00Z", None, Some("1")),
                incident("y", Some("b"), "2025-12-31T21:00:00Z", None, Some("2")),
            ]),
        ],
    );
    // The present of these tests is 2026-01-01, midnight: open for 12 and for 3 hours.
    let answer = ask(&engine(&store, "UTC"), METRIC, "2025-12-01", "2026-01-01", "all", "", "");
    assert_eq!(answer.rows[0].estimate.value, None);
    assert_eq!(answer.rows[0].more("more_than"), Some(12.0 * 3600.0));
    assert_eq!(answer.rows[0].more("n_open"), Some(2.0));
    assert!(answer.rows[0].is_provisional);
}

#[test]
fn a_failed_run_that_was_live_is_remedied_by_its_rollback_which_rolled_back_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(
        &store,
        &[
            batch(&[
                deployment("a", "shop", "2025-03-03T20:00:00Z"),
                Deployment { result: DeploymentResult::Failure, ..deployment("b", "shop", "2025-03-04T00:00:00Z") },
                Deployment { kind: Some(DeploymentKind::Rollback), ..deployment("c", "shop", "2025-03-04T01:00:00Z") },
                // Another environment's deployment is no remedy.
                Deployment {
                    environment: "production-eu".into(),
                    kind: Some(DeploymentKind::Hotfix),
                    ..deployment("d", "shop", "2025-03-04T00:30:00Z")
                },
            ]),
            batch(&[incident("x", Some("shop"), "2025-03-04T00:10:00Z", None, Some("b"))]),
        ],
    );
    let answer = ask(&engine(&store, "UTC"), METRIC, "2025-03-01", "2025-04-01", "all", "", "");
    let row = &answer.rows[0];
    assert_eq!((row.estimate.value, row.estimate.n, row.more("n_open")), (Some(50.0 * MINUTE), 1, Some(0.0)));
    let failed: Vec<_> = because(&store, "change_fail_rate").into_iter().filter(|(_, why)| why.is_some()).collect();
    assert_eq!(failed, [("b".into(), Some("an incident names it as its cause".into()))]);
}

#[test]
fn what_is_to_be_resolved_in_the_future_has_not_recovered() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(
        &store,
        &[
            batch(&[deployment("1", "a", "2025-12-31T10:00:00Z")]),
            batch(&[incident("x", Some("a"), "2025-12-31T12:00:00Z", Some("2026-01-05T12:00:00Z"), Some("1"))]),
        ],
    );
    let answer = ask(&engine(&store, "UTC"), METRIC, "2025-12-01", "2026-01-01", "all", "", "");
    let row = &answer.rows[0];
    assert_eq!((row.estimate.value, row.more("n_open")), (None, Some(1.0)));
    assert_eq!(row.more("more_than"), Some(12.0 * 3600.0));
}
