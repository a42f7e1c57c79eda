//! What was told before and turns out to be otherwise is taken back; what is still so stays.

use collectors::argocd::{self, ArgoCd};
use collectors::github::{GitHub, Options};
use collectors::kubernetes::{self, Kubernetes};
use collectors::mapping::{Line, Mapping};
use collectors::pull::{Answer, Ask, Setting, Source};
use facts::{AnyFact, PolicyOutcome, Remains};
use serde_json::{Value, json};

use super::walk;
use crate::support::at;

#[test]
fn a_commit_whose_pull_request_github_tells_of_only_later_is_no_change_of_its_own_any_more() {
    let options = Options { repositories: vec!["acme/shop".into()], compare: false, ..Options::default() };
    let source = GitHub::new(Setting::default(), options).unwrap();
    let read = |pulls: Value| {
        let commit = json!({
            "oid": "aaa", "authoredDate": "2026-02-01T10:00:00Z", "committedDate": "2026-02-01T10:00:00Z",
            "messageHeadline": "one", "parents": { "totalCount": 1 }, "associatedPullRequests": { "nodes": pulls },
        });
        let page = json!({ "hasNextPage": false });
        let history = json!({ "history": { "pageInfo": page, "nodes": [commit] } });
        let body = json!({ "data": { "repository": {
            "nameWithOwner": "acme/shop", "pullRequests": { "pageInfo": page, "nodes": [] },
            "defaultBranchRef": { "name": "main", "target": history },
        } } });
        let begin = source.begin(None, None, at("2026-02-02T00:00:00Z"));
        source.read(&begin, &Answer::of(body.to_string(), at("2026-02-02T00:00:00Z"))).unwrap()
    };
    let taken_back = Remains::OfPulls { repository: "acme/shop".into(), revisions: vec!["aaa".into()] };
    let first = read(json!([]));
    assert!(first.facts.iter().any(|fact| matches!(fact, AnyFact::Change(one) if one.id == "aaa")));
    assert!(!first.remains.contains(&taken_back));
    let later = read(json!([{ "number": 12, "merged": true }]));
    assert!(matches!(&later.facts[..], [AnyFact::Commit(one)] if one.change_id.as_deref() == Some("acme/shop#12")));
    assert!(later.remains.contains(&taken_back));
}

/// An application that was deployed so many times, and is pointed at a cluster now.
fn application(cluster: &str, n_entries: i64, operation: Value) -> Value {
    let entry = |id: i64| json!({ "id": id, "revision": id.to_string(), "deployedAt": "2026-01-05T10:00:00Z" });
    json!({ "items": [{
        "metadata": { "name": "shop" }, "spec": { "destination": { "name": cluster } },
        "status": { "history": (0..n_entries).map(entry).collect::<Vec<_>>(), "operationState": operation },
    }] })
}

fn failed(asked: Value, result: Value) -> Value {
    let (started, finished) = ("2026-01-05T09:00:00Z", "2026-01-05T09:01:00Z");
    json!({ "phase": "Failed", "startedAt": started, "finishedAt": finished, "operation": asked, "syncResult": result })
}

fn told(facts: &[AnyFact]) -> Vec<(&str, &str)> {
    let mut told = Vec::new();
    for fact in facts {
        let AnyFact::Deployment(one) = fact else { panic!("{fact:?}") };
        told.push((one.id.as_str(), one.environment.as_str()));
    }
    told
}

#[test]
fn what_an_application_deployed_before_it_was_pointed_elsewhere_stays_where_it_was() {
    let source = ArgoCd::new(Setting::default(), argocd::Options::default()).unwrap();
    let now = at("2026-02-01T00:00:00Z");
    let operation = failed(json!({}), json!({ "revision": "x" }));
    let begin = source.begin(None, None, now);
    let (facts, _, done, _) = walk(&source, begin, |_| (200, application("staging", 1, operation.clone())));
    let before = [("shop/0", "staging"), ("shop/failed/1767603660", "staging")];
    assert_eq!(told(&facts).first(), Some(&before[0]));
    let moved = |_: &Ask| (200, application("production", 2, operation.clone()));
    let (facts, _, done, _) = walk(&source, source.begin(Some(done), None, now), moved);
    let ids: Vec<&str> = told(&facts).into_iter().map(|(_, environment)| environment).collect();
    assert_eq!(ids, ["staging", "production", "staging"], "the failed sync was of the time before");
    // Another mapping is of all that was told, and so is another way to tell the environment.
    let line = Line { pattern: "staging".into(), path: None, name: "test".into() };
    let setting = Setting { environments: Mapping::new(&[line]).unwrap(), ..Setting::default() };
    let source = ArgoCd::new(setting, argocd::Options::default()).unwrap();
    let (facts, notes, done, _) = walk(&source, source.begin(Some(done), None, now), moved);
    assert_eq!(told(&facts)[0], ("shop/0", "test"));
    assert_eq!(notes.len(), 1, "the other is told to be missing in the mapping: {notes:?}");
    let by_name = argocd::Options { environment_from: "project".into(), ..argocd::Options::default() };
    let source = ArgoCd::new(Setting::default(), by_name).unwrap();
    let answer = |_: &Ask| {
        let mut all = application("production", 1, Value::Null);
        all["items"][0]["spec"]["project"] = json!("shops");
        (200, all)
    };
    let (facts, _, _, _) = walk(&source, source.begin(Some(done), None, now), answer);
    assert_eq!(told(&facts), [("shop/0", "shops")]);
}

#[test]
fn a_sync_that_was_only_tried_deploys_nothing_and_one_of_several_sources_has_the_revision_of_the_first() {
    let source = ArgoCd::new(Setting::default(), argocd::Options::default()).unwrap();
    let read = |operation: Value| {
        let begin = source.begin(None, None, at("2026-02-01T00:00:00Z"));
        walk(&source, begin, |_| (200, application("prod", 0, operation.clone()))).0
    };
    assert!(read(failed(json!({ "sync": { "dryRun": true } }), json!({ "revision": "x" }))).is_empty());
    let several = read(failed(json!({ "sync": {} }), json!({ "revision": "", "revisions": ["aaa", "1.0"] })));
    assert!(matches!(&several[..], [AnyFact::Deployment(one)] if one.revision.as_deref() == Some("aaa")));
}

#[test]
fn a_violation_that_is_back_after_its_constraint_was_gone_holds_though_the_clusters_clock_is_behind() {
    let options = kubernetes::Options { kyverno: false, quotas: false, ..kubernetes::Options::default() };
    let source = Kubernetes::new(Setting::default(), options);
    let answer = |is_there: bool| {
        move |ask: &Ask| {
            let violations = json!([{ "name": "web", "namespace": "shop" }]);
            let constraint = json!({
                "metadata": { "name": "must-own" }, "spec": {},
                "status": { "auditTimestamp": "2026-11-23T12:20:00Z", "totalViolations": 1, "violations": violations },
            });
            if ask.path.ends_with("v1beta1") {
                return (200, json!({ "resources": [{ "name": "required" }] }));
            }
            (200, json!({ "items": if is_there { vec![constraint] } else { vec![] }, "metadata": {} }))
        }
    };
    let mut last = None;
    let mut results = Vec::new();
    for is_there in [true, false, true] {
        let begin = source.begin(last, None, at("2026-11-23T12:30:00Z"));
        let (facts, _, done, _) = walk(&source, begin, answer(is_there));
        results.extend(facts.into_iter().map(|fact| match fact {
            AnyFact::PolicyResult(one) => (one.at, one.result),
            other => panic!("{other:?}"),
        }));
        last = Some(done);
    }
    let read_at = at("2026-11-23T12:30:00Z");
    assert_eq!(
        results,
        [
            (at("2026-11-23T12:20:00Z"), PolicyOutcome::Fail),
            (read_at, PolicyOutcome::Exempt),
            (read_at, PolicyOutcome::Fail)
        ]
    );
}
