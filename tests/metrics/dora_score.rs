//! dora_score

use facts::{Change, Deployment, DeploymentKind};

use crate::support::{ask, at, batch, change, deployment, engine, store_in, write};

#[test]
fn it_is_the_mean_of_the_five_quick_check_answers() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    // Ten deployments in 31 days; one is a rollback half an hour after the one it undoes.
    let mut deployments: Vec<Deployment> = (1..10)
        .map(|day| deployment(&day.to_string(), "shop", &format!("2025-03-{:02}T10:00:00Z", day * 3)))
        .map(|deployment| Deployment { repository: Some("acme/shop".into()), ..deployment })
        .collect();
    deployments
        .push(Deployment { kind: Some(DeploymentKind::Rollback), ..deployment("10", "shop", "2025-03-27T10:30:00Z") });
    write(
        &store,
        &[
            batch(&deployments),
            batch(&[Change {
                first_commit_at: Some(at("2025-03-01T10:00:00Z")),
                ..change("1", "acme/shop", "2025-03-03T09:00:00Z")
            }]),
        ],
    );
    let answer = ask(&engine(&store, "UTC"), "dora_score", "2025-03-01", "2025-04-01", "all", "", "");
    let row = &answer.rows[0];
    // Lead time two days: "one day to one week", the fourth answer of six: (4 - 1) / 5 x 10 = 6.
    assert_eq!(row.more("lead_points"), Some(6.0));
    // 10 in 31 days is between once a day and once a week: the fourth answer, 6.
    assert_eq!(row.more("frequency_points"), Some(6.0));
    // Recovered in 30 minutes: less than one hour, the sixth answer, 10.
    assert_eq!(row.more("recovery_points"), Some(10.0));
    // 1 of 10 failed, 1 of 10 was rework: 10 - 10/10 = 9 each.
    assert_eq!((row.more("fail_points"), row.more("rework_points")), (Some(9.0), Some(9.0)));
    assert_eq!(row.more("throughput"), Some(22.0 / 3.0));
    assert_eq!(row.more("stability"), Some(9.0));
    assert_eq!(row.estimate.value, Some(8.0));
}

#[test]
fn it_is_not_known_where_one_of_the_five_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(&store, &[batch(&[deployment("1", "shop", "2025-03-03T10:00:00Z")])]);
    let answer = ask(&engine(&store, "UTC"), "dora_score", "2025-03-01", "2025-04-01", "all", "", "");
    assert_eq!(answer.rows[0].estimate.value, None);
    assert_eq!(answer.rows[0].more("stability"), Some(10.0));
}
