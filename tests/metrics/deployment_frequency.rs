//! deployment_frequency

use facts::{Deployment, DeploymentResult};

use crate::support::{ask, batch, deployment, engine, service, store_in, write};

const METRIC: &str = "deployment_frequency";

fn of_revision(revision: &str, environment: &str, deployment: Deployment) -> Deployment {
    Deployment { revision: Some(revision.into()), environment: environment.into(), ..deployment }
}

#[test]
fn one_revision_in_two_production_environments_within_a_day_is_one_roll_out() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(
        &store,
        &[batch(&[
            of_revision("r1", "production-eu", deployment("1", "shop", "2025-03-03T10:00:00Z")),
            of_revision("r1", "production-us", deployment("2", "shop", "2025-03-03T20:00:00Z")),
            // More than a day after its last environment: another roll-out.
            of_revision("r1", "production-asia", deployment("3", "shop", "2025-03-05T09:00:00Z")),
            // Again to an environment that has it: counts.
            of_revision("r1", "production-eu", deployment("4", "shop", "2025-03-05T10:00:00Z")),
            // Staging does not count, nor does a run that failed; its retry does.
            of_revision("r2", "staging", deployment("5", "shop", "2025-03-05T11:00:00Z")),
            Deployment {
                result: DeploymentResult::Failure,
                ..of_revision("r2", "production-eu", deployment("6", "shop", "2025-03-05T12:00:00Z"))
            },
            of_revision("r2", "production-eu", deployment("7", "shop", "2025-03-05T12:30:00Z")),
        ])],
    );
    let answer = ask(&engine(&store, "UTC"), METRIC, "2025-03-03", "2025-03-10", "week", "", "");
    // 1 (with 2), 3, 4 and 7: four in six days, which are those to the Wednesday and three for which a source may be silent.
    assert_eq!(answer.rows[0].estimate.n, 4);
    assert_eq!(answer.rows[0].estimate.value, Some(4.0 / 6.0));
    // On two different days of these six.
    assert_eq!(answer.rows[0].more("deployment_days_per_week"), Some(2.0 / 6.0 * 7.0));
}

/// How many roll-outs are counted of one revision's successes, by environment and time in March 2025.
fn n_rollouts(successes: &[(&str, &str)]) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let deployments: Vec<Deployment> = (1..)
        .zip(successes)
        .map(|(n, (environment, time))| {
            let finished_at = format!("2025-03-{time}:00Z");
            of_revision("r", &format!("production-{environment}"), deployment(&format!("{n}"), "shop", &finished_at))
        })
        .collect();
    write(&store, &[batch(&deployments)]);
    ask(&engine(&store, "UTC"), METRIC, "2025-03-01", "2025-04-01", "all", "", "").rows[0].estimate.n
}

#[test]
fn a_revision_rolled_out_again_counts_once_whichever_environments_had_it() {
    // To one environment on the first, to two on the tenth.
    assert_eq!(n_rollouts(&[("eu", "01T00:00"), ("eu", "10T00:00"), ("us", "10T01:00")]), 2);
    assert_eq!(n_rollouts(&[("us", "01T00:00"), ("eu", "10T00:00"), ("us", "10T00:00")]), 2);
    // And to both on the twentieth, the other one first.
    let again = [("eu", "01T00:00"), ("eu", "10T00:00"), ("us", "10T01:00"), ("us", "20T00:00"), ("eu", "20T01:00")];
    assert_eq!(n_rollouts(&again), 3);
    // Nightly to one environment, a second one joins on the third night.
    let joined = [("eu", "01T01:00"), ("eu", "02T00:30"), ("eu", "03T00:00"), ("us", "03T00:30")];
    assert_eq!(n_rollouts(&joined), 3);
    // In the same instant.
    assert_eq!(n_rollouts(&[("eu", "01T00:00"), ("us", "01T00:00"), ("asia", "01T00:00")]), 1);
}

#[test]
fn repeated_deployments_count_as_often_as_an_environment_got_one() {
    // To two environments in turn, in parallel, and one behind the other, all within the gap.
    let turns = [("eu", "01T00:00"), ("us", "01T00:10"), ("eu", "01T02:00"), ("us", "01T02:10")];
    assert_eq!(n_rollouts(&turns), 2);
    let thrice = [&turns[..], &[("us", "01T04:00"), ("eu", "01T04:10")]].concat();
    assert_eq!(n_rollouts(&thrice), 3);
    let behind = [("eu", "01T00:00"), ("eu", "01T01:00"), ("us", "01T02:00"), ("us", "01T03:00")];
    assert_eq!(n_rollouts(&behind), 2);
    // The same environment again, within the gap: twice, and a second environment adds nothing.
    assert_eq!(n_rollouts(&[("eu", "01T00:00"), ("eu", "01T01:00")]), 2);
    assert_eq!(n_rollouts(&[("eu", "01T00:00"), ("eu", "01T01:00"), ("us", "01T02:00")]), 2);
    assert_eq!(n_rollouts(&[("eu", "01T00:00"), ("us", "01T01:00"), ("us", "01T02:00")]), 2);
    // Every night to two environments, a little less or more than a day apart.
    let nightly = [
        ("eu", "01T00:10"),
        ("us", "01T00:30"),
        ("eu", "02T00:00"),
        ("us", "02T00:40"),
        ("eu", "03T00:20"),
        ("us", "03T00:30"),
    ];
    assert_eq!(n_rollouts(&nightly), 3);
}

#[test]
fn days_with_deployments_are_those_of_the_reporting_zone() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    // In Los Angeles at 10 and 17 o'clock on a Monday, Tuesday and Wednesday; the later ones lie on the next day in UTC.
    let times = [
        "2025-11-10T18:00:00Z",
        "2025-11-11T01:00:00Z",
        "2025-11-11T18:00:00Z",
        "2025-11-12T01:00:00Z",
        "2025-11-12T18:00:00Z",
        "2025-11-13T01:00:00Z",
    ];
    let mut facts: Vec<_> = times.iter().map(|at| deployment(at, "shop", at)).collect();
    facts.push(deployment("before", "shop", "2025-10-20T18:00:00Z"));
    facts.push(deployment("after", "shop", "2025-12-20T18:00:00Z"));
    write(&store, &[batch(&facts)]);
    let days = |zone: &str, from: &str| {
        let answer = ask(&engine(&store, zone), METRIC, from, "2025-11-17", "week", "", "");
        answer.rows.last().unwrap().more("deployment_days_per_week")
    };
    assert_eq!(days("America/Los_Angeles", "2025-11-03"), Some(3.0));
    assert_eq!(days("UTC", "2025-11-03"), Some(4.0));
    // From the Tuesday on it is two days of six.
    assert_eq!(days("America/Los_Angeles", "2025-11-11"), Some(2.0 / 6.0 * 7.0));
}

#[test]
fn a_bucket_without_deployments_is_zero_within_the_sources_time_and_unknown_outside() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(
        &store,
        &[batch(&[deployment("1", "shop", "2025-03-12T10:00:00Z"), deployment("2", "shop", "2025-03-26T10:00:00Z")])],
    );
    let answer = ask(&engine(&store, "UTC"), METRIC, "2025-03-03", "2025-04-07", "week", "", "");
    let values: Vec<Option<f64>> = answer.rows.iter().map(|row| row.estimate.value).collect();
    // The source's first word is of a Wednesday, so five days of that week are known; its last is of a Wednesday, too, and it
    // may be silent for three days more.
    assert_eq!(values, [None, Some(1.0 / 5.0), Some(0.0), Some(1.0 / 6.0), None]);
}

#[test]
fn a_deployment_belongs_to_the_team_that_owned_the_service_then() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(
        &store,
        &[
            batch(&[
                deployment("1", "shop", "2025-03-03T10:00:00Z"),
                deployment("2", "shop", "2025-03-05T10:00:00Z"),
                deployment("3", "shop", "2025-03-06T10:00:00Z"),
                deployment("4", "lonely", "2025-03-06T10:00:00Z"),
            ]),
            batch(&[
                service("shop", "2025-01-01T00:00:00Z", "old", None),
                service("shop", "2025-03-05T00:00:00Z", "new", None),
            ]),
        ],
    );
    let answer = ask(&engine(&store, "UTC"), METRIC, "2025-03-03", "2025-03-10", "all", "team", "");
    let by_team: Vec<(Option<&str>, u64)> =
        answer.rows.iter().map(|row| (row.group[0].1.as_deref(), row.estimate.n)).collect();
    assert_eq!(by_team, [(None, 1), (Some("new"), 2), (Some("old"), 1)]);
}
