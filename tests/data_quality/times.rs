//! Times that cannot be right.

use facts::Kind;
use store::{SourceNote, SourceRun};

use super::{bad, found, is, rows};
use crate::metrics::told::Told;
use crate::support::at;

#[test]
fn what_ends_before_it_begins_is_told_with_what_is_wrong() {
    let told = Told::of(&[
        (
            Kind::Service,
            "name,team,repository,valid_from
            shop,payments,acme/shop,2025-01-01T00:00:00Z",
        ),
        (
            Kind::Deployment,
            "id,service,environment,started_at,finished_at,result,repository
            1,shop,production,2025-03-05T09:00:00Z,2025-03-05T10:00:00Z,success,acme/shop",
        ),
        (
            Kind::Change,
            "id,repository,first_commit_at,opened_at,merged_at,author
            1,acme/shop,2025-03-01T10:00:00Z,2025-03-02T10:00:00Z,2025-03-04T10:00:00Z,ann
            2,acme/shop,2025-03-06T10:00:00Z,,2025-03-04T11:00:00Z,ann
            3,acme/shop,2025-03-03T10:00:00Z,2025-03-04T15:00:00Z,2025-03-04T12:00:00Z,ann",
        ),
    ]);
    // The deployment is right, and so is change 1; later ones come first.
    assert_eq!(bad(&told.store, "negative_durations"), is(2, 4, &["3", "2"]));
    let details: Vec<Option<String>> =
        rows(&told.store, "negative_durations").into_iter().map(|row| row.detail).collect();
    assert_eq!(
        details,
        [Some("merged before it was opened".to_owned()), Some("deployed before its first commit".to_owned())]
    );
    let metrics = found(&told.store, "negative_durations").unwrap().metrics;
    // Only what is made of changes suffers.
    assert!(metrics.contains(&"change_lead_time".to_owned()) && !metrics.contains(&"time_to_restore".to_owned()));
}

#[test]
fn what_has_no_end_yet_says_nothing_about_ends() {
    let told = Told::of(&[
        (
            Kind::Ticket,
            "id,queue,opened_at,first_response_at,resolved_at
            2,help,2025-03-05T10:00:00Z,2025-03-05T11:00:00Z,
            3,help,2025-03-05T10:00:00Z,,
            4,help,2025-03-05T10:00:00Z,,",
        ),
        (
            Kind::Change,
            "id,repository,opened_at,merged_at
            5,acme/shop,2025-03-06T10:00:00Z,2025-03-05T10:00:00Z
            6,acme/shop,,2025-03-05T10:00:00Z",
        ),
    ]);
    // One ticket was answered, and of one change a begin is known, which is wrong.
    assert_eq!(bad(&told.store, "negative_durations"), is(1, 2, &["5"]));
}

#[test]
fn a_commit_delivered_before_it_was_written_has_its_name() {
    let told = Told::of(&[
        (
            Kind::Deployment,
            "id,service,environment,finished_at,result,repository
            1,shop,production,2025-03-05T10:00:00Z,success,acme/shop",
        ),
        (Kind::DeployedCommit, "deployment_id,revision\n1,r1\n1,r2\n1,r3"),
        (
            Kind::Commit,
            "revision,repository,authored_at,committed_at
            r1,acme/shop,2025-03-04T10:00:00Z,2025-03-04T10:00:00Z
            r2,acme/shop,2025-03-05T11:00:00Z,2025-03-05T11:00:00Z
            r3,acme/shop,2025-03-05T09:00:00Z,2025-03-05T09:00:00Z",
        ),
    ]);
    assert_eq!(bad(&told.store, "commits_delivered_before_written"), is(1, 3, &["r2"]));
}

#[test]
fn a_fact_later_than_its_intake_comes_from_a_clock_that_is_wrong() {
    // Taken in at 2026-01-01T00:00:00Z; five minutes are let pass.
    let told = Told::of(&[(
        Kind::Incident,
        "id,opened_at,service
        1,2025-12-31T23:00:00Z,shop
        2,2026-01-01T00:05:00Z,shop
        3,2026-01-01T00:05:01Z,shop",
    )]);
    assert_eq!(bad(&told.store, "facts_in_the_future"), is(1, 3, &["3"]));
    let metrics = found(&told.store, "facts_in_the_future").unwrap().metrics;
    assert!(metrics.contains(&"time_to_restore".to_owned()) && !metrics.contains(&"change_lead_time".to_owned()));
}

#[test]
fn a_run_that_read_of_the_future_tells_of_kinds_that_are_no_instants() {
    let told = Told::of(&[(Kind::Incident, "id,opened_at,service\n1,2025-12-31T23:00:00Z,shop")]);
    let note = |what: &str, n| SourceNote { sort: "in_future", what: what.into(), subject: String::new(), n };
    told.store
        .note_run(&SourceRun {
            source: "bill".into(),
            kind: "github".into(),
            began_at: at("2025-12-31T10:00:00Z"),
            ended_at: at("2025-12-31T10:01:00Z"),
            requests: 1,
            retries: 0,
            facts: 9,
            error: None,
            rate: None,
            // Incidents are looked at themselves, one by one, and not counted twice.
            notes: vec![note("cost", 4), note("incident", 2)],
        })
        .unwrap();
    // Four costs, and the incident that is as it should be.
    assert_eq!(bad(&told.store, "facts_in_the_future"), is(4, 5, &["cost"]));
    assert!(found(&told.store, "facts_in_the_future").unwrap().metrics.contains(&"platform_cost".to_owned()));
}
