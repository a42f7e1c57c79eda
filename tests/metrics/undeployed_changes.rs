//! undeployed_changes

use facts::{Change, Deployment};

use crate::support::{ask, batch, change, deployed, deployment, engine, store_in, write};

/// A change of acme/shop, known by its merge.
fn merged(id: &str, time: &str) -> Change {
    Change { merge_revision: Some(format!("r{id}")), ..change(id, "acme/shop", time) }
}

/// A deployment of a revision of acme/shop.
fn of_shop(id: &str, revision: &str, time: &str) -> Deployment {
    Deployment { repository: Some("acme/shop".into()), revision: Some(revision.into()), ..deployment(id, "shop", time) }
}

#[test]
fn what_is_merged_and_not_deployed_at_the_end_of_a_bucket_waits_and_the_oldest_has_its_age() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(
        &store,
        &[
            batch(&[Deployment {
                repository: Some("acme/shop".into()),
                ..deployment("d1", "shop", "2025-03-12T00:00:00Z")
            }]),
            batch(&[
                merged("1", "2025-03-04T00:00:00Z"),
                merged("2", "2025-03-08T00:00:00Z"),
                // Never listed by any deployment: it waits to this day.
                merged("3", "2025-03-09T00:00:00Z"),
            ]),
            batch(&[deployed("d1", "r1"), deployed("d1", "r2")]),
        ],
    );
    let answer = ask(&engine(&store, "UTC"), "undeployed_changes", "2025-02-24", "2025-03-24", "week", "", "");
    let found: Vec<(Option<f64>, Option<f64>)> =
        answer.rows.iter().map(|row| (row.estimate.value, row.more("oldest_seconds"))).collect();
    let day = 86_400.0;
    // Ends of the weeks: 3, 10, 17 and 24 March. Before the first merge nothing is known.
    assert_eq!(
        found,
        [(None, None), (Some(3.0), Some(6.0 * day)), (Some(1.0), Some(8.0 * day)), (Some(1.0), Some(15.0 * day))]
    );
}

#[test]
fn what_was_merged_before_a_first_deployment_that_lists_nothing_does_not_wait() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(
        &store,
        &[
            batch(&[
                merged("1", "2025-03-01T00:00:00Z"),
                // What the first deployment was made of.
                merged("2", "2025-03-02T00:00:00Z"),
                // Merged after that, and brought by the second.
                merged("3", "2025-03-03T00:00:00Z"),
                // Merged before the first deployment was through, and brought by none so far.
                merged("4", "2025-03-04T00:00:00Z"),
            ]),
            batch(&[of_shop("d1", "r2", "2025-03-05T00:00:00Z"), of_shop("d2", "r3", "2025-03-06T00:00:00Z")]),
            batch(&[deployed("d2", "r3")]),
        ],
    );
    let waiting = |to: &str| {
        let answer = ask(&engine(&store, "UTC"), "undeployed_changes", "2025-03-02", to, "all", "", "");
        (answer.rows[0].estimate.value, answer.rows[0].more("oldest_seconds"))
    };
    let day = 86_400.0;
    assert_eq!(waiting("2025-03-05"), (Some(2.0), Some(2.0 * day)), "the third and the fourth");
    assert_eq!(waiting("2025-03-08"), (Some(1.0), Some(4.0 * day)), "the fourth");

    // Another service of the repository is deployed for the first time, from what was there by then.
    write(&store, &[batch(&[Deployment { service: "pay".into(), ..of_shop("p1", "r4", "2025-03-07T00:00:00Z") }])]);
    assert_eq!(waiting("2025-03-08"), (Some(0.0), None));
    store
        .withdraw("test", facts::Kind::Deployment, &["p1".into()], crate::support::at("2026-01-01T00:00:00Z"))
        .unwrap();
    assert_eq!(waiting("2025-03-08").0, Some(1.0));

    // A deployment before it was the first one after all, and what it lists is not there from of old.
    write(&store, &[batch(&[of_shop("d0", "r1", "2025-03-01T12:00:00Z")]), batch(&[deployed("d1", "r2")])]);
    let rows = store.query("select matched_by from marts.change_delivery order by merged_at", &[]).unwrap();
    let found: Vec<String> = rows.rows.iter().map(|row| format!("{:?}", row[0])).collect();
    assert_eq!(found, [r#"Text("baseline")"#, r#"Text("listed")"#, r#"Text("listed")"#, "Null"]);
}

#[test]
fn what_was_merged_after_the_first_deployment_had_ended_was_not_there_from_of_old() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    // The first is deployed from a branch, and merged an hour later.
    write(
        &store,
        &[
            batch(&[of_shop("d1", "r2", "2025-03-05T00:00:00Z"), of_shop("d2", "r3", "2025-03-06T00:00:00Z")]),
            batch(&[deployed("d2", "r3")]),
            batch(&[merged("1", "2025-03-04T00:00:00Z"), merged("2", "2025-03-05T01:00:00Z")]),
        ],
    );
    // Last comes what was merged in between.
    write(&store, &[batch(&[merged("4", "2025-03-05T00:30:00Z")])]);
    let found = || {
        let rows = store.query("select matched_by from marts.change_delivery order by merged_at", &[]).unwrap();
        rows.rows.iter().map(|row| format!("{:?}", row[0])).collect::<Vec<_>>()
    };
    let expected = [r#"Text("baseline")"#, "Null", "Null"];
    assert_eq!(found(), expected);
    store.rebuild().unwrap();
    assert_eq!(found(), expected, "rebuilt");
}
