//! undeployed_changes

use facts::{Change, Deployment};

use crate::support::{ask, batch, change, deployed, deployment, engine, store_in, write};

#[test]
fn what_is_merged_and_not_deployed_at_the_end_of_a_bucket_waits_and_the_oldest_has_its_age() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let merged =
        |id: &str, time: &str| Change { merge_revision: Some(format!("r{id}")), ..change(id, "acme/shop", time) };
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
