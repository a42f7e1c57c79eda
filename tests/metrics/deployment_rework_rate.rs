//! deployment_rework_rate

use facts::{Change, Deployment, DeploymentKind, DeploymentResult};

use crate::support::{ask, batch, because, change, deployed, deployment, engine, incident, store_in, write};

#[test]
fn hotfixes_rollbacks_reverts_and_remedies_of_named_incidents_are_rework() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let of_kind = |kind, deployment| Deployment { kind: Some(kind), ..deployment };
    write(
        &store,
        &[
            batch(&[
                of_kind(DeploymentKind::Hotfix, deployment("1", "a", "2025-03-03T10:00:00Z")),
                of_kind(DeploymentKind::Rollback, deployment("2", "b", "2025-03-03T10:00:00Z")),
                Deployment { repository: Some("acme/c".into()), ..deployment("3", "c", "2025-03-03T10:00:00Z") },
                // 4 is named by an incident; 5 follows while it is open; 6 comes after its end.
                deployment("4", "d", "2025-03-03T10:00:00Z"),
                deployment("5", "d", "2025-03-03T12:00:00Z"),
                deployment("6", "d", "2025-03-03T14:00:00Z"),
                deployment("7", "e", "2025-03-03T10:00:00Z"),
                deployment("8", "e", "2025-03-04T10:00:00Z"),
            ]),
            batch(&[Change {
                merge_revision: Some("r2".into()),
                reverts: Some("r1".into()),
                ..change("1", "acme/c", "2025-03-03T09:00:00Z")
            }]),
            batch(&[deployed("3", "r2")]),
            batch(&[incident("x", Some("d"), "2025-03-03T11:00:00Z", Some("2025-03-03T13:00:00Z"), Some("4"))]),
        ],
    );
    // 1, 2, 3 and 5 of eight.
    let answer = ask(&engine(&store, "UTC"), "deployment_rework_rate", "2025-03-01", "2025-04-01", "all", "", "");
    assert_eq!((answer.rows[0].estimate.value, answer.rows[0].estimate.n), (Some(0.5), 8));
    let expected = [
        ("1", Some("it is a hotfix")),
        ("2", Some("it is a rollback")),
        ("3", Some("it brings a revert")),
        ("4", None),
        ("5", Some("it followed a failed one while the incident was open")),
        ("6", None),
        ("7", None),
        ("8", None),
    ];
    assert_eq!(because(&store, "deployment_rework_rate"), expected.map(|(id, why)| (id.into(), why.map(String::from))));
}

#[test]
fn what_followed_a_failed_run_that_was_live_while_its_incident_was_open_is_rework() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(
        &store,
        &[
            batch(&[
                Deployment { result: DeploymentResult::Failure, ..deployment("1", "a", "2025-03-03T10:00:00Z") },
                deployment("2", "a", "2025-03-03T12:00:00Z"),
                deployment("3", "a", "2025-03-03T12:30:00Z"),
            ]),
            batch(&[incident("x", Some("a"), "2025-03-03T11:00:00Z", Some("2025-03-03T13:00:00Z"), Some("1"))]),
        ],
    );
    let expected = [("1", None), ("2", Some("it followed a failed one while the incident was open")), ("3", None)];
    assert_eq!(because(&store, "deployment_rework_rate"), expected.map(|(id, why)| (id.into(), why.map(String::from))));
}

/// Whether the later of two deployments is rework, by their incidents: when each opened, when it ended, and whether it names the
/// first. They arrive in both orders, and are made anew.
fn is_rework(first: &str, later: &str, incidents: &[(&str, Option<&str>, bool)]) -> bool {
    let deployments = [deployment("first", "shop", first), deployment("later", "shop", later)];
    let incidents: Vec<_> = (incidents.iter().zip(["a", "b"]))
        .map(|((opened, ended, names), id)| incident(id, Some("shop"), opened, *ended, names.then_some("first")))
        .collect();
    let found = [false, true].map(|is_later_last| {
        let folder = tempfile::tempdir().unwrap();
        let store = store_in(&folder);
        let (early, late) = deployments.split_at(1);
        write(&store, &[batch(early)]);
        let then = [batch(&incidents), batch(late)];
        for position in if is_later_last { [0, 1] } else { [1, 0] } {
            write(&store, &then[position..=position]);
        }
        let rework = || because(&store, "deployment_rework_rate").into_iter().any(|(_, why)| why.is_some());
        let found = rework();
        store.rebuild().unwrap();
        assert_eq!(rework(), found, "rebuilt");
        found
    });
    assert_eq!(found[0], found[1], "in either order");
    found[0]
}

#[test]
fn of_several_incidents_one_that_names_the_failed_deployment_must_be_open_and_young_enough() {
    let first = "2025-03-10T00:00:00Z";
    let short = ("2025-03-10T10:00:00Z", Some("2025-03-10T11:00:00Z"), true);
    let long = ("2025-03-10T20:00:00Z", Some("2025-03-11T17:00:00Z"), true);
    // Only the second is open, for 20 hours.
    assert!(is_rework(first, "2025-03-11T16:00:00Z", &[short, long]));
    // Neither is: one has ended, the other did not begin.
    assert!(!is_rework(first, "2025-03-10T16:00:00Z", &[short, long]));
    // One has ended, the other never does.
    assert!(is_rework(first, "2025-03-10T16:00:00Z", &[short, ("2025-03-10T12:00:00Z", None, true)]));
    // What is still open names nothing.
    let unnamed = ("2025-03-10T12:00:00Z", Some("2025-03-10T17:00:00Z"), false);
    assert!(!is_rework(first, "2025-03-10T16:00:00Z", &[short, unnamed]));
    // An older one that names nothing takes nothing from it.
    let before = ("2025-03-10T10:00:00Z", Some("2025-03-10T11:00:00Z"), false);
    assert!(is_rework(first, "2025-03-11T16:00:00Z", &[before, long]));
}

#[test]
fn what_is_named_long_after_it_was_deployed_is_remedied_by_what_follows() {
    // Two months apart, with the incident opened five hours before the second.
    let late = ("2025-03-01T00:00:00Z", None, true);
    assert!(is_rework("2025-01-01T00:00:00Z", "2025-03-01T05:00:00Z", &[late]));
    assert!(!is_rework("2025-01-01T00:00:00Z", "2025-03-02T05:00:00Z", &[late]), "29 hours");
}
