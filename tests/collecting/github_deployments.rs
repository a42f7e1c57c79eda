//! GitHub's deployments: which commits they brought, the services of one repository, and the pipelines they come through.

use std::sync::{Arc, Mutex};

use collectors::github::Options;
use collectors::mapping::{Line, Mapping};
use collectors::pull::Setting;
use facts::AnyFact;
use serde_json::{Value, json};

use super::faulty_server::Model;
use super::github::{Kept, options, run};

/// A deployment to production that succeeded.
fn deployment(id: i64, oid: &str, day: u32) -> Value {
    json!({
        "databaseId": id, "environment": "production", "task": "deploy", "commitOid": oid,
        "createdAt": format!("2026-02-{day:02}T10:00:00Z"), "creator": null,
        "statuses": { "nodes": [{ "state": "SUCCESS", "createdAt": format!("2026-02-{day:02}T10:05:00Z") }] },
    })
}

/// A commit as the comparison of two revisions lists it.
fn commit(sha: &str, n_parents: usize) -> Value {
    let date = json!({ "date": "2026-02-01T08:00:00Z" });
    json!({ "sha": sha, "commit": { "author": date, "committer": date }, "parents": vec![json!({}); n_parents] })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployments_commits_are_those_since_the_one_before_it() {
    let between = vec![
        ("aaa".to_owned(), "bbb".to_owned(), vec![commit("b1", 1), commit("bbb", 2)]),
        ("bbb".to_owned(), "ccc".to_owned(), vec![commit("ccc", 1)]),
        ("ccc".to_owned(), "ddd".to_owned(), vec![commit("ddd", 1)]),
    ];
    let shared = Arc::new(Mutex::new(Model {
        deployments: vec![deployment(3, "ccc", 20), deployment(2, "bbb", 10), deployment(1, "aaa", 1)],
        between,
        ..Model::default()
    }));
    let options = Options { compare: true, ..options() };
    let kept = Arc::new(Kept::default());
    let outcome = run(&shared, options.clone(), Setting::default(), &kept).await;
    assert!(outcome.stopped.is_none(), "{:?}", outcome.stopped);
    let listed = || -> Vec<String> {
        let facts = kept.facts.lock().unwrap();
        facts.keys().filter_map(|key| key.strip_prefix("deployed_commit ").map(str::to_owned)).collect()
    };
    // The first of all has none before it, and lists nothing; the merge bbb brings nothing of its own.
    assert_eq!(listed(), ["2 b1", "3 ccc"]);
    // A later run compares the new one with the last that an earlier run saw, and the known ones not again.
    shared.lock().unwrap().deployments.insert(0, deployment(4, "ddd", 27));
    shared.lock().unwrap().asked.clear();
    run(&shared, options, Setting::default(), &kept).await;
    assert_eq!(listed(), ["2 b1", "3 ccc", "4 ddd"]);
    let compared: Vec<String> =
        shared.lock().unwrap().asked.iter().filter(|asked| asked.contains("/compare/")).cloned().collect();
    assert_eq!(compared, ["/repos/acme/ants/compare/ccc...ddd?per_page=100&page=1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn services_of_one_repository_are_deployed_with_the_commits_that_touch_their_folder() {
    let shared = Arc::new(Mutex::new(Model {
        deployments: vec![deployment(2, "bbb", 10), deployment(1, "aaa", 1)],
        between: vec![("aaa".into(), "bbb".into(), vec![commit("p1", 1), commit("w1", 1), commit("bbb", 1)])],
        // Each history goes back beyond what the deployment brought, and `bbb` touches both.
        touching: vec![("services/pay", vec!["bbb", "p1", "p0"]), ("web", vec!["bbb", "w1"])],
        ..Model::default()
    }));
    let line =
        |path: &str, name: &str| Line { pattern: "acme/ants".into(), path: Some(path.into()), name: name.into() };
    let setting = Setting {
        services: Mapping::new(&[line("services/pay/**", "payments"), line("web", "storefront")]).unwrap(),
        ..Setting::default()
    };
    let kept = Arc::new(Kept::default());
    let outcome = run(&shared, Options { compare: true, ..options() }, setting, &kept).await;
    assert!(outcome.stopped.is_none(), "{:?}", outcome.stopped);
    let facts = kept.facts.lock().unwrap();
    let of_kind = |kind: &str| -> Vec<String> {
        facts.keys().filter_map(|key| key.strip_prefix(kind).map(|rest| rest.trim().to_owned())).collect()
    };
    assert_eq!(of_kind("deployment "), ["1:payments", "1:storefront", "2:payments", "2:storefront"]);
    assert_eq!(of_kind("deployed_commit "), ["2:payments bbb", "2:payments p1", "2:storefront bbb", "2:storefront w1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reusable_workflow_that_a_repository_uses_is_its_services_pipeline() {
    let deploy = "jobs:\n  lint:\n    uses: acme/ci/.github/workflows/lint.yml@v1\n  deploy:\n    uses: 'acme/ci/.github/workflows/deploy.yaml@v2.1' # pinned\n";
    let again = "jobs:\n  again:\n    uses: acme/ci/.github/workflows/deploy.yaml@v2.1\n  own:\n    uses: ./.github/workflows/own.yml\n    steps:\n      - uses: actions/checkout@v4\n  # uses: acme/ci/.github/workflows/lint.yml@v1\n";
    let shared = Arc::new(Mutex::new(Model { workflow_files: vec![deploy, again], ..Model::default() }));
    let told = |kept: &Kept| -> Vec<(String, Option<String>, Option<String>)> {
        let mut facts = kept.facts.lock().unwrap();
        let services = std::mem::take(&mut *facts).into_values().filter_map(|fact| match fact {
            AnyFact::Service(service) => Some((service.name, service.pipeline, service.pipeline_version)),
            _ => None,
        });
        services.collect()
    };
    let kept = Arc::new(Kept::default());
    run(&shared, options(), Setting::default(), &kept).await;
    let deploys = Some("acme/ci/.github/workflows/deploy.yaml".to_owned());
    assert_eq!(told(&kept), [("ants".to_owned(), deploys, Some("v2.1".to_owned()))]);
    // Nothing new is told again, and that it is used no more is.
    run(&shared, options(), Setting::default(), &kept).await;
    assert_eq!(told(&kept), []);
    shared.lock().unwrap().workflow_files = vec!["jobs: {}"];
    run(&shared, options(), Setting::default(), &kept).await;
    assert_eq!(told(&kept), [("ants".to_owned(), None, None)]);
    // Where only some count, others are none.
    shared.lock().unwrap().workflow_files = vec![deploy];
    let only = Options { pipelines: vec!["acme/ci/**/lint.yml".into()], ..options() };
    run(&shared, only, Setting::default(), &Arc::clone(&kept)).await;
    let lints = Some("acme/ci/.github/workflows/lint.yml".to_owned());
    assert_eq!(told(&kept), [("ants".to_owned(), lints, Some("v1".to_owned()))]);
}
