//! GitHub where it does not give everything: what is denied, what stopped, and what a later run makes of it.

use std::sync::{Arc, Mutex};

use collectors::github::{GitHub, Options};
use collectors::pull::{Outcome, Setting, Sink, Stopped, collect};
use tokio::sync::watch;

use super::faulty_server::{Fault, Shared, start};
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
    let odd = Fault::Answer(200, "{\"data\":null,\"errors\":[{\"message\":\"Something went wrong\"}]}");
    model.faults = [None, None, None, Some(odd.clone()), Some(odd)].into();
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
    let odd = Fault::Answer(200, "{\"data\":null,\"errors\":[{\"message\":\"Something went wrong\"}]}");
    model.faults = [Some(odd.clone()), Some(odd)].into();
    let (shared, kept) = (Arc::new(Mutex::new(model)), Arc::new(Kept::default()));
    assert!(run(&shared, only("acme/ants"), Setting::default(), &kept).await.stopped.is_some());
    assert!(run(&shared, only("acme/bees"), Setting::default(), &kept).await.stopped.is_none());
    assert!(changes(&kept).iter().all(|change| change.repository == "acme/bees"));
    assert_eq!(changes(&kept).len(), 25);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_over_a_part_that_is_no_refusal_stops_there_to_be_asked_again() {
    let mut model = model();
    let body = r#"{"data":{"repository":{"nameWithOwner":"acme/ants","deployments":null}},
        "errors":[{"path":["repository","deployments"],"message":"Something went wrong"}]}"#;
    // After the changes (three pages of ten): once is passed over, twice is not.
    model.faults = [None, None, None, Some(Fault::Answer(200, body)), Some(Fault::Answer(200, body))].into();
    let (shared, kept) = (Arc::new(Mutex::new(model)), Arc::new(Kept::default()));
    let outcome = run(&shared, Options { commits: false, ..options() }, Setting::default(), &kept).await;
    assert!(matches!(&outcome.stopped, Some(Stopped::Unreadable { .. })), "{:?}", outcome.stopped);
    let again = run(&shared, Options { commits: false, ..options() }, Setting::default(), &kept).await;
    assert!(again.stopped.is_none());
    assert_eq!(shared.lock().unwrap().asked.iter().filter(|name| *name == "Changes").count(), 3, "gone on with");
}
