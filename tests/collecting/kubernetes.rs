//! The Kubernetes API, by recorded objects of Gatekeeper, Kyverno and quotas.

use collectors::kubernetes::{Kubernetes, Options};
use collectors::mapping::{Line, Mapping};
use collectors::pull::{Answer, Ask, Note, Setting, Source};
use facts::{AnyFact, Layer, PolicyOutcome, PolicyResult, Quota};
use serde_json::{Value, json};

use super::{recorded, walk};
use crate::support::at;

fn source(options: Options) -> Kubernetes {
    Kubernetes::new(Setting::default(), options)
}

fn only(gatekeeper: bool, kyverno: bool, quotas: bool) -> Options {
    Options { gatekeeper, kyverno, quotas, ..Options::default() }
}

fn list(items: Value) -> (u16, Value) {
    (200, json!({ "items": items, "metadata": {} }))
}

fn results(facts: &[AnyFact]) -> Vec<PolicyResult> {
    facts
        .iter()
        .map(|fact| match fact {
            AnyFact::PolicyResult(result) => result.clone(),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn gatekeeper(ask: &Ask) -> (u16, Value) {
    if ask.path.ends_with("v1beta1") {
        let kinds = json!([{ "name": "k8srequiredlabels" }, { "name": "k8srequiredlabels/status" }]);
        return (200, json!({ "resources": kinds }));
    }
    assert_eq!(ask.path, "apis/constraints.gatekeeper.sh/v1beta1/k8srequiredlabels?limit=500");
    list(recorded("kubernetes/gatekeeper.json"))
}

#[test]
fn recorded_constraints_give_violations_by_service_and_tell_that_some_are_not_listed() {
    let source = source(only(true, false, false));
    let begin = source.begin(None, None, at("2026-11-23T12:00:00Z"));
    let (facts, notes, done, _) = walk(&source, begin, gatekeeper);
    let results = results(&facts);
    let own = results.iter().find(|one| one.policy == "repo-must-be-internal").unwrap();
    assert_eq!(own.service, "gk-fixture-capture");
    assert_eq!(own.at, at("2026-08-07T06:14:23Z"));
    assert_eq!((own.result, own.layer), (PolicyOutcome::Fail, Some(Layer::Admission)));
    let dry = results.iter().find(|one| one.policy == "dryrun-check" && one.service == "test-violation-5").unwrap();
    assert_eq!(dry.layer, Some(Layer::Scan), "a dry run stops nothing at admission");
    // Both count 22 and list 20.
    let cut = notes
        .iter()
        .filter(|note| matches!(note, Note::LeftOut(reason) if reason.contains("22 violations and lists 20")));
    assert_eq!(cut.count(), 2);
    // A second run over the same says nothing new.
    let again = source.begin(Some(done), None, at("2026-11-23T13:00:00Z"));
    let (facts, _, done, _) = walk(&source, again, gatekeeper);
    assert!(facts.is_empty());
    // What is listed no more passes, but only of the constraint that lists all it counts.
    let again = source.begin(Some(done), None, at("2026-11-23T14:00:00Z"));
    let (facts, _, _, _) = walk(&source, again, |ask| {
        let (status, mut body) = gatekeeper(ask);
        for constraint in body["items"].as_array_mut().into_iter().flatten() {
            constraint["status"]["violations"] = json!([]);
            if constraint["metadata"]["name"] == "repo-must-be-internal" {
                constraint["status"]["totalViolations"] = json!(0);
            }
        }
        (status, body)
    });
    let passed: Vec<(String, PolicyOutcome)> =
        results_of(&facts).into_iter().map(|one| (one.policy, one.result)).collect();
    assert_eq!(passed, [("repo-must-be-internal".to_owned(), PolicyOutcome::Pass)]);
}

#[test]
fn a_constraint_that_is_deleted_or_cannot_be_read_leaves_what_was_told_of_it() {
    let source = source(only(true, false, false));
    let begin = source.begin(None, None, at("2026-11-23T12:00:00Z"));
    let (facts, _, done, _) = walk(&source, begin, gatekeeper);
    assert!(!facts.is_empty());
    let again = || source.begin(Some(done.clone()), None, at("2026-11-23T13:00:00Z"));
    let (facts, _, _, _) =
        walk(&source, again(), |ask| if ask.path.ends_with("v1beta1") { gatekeeper(ask) } else { list(json!([])) });
    assert!(facts.is_empty(), "deleted: {facts:?}");
    let (facts, _, _, _) = walk(&source, again(), |_| (404, json!({ "message": "not found" })));
    assert!(facts.is_empty(), "not installed any more: {facts:?}");
}

#[test]
fn namespaces_of_one_team_are_summed_and_in_one_namespace_the_tightest_quota_holds() {
    let line = Line { pattern: "shop-*".into(), path: None, name: "shop".into() };
    let teams = Mapping::new(&[line]).unwrap();
    let source = Kubernetes::new(Setting { teams, ..Setting::default() }, only(false, false, true));
    let quota = |namespace: &str, name: &str, limit: &str, used: &str| {
        json!({
            "metadata": { "namespace": namespace, "name": name }, "spec": {},
            "status": { "hard": { "pods": limit }, "used": { "pods": used } },
        })
    };
    let begin = source.begin(None, None, at("2026-11-23T12:00:00Z"));
    let (facts, _, _, _) = walk(&source, begin, |ask| match ask.path.contains("continue=") {
        false => {
            let items = json!([quota("shop-web", "a", "10", "4"), quota("shop-web", "b", "8", "4")]);
            (200, json!({ "items": items, "metadata": { "continue": "t" } }))
        }
        true => list(json!([quota("shop-jobs", "a", "20", "7")])),
    });
    let told: Vec<(String, f64, f64)> = facts
        .iter()
        .map(|fact| match fact {
            AnyFact::Quota(quota) => (quota.team.clone(), quota.quota_limit, quota.used),
            other => panic!("{other:?}"),
        })
        .collect();
    // 8 of shop-web's two, and 20 of shop-jobs.
    assert_eq!(told, [("shop".to_owned(), 28.0, 11.0)]);
}

fn results_of(facts: &[AnyFact]) -> Vec<PolicyResult> {
    results(facts)
}

#[test]
fn recorded_policy_reports_give_the_worst_result_for_each_service() {
    let source = source(only(false, true, false));
    let begin = source.begin(None, None, at("2026-11-23T12:00:00Z"));
    let all = recorded("kubernetes/kyverno.json");
    let of_kind = |kind: &str| -> Vec<Value> {
        all.as_array().unwrap().iter().filter(|one| one["kind"] == kind).cloned().collect()
    };
    let (facts, notes, _, asked) = walk(&source, begin, |ask| match ask.path.as_str() {
        path if path.contains("clusterpolicyreports") => list(json!(of_kind("ClusterPolicyReport"))),
        // In pages of one, with a token that grows too old once.
        path if path.contains("continue=old") => (410, json!({ "reason": "Expired" })),
        path if path.contains("continue=") => list(json!(of_kind("PolicyReport")[1..])),
        _ => (200, json!({ "items": [of_kind("PolicyReport")[0]], "metadata": { "continue": "next" } })),
    });
    assert_eq!(asked.len(), 3);
    let told: Vec<(String, String, PolicyOutcome, Option<String>)> =
        results(&facts).into_iter().map(|one| (one.policy, one.service, one.result, one.severity)).collect();
    let own = "e2e-kyverno-report".to_owned();
    let fail = |policy: &str, severity: Option<&str>| {
        (policy.to_owned(), own.clone(), PolicyOutcome::Fail, severity.map(str::to_owned))
    };
    assert_eq!(
        told,
        [
            ("cpol-e".to_owned(), "default".to_owned(), PolicyOutcome::Fail, None),
            ("e2e-kyverno-check-image-tag".to_owned(), own.clone(), PolicyOutcome::Pass, None),
            fail("e2e-kyverno-recommend-resource-limits", None),
            fail("e2e-kyverno-require-namespace-team-label", Some("medium")),
            fail("e2e-kyverno-require-team-label", Some("high")),
        ]
    );
    assert_eq!(results(&facts)[3].at, at("2026-08-05T19:09:41Z"), "1785956981 seconds");
    assert!(notes.iter().any(|note| matches!(note, Note::LeftOut(reason) if reason.contains("cpol-c"))));
}

#[test]
fn a_page_token_that_grew_too_old_begins_the_list_again() {
    let source = source(only(false, false, true));
    let begin = source.begin(None, None, at("2026-11-23T12:00:00Z"));
    let n_asked = std::cell::Cell::new(0);
    let quota = || recorded("kubernetes/kubernetes.json")[1].clone();
    let (facts, _, _, asked) = walk(&source, begin, |ask| {
        n_asked.set(n_asked.get() + 1);
        match (ask.path.contains("continue="), n_asked.get()) {
            (true, 2) => (410, json!({ "reason": "Expired" })),
            (true, _) => list(json!([])),
            (false, _) => (200, json!({ "items": [quota()], "metadata": { "continue": "t" } })),
        }
    });
    assert_eq!(asked.len(), 4);
    assert_eq!(facts.len(), 8, "each resource once, though the first page came twice");
}

#[test]
fn quantities_are_read_exactly_and_a_scoped_quota_stands_beside_the_one_for_all() {
    let source = source(only(false, false, true));
    let begin = source.begin(None, None, at("2026-11-23T12:00:00Z"));
    let (facts, _, _, _) = walk(&source, begin, |_| list(recorded("kubernetes/kubernetes.json")));
    let quota = |resource: &str| -> Quota {
        facts
            .iter()
            .find_map(|fact| match fact {
                AnyFact::Quota(quota) if quota.resource == resource => Some(quota.clone()),
                _ => None,
            })
            .unwrap()
    };
    let cpu = quota("requests.cpu");
    assert_eq!((cpu.quota_limit, cpu.used), (2.0, 0.5));
    let memory = quota("limits.memory");
    assert_eq!((memory.quota_limit, memory.used), (4_294_967_296.0, 536_870_912.0));
    assert_eq!((memory.team.as_str(), memory.environment.as_str()), ("rq-test", "production"));
    assert_eq!(memory.at, at("2026-11-23T12:30:00Z"));
    assert_eq!(quota("pods (besteffort-quota)").quota_limit, 5.0);
    assert_eq!(quota("pods").quota_limit, 10.0);
}

#[test]
fn what_is_not_installed_is_told_and_the_rest_is_read() {
    let source = source(Options::default());
    let begin = source.begin(None, None, at("2026-11-23T12:00:00Z"));
    let (facts, notes, _, _) = walk(&source, begin, |ask| match ask.path.contains("quotas") {
        true => list(recorded("kubernetes/kubernetes.json")),
        false => (404, json!({ "message": "the server could not find the requested resource" })),
    });
    assert_eq!(facts.len(), 10);
    assert_eq!(notes.len(), 3);
}

#[test]
fn a_missing_right_is_told_in_the_clusters_words() {
    let body = json!({ "message": "resourcequotas is forbidden: User \"system:serviceaccount:a:b\" cannot list" });
    let answer = Answer { status: 403, ..Answer::of(body.to_string(), at("2026-01-01T00:00:00Z")) };
    assert!(source(Options::default()).explain(&answer).unwrap().contains("cannot list"));
}
