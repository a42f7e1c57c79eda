//! GitHub's issues: what their labels make of them, and those that are gone.

use std::sync::{Arc, Mutex};

use collectors::github::Options;
use collectors::pull::{Note, Setting};
use facts::{AnyFact, Kind, Listing};
use serde_json::{Value, json};

use super::faulty_server::{Fault, Model, Shared, start};
use super::github::{Kept, now, options, run};
use crate::command_line::{cairn, run as run_cairn};
use crate::server::Server;
use crate::server::hooks::{SECRET, is_taken, push_github, wait_for};
use crate::support::at;

fn issue(number: i64, label: &str) -> Value {
    json!({
        "number": number, "title": "t", "url": null, "createdAt": "2026-02-01T00:00:00Z", "closedAt": null,
        "updatedAt": "2026-02-01T00:00:00Z", "author": { "login": "ann", "__typename": "User" },
        "labels": { "nodes": [{ "name": label }] },
        "comments": { "nodes": [
            { "createdAt": "2026-02-01T00:10:00Z", "author": { "login": "ann", "__typename": "User" } },
            { "createdAt": "2026-02-01T00:20:00Z", "author": { "login": "stale", "__typename": "Bot" } },
            { "createdAt": "2026-02-01T01:00:00Z", "author": { "login": "bob", "__typename": "User" } },
        ] },
    })
}

fn labelled() -> Options {
    Options { incident_labels: vec!["incident".into()], ticket_labels: vec!["question".into()], ..options() }
}

fn with(issues: Vec<Value>) -> Shared {
    Arc::new(Mutex::new(Model { issues, ..Model::default() }))
}

fn listing(kind: Kind, numbers: &[i64]) -> Listing {
    Listing {
        kind,
        under: "acme/ants#".into(),
        until: now(),
        ids: numbers.iter().map(|number| format!("acme/ants#{number}")).collect(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn labelled_issues_are_incidents_or_tickets_and_others_are_nothing() {
    let shared = Arc::new(Mutex::new(Model {
        issues: vec![issue(1, "Incident"), issue(2, "question"), issue(3, "docs")],
        ..Model::default()
    }));
    let kept = Arc::new(Kept::default());
    run(&shared, labelled(), Setting::default(), &kept).await;
    let facts = kept.facts.lock().unwrap();
    let AnyFact::Incident(incident) = &facts["incident acme/ants#1"] else { panic!() };
    // Neither the author's own remark nor a bot's is an answer.
    assert_eq!(incident.acknowledged_at, Some(at("2026-02-01T01:00:00Z")));
    assert_eq!(incident.service.as_deref(), Some("ants"));
    let AnyFact::Ticket(ticket) = &facts["ticket acme/ants#2"] else { panic!() };
    assert_eq!(ticket.kind, Some(facts::TicketKind::Question));
    assert_eq!(facts.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_run_lists_what_still_has_its_label_and_the_first_run_nothing() {
    let shared = with(vec![issue(1, "incident"), issue(2, "question"), issue(3, "Incident"), issue(4, "incident")]);
    let kept = Arc::new(Kept::default());
    run(&shared, labelled(), Setting::default(), &kept).await;
    assert!(kept.listings.lock().unwrap().is_empty(), "nothing was told before that could be gone");
    // The first was deleted or moved to another repository, the third lost its label, the fourth became a question.
    shared.lock().unwrap().issues =
        vec![issue(2, "question"), issue(3, "docs"), issue(4, "question"), issue(5, "incident")];
    let outcome = run(&shared, labelled(), Setting::default(), &kept).await;
    assert!(outcome.stopped.is_none() && outcome.notes.is_empty(), "{:?}", outcome.notes);
    let wanted = [listing(Kind::Incident, &[5]), listing(Kind::Ticket, &[2, 4])];
    assert_eq!(*kept.listings.lock().unwrap(), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_and_odd_issues_in_the_listing_take_nothing_away() {
    let shared = with((1..=5).map(|number| issue(number, "incident")).collect());
    let kept = Arc::new(Kept::default());
    let only_incidents = || Options { ticket_labels: Vec::new(), ..labelled() };
    run(&shared, only_incidents(), Setting::default(), &kept).await;
    // The listing of five has three pages: one cut, one answered with 502.
    shared.lock().unwrap().faults = [None, Some(Fault::Cut), None, Some(Fault::BadGateway)].into();
    run(&shared, only_incidents(), Setting::default(), &kept).await;
    assert_eq!(*kept.listings.lock().unwrap(), [listing(Kind::Incident, &[1, 2, 3, 4, 5])]);
    // An issue that is not given may be an incident.
    kept.listings.lock().unwrap().clear();
    shared.lock().unwrap().issues[2] = Value::Null;
    let outcome = run(&shared, only_incidents(), Setting::default(), &kept).await;
    assert!(kept.listings.lock().unwrap().is_empty());
    let told = |note: &Note| matches!(note, Note::LeftOut(reason) if reason.contains("deleted or lost their label"));
    assert!(outcome.notes.keys().any(told), "{:?}", outcome.notes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_shows_no_example_twice_though_other_parts_have_none() {
    let base = start(with(vec![issue(1, "incident")])).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), "good").unwrap();
    let configuration = format!(
        "[[source]]\nname = \"gh\"\nkind = \"github\"\nurl = \"{base}\"\nrepositories = [\"acme/ants\"]\n\
         token_file = \"token\"\nincident_labels = [\"incident\"]\n"
    );
    std::fs::write(folder.path().join("cairn.toml"), configuration).unwrap();
    let check = move || cairn(folder.path(), &["check"]).output().unwrap();
    let output = tokio::task::spawn_blocking(check).await.unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(told.matches("example: incident id=acme/ants#1 ").count(), 1, "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_push_changes_nothing_of_what_was_read_since() {
    let mut closed = issue(1, "incident");
    closed["updatedAt"] = json!("2026-02-01T03:00:00Z");
    closed["closedAt"] = json!("2026-02-01T03:00:00Z");
    let base = start(with(vec![closed])).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), "good").unwrap();
    std::fs::write(folder.path().join("secret"), SECRET).unwrap();
    let configuration = format!(
        "[[source]]\nname = \"gh\"\nkind = \"github\"\nurl = \"{base}\"\nrepositories = [\"acme/ants\"]\n\
         token_file = \"token\"\nsecret_file = \"secret\"\nincident_labels = [\"incident\"]\n"
    );
    std::fs::write(folder.path().join("cairn.toml"), configuration).unwrap();
    let steps = move || {
        let read = run_cairn(folder.path(), &["collect", "gh"]);
        assert!(read.is_well, "{}{}", read.out, read.err);
        let server = Server::start(folder.path(), "127.0.0.1:0");
        let pushed = |updated_at: &str| {
            let body = json!({
                "action": "opened", "repository": { "full_name": "acme/ants" },
                "issue": {
                    "number": 1, "title": "t", "state": "open", "labels": [{ "name": "incident" }], "closed_at": null,
                    "created_at": "2026-02-01T00:00:00Z", "updated_at": updated_at,
                },
            });
            assert_eq!(push_github(&server, "issues", updated_at, &body.to_string()).0, 202);
            wait_for(&server, "gh", is_taken);
            let path = "/v1/metrics/time_to_restore?from=2026-02-01&to=2026-03-01&grain=all";
            let answer: Value = serde_json::from_str(&server.get(path).1).unwrap();
            answer["rows"][0]["value"].as_f64()
        };
        // Opened at midnight, closed at three, which was read; that it was opened comes late.
        assert_eq!(pushed("2026-02-01T00:00:00Z"), Some(3.0 * 3_600.0));
        // Opened again at four, it goes on.
        assert_eq!(pushed("2026-02-01T04:00:00Z"), None);
    };
    tokio::task::spawn_blocking(steps).await.unwrap();
}
