//! `cairn check` of GitHub: what is tried, of which repository, and what is shown.

use std::sync::{Arc, Mutex};

use serde_json::json;

use super::faulty_server::{Fault, Model, start};
use super::github::model;
use crate::command_line::{Said, cairn, said};

/// What `cairn check` says of a server, by a source with these lines.
async fn checked(model: Model, lines: &str) -> Said {
    let base = start(Arc::new(Mutex::new(model))).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), "good").unwrap();
    let configuration =
        format!("[[source]]\nname = \"gh\"\nkind = \"github\"\nurl = \"{base}\"\ntoken_file = \"token\"\n{lines}\n");
    std::fs::write(folder.path().join("cairn.toml"), configuration).unwrap();
    tokio::task::spawn_blocking(move || said(cairn(folder.path(), &["check"]).output().unwrap())).await.unwrap()
}

fn examples(said: &Said) -> Vec<&str> {
    said.out.lines().filter_map(|line| line.trim().strip_prefix("example: ")?.split(' ').next()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_owners_repositories_every_part_is_tried_as_of_one_that_is_named() {
    let well = checked(model(), "repositories = [\"acme/*\"]\nincident_labels = [\"incident\"]").await;
    assert!(well.is_well, "{}", well.out);
    for part in ["the owners' repositories", "changes with their reviews", "deployments", "incidents and tickets"] {
        assert!(well.out.contains(&format!("  may read: {part}\n")), "{part}: {}", well.out);
    }
    for repositories in ["acme/*", "acme/ants"] {
        let denied = Model { denied: Some(("Deployments", "deployments")), ..model() };
        let said = checked(denied, &format!("repositories = [\"{repositories}\"]")).await;
        assert!(!said.is_well && said.out.contains("MAY NOT read: deployments: Resource not"), "{}", said.out);
        assert!(said.out.contains("it needs Deployments: read"), "{}", said.out);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_may_not_be_seen_fails_a_check() {
    let none = "{\"data\":{\"repositoryOwner\":null}}";
    let said =
        checked(Model { faults: [Some(Fault::Answer(200, none))].into(), ..model() }, "repositories = [\"acme/*\"]");
    let said = said.await;
    assert!(!said.is_well && said.out.contains("MAY NOT read: there is no owner acme"), "{}", said.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_that_is_not_there_is_told_as_a_run_tells_it() {
    let runs = "deployments = \"workflow_runs\"\nworkflows = [\"deploy.yml\"]\nrepositories";
    let gone = || Some(Fault::Answer(404, "{\"message\":\"Not Found\"}"));
    // Changes, runs and workflows are tried, then samples of changes and runs taken.
    let faults = || [None, gone(), None, None, gone()].into();
    let said = checked(Model { faults: faults(), ..model() }, &format!("{runs} = [\"acme/ants\"]")).await;
    assert!(!said.is_well, "{}", said.out);
    assert!(
        said.out.contains("MAY NOT read: acme/ants has no workflow deploy.yml, or the token may not"),
        "{}",
        said.out
    );
    assert!(!said.out.contains("404"), "{}", said.out);
    // Of an owner's repositories some have none.
    let faults = [None, None, gone(), None, None, gone()].into();
    let said = checked(Model { faults, ..model() }, &format!("{runs} = [\"acme/*\"]")).await;
    assert!(said.is_well && said.out.contains("note: acme/one has no workflow deploy.yml"), "{}", said.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn repositories_that_no_line_of_services_matches_are_told_with_the_line_to_add() {
    let named = "repositories = [\"acme/ants\", \"acme/bees\", \"acme/wasps\", \"acme/mono\"]\n";
    let lines = "services = [{ match = \"acme/ants\", name = \"ants\" }, { match = \"acme/mono@p*\", name = \"pay\" }]";
    let told = |name: &str| {
        format!(
            "note: no line of services matches `acme/{name}`; put {{ match = \"acme/{name}\", name = \"...\" }} into the list `services` of [[source]] gh\n"
        )
    };
    let said = checked(model(), &format!("{named}{lines}")).await;
    for (name, is_told) in [("ants", false), ("bees", true), ("wasps", true), ("mono", false)] {
        assert_eq!(said.out.contains(&told(name)), is_told, "{name}: {}", said.out);
    }
    // Without deployments and without lines nothing is left out.
    let said = checked(model(), &format!("{named}{lines}\ndeployments = \"none\"")).await;
    assert!(!said.out.contains(&told("bees")), "{}", said.out);
    assert!(!checked(model(), named).await.out.contains("no line of"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_example_of_each_kind_comes_first_and_commits_last() {
    let deployment = json!({
        "databaseId": 2, "environment": "production", "task": "deploy", "commitOid": "a",
        "createdAt": "2026-01-05T09:59:00Z", "creator": null,
        "statuses": { "nodes": [{ "state": "SUCCESS", "createdAt": "2026-01-05T10:00:00Z", "logUrl": null }] },
    });
    let issue = json!({
        "number": 1, "title": "down", "url": null, "createdAt": "2099-02-01T00:00:00Z", "closedAt": null,
        "updatedAt": "2099-02-01T00:00:00Z", "author": null, "labels": { "nodes": [{ "name": "incident" }] },
        "comments": { "nodes": [] },
    });
    let mut model = model();
    model.pull_requests.iter_mut().for_each(|pull| pull["updatedAt"] = json!("2099-01-01T00:00:00Z"));
    (model.deployments, model.issues) = (vec![deployment], vec![issue]);
    let lines = "repositories = [\"acme/ants\"]\nincident_labels = [\"incident\"]\ncompare = false";
    let said = checked(model, lines).await;
    assert_eq!(examples(&said), ["deployment", "incident", "change"], "{}", said.out);
}
