//! The Kubernetes API, by recorded objects of Gatekeeper, Kyverno and quotas.

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, Uri};
use collectors::kubernetes::{Kubernetes, Options};
use collectors::mapping::{Line, Mapping};
use collectors::pull::{Answer, Ask, Authorization, Note, Setting, Sink, Source, Stopped, Transport, collect};
use facts::{AnyFact, Layer, PolicyOutcome, PolicyResult, Quota};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::github::{Kept, now, quick};
use super::{recorded, walk};
use crate::command_line::cairn;
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
        .filter(|note| matches!(note, Note::LeftOut(reason) if reason.contains("22 violations and names 20")));
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
fn a_constraint_that_is_deleted_binds_nobody_and_one_that_cannot_be_read_leaves_what_was_told_of_it() {
    let source = source(only(true, false, false));
    let begin = source.begin(None, None, at("2026-11-23T12:00:00Z"));
    let (told, _, done, _) = walk(&source, begin, gatekeeper);
    assert!(!told.is_empty());
    let again = || source.begin(Some(done.clone()), None, at("2026-11-23T13:00:00Z"));
    let (facts, _, _, _) =
        walk(&source, again(), |ask| if ask.path.ends_with("v1beta1") { gatekeeper(ask) } else { list(json!([])) });
    let results = results_of(&facts);
    assert_eq!(results.len(), results_of(&told).len());
    assert!(results.iter().all(|one| one.result == PolicyOutcome::Exempt), "deleted: {results:?}");
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
fn a_list_that_always_grows_too_old_is_given_up_and_told() {
    let source = source(only(false, true, true));
    let begin = source.begin(None, None, at("2026-11-23T12:00:00Z"));
    let (facts, notes, _, asked) = walk(&source, begin, |ask| match ask.path.contains("policyreports?") {
        true if ask.path.contains("continue=") => (410, json!({ "reason": "Expired" })),
        true => (200, json!({ "items": [], "metadata": { "continue": "t" } })),
        false => list(json!([recorded("kubernetes/kubernetes.json")[1]])),
    });
    // Four times two pages of the reports, and of those of the cluster once; then the quotas.
    assert!(asked.len() <= 11, "{asked:?}");
    assert!(facts.iter().any(|fact| matches!(fact, AnyFact::Quota(_))));
    let told =
        |note: &Note| matches!(note, Note::Denied(reason) if reason.contains("gave up the list of policy reports"));
    assert!(notes.iter().any(told), "{notes:?}");
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

fn forbidden(what: &str) -> (u16, Value) {
    (403, json!({ "message": format!("{what} is forbidden: User \"system:serviceaccount:a:b\" cannot list") }))
}

/// A constraint that was audited, with the namespaces that violate it.
fn constraint(name: &str, namespaces: &[&str]) -> Value {
    let violation = |namespace: &&str| json!({ "name": "web", "namespace": namespace });
    json!({
        "metadata": { "name": name }, "spec": { "enforcementAction": "deny" },
        "status": {
            "auditTimestamp": "2026-11-23T10:00:00Z", "totalViolations": namespaces.len(),
            "violations": namespaces.iter().map(violation).collect::<Vec<_>>(),
        },
    })
}

fn kinds(names: &[&str]) -> (u16, Value) {
    (200, json!({ "resources": names.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>() }))
}

fn denied(notes: &[Note]) -> Vec<&str> {
    let parts = notes.iter().filter_map(|note| match note {
        Note::Denied(part) => Some(part.as_str()),
        _ => None,
    });
    parts.collect()
}

fn outcomes(facts: &[AnyFact]) -> Vec<(String, String, PolicyOutcome)> {
    results(facts).into_iter().map(|one| (one.policy, one.service, one.result)).collect()
}

#[test]
fn a_refused_list_is_told_with_the_permission_it_needs_and_the_others_are_read() {
    let source = source(Options::default());
    let begin = || source.begin(None, None, at("2026-11-23T12:00:00Z"));
    let answer = |ask: &Ask, refused: &str| match ask.path.split('?').next().unwrap() {
        path if path.ends_with(refused) => forbidden(refused),
        path if path.ends_with("constraints.gatekeeper.sh/v1beta1") => kinds(&["k8sowner", "k8srepos"]),
        path if path.ends_with("/k8sowner") => list(json!([constraint("owner", &["shop"])])),
        path if path.ends_with("/k8srepos") => list(json!([constraint("repos", &["web"])])),
        path if path.ends_with("/resourcequotas") => list(recorded("kubernetes/kubernetes.json")),
        _ => list(json!([])),
    };
    // Two violations, and ten quotas by their resources.
    for (refused, needs, n_facts) in [
        ("/resourcequotas", "list on resourcequotas in all namespaces", 2),
        ("/k8sowner", "list on k8sowner.constraints.gatekeeper.sh", 11),
        ("constraints.gatekeeper.sh/v1beta1", "get on /apis/constraints.gatekeeper.sh/v1beta1", 10),
        ("/policyreports", "list on policyreports.wgpolicyk8s.io", 12),
        ("/clusterpolicyreports", "list on clusterpolicyreports.wgpolicyk8s.io", 12),
    ] {
        let (facts, notes, _, _) = walk(&source, begin(), |ask| answer(ask, refused));
        assert_eq!(facts.len(), n_facts, "{refused}: {facts:?}");
        let parts = denied(&notes);
        assert!(
            matches!(parts[..], [part] if part.contains(needs) && part.contains("is forbidden: User")),
            "{parts:?}"
        );
    }
    // A kind that is named and whose list is not there.
    let (facts, notes, _, _) = walk(&source, begin(), |ask| match ask.path.contains("/k8sowner") {
        true => (404, json!({ "message": "the server could not find the requested resource" })),
        false => answer(ask, "nothing"),
    });
    assert_eq!(facts.len(), 11);
    assert!(
        matches!(denied(&notes)[..], [part] if part.contains("kind k8sowner") && part.contains("ConstraintTemplate"))
    );
}

#[test]
fn what_a_refused_list_told_before_stands_until_it_is_read_again() {
    let source = source(only(true, false, true));
    let quota = |used: &str| {
        json!({
            "metadata": { "namespace": "shop", "name": "a" }, "spec": {},
            "status": { "hard": { "pods": "10" }, "used": { "pods": used } },
        })
    };
    // Two kinds have a constraint of the same name; only the one of the second is violated.
    let answer = |ask: &Ask, second: (u16, Value), quotas: (u16, Value)| match ask.path.split('?').next().unwrap() {
        path if path.ends_with("v1beta1") => kinds(&["first", "second"]),
        path if path.ends_with("/first") => list(json!([constraint("owner", &[])])),
        path if path.ends_with("/second") => second,
        _ => quotas,
    };
    let violated = || list(json!([constraint("owner", &["shop"])]));
    let begin = source.begin(None, None, at("2026-11-23T12:00:00Z"));
    let (facts, _, done, _) = walk(&source, begin, |ask| answer(ask, violated(), list(json!([quota("4")]))));
    let told = |outcome| [("owner".to_owned(), "shop".to_owned(), outcome)];
    assert_eq!(outcomes(&facts[..1]), told(PolicyOutcome::Fail));
    assert!(matches!(&facts[1..], [AnyFact::Quota(_)]));
    // Refused, also in the middle of the quotas: nothing passes, and half a sum is none.
    let begin = source.begin(Some(done), None, at("2026-11-23T13:00:00Z"));
    let (facts, notes, done, _) = walk(&source, begin, |ask| {
        let quotas = match ask.path.contains("continue=") {
            true => forbidden("resourcequotas"),
            false => (200, json!({ "items": [quota("5")], "metadata": { "continue": "t" } })),
        };
        answer(ask, forbidden("second"), quotas)
    });
    assert!(facts.is_empty(), "{facts:?}");
    assert_eq!(denied(&notes).len(), 2);
    // Given again, what changed meanwhile is told.
    let begin = source.begin(Some(done), None, at("2026-11-23T14:00:00Z"));
    let passed = list(json!([constraint("owner", &[])]));
    let (facts, _, _, _) = walk(&source, begin, |ask| answer(ask, passed.clone(), list(json!([quota("5")]))));
    assert_eq!(outcomes(&facts[..1]), told(PolicyOutcome::Pass));
    assert!(matches!(&facts[1..], [AnyFact::Quota(quota)] if quota.used == 5.0));
}

#[test]
fn an_answer_without_its_list_is_no_clusters_and_odd_constraints_are_told() {
    let source = source(Options::default());
    let read = |position: &_, body: Value| source.read(position, &Answer::of(body.to_string(), now()));
    let begin = source.begin(None, None, now());
    for (position, key) in source.samples(begin).iter().zip(["resources", "items", "items", "items"]) {
        for body in [json!({}), json!([]), json!({ "data": [] })] {
            let error = read(position, body).unwrap_err().to_string();
            assert!(
                error.contains(&format!("no list `{key}`")) && error.contains("is url the base address"),
                "{error}"
            );
        }
        assert!(read(position, json!({ key: "many" })).unwrap_err().to_string().contains("is no list"));
        // As Go writes an empty list.
        assert!(read(position, json!({ key: null })).is_ok());
        // None of them can be read.
        let error = read(position, json!({ key: [null, null, { "kind": "K8sOwner" }] })).unwrap_err().to_string();
        assert!(error.contains("number 1"), "{error}");
    }
    let source = self::source(only(true, false, false));
    let mut shouting = constraint("owner", &["shop"]);
    shouting["spec"]["enforcementAction"] = json!("shout");
    let items = json!([null, { "metadata": { "name": null } }, shouting]);
    let (facts, notes, _, _) =
        walk(&source, source.begin(None, None, now()), |ask| match ask.path.ends_with("v1beta1") {
            true => kinds(&["k8sowner"]),
            false => list(items.clone()),
        });
    assert_eq!(facts.len(), 1, "the others are read");
    let odd = |place: &str| notes.iter().any(|note| matches!(note, Note::LeftOut(reason) if reason.contains(place)));
    assert!(odd("number 1 at") && odd("number 2 at metadata.name"), "{notes:?}");
    assert!(notes.contains(&Note::UnknownWord { field: "enforcementAction", word: "shout".into() }), "{notes:?}");
}

/// Starts a cluster's API; its base address.
async fn cluster(answer: fn(&str) -> (u16, Value)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().fallback(move |uri: Uri| async move {
        let (status, body) = answer(uri.path());
        (StatusCode::from_u16(status).unwrap(), axum::Json(body))
    });
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    format!("http://{address}")
}

async fn collected(answer: fn(&str) -> (u16, Value), kept: &Arc<Kept>) -> Stopped {
    let transport = Transport::plain(&cluster(answer).await, Authorization::None, None, now).unwrap();
    let (_stop, cancel) = watch::channel(false);
    let sink: Arc<dyn Sink> = Arc::clone(kept) as Arc<dyn Sink>;
    let source = source(only(true, false, true));
    collect(&source, &transport, sink, quick(), None, now, cancel).await.stopped.unwrap()
}

/// A cluster with ten kinds of constraints, each violated; what is asked for last may be refused, and quotas are missing.
fn ten_kinds(path: &str) -> (u16, Value) {
    match path.rsplit('/').next().unwrap() {
        "v1beta1" => kinds(&["k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9"]),
        "k0" => forbidden("k0.constraints.gatekeeper.sh"),
        "resourcequotas" => list(json!([])),
        kind => list(json!([constraint(kind, &["shop"])])),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_with_a_refused_list_keeps_the_facts_of_the_others_and_is_no_good_one() {
    let kept = Arc::new(Kept::default());
    let stopped = collected(ten_kinds, &kept).await;
    assert!(matches!(&stopped, Stopped::Denied(part) if part.contains("list on k0.constraints")), "{stopped}");
    assert_eq!(kept.facts.lock().unwrap().len(), 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_are_kept_also_where_the_quotas_after_them_cannot_be_had() {
    let kept = Arc::new(Kept::default());
    let stopped = collected(
        |path| match path.ends_with("resourcequotas") {
            true => (500, json!({ "message": "etcd is away" })),
            false => ten_kinds(path),
        },
        &kept,
    )
    .await;
    assert!(matches!(stopped, Stopped::Refused { status: 500, .. }), "{stopped}");
    assert_eq!(kept.facts.lock().unwrap().len(), 9);
    // A token that is refused ends the run.
    let stopped = collected(|_| (401, json!({ "message": "Unauthorized" })), &kept).await;
    assert!(matches!(stopped, Stopped::Refused { status: 401, .. }), "{stopped}");
}

/// What `cairn check` says of a cluster, and whether all is well.
async fn checked(answer: fn(&str) -> (u16, Value)) -> (bool, String) {
    let base = cluster(answer).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), "good").unwrap();
    let configuration =
        format!("[[source]]\nname = \"k8s\"\nkind = \"kubernetes\"\nurl = \"{base}\"\ntoken_file = \"token\"\n");
    std::fs::write(folder.path().join("cairn.toml"), configuration).unwrap();
    let check = move || cairn(folder.path(), &["check"]).output().unwrap();
    let output = tokio::task::spawn_blocking(check).await.unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_fails_where_one_kind_of_constraint_may_not_be_read() {
    let (is_well, said) = checked(ten_kinds).await;
    assert!(!is_well, "{said}");
    assert!(said.contains("MAY NOT read: Gatekeeper's constraints of the kind k0 were not given"), "{said}");
    assert!(said.contains("list on k0.constraints.gatekeeper.sh"), "{said}");
    // What may be read is shown all the same.
    assert!(said.contains("example: policy_result policy=k1 "), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_says_what_a_sample_was_refused_with_where_the_source_does_not_read_it() {
    let (is_well, said) = checked(|path| match path.rsplit('/').next().unwrap() {
        "k1" => (401, json!({ "message": "Unauthorized" })),
        _ => ten_kinds(path),
    })
    .await;
    assert!(!is_well, "{said}");
    assert!(said.contains("MAY NOT read: apis/constraints.gatekeeper.sh/v1beta1/k1: 401"), "{said}");
    assert!(said.contains("kubectl create token"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_of_an_address_that_is_no_clusters_fails() {
    let (is_well, said) = checked(|_| (200, json!({}))).await;
    assert!(!is_well, "{said}");
    assert!(said.contains("no list `resources`") && said.contains("is url the base address"), "{said}");
}
