//! Argo CD's notification by our template, rendered by the engine's own language, is the deployment that reading the
//! application from its API gives.

use std::path::Path;
use std::process::Command;

use collectors::argocd::{ArgoCd, Options};
use collectors::hooks::{Delivery, Sort, read};
use collectors::pull::{Answer, Next, Setting, Source};
use facts::{AnyFact, Deployment};
use serde_json::{Value, json};

use super::is_here_with;
use crate::support::at;

/// The body of the shipped template.
fn template() -> String {
    let path = format!("{}/docs/argocd-notifications.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let body = text.split("        body: |\n").nth(1).unwrap().split("  trigger.").next().unwrap();
    body.to_owned()
}

fn recorded() -> Value {
    let path = format!("{}/tests/fixtures/argocd/applications.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str::<Value>(&std::fs::read_to_string(path).unwrap()).unwrap()[0].clone()
}

/// The renderer, built in a folder.
fn build(folder: &Path) {
    let source = format!("{}/tests/fixtures/argocd/render.go", env!("CARGO_MANIFEST_DIR"));
    let mut go = Command::new("go");
    go.env("GO111MODULE", "off").env("GOPATH", "/usr/share/gocode").env("GOCACHE", folder.join("cache"));
    let built = go.args(["build", "-o"]).arg(folder.join("render")).arg(source).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    std::fs::write(folder.join("body"), template()).unwrap();
}

/// What the notification of an application tells.
fn pushed(folder: &Path, application: &Value) -> Deployment {
    std::fs::write(folder.join("application"), application.to_string()).unwrap();
    let rendered =
        Command::new(folder.join("render")).arg(folder.join("body")).arg(folder.join("application")).output().unwrap();
    assert!(rendered.status.success(), "{}", String::from_utf8_lossy(&rendered.stderr));
    let delivery = Delivery { headers: &[], body: &rendered.stdout, at: at("2026-01-01T00:00:00Z") };
    let facts = read(Sort::Argocd, &Setting::default(), &delivery).unwrap().facts;
    let Ok([told]) = <[_; 1]>::try_from(facts) else { panic!("not one fact") };
    let AnyFact::Deployment(deployment) = told.fact else { panic!("{:?}", told.fact) };
    deployment
}

/// The last deployment that the API's answer tells of an application.
fn pulled(application: &Value) -> Deployment {
    let source = ArgoCd::new(Setting::default(), Options::default()).unwrap();
    let begin = source.begin(None, None, at("2026-01-01T00:00:00Z"));
    let answer = Answer::of(json!({ "items": [application] }).to_string(), at("2026-01-01T00:00:00Z"));
    let page = source.read(&begin, &answer).unwrap();
    assert!(matches!(page.next, Next::Done(_)));
    let Some(AnyFact::Deployment(deployment)) = page.facts.into_iter().last() else { panic!("no deployment") };
    deployment
}

/// What both must agree on; the history knows what ran before and who asked, a notification where to look.
fn compared(one: Deployment) -> Deployment {
    Deployment { previous_revision: None, actor: None, kind: None, url: None, ..one }
}

#[test]
fn a_notification_is_the_deployment_that_the_api_tells() {
    if !is_here_with("go", "version") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    build(folder.path());
    let success = recorded();
    let deployment = pushed(folder.path(), &success);
    assert_eq!(deployment.id, "argo-cd/velero-test/94978696/23");
    assert_eq!(deployment.url.as_deref(), Some("https://argocd.acme.test/applications/velero-test"));
    assert_eq!(compared(deployment), compared(pulled(&success)));

    // One that failed before it had anything to show, of two sources, on a cluster without a name.
    let mut failure = success;
    failure["status"]["operationState"] = json!({
        "phase": "Failed", "startedAt": "2024-03-06T10:00:00Z", "finishedAt": "2024-03-06T10:01:00Z",
        "message": "\"quoted\"\nand over two lines",
    });
    failure["spec"]["destination"] = json!({ "server": "https://kubernetes.default.svc", "namespace": "shop" });
    let own = failure["spec"]["source"].take();
    failure["spec"].as_object_mut().unwrap().remove("source");
    failure["spec"]["sources"] = json!([own, { "repoURL": "https://github.com/foo/values.git" }]);
    let deployment = pushed(folder.path(), &failure);
    assert_eq!(
        (deployment.revision.as_deref(), deployment.environment.as_str()),
        (None, "https://kubernetes.default.svc")
    );
    assert_eq!(deployment.repository.as_deref(), Some("foo/manifests-velero"));
    assert_eq!(compared(deployment), compared(pulled(&failure)));

    // One that never succeeded has no history.
    failure["status"].as_object_mut().unwrap().remove("history");
    assert_eq!(compared(pushed(folder.path(), &failure)), compared(pulled(&failure)));
}
