//! GitHub where it does not give everything: what is denied, what stopped, and what a later run makes of it.

use std::sync::{Arc, Mutex};

use collectors::github::{DeploymentsFrom, GitHub, Options};
use collectors::pull::{Note, Outcome, Setting, Sink, Stopped, collect};
use facts::AnyFact;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::faulty_server::{Fault, Model, Shared, start};
use super::github::{Kept, changes, client, model, now, options, quick, run};
use crate::support::at;

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_out_of_sight_is_told_and_does_not_end_the_others() {
    let kept = Arc::new(Kept::default());
    let options = Options { repositories: vec!["acme/gone".into(), "acme/ants".into()], ..options() };
    let outcome = run(&Arc::new(Mutex::new(model())), options, Setting::default(), &kept).await;
    assert!(matches!(&outcome.stopped, Some(Stopped::Denied(reason)) if reason.contains("acme/gone")));
    assert_eq!(changes(&kept).len(), 25);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_the_token_may_not_see_fails_the_run_and_is_read_whole_once_it_may() {
    let mut model = model();
    model.denied = Some(("Deployments", "deployments"));
    let (shared, kept) = (Arc::new(Mutex::new(model)), Arc::new(Kept::default()));
    let outcome = run(&shared, options(), Setting::default(), &kept).await;
    let said = outcome.stopped.unwrap().to_string();
    assert!(said.contains("the deployments of acme/ants were not given"), "{said}");
    assert!(said.contains("Deployments: read (classic tokens: repo_deployment)"), "{said}");
    assert!(said.contains("GitHub says at repository.deployments: Resource not accessible"), "{said}");
    // What it may see was read.
    assert_eq!(changes(&kept).len(), 25);
    let deployed = |kept: &Kept| {
        kept.facts.lock().unwrap().keys().filter(|key| key.starts_with("deployment ")).cloned().collect::<Vec<_>>()
    };
    assert!(deployed(&kept).is_empty());
    // The permission is given: the next run reads the deployments from the begin, as a first run would.
    shared.lock().unwrap().denied = None;
    assert!(run(&shared, options(), Setting::default(), &kept).await.stopped.is_none());
    let fresh = Arc::new(Kept::default());
    run(&shared, options(), Setting::default(), &fresh).await;
    assert_eq!(deployed(&kept), deployed(&fresh));
    assert!(!deployed(&kept).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_denied_within_a_part_fails_the_run_too_and_is_read_once_it_may_be() {
    let mut model = model();
    model.hides_statuses = true;
    let (shared, kept) = (Arc::new(Mutex::new(model)), Arc::new(Kept::default()));
    let said = run(&shared, options(), Setting::default(), &kept).await.stopped.unwrap().to_string();
    assert!(
        said.contains("some of the deployments of acme/ants were not given: the token needs Deployments: read"),
        "{said}"
    );
    shared.lock().unwrap().hides_statuses = false;
    assert!(run(&shared, options(), Setting::default(), &kept).await.stopped.is_none());
    let fresh = Arc::new(Kept::default());
    run(&shared, options(), Setting::default(), &fresh).await;
    assert_eq!(*kept.facts.lock().unwrap(), *fresh.facts.lock().unwrap());
}

/// Reads again from a time.
async fn run_since(model: &Shared, options: Options, kept: &Arc<Kept>, since: &str) -> Outcome {
    let base = start(Arc::clone(model)).await;
    let source = GitHub::new(Setting::default(), options).unwrap();
    let (_stop, cancel) = watch::channel(false);
    let sink: Arc<dyn Sink> = Arc::clone(kept) as Arc<dyn Sink>;
    collect(&source, &client(&base, "good"), sink, quick(), Some(at(since)), now, cancel).await
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_again_from_a_day_leaves_out_nothing_that_was_not_read_yet() {
    let both = || Options { repositories: vec!["acme/ants".into(), "acme/bees".into()], ..options() };
    let mut model = model();
    // The run stops at the deployments of the first of two repositories (after its three pages of changes).
    model.faults = [None, None, None, Some(Fault::Answer(401, "{}"))].into();
    let (shared, kept) = (Arc::new(Mutex::new(model)), Arc::new(Kept::default()));
    assert!(run(&shared, both(), Setting::default(), &kept).await.stopped.is_some());
    // All recorded changes are older than this day.
    assert!(run_since(&shared, both(), &kept, "2026-02-28T00:00:00Z").await.stopped.is_none());
    let fresh = Arc::new(Kept::default());
    run(&shared, both(), Setting::default(), &fresh).await;
    assert_eq!(*kept.facts.lock().unwrap(), *fresh.facts.lock().unwrap());
    assert_eq!(changes(&kept).len(), 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_was_taken_out_is_asked_for_no_more_and_one_that_was_added_gets_its_turn() {
    let only = |name: &str| Options { repositories: vec![name.into()], ..options() };
    let mut model = model();
    model.faults = [Some(Fault::Answer(401, "{}"))].into();
    let (shared, kept) = (Arc::new(Mutex::new(model)), Arc::new(Kept::default()));
    assert!(run(&shared, only("acme/ants"), Setting::default(), &kept).await.stopped.is_some());
    assert!(run(&shared, only("acme/bees"), Setting::default(), &kept).await.stopped.is_none());
    assert!(changes(&kept).iter().all(|change| change.repository == "acme/bees"));
    assert_eq!(changes(&kept).len(), 25);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_over_a_part_that_is_no_refusal_is_asked_again_often_and_then_by_the_next_run_from_there_on() {
    let mut model = model();
    let body = r#"{"data":{"repository":{"nameWithOwner":"acme/ants","deployments":null}},
        "errors":[{"path":["repository","deployments"],"message":"Something went wrong"}]}"#;
    // After the changes (three pages of ten), as often as it is tried.
    model.faults = [None, None, None].into();
    model.faults.extend((0..quick().tries).map(|_| Some(Fault::Answer(200, body))));
    let (shared, kept) = (Arc::new(Mutex::new(model)), Arc::new(Kept::default()));
    let outcome = run(&shared, Options { commits: false, ..options() }, Setting::default(), &kept).await;
    assert!(matches!(&outcome.stopped, Some(Stopped::Denied(_))), "{:?}", outcome.stopped);
    let again = run(&shared, Options { commits: false, ..options() }, Setting::default(), &kept).await;
    assert!(again.stopped.is_none());
    assert_eq!(shared.lock().unwrap().asked.iter().filter(|name| *name == "Changes").count(), 4, "and what is new");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_was_renamed_is_told_with_its_new_name_and_does_not_hold_up_the_others() {
    let options = Options {
        repositories: vec!["acme/old".into(), "acme/bees".into()],
        deployments: DeploymentsFrom::WorkflowRuns,
        workflows: vec!["codeql.yml".into(), "deploy.yml".into()],
        page_size: 100,
        ..options()
    };
    // After the changes, of which there is one page, the runs of the first workflow.
    let moved = Fault::Moved("/repositories/7/actions/workflows/codeql.yml/runs?per_page=100");
    let renamed = Some(("acme/old", "acme/new"));
    let shared = Arc::new(Mutex::new(Model { faults: [None, Some(moved)].into(), renamed, ..model() }));
    let (setting, kept) = (Setting { name: "gh".into(), ..Setting::default() }, Arc::new(Kept::default()));
    let outcome = run(&shared, options.clone(), setting.clone(), &kept).await;
    let said = match outcome.stopped {
        Some(Stopped::Denied(said)) => said,
        other => panic!("{other:?}"),
    };
    assert!(said.contains("the deployments of acme/old were not given"), "{said}");
    assert!(said.contains("/repositories/7/actions/workflows/codeql.yml/runs,"), "{said}");
    assert!(said.contains("in [[source]] gh of cairn.toml write \"acme/new\" in repositories instead of"), "{said}");
    let of_bees =
        |fact: &AnyFact| matches!(fact, AnyFact::Deployment(one) if one.repository.as_deref() == Some("acme/bees"));
    assert!(kept.facts.lock().unwrap().values().any(of_bees));
    // What is told of it goes on under the name that was asked for, and stands only once.
    let is_of = |name: &str| kept.facts.lock().unwrap().values().any(|fact| format!("{fact:?}").contains(name));
    assert!(is_of("acme/old#") && !is_of("acme/new#"));
    // It does not count as read: as soon as it may be read, all of its runs are.
    shared.lock().unwrap().asked.clear();
    assert!(run(&shared, options, setting, &kept).await.stopped.is_none());
    let wanted = "/repos/acme/old/actions/workflows/codeql.yml/runs?per_page=100&page=1";
    assert!(shared.lock().unwrap().asked.iter().any(|asked| asked == wanted), "{:?}", shared.lock().unwrap().asked);
}

fn left_out(outcome: &Outcome) -> Vec<&str> {
    let reasons = outcome.notes.keys().filter_map(|note| match note {
        Note::LeftOut(reason) => Some(reason.as_str()),
        _ => None,
    });
    reasons.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_odd_element_is_left_out_and_the_others_of_its_page_are_read() {
    let deployment = |id: i64, statuses: Value| {
        json!({
            "databaseId": id, "environment": "production", "task": "deploy", "commitOid": "a",
            "createdAt": "2026-01-05T09:59:00Z", "creator": null, "statuses": { "nodes": statuses },
        })
    };
    let success = json!([{ "state": "SUCCESS", "createdAt": "2026-01-05T10:00:00Z", "logUrl": null }]);
    let mut model = model();
    model.pull_requests[3]["number"] = Value::Null;
    model.deployments = vec![deployment(1, Value::Null), deployment(2, success)];
    let (shared, kept) = (Arc::new(Mutex::new(model)), Arc::new(Kept::default()));
    let outcome = run(&shared, options(), Setting::default(), &kept).await;
    assert!(outcome.stopped.is_none(), "{:?}", outcome.stopped);
    assert_eq!(changes(&kept).len(), 24);
    assert!(kept.facts.lock().unwrap().contains_key("deployment 2"));
    let reasons = left_out(&outcome);
    let of = |what: &str, place: &str| reasons.iter().any(|reason| reason.contains(what) && reason.contains(place));
    assert!(
        of("one of the changes with their reviews of acme/ants cannot be read", "number 4 at number"),
        "{reasons:?}"
    );
    assert!(of("one of the deployments of acme/ants cannot be read", "number 1 at statuses.nodes"), "{reasons:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_which_nothing_can_be_read_is_asked_for_again_and_does_not_hold_up_the_others() {
    let both = || Options { repositories: vec!["acme/ants".into(), "acme/bees".into()], ..options() };
    let mut model = model();
    let whole = std::mem::take(&mut model.deployments);
    model.deployments = vec![json!({ "databaseId": 1, "createdAt": null })];
    let (shared, kept) = (Arc::new(Mutex::new(model)), Arc::new(Kept::default()));
    let outcome = run(&shared, both(), Setting::default(), &kept).await;
    let said = outcome.stopped.unwrap().to_string();
    assert!(said.contains("none of the deployments of acme/ants can be read: number 1 at createdAt"), "{said}");
    assert_eq!(changes(&kept).len(), 50);
    shared.lock().unwrap().deployments = whole;
    assert!(run(&shared, both(), Setting::default(), &kept).await.stopped.is_none());
    assert!(kept.facts.lock().unwrap().keys().any(|key| key.starts_with("deployment ")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_of_the_trunk_that_cannot_be_read_is_not_taken_for_one_that_was_taken_off() {
    let trunk = |name: &str, at: Value| {
        json!({
            "oid": name, "authoredDate": at, "committedDate": "2026-02-27T00:00:00Z", "messageHeadline": "Directly",
            "messageBody": "", "url": null, "additions": 1, "deletions": 1, "author": null,
            "parents": { "totalCount": 1 }, "associatedPullRequests": { "nodes": [] },
        })
    };
    let known = json!("2026-02-27T00:00:00Z");
    let history = ["a", "b"].map(|name| trunk(name, known.clone())).to_vec();
    let (shared, kept) = (Arc::new(Mutex::new(Model { history, ..model() })), Arc::new(Kept::default()));
    run(&shared, options(), Setting::default(), &kept).await;
    for odd in [trunk("b", Value::Null), Value::Null] {
        shared.lock().unwrap().history = vec![trunk("a", known.clone()), odd];
        run(&shared, options(), Setting::default(), &kept).await;
        assert!(kept.trunks.lock().unwrap().is_empty());
    }
}
