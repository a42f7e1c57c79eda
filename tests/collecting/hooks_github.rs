//! What GitHub pushes goes by the options of its source, and gives what reading it gives.

use collectors::github::{DeploymentsFrom, Options};
use collectors::hooks::Sort;
use collectors::mapping::{Line, Mapping};
use collectors::pull::{Note, Setting};
use facts::{AnyFact, Deployment, DeploymentResult};
use serde_json::{Value, json};

use super::hooks::{of_github, one, told_to};
use crate::support::at;

fn pushed(setting: &Setting, event: &str, body: &Value) -> Vec<AnyFact> {
    let read = told_to(setting, Sort::Github, &[("x-github-event", event)], body).unwrap();
    read.facts.into_iter().map(|told| told.fact).collect()
}

fn from(deployments: DeploymentsFrom) -> Setting {
    of_github(Options {
        deployments,
        workflows: vec!["deploy.yml".into()],
        environment: "production".into(),
        commits: deployments != DeploymentsFrom::None,
        ..Options::default()
    })
}

fn repository() -> Value {
    json!({ "full_name": "acme/shop", "default_branch": "main" })
}

fn status() -> Value {
    json!({
        "deployment_status": { "state": "success", "created_at": "2026-01-05T10:01:00Z" },
        "deployment": { "id": 7, "environment": "production", "created_at": "2026-01-05T10:00:00Z" },
        "repository": repository(),
    })
}

fn run(path: &str, conclusion: &str) -> Value {
    json!({
        "action": "completed", "repository": repository(),
        "workflow_run": {
            "id": 777, "name": "deploy", "path": path, "event": "push", "conclusion": conclusion, "head_sha": "abc",
            "created_at": "2026-01-05T09:58:00Z", "run_started_at": "2026-01-05T09:59:00Z",
            "updated_at": "2026-01-05T10:00:05Z", "html_url": "https://github.test/run", "actor": { "login": "ann" },
        },
    })
}

fn release() -> Value {
    json!({
        "action": "published", "repository": repository(),
        "release": { "id": 12, "tag_name": "v1", "draft": false, "prerelease": false, "published_at": "2026-01-05T11:00:00Z" },
    })
}

#[test]
fn deployments_are_told_by_what_the_source_takes_for_one_and_by_nothing_else() {
    use DeploymentsFrom::{Deployments, None, Releases, WorkflowRuns};
    let workflow = run(".github/workflows/deploy.yml", "success");
    for (chosen, ids) in [
        (Deployments, [vec!["7"], vec![], vec![]]),
        (WorkflowRuns, [vec![], vec!["run-777"], vec![]]),
        (Releases, [vec![], vec![], vec!["release-12"]]),
        (None, [vec![], vec![], vec![]]),
    ] {
        let told = [("deployment_status", status()), ("workflow_run", workflow.clone()), ("release", release())]
            .map(|(event, body)| pushed(&from(chosen), event, &body));
        let told = told.map(|facts| {
            let id = |fact: AnyFact| if let AnyFact::Deployment(own) = fact { own.id } else { panic!("{fact:?}") };
            facts.into_iter().map(id).collect::<Vec<_>>()
        });
        assert_eq!(told, ids, "{chosen:?}");
    }
}

#[test]
fn a_run_is_the_deployment_that_reading_it_gives() {
    let setting = from(DeploymentsFrom::WorkflowRuns);
    let told = pushed(&setting, "workflow_run", &run(".github/workflows/deploy.yml@main", "timed_out"));
    let [AnyFact::Deployment(deployment)] = &told[..] else { panic!("{told:?}") };
    let Deployment { service, environment, result, finished_at, started_at, revision, .. } = deployment;
    assert_eq!((service.as_str(), environment.as_str(), *result), ("shop", "production", DeploymentResult::Failure));
    assert_eq!((*finished_at, *started_at), (at("2026-01-05T10:00:05Z"), Some(at("2026-01-05T09:59:00Z"))));
    assert_eq!(revision.as_deref(), Some("abc"));
    assert!(pushed(&setting, "workflow_run", &run(".github/workflows/lint.yml", "success")).is_empty());
    // How it ended is a word that nobody knows: told, and no deployment.
    let odd = told_to(
        &setting,
        Sort::Github,
        &[("x-github-event", "workflow_run")],
        &run(".github/workflows/deploy.yml", "exploded"),
    );
    let odd = odd.unwrap();
    let unknown = Note::UnknownWord { field: "workflow run's conclusion", word: "exploded".into() };
    assert_eq!((odd.facts.len(), odd.notes), (0, vec![unknown]));
    // It waits for somebody.
    let waiting = run(".github/workflows/deploy.yml", "action_required");
    assert!(pushed(&setting, "workflow_run", &waiting).is_empty());
}

#[test]
fn commits_are_told_where_they_are_read_and_merges_never() {
    let commit = |id: &str, message: &str| json!({ "id": id, "timestamp": "2026-01-05T10:00:00Z", "message": message });
    let body = json!({ "ref": "refs/heads/main", "repository": repository(), "commits": [
        commit("a", "fix"), commit("b", "Merge remote-tracking branch 'origin/main'"), commit("c", "Merge tag 'v1'"),
        commit("d", "Merge sort is faster"), commit("e", "Merge branches 'x' and 'y'"),
    ] });
    let told = pushed(&from(DeploymentsFrom::Deployments), "push", &body);
    let revision = |fact: &AnyFact| if let AnyFact::Commit(own) = fact { own.revision.clone() } else { panic!() };
    assert_eq!(told.iter().map(revision).collect::<Vec<_>>(), ["a", "d"]);
    assert!(pushed(&from(DeploymentsFrom::None), "push", &body).is_empty());
}

#[test]
fn a_merged_pull_request_says_what_it_reverts() {
    let merged = |title: &str, body: Value| {
        let pull = json!({
            "number": 7, "merged": true, "merged_at": "2026-01-05T10:00:00Z", "title": title, "body": body,
            "base": { "ref": "main", "repo": { "default_branch": "main" } },
        });
        let event = json!({ "action": "closed", "pull_request": pull, "repository": repository() });
        let told = told_to(&Setting::default(), Sort::Github, &[("x-github-event", "pull_request")], &event);
        let AnyFact::Change(change) = one(told) else { panic!() };
        change.reverts
    };
    assert_eq!(merged("Revert \"x\"", json!("Reverts acme/shop#5")).as_deref(), Some("acme/shop#5"));
    assert_eq!(merged("Undo", json!("Reverts #4")).as_deref(), Some("acme/shop#4"));
    assert_eq!(merged("Reapply \"x\"", json!("Reverts acme/shop#5")), None);
    assert_eq!(merged("New", Value::Null), None);
}

#[test]
fn an_issue_belongs_to_its_repository_or_label_whichever_line_comes_first() {
    let line = |pattern: &str, path: Option<&str>, name: &str| Line {
        pattern: pattern.into(),
        path: path.map(str::to_owned),
        name: name.into(),
    };
    let service = |repository: &str, labels: &[&str]| {
        let services = Mapping::new(&[
            line("acme/shop", None, "storefront"),
            line("acme/mono", Some("pay"), "payments"),
            line("acme/mono", Some("web"), "web"),
            line("svc:pay", None, "payments"),
            line("*", None, "other"),
        ])
        .unwrap();
        let setting =
            Setting { services, ..of_github(Options { incident_labels: vec!["outage".into()], ..Options::default() }) };
        let labels: Vec<Value> = labels.iter().chain(&["outage"]).map(|name| json!({ "name": name })).collect();
        let body = json!({
            "action": "opened", "repository": { "full_name": repository },
            "issue": { "number": 1, "state": "open", "created_at": "2026-01-05T10:00:00Z", "labels": labels },
        });
        let told = told_to(&setting, Sort::Github, &[("x-github-event", "issues")], &body);
        let AnyFact::Incident(incident) = one(told) else { panic!() };
        incident.service
    };
    assert_eq!(service("acme/shop", &[]).as_deref(), Some("storefront"));
    assert_eq!(service("acme/shop", &["svc:pay"]).as_deref(), Some("storefront"));
    assert_eq!(service("acme/else", &["svc:pay"]).as_deref(), Some("payments"));
    assert_eq!(service("acme/else", &[]).as_deref(), Some("other"));
}

#[test]
fn an_incident_of_a_repository_of_several_services_that_no_label_tells_apart_is_of_none_and_that_is_said() {
    let line = |pattern: &str, path: Option<&str>, name: &str| Line {
        pattern: pattern.into(),
        path: path.map(str::to_owned),
        name: name.into(),
    };
    let lines = [
        line("acme/mono", Some("pay"), "payments"),
        line("acme/mono", Some("web"), "web"),
        line("svc:pay", None, "payments"),
    ];
    let options = Options { incident_labels: vec!["outage".into()], ..Options::default() };
    let setting = Setting { services: Mapping::new(&lines).unwrap(), ..of_github(options) };
    let told = |labels: &[&str]| {
        let labels: Vec<Value> = labels.iter().map(|name| json!({ "name": name })).collect();
        let body = json!({
            "action": "opened", "repository": { "full_name": "acme/mono" },
            "issue": { "number": 1, "state": "open", "created_at": "2026-01-05T10:00:00Z", "labels": labels },
        });
        let read = told_to(&setting, Sort::Github, &[("x-github-event", "issues")], &body).unwrap();
        let AnyFact::Incident(incident) = &read.facts[0].fact else { panic!() };
        (incident.service.clone(), read.notes)
    };
    assert_eq!(told(&["outage", "svc:pay"]), (Some("payments".into()), vec![]));
    let (service, notes) = told(&["outage"]);
    assert_eq!(service, None);
    assert!(
        matches!(&notes[..], [Note::LeftOut(said)] if said.contains("acme/mono, which holds several")),
        "{notes:?}"
    );
}

#[test]
fn incidents_of_services_that_are_not_read_are_left_out() {
    let setting =
        Setting { pagerduty: collectors::pagerduty::Options { service_ids: vec!["S1".into()] }, ..Setting::default() };
    let told = |service: &str| {
        let body = json!({ "event": { "id": "x", "event_type": "incident.triggered", "occurred_at": "2026-01-01T10:00:00Z",
            "data": { "id": "P1", "type": "incident", "service": { "id": service, "summary": "shop" } } } });
        told_to(&setting, Sort::Pagerduty, &[], &body).unwrap()
    };
    assert_eq!(told("S1").facts.len(), 1);
    let other = told("S2");
    assert!(other.facts.is_empty());
    assert!(matches!(&other.notes[..], [Note::LeftOut(said)] if said.contains("service_ids")), "{other:?}");
}
