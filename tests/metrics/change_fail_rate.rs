//! change_fail_rate

use facts::{Deployment, DeploymentKind, DeploymentResult, Incident};

use crate::support::{ask, batch, because, deployment, engine, incident, store_in, write};

/// Failed and all deployments of production in March 2025.
fn failed(deployments: &[Deployment], incidents: &[Incident]) -> (f64, u64) {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let batches = [batch(deployments), batch(incidents)];
    write(&store, &batches.into_iter().filter(|batch| !batch.is_empty()).collect::<Vec<_>>());
    let answer = ask(&engine(&store, "UTC"), "change_fail_rate", "2025-03-01", "2025-04-01", "all", "", "");
    let row = &answer.rows[0];
    ((row.estimate.value.unwrap_or_default() * row.estimate.n as f64).round(), row.estimate.n)
}

fn of_kind(kind: DeploymentKind, deployment: Deployment) -> Deployment {
    Deployment { kind: Some(kind), ..deployment }
}

#[test]
fn a_deployment_that_the_next_one_rolls_back_within_a_day_failed() {
    let deployments = [
        deployment("1", "shop", "2025-03-03T10:00:00Z"),
        of_kind(DeploymentKind::Rollback, deployment("2", "shop", "2025-03-03T11:00:00Z")),
        deployment("3", "shop", "2025-03-04T10:00:00Z"),
        // Another service's rollback says nothing of this one.
        of_kind(DeploymentKind::Rollback, deployment("4", "other", "2025-03-04T11:00:00Z")),
    ];
    assert_eq!(failed(&deployments, &[]), (1.0, 4));
}

#[test]
fn the_rows_say_by_what_each_deployment_failed() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let deployments = [
        deployment("1", "shop", "2025-03-03T10:00:00Z"),
        of_kind(DeploymentKind::Rollback, deployment("2", "shop", "2025-03-03T11:00:00Z")),
        deployment("3", "shop", "2025-03-05T10:00:00Z"),
        of_kind(DeploymentKind::Hotfix, deployment("4", "shop", "2025-03-05T11:00:00Z")),
        deployment("5", "shop", "2025-03-07T10:00:00Z"),
        deployment("6", "shop", "2025-03-09T10:00:00Z"),
    ];
    let incidents = [
        incident("a", Some("shop"), "2025-03-20T10:00:00Z", None, Some("5")),
        incident("b", Some("shop"), "2025-03-09T11:00:00Z", None, None),
    ];
    write(&store, &[batch(&deployments), batch(&incidents)]);
    let expected = [
        ("1", Some("the next deployment rolled it back")),
        ("2", None),
        ("3", Some("the next deployment was a hotfix")),
        ("4", None),
        ("5", Some("an incident names it as its cause")),
        ("6", Some("an incident that names no known cause opened after it")),
    ];
    assert_eq!(because(&store, "change_fail_rate"), expected.map(|(id, why)| (id.into(), why.map(String::from))));
}

#[test]
fn while_no_source_tells_of_incidents_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(&store, &[batch(&[deployment("1", "shop", "2025-03-03T10:00:00Z")])]);
    let untold = |metric: &str| ask(&engine(&store, "UTC"), metric, "2025-03-01", "2025-04-01", "all", "", "").untold;
    assert_eq!(untold("change_fail_rate"), ["incident"]);
    assert_eq!(untold("dora_score"), ["incident"]);
    assert!(untold("deployment_frequency").is_empty());
    // It need not be one of this service, nor of this time: somebody would tell.
    write(&store, &[batch(&[incident("a", Some("other"), "2024-03-04T10:00:01Z", None, None)])]);
    assert!(untold("change_fail_rate").is_empty() && untold("dora_score").is_empty());
}

#[test]
fn a_hotfix_after_the_window_says_nothing_of_the_deployment_before() {
    let deployments = [
        deployment("1", "shop", "2025-03-03T10:00:00Z"),
        of_kind(DeploymentKind::Hotfix, deployment("2", "shop", "2025-03-04T10:00:01Z")),
    ];
    assert_eq!(failed(&deployments, &[]), (0.0, 2));
}

#[test]
fn two_incidents_on_one_deployment_make_one_failure() {
    let deployments =
        [deployment("1", "shop", "2025-03-03T10:00:00Z"), deployment("2", "shop", "2025-03-05T10:00:00Z")];
    let incidents = [
        incident("a", None, "2025-03-03T11:00:00Z", None, Some("1")),
        incident("b", Some("shop"), "2025-03-03T12:00:00Z", None, Some("1")),
    ];
    assert_eq!(failed(&deployments, &incidents), (1.0, 2));
}

#[test]
fn an_incident_that_spans_two_deployments_makes_one_failure() {
    let deployments = [
        deployment("1", "shop", "2025-03-03T10:00:00Z"),
        deployment("2", "shop", "2025-03-03T14:00:00Z"),
        deployment("3", "shop", "2025-03-09T14:00:00Z"),
    ];
    // Inferred: it names no cause, and opened after the first and before the second.
    let incidents = [incident("a", Some("shop"), "2025-03-03T11:00:00Z", Some("2025-03-03T18:00:00Z"), None)];
    assert_eq!(failed(&deployments, &incidents), (1.0, 3));
}

#[test]
fn an_incident_long_after_a_deployment_is_not_laid_at_its_door() {
    let deployments = [deployment("1", "shop", "2025-03-03T10:00:00Z")];
    let incidents = [incident("a", Some("shop"), "2025-03-04T10:00:01Z", None, None)];
    assert_eq!(failed(&deployments, &incidents), (0.0, 1));
}

#[test]
fn a_run_that_never_reached_production_is_no_change_failure() {
    let failure = |deployment| Deployment { result: DeploymentResult::Failure, ..deployment };
    let deployments = [
        failure(deployment("1", "shop", "2025-03-03T10:00:00Z")),
        deployment("2", "shop", "2025-03-03T11:00:00Z"),
        // This one failed as a run, yet an incident names it: it did reach production.
        failure(deployment("3", "shop", "2025-03-06T11:00:00Z")),
    ];
    let incidents = [incident("a", Some("shop"), "2025-03-06T12:00:00Z", None, Some("3"))];
    assert_eq!(failed(&deployments, &incidents), (1.0, 2));
}

#[test]
fn an_incident_that_names_an_unknown_deployment_is_laid_where_one_that_names_none_is_until_that_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let named = |cause: &str| incident("x", Some("shop"), "2025-03-03T01:00:00Z", None, Some(cause));
    write(&store, &[batch(&[deployment("a", "shop", "2025-03-03T00:00:00Z")]), batch(&[named("typo")])]);
    let inferred = "an incident that names no known cause opened after it";
    let failed = |told: &[(&str, Option<&str>)]| {
        let told: Vec<_> = told.iter().map(|(id, why)| ((*id).to_owned(), why.map(String::from))).collect();
        assert_eq!(because(&store, "change_fail_rate"), told);
        store.rebuild().unwrap();
        assert_eq!(because(&store, "change_fail_rate"), told, "rebuilt");
    };
    failed(&[("a", Some(inferred))]);
    let answer = ask(&engine(&store, "UTC"), "change_fail_rate", "2025-03-01", "2025-04-01", "all", "", "");
    assert_eq!(answer.coverage.estimated.unwrap().n, 1);
    // It is told later, of another service: it takes the incident over.
    write(&store, &[batch(&[deployment("typo", "desk", "2025-03-02T23:00:00Z")])]);
    failed(&[("a", None), ("typo", Some("an incident names it as its cause"))]);
    // What is known and was never in production is no reason to blame another.
    write(
        &store,
        &[batch(&[Deployment { environment: "staging".into(), ..deployment("s", "shop", "2025-03-02T23:00:00Z") }])],
    );
    write(&store, &[batch(&[named("s")])]);
    failed(&[("a", None), ("typo", None)]);
}

#[test]
fn a_failed_run_that_was_live_is_what_incidents_and_remedies_find() {
    let failure = |deployment| Deployment { result: DeploymentResult::Failure, ..deployment };
    let named = incident("i", Some("shop"), "2025-03-03T01:05:00Z", Some("2025-03-03T02:00:00Z"), Some("run"));
    let run = failure(deployment("run", "shop", "2025-03-03T01:00:00Z"));
    let around =
        [deployment("before", "shop", "2025-03-03T00:00:00Z"), deployment("after", "shop", "2025-03-03T06:00:00Z")];
    // An incident that names nothing is laid at the run, which came after the first, and not past it.
    let unnamed = incident("j", Some("shop"), "2025-03-03T03:00:00Z", Some("2025-03-03T04:00:00Z"), None);
    let deployments = [&around[..], std::slice::from_ref(&run)].concat();
    assert_eq!(failed(&deployments, &[named.clone(), unnamed]), (1.0, 3));
    // As a hotfix it says that the first had failed, whatever became of itself.
    let deployments = [&around[..], &[of_kind(DeploymentKind::Hotfix, run)]].concat();
    assert_eq!(failed(&deployments, &[named]), (2.0, 3));
}
