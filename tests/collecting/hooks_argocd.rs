//! Argo CD's notifications go by the options of their source, and tell rollbacks.

use collectors::argocd::Options;
use collectors::hooks::{Read, Sort, Unreadable};
use collectors::pull::{Note, Setting};
use facts::{AnyFact, Deployment, DeploymentKind};
use serde_json::{Value, json};

use super::hooks::{one, told_to};

fn notification(number: i64, revision: &str, history: &Value) -> Value {
    json!({
        "application": "shop", "namespace": "argocd", "uid": "94978696-4fd4", "project": "web", "environment": "in-cluster",
        "destination_namespace": "production", "labels": { "app": "storefront" }, "phase": "Succeeded",
        "started_at": "2026-01-01T10:00:00Z", "finished_at": "2026-01-01T10:01:00Z", "revision": revision,
        "history_id": number, "history": history, "repository": null,
    })
}

fn told(options: Options, body: &Value) -> Result<Read, Unreadable> {
    told_to(&Setting { argocd: options, ..Setting::default() }, Sort::Argocd, &[], body)
}

fn deployment(options: Options, body: &Value) -> Deployment {
    match one(told(options, body)) {
        AnyFact::Deployment(deployment) => deployment,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_sync_back_to_a_revision_that_ran_before_the_present_one_is_a_rollback() {
    let entries =
        [(1, "r1"), (2, "r2"), (3, "r1"), (4, "r1")].map(|(id, revision)| json!({ "id": id, "revision": revision }));
    let kinds = [(1, "r1", None), (2, "r2", None), (3, "r1", Some(DeploymentKind::Rollback)), (4, "r1", None)];
    for (number, revision, kind) in kinds {
        let history = json!(entries[..number]);
        let told = deployment(Options::default(), &notification(number as i64, revision, &history));
        assert_eq!(told.kind, kind, "{number}");
    }
    // The history itself says which revision an operation of several sources brought.
    let mut without = notification(3, "r1", &json!(entries[..3]));
    without["revision"] = Value::Null;
    let told = deployment(Options::default(), &without);
    assert_eq!((told.revision.as_deref(), told.previous_revision.as_deref()), (Some("r1"), Some("r2")));
    assert_eq!(told.kind, Some(DeploymentKind::Rollback));
    // An earlier template tells no history.
    assert_eq!(deployment(Options::default(), &notification(3, "r1", &Value::Null)).kind, None);
}

#[test]
fn names_are_read_from_what_the_source_says_and_other_projects_are_left_out() {
    let chosen = Options {
        environment_from: "namespace".into(),
        service_from: "label:app".into(),
        projects: vec!["web".into()],
    };
    let body = notification(1, "r1", &json!([]));
    let named = deployment(chosen.clone(), &body);
    assert_eq!((named.service.as_str(), named.environment.as_str()), ("storefront", "production"));
    let mut without = body.clone();
    without["labels"] = Value::Null;
    let reason = told(chosen.clone(), &without).unwrap_err().0;
    assert!(reason.contains("labels is missing") && reason.contains("argocd-notifications.yaml"), "{reason}");
    without["labels"] = json!({});
    let read = told(chosen.clone(), &without).unwrap();
    let none = "application shop has no label `app`: set it there, or choose another service_from".to_owned();
    assert_eq!((read.facts.len(), read.notes, read.odd), (0, vec![], vec![none]));
    let mut other = body;
    other["project"] = json!("data");
    let read = told(chosen, &other).unwrap();
    assert!(read.facts.is_empty() && matches!(&read.notes[..], [Note::LeftOut(_)]), "{read:?}");
}
