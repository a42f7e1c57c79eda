//! Argo CD, by a recorded application.

use collectors::argocd::{ArgoCd, Options};
use collectors::pull::{Answer, Note, Setting, Source};
use facts::{AnyFact, Deployment, DeploymentKind, DeploymentResult};
use serde_json::{Value, json};

use super::{recorded, walk};
use crate::support::at;

fn source() -> ArgoCd {
    ArgoCd::new(Setting::default(), Options::default()).unwrap()
}

fn deployments(facts: Vec<AnyFact>) -> Vec<Deployment> {
    facts
        .into_iter()
        .map(|fact| match fact {
            AnyFact::Deployment(deployment) => deployment,
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn a_recorded_history_is_its_successful_deployments() {
    let source = source();
    let begin = source.begin(None, None, at("2026-01-01T00:00:00Z"));
    let answer = |_: &_| (200, json!({ "items": recorded("argocd/applications.json") }));
    let (facts, notes, _, _) = walk(&source, begin, answer);
    let deployments = deployments(facts);
    assert_eq!(deployments.len(), 10);
    let first = &deployments[0];
    assert_eq!(first.id, "argo-cd/velero-test/94978696/14");
    assert_eq!((first.service.as_str(), first.environment.as_str()), ("velero-test", "gke-alpha-01-europe-west1"));
    assert_eq!(first.started_at, Some(at("2024-03-04T22:00:05Z")));
    assert_eq!(first.finished_at, at("2024-03-04T22:00:06Z"));
    assert_eq!(first.revision.as_deref(), Some("ea8759964626a583667a2bfd08f334ec2070040a"));
    assert_eq!(first.repository.as_deref(), Some("foo/manifests-velero"));
    // All ten are of one revision, synced again with other values: none goes back.
    assert!(deployments.iter().all(|one| one.kind.is_none() && one.result == DeploymentResult::Success));
    assert!(notes.is_empty());
}

fn application(entries: Value, operation: &Value) -> Value {
    let application = json!({
        "metadata": { "name": "shop" },
        "spec": { "project": "p", "destination": { "name": "prod" }, "source": { "repoURL": "git@git.acme.test:web/shop.git" } },
        "status": { "history": entries, "operationState": operation },
    });
    json!({ "items": [application] })
}

fn entry(id: i64, revision: &str) -> Value {
    json!({ "id": id, "revision": revision, "deployedAt": format!("2026-01-{id:02}T10:00:00Z") })
}

#[test]
fn going_back_to_an_earlier_revision_is_a_rollback_and_a_failed_operation_a_failure() {
    let source = source();
    let operation = json!({
        "phase": "Failed", "startedAt": "2026-01-05T09:00:00Z", "finishedAt": "2026-01-05T09:01:00Z",
        "syncResult": { "revision": "ccc" },
    });
    let entries = json!([entry(1, "aaa"), entry(2, "bbb"), entry(3, "aaa"), entry(4, "aaa")]);
    let begin = source.begin(None, None, at("2026-02-01T00:00:00Z"));
    let (facts, _, _, _) = walk(&source, begin, |_| (200, application(entries.clone(), &operation)));
    let deployments = deployments(facts);
    let kinds: Vec<_> = deployments.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [None, None, Some(DeploymentKind::Rollback), None, None]);
    assert_eq!(deployments[2].previous_revision.as_deref(), Some("bbb"));
    let failed = &deployments[4];
    assert_eq!(failed.result, DeploymentResult::Failure);
    assert_eq!(failed.finished_at, at("2026-01-05T09:01:00Z"));
    assert_eq!(failed.repository.as_deref(), Some("web/shop"));
}

#[test]
fn a_history_that_lost_entries_between_two_runs_is_told() {
    let source = source();
    let begin = source.begin(None, None, at("2026-02-01T00:00:00Z"));
    let (_, _, done, _) = walk(&source, begin, |_| (200, application(json!([entry(3, "aaa")]), &Value::Null)));
    let again = source.begin(Some(done), None, at("2026-02-02T00:00:00Z"));
    let (facts, notes, _, _) = walk(&source, again, |_| (200, application(json!([entry(9, "bbb")]), &Value::Null)));
    assert_eq!(facts.len(), 1);
    // Between entry 3 and entry 9 lie five.
    assert!(matches!(&notes[..], [Note::LeftOut(reason)] if reason.contains("5 deployments")), "{notes:?}");
}

#[test]
fn a_history_that_slid_on_changes_nothing_of_what_was_told() {
    let source = source();
    let begin = source.begin(None, None, at("2026-02-01T00:00:00Z"));
    let entries = json!([entry(1, "aaa"), entry(2, "bbb"), entry(3, "aaa")]);
    let (facts, _, done, _) = walk(&source, begin, |_| (200, application(entries.clone(), &Value::Null)));
    let first = deployments(facts);
    let again = source.begin(Some(done), None, at("2026-02-02T00:00:00Z"));
    // Entry 1 is forgotten there, and entry 3 is still a rollback, and entry 2 still came after `aaa`.
    let entries = json!([entry(2, "bbb"), entry(3, "aaa"), entry(4, "bbb")]);
    let (facts, notes, done, _) = walk(&source, again, |_| (200, application(entries.clone(), &Value::Null)));
    let second = deployments(facts);
    assert_eq!(second[..2], first[1..]);
    assert_eq!(second[2].kind, Some(DeploymentKind::Rollback));
    assert!(notes.is_empty());
    let again = source.begin(Some(done), Some(at("2026-01-01T00:00:00Z")), at("2026-02-02T00:00:00Z"));
    let (facts, _, _, _) = walk(&source, again, |_| (200, application(entries.clone(), &Value::Null)));
    assert_eq!(deployments(facts), second, "also when all is read again");
}

#[test]
fn an_application_made_again_does_not_take_the_place_of_the_one_before() {
    let source = source();
    let begin = source.begin(None, None, at("2026-02-01T00:00:00Z"));
    let with_uid = |uid: &str| {
        let mut body = application(json!([entry(1, "aaa")]), &Value::Null);
        body["items"][0]["metadata"]["uid"] = json!(uid);
        body
    };
    let (facts, _, done, _) = walk(&source, begin, |_| (200, with_uid("0a-1")));
    let again = source.begin(Some(done), None, at("2026-02-02T00:00:00Z"));
    let (later, notes, _, _) = walk(&source, again, |_| (200, with_uid("0b-1")));
    let id = |facts: Vec<AnyFact>| deployments(facts)[0].id.clone();
    assert_eq!((id(facts).as_str(), id(later).as_str()), ("shop/0a/1", "shop/0b/1"));
    assert!(notes.is_empty());
}

#[test]
fn no_applications_are_null_in_its_answer() {
    let source = source();
    let begin = source.begin(None, None, at("2026-02-01T00:00:00Z"));
    let (facts, notes, _, _) = walk(&source, begin, |_| (200, json!({ "items": null })));
    assert!(facts.is_empty() && notes.is_empty());
    let begin = source.begin(None, None, at("2026-02-01T00:00:00Z"));
    let of_something_else = source.read(&begin, &Answer::of("{}", at("2026-02-01T00:00:00Z"))).unwrap_err().to_string();
    assert!(of_something_else.contains("`items`") && of_something_else.contains("is url the base address"));
}

#[test]
fn an_unknown_way_to_the_environment_is_refused() {
    let options = Options { environment_from: "cluser".into(), ..Options::default() };
    assert!(ArgoCd::new(Setting::default(), options).err().unwrap().contains("cluster"));
}

#[test]
fn an_application_without_the_label_that_names_are_read_from_is_told_by_what_it_lacks() {
    let told = |options: Options| {
        let source = ArgoCd::new(Setting::default(), options).unwrap();
        let begin = source.begin(None, None, at("2026-01-01T00:00:00Z"));
        let body = application(json!([entry(1, "r1")]), &Value::Null).to_string();
        source.read(&begin, &Answer::of(body, at("2026-01-01T00:00:00Z"))).unwrap().notes
    };
    let by_label = |environment: &str, service: &str| Options {
        environment_from: environment.into(),
        service_from: service.into(),
        ..Options::default()
    };
    let lacking = |what: &str| vec![Note::LeftOut(format!("application shop {what}"))];
    assert_eq!(
        told(by_label("label:env", "name")),
        lacking("has no label `env`: set it there, or choose another environment_from")
    );
    assert_eq!(
        told(by_label("cluster", "label:app")),
        lacking("has no label `app`: set it there, or choose another service_from")
    );
    assert_eq!(told(by_label("namespace", "name")), lacking("names no namespace: choose another environment_from"));
}
