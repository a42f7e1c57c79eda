//! Pushes: signatures, repeats, and what recorded events say.

use collectors::github;
use collectors::hooks::{Delivery, Read, SignatureError, Sort, Unreadable, delivery_id, read, verify};
use collectors::pull::{Note, Setting};
use facts::{AnyFact, Kind};
use serde_json::{Value, json};

use super::recorded;
use crate::support::at;

pub fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub fn told(sort: Sort, pairs: &[(&str, &str)], body: &Value) -> Result<Read, Unreadable> {
    let setting = Setting { name: "hook".into(), ..Setting::default() };
    let (headers, body) = (headers(pairs), body.to_string());
    read(sort, &setting, &Delivery { headers: &headers, body: body.as_bytes(), at: at("2026-01-01T00:00:00Z") })
}

/// The setting of a source that reads of GitHub what is chosen.
pub fn of_github(chosen: github::Options) -> Setting {
    Setting { name: "hook".into(), github: chosen, ..Setting::default() }
}

pub fn told_to(setting: &Setting, sort: Sort, pairs: &[(&str, &str)], body: &Value) -> Result<Read, Unreadable> {
    let (headers, body) = (headers(pairs), body.to_string());
    read(sort, setting, &Delivery { headers: &headers, body: body.as_bytes(), at: at("2026-01-01T00:00:00Z") })
}

pub fn one(read: Result<Read, Unreadable>) -> AnyFact {
    let facts = read.unwrap().facts;
    assert_eq!(facts.len(), 1, "{facts:?}");
    facts.into_iter().next().unwrap().fact
}

#[test]
fn pagerdutys_published_signature_holds_and_any_change_breaks_it() {
    let vector = recorded("pagerduty/webhook_v3_signed_vector.json");
    let text = |key: &str| vector[key].as_str().unwrap().to_owned();
    let check = |body: &str, signature: &str, secret: &str| {
        let headers = headers(&[("x-pagerduty-signature", signature)]);
        let delivery = Delivery { headers: &headers, body: body.as_bytes(), at: at("2026-01-01T00:00:00Z") };
        verify(Sort::Pagerduty, secret.as_bytes(), &delivery)
    };
    let (body, signature, secret) = (text("raw_body"), text("signature"), text("secret"));
    assert_eq!(check(&body, &signature, &secret), Ok(()));
    // Two secrets at once, while one replaces the other.
    assert_eq!(check(&body, &format!("v1=00,{signature}"), &secret), Ok(()));
    assert!(check(&(body.clone() + " "), &signature, &secret).is_err());
    assert!(check(&body, &signature, "another").is_err());
    assert!(check(&body, &signature[..signature.len() - 2], &secret).is_err());
    assert!(check(&body, &signature.replace("v1=", "v0="), &secret).is_err());
    assert!(check(&body, "v1=zz", &secret).is_err());
    assert!(check(&body, "v1=ä", &secret).is_err());
}

#[test]
fn githubs_documented_signature_holds() {
    // GitHub's documentation gives this secret, payload and signature for trying an implementation.
    let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let headers = headers(&[("x-hub-signature-256", signature)]);
    let delivery = Delivery { headers: &headers, body: b"Hello, World!", at: at("2026-01-01T00:00:00Z") };
    assert_eq!(verify(Sort::Github, b"It's a Secret to Everybody", &delivery), Ok(()));
    assert!(verify(Sort::Github, b"It's a secret to everybody", &delivery).is_err());
}

#[test]
fn a_missing_signature_is_told_with_its_header_and_the_old_kind_is_none() {
    let headers = headers(&[("x-hub-signature", "sha1=00")]);
    let delivery = Delivery { headers: &headers, body: b"{}", at: at("2026-01-01T00:00:00Z") };
    let error = verify(Sort::Github, b"secret", &delivery).unwrap_err();
    assert_eq!(error, SignatureError::Missing { header: "x-hub-signature-256", system: "GitHub" });
}

#[test]
fn a_bearer_token_is_compared_whole() {
    let fits = |secret: &str, given: &str| {
        let headers = headers(&[("authorization", given)]);
        let delivery = Delivery { headers: &headers, body: b"{}", at: at("2026-01-01T00:00:00Z") };
        verify(Sort::Alertmanager, secret.as_bytes(), &delivery).is_ok()
    };
    let check = |given: &str| fits("am-test-token", given);
    assert!(fits("ab,cd", "Bearer ab,cd") && !fits("ab", "Bearer ab,cd"));
    assert!(check("Bearer am-test-token"));
    assert!(
        !check("Bearer am-test-toke") && !check("Bearer ") && !check("am-test-token") && !check("Basic am-test-token")
    );
}

#[test]
fn a_repeat_has_the_identifier_of_the_first() {
    let id = |sort, pairs: &[(&str, &str)], body: &str| {
        let headers = headers(pairs);
        delivery_id(sort, &Delivery { headers: &headers, body: body.as_bytes(), at: at("2026-01-01T00:00:00Z") })
    };
    // GitHub's own identifier is not signed: the body tells.
    let by_github = |delivery: &str, body: &str| id(Sort::Github, &[("x-github-delivery", delivery)], body);
    assert_eq!(by_github("guid", "{}"), by_github("other", "{}"));
    assert_ne!(by_github("guid", "{}"), by_github("guid", "{ }"));
    assert_eq!(id(Sort::Pagerduty, &[], "{\"event\":{\"id\":\"E1\"}}"), "E1");
    assert_eq!(id(Sort::Cdevents, &[("ce-source", "/ci"), ("ce-id", "7")], "{}"), "/ci 7");
    assert_eq!(id(Sort::Alertmanager, &[], "{}"), id(Sort::Alertmanager, &[], "{}"));
    assert_ne!(id(Sort::Alertmanager, &[], "{}"), id(Sort::Alertmanager, &[], "{ }"));
}

#[test]
fn githubs_events_carry_the_identifiers_that_its_api_gives() {
    let event = |name: &str| recorded(&format!("github/webhooks/{name}.json"));
    let AnyFact::Deployment(deployment) =
        one(told(Sort::Github, &[("x-github-event", "deployment_status")], &event("deployment_status")))
    else {
        panic!()
    };
    assert_eq!(deployment.id, "145988746");
    assert_eq!((deployment.service.as_str(), deployment.environment.as_str()), ("Hello-World", "production"));
    assert_eq!(deployment.started_at, Some(at("2019-05-15T15:20:53Z")));
    assert_eq!(deployment.finished_at, at("2019-05-15T15:20:55Z"));
    assert_eq!(deployment.revision.as_deref(), Some("f95f852bd8fca8fcc58a9a2d6c842781e32a215e"));
    assert_eq!(deployment.repository.as_deref(), Some("Codertocat/Hello-World"));
    let AnyFact::Commit(commit) = one(told(Sort::Github, &[("x-github-event", "push")], &event("push"))) else {
        panic!()
    };
    assert_eq!(commit.revision, "6113728f27ae82c7b1a177c8d03f9e96e0adf246");
    assert_eq!(commit.committed_at, at("2019-05-15T15:19:25Z"));
    // The recorded pull request was closed without being merged; merged, it is a change.
    let mut pull = event("pull_request");
    assert!(told(Sort::Github, &[("x-github-event", "pull_request")], &pull).unwrap().facts.is_empty());
    pull["pull_request"]["merged"] = json!(true);
    pull["pull_request"]["merged_at"] = json!("2019-05-15T15:25:00Z");
    let AnyFact::Change(change) = one(told(Sort::Github, &[("x-github-event", "pull_request")], &pull)) else {
        panic!()
    };
    assert_eq!(change.id, "Codertocat/Hello-World#2");
    assert_eq!(change.opened_at, Some(at("2019-05-15T15:20:33Z")));
    assert_eq!(change.merge_revision.as_deref(), Some("c4295bd74fb0f4fda03689c3df3f2803b658fd85"));
    let ping = told(Sort::Github, &[("x-github-event", "ping")], &event("ping")).unwrap();
    assert!(ping.facts.is_empty() && matches!(&ping.notes[..], [Note::OfNoUse(_)]));
    assert!(told(Sort::Github, &[], &event("ping")).unwrap_err().0.contains("X-GitHub-Event"));
}

#[test]
fn a_deployment_status_under_way_or_unknown_ends_nothing() {
    let mut event = recorded("github/webhooks/deployment_status.json");
    for (state, is_known) in [("in_progress", true), ("inactive", true), ("success!", false)] {
        event["deployment_status"]["state"] = json!(state);
        let told = told(Sort::Github, &[("x-github-event", "deployment_status")], &event);
        assert_eq!(told.is_ok(), is_known, "{state}");
        assert!(told.is_err() || told.unwrap().facts.is_empty());
    }
}

#[test]
fn an_alert_that_fires_has_no_end_and_one_that_is_resolved_has() {
    let path = format!("{}/tests/fixtures/alertmanager/webhooks.ndjson", env!("CARGO_MANIFEST_DIR"));
    let recorded = std::fs::read_to_string(path).unwrap();
    let bodies: Vec<Value> =
        recorded.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["body"].clone()).collect();
    let of_status = |status: &str| bodies.iter().find(|body| body["status"] == status).unwrap();
    let AnyFact::Incident(firing) = one(told(Sort::Alertmanager, &[], of_status("firing"))) else { panic!() };
    assert_eq!(firing.opened_at, at("2026-11-23T04:51:01.898Z"));
    assert_eq!(firing.resolved_at, None, "its end is told as the year 1");
    assert_eq!((firing.service.as_deref(), firing.severity.as_deref()), (Some("portal"), Some("critical")));
    assert_eq!(firing.title.as_deref(), Some("portal is down"));
    let AnyFact::Incident(resolved) = one(told(Sort::Alertmanager, &[], of_status("resolved"))) else { panic!() };
    let end = of_status("resolved")["alerts"][0]["endsAt"].as_str().unwrap();
    assert_eq!(resolved.resolved_at, Some(at(end)));
}

#[test]
fn pagerdutys_events_tell_an_incident_bit_by_bit() {
    let event = |sort: &str, time: &str| {
        json!({ "event": { "id": "x", "event_type": sort, "occurred_at": time, "data": {
            "id": "P1", "type": "incident", "service": { "id": "S", "summary": "API Service" },
            "created_at": "2026-01-01T10:00:00Z", "urgency": "high", "priority": null,
        } } })
    };
    let incident = |sort: &str, time: &str| match one(told(Sort::Pagerduty, &[], &event(sort, time))) {
        AnyFact::Incident(incident) => incident,
        other => panic!("{other:?}"),
    };
    let acknowledged = incident("incident.acknowledged", "2026-01-01T10:05:00Z");
    assert_eq!((acknowledged.acknowledged_at, acknowledged.resolved_at), (Some(at("2026-01-01T10:05:00Z")), None));
    let resolved = incident("incident.resolved", "2026-01-01T11:00:00Z");
    assert_eq!((resolved.acknowledged_at, resolved.resolved_at), (None, Some(at("2026-01-01T11:00:00Z"))));
    assert_eq!(resolved.opened_at, at("2026-01-01T10:00:00Z"));
    assert_eq!(resolved.service.as_deref(), Some("API Service"));
}

#[test]
fn an_end_that_does_not_say_when_it_began_is_told_apart() {
    let has_begin = |sort, body: &Value| told(sort, &[], body).unwrap().facts[0].has_begin;
    let pagerduty = |event_type: &str, created: Value| {
        json!({ "event": { "id": "x", "event_type": event_type, "occurred_at": "2026-01-01T10:00:00Z",
            "data": { "id": "P1", "type": "incident", "service": { "summary": "shop" }, "created_at": created } } })
    };
    assert!(has_begin(Sort::Pagerduty, &pagerduty("incident.triggered", Value::Null)));
    assert!(has_begin(Sort::Pagerduty, &pagerduty("incident.resolved", json!("2026-01-01T09:00:00Z"))));
    assert!(!has_begin(Sort::Pagerduty, &pagerduty("incident.resolved", Value::Null)));
    assert!(!has_begin(Sort::Cdevents, &recorded("cdevents/v0.5.1_incident_resolved.json")));
    assert!(!has_begin(Sort::Cdevents, &recorded("cdevents/v0.6.0_ticket_closed.json")));
    let reopened = told(Sort::Pagerduty, &[], &pagerduty("incident.reopened", json!("2026-01-01T09:00:00Z"))).unwrap();
    assert_eq!(reopened.facts[0].reopened_at, Some(at("2026-01-01T10:00:00Z")));
}

#[test]
fn an_argocd_notification_by_our_template_is_a_deployment() {
    let body = json!({
        "application": "shop", "namespace": "argocd", "uid": "94978696-4fd4", "project": "web", "environment": "production",
        "phase": "Succeeded", "started_at": "2026-01-01T10:00:00Z", "finished_at": "2026-01-01T10:01:00Z",
        "revision": "abc", "history_id": 7, "repository": null, "url": "https://argocd.acme.test/applications/shop",
    });
    let AnyFact::Deployment(deployment) = one(told(Sort::Argocd, &[], &body)) else { panic!() };
    // As the API's history names it.
    assert_eq!(deployment.id, "argocd/shop/94978696/7");
    assert_eq!(deployment.repository, None);
    assert!(told(Sort::Argocd, &[], &json!({ "application": "shop" })).unwrap_err().0.contains("phase"));
}

#[test]
fn a_violation_that_gatekeeper_found_or_denied_is_a_result_or_a_block() {
    let body = |event: &str| {
        json!({
            "eventType": event, "constraintName": "owner-label", "resourceNamespace": "shop", "resourceName": "web",
            "auditId": "2026-01-01T08:00:00Z",
        })
    };
    let AnyFact::PolicyResult(result) = one(told(Sort::Gatekeeper, &[], &body("violation_audited"))) else { panic!() };
    assert_eq!((result.policy.as_str(), result.service.as_str()), ("owner-label", "shop"));
    assert_eq!(result.at, at("2026-01-01T08:00:00Z"));
    assert!(matches!(one(told(Sort::Gatekeeper, &[], &body("violation_denied"))), AnyFact::PolicyBlock(_)));
}

#[test]
fn gatekeepers_own_messages_are_read() {
    // As its documentation on exporting violations shows it, from the log of a reader.
    let shown = json!({
        "id": "2025-03-05T00:37:13Z", "details": { "missing_labels": ["test"] }, "eventType": "violation_audited",
        "group": "constraints.gatekeeper.sh", "version": "v1beta1", "kind": "K8sRequiredLabels",
        "name": "pod-must-have-test", "message": "you must provide labels: {\"test\"}", "enforcementAction": "deny",
        "resourceAPIVersion": "v1", "resourceKind": "Pod", "resourceNamespace": "nginx",
        "resourceName": "nginx-deployment-2-79479fc6db-7qbnm", "resourceLabels": { "app": "nginx-2" },
    });
    let AnyFact::PolicyResult(result) = one(told(Sort::Gatekeeper, &[], &shown)) else { panic!() };
    assert_eq!((result.policy.as_str(), result.service.as_str()), ("pod-must-have-test", "nginx"));
    assert_eq!(result.at, at("2025-03-05T00:37:13Z"));
    // The same as a broker that speaks CloudEvents hands it on.
    let wrapped = json!({ "specversion": "1.0", "id": "1", "data": shown });
    assert_eq!(one(told(Sort::Gatekeeper, &[], &wrapped)), AnyFact::PolicyResult(result));
    let admission = |action: &str| {
        let mut message = shown.clone();
        message["eventType"] = json!("violation_admission");
        message["enforcementAction"] = json!(action);
        told(Sort::Gatekeeper, &[], &message).unwrap().facts
    };
    assert!(matches!(&admission("deny")[..], [told] if matches!(told.fact, AnyFact::PolicyBlock(_))));
    assert!(admission("warn").is_empty());
    let begin = json!({ "id": "2025-03-05T00:37:13Z", "message": "audit is started" });
    assert!(told(Sort::Gatekeeper, &[], &begin).unwrap().facts.is_empty());
}

#[test]
fn hostile_bodies_are_refused_and_break_nothing() {
    let long = "a".repeat(5 << 20);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let sorts = [Sort::Github, Sort::Pagerduty, Sort::Alertmanager, Sort::Argocd, Sort::Cdevents, Sort::Gatekeeper];
    let headers = headers(&[("x-github-event", "deployment_status")]);
    for sort in sorts {
        for body in ["", "null", "[]", "{", "\u{0}", "{\"alerts\":null}", "{\"event\":[]}", &long, &deep, "<html>"] {
            let delivery = Delivery { headers: &headers, body: body.as_bytes(), at: at("2026-01-01T00:00:00Z") };
            let told = read(sort, &Setting::default(), &delivery);
            assert!(told.is_err(), "{sort:?} took {}", &body[..body.len().min(20)]);
            assert!(!delivery_id(sort, &delivery).is_empty());
        }
        let delivery = Delivery { headers: &headers, body: &[0xff, 0xfe, b'{'], at: at("2026-01-01T00:00:00Z") };
        assert!(read(sort, &Setting::default(), &delivery).is_err());
    }
}

#[test]
fn two_producers_may_count_alike_and_one_odd_commit_spoils_no_push() {
    let deployed = |source: &str| {
        let mut event = recorded("cdevents/v0.4.1_service_deployed.json");
        event["context"]["id"] = json!("7");
        event["context"]["source"] = json!(source);
        let AnyFact::Deployment(deployment) = one(told(Sort::Cdevents, &[], &event)) else { panic!() };
        deployment.id
    };
    assert_eq!(deployed("/one"), "/one#7");
    assert_ne!(deployed("/one"), deployed("/other"));

    let commit = |id: &str, at: &str| json!({ "id": id, "timestamp": at, "message": "fix" });
    let commits =
        json!([commit("a", "2026-01-01T00:00:00Z"), commit("b", "soon"), commit("c", "2026-01-02T00:00:00Z")]);
    let push = |commits: &Value| {
        let repository = json!({ "full_name": "acme/shop", "default_branch": "main" });
        let body = json!({ "ref": "refs/heads/main", "repository": repository, "commits": commits });
        told(Sort::Github, &[("x-github-event", "push")], &body)
    };
    let read = push(&commits).unwrap();
    assert_eq!((read.facts.len(), read.odd.len()), (2, 1));
    assert!(read.odd[0].starts_with("commit 2: commits.timestamp"), "{:?}", read.odd);
    assert!(push(&json!("x")).is_err());
}

#[test]
fn an_end_that_cannot_be_is_told_and_does_not_leave_the_incident_open() {
    for ends_at in [json!("2026-01-01T09:00:00Z"), json!("garbage"), Value::Null] {
        let alert = json!({
            "status": "resolved", "fingerprint": "a", "labels": { "service": "", "component": "shop" },
            "startsAt": "2026-01-01T10:00:00Z", "endsAt": ends_at,
        });
        let read = told(Sort::Alertmanager, &[], &json!({ "alerts": [alert] })).unwrap();
        assert!(read.facts.is_empty() && read.odd[0].contains("it is resolved"), "{read:?}");
    }
}

#[test]
fn an_issue_that_was_deleted_moved_or_lost_its_label_is_taken_back() {
    let setting = of_github(github::Options { incident_labels: vec!["bug".into()], ..Default::default() });
    let told = |file: &str| {
        let (headers, body) = (headers(&[("x-github-event", "issues")]), recorded(file).to_string());
        let delivery = Delivery { headers: &headers, body: body.as_bytes(), at: at("2026-01-01T00:00:00Z") };
        read(Sort::Github, &setting, &delivery).unwrap()
    };
    assert_eq!(told("github/webhooks/issues_labeled.json").facts.len(), 1);
    let incident = |id: &str| (Kind::Incident, id.to_owned());
    let ticket = |id: &str| (Kind::Ticket, id.to_owned());
    for (file, withdrawn) in [
        // The recorded event still shows the issue with the label that was taken off.
        ("unlabeled", vec![incident("Codertocat/Hello-World#1")]),
        ("deleted", vec![incident("Codertocat/Hello-World#1"), ticket("Codertocat/Hello-World#1")]),
        ("transferred", vec![incident("octo-org/octo-repo#1"), ticket("octo-org/octo-repo#1")]),
    ] {
        let read = told(&format!("github/webhooks/issues_{file}.json"));
        assert_eq!((read.facts.len(), read.withdrawn), (0, withdrawn), "{file}");
    }
}

#[test]
fn an_event_of_issues_that_is_of_a_pull_request_tells_nothing() {
    let setting = of_github(github::Options { incident_labels: vec!["bug".into()], ..Default::default() });
    for file in ["labeled", "unlabeled", "deleted"] {
        let mut body = recorded(&format!("github/webhooks/issues_{file}.json"));
        body["issue"]["pull_request"] = json!({ "url": "https://api.github.com/repos/Codertocat/Hello-World/pulls/1" });
        let (headers, body) = (headers(&[("x-github-event", "issues")]), body.to_string());
        let delivery = Delivery { headers: &headers, body: body.as_bytes(), at: at("2026-01-01T00:00:00Z") };
        let read = read(Sort::Github, &setting, &delivery).unwrap();
        assert!(read.facts.is_empty() && read.withdrawn.is_empty(), "{file}: {read:?}");
        assert!(matches!(&read.notes[..], [Note::OfNoUse(what)] if what.contains("pull request")), "{file}: {read:?}");
    }
}

#[test]
fn an_alert_whose_status_is_not_known_is_told_and_is_no_incident() {
    let alert = |status: Value| {
        json!({
            "status": status, "fingerprint": "a", "labels": { "service": "shop" }, "startsAt": "2026-01-01T10:00:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
        })
    };
    let body = json!({ "alerts": [alert(json!("suppressed")), alert(json!("firing")), alert(Value::Null)] });
    let read = told(Sort::Alertmanager, &[], &body).unwrap();
    assert_eq!(read.facts.len(), 1, "the one that fires: {read:?}");
    assert_eq!(read.notes, [Note::UnknownWord { field: "alert status", word: "suppressed".into() }]);
    // They wait with their reason, to be replayed when it is known what they mean.
    assert_eq!(read.odd.len(), 2);
    assert!(read.odd[0].contains("alert 1: alerts.status is `suppressed`"), "{:?}", read.odd);
    assert!(read.odd[1].contains("alert 3: alerts.status is missing"), "{:?}", read.odd);
}

#[test]
fn an_enforcement_action_that_is_not_known_is_told() {
    let message = |event: &str, action: &str| {
        let body = json!({
            "eventType": event, "constraintName": "owner-label", "resourceNamespace": "shop", "resourceName": "web",
            "auditId": "2026-01-01T08:00:00Z", "enforcementAction": action,
        });
        told(Sort::Gatekeeper, &[], &body).unwrap()
    };
    let unknown = Note::UnknownWord { field: "enforcementAction", word: "shout".into() };
    for (event, n_facts) in [("violation_audited", 1), ("violation_admission", 0), ("violation_denied", 1)] {
        let read = message(event, "shout");
        assert!(read.facts.len() == n_facts && read.notes.contains(&unknown), "{event}: {read:?}");
        for known in ["deny", "warn", "dryrun", "scoped"] {
            assert!(
                !message(event, known).notes.iter().any(|note| matches!(note, Note::UnknownWord { .. })),
                "{known}"
            );
        }
    }
}

#[test]
fn an_issue_that_does_not_say_which_labels_it_has_is_odd_and_takes_nothing_back() {
    let body = json!({ "action": "edited", "repository": { "full_name": "acme/shop" }, "issue": { "number": 1, "labels": null } });
    let error = told(Sort::Github, &[("x-github-event", "issues")], &body).unwrap_err();
    assert!(error.to_string().contains("issue.labels is missing"), "{error}");
}

#[test]
fn what_is_too_long_to_be_an_identifier_is_not_echoed() {
    let long = "x".repeat(2_000_000);
    let event =
        json!({ "event": { "id": long, "event_type": "incident.triggered", "occurred_at": "soon", "data": {} } });
    let body = event.to_string();
    let delivery = Delivery { headers: &[], body: body.as_bytes(), at: at("2026-01-01T00:00:00Z") };
    assert_eq!(delivery_id(Sort::Pagerduty, &delivery).len(), 32, "its body's hash stands in");
    for (sort, pairs, body) in [
        (Sort::Alertmanager, &[][..], json!({ "alerts": [{ "fingerprint": "a", "labels": {}, "startsAt": long }] })),
        (
            Sort::Github,
            &[("x-github-event", "deployment_status")],
            json!({ "deployment_status": { "state": long }, "deployment": {}, "repository": {} }),
        ),
    ] {
        let said = match told(sort, pairs, &body) {
            Ok(read) => read.odd.join("; "),
            Err(error) => error.to_string(),
        };
        assert!(said.contains("xxx...") && said.len() < 400, "{} bytes: {:.400}", said.len(), said);
    }
}

#[test]
fn a_webhook_that_sends_a_form_is_read_and_one_of_another_repository_is_left_out() {
    let pushed = |setting: &Setting, kind: &str, body: &str| {
        let headers = headers(&[("x-github-event", "deployment_status"), ("content-type", kind)]);
        let delivery = Delivery { headers: &headers, body: body.as_bytes(), at: at("2026-01-01T00:00:00Z") };
        read(Sort::Github, setting, &delivery)
    };
    let body = json!({
        "deployment_status": { "state": "success", "created_at": "2026-01-05T10:01:00Z" },
        "deployment": { "id": 7, "environment": "production & more" },
        "repository": { "full_name": "acme/shop" },
    })
    .to_string();
    let setting = of_github(github::Options { repositories: vec!["Acme/*".into()], ..Default::default() });
    let form = form_urlencoded::Serializer::new(String::new()).append_pair("payload", &body).finish();
    let of_form = pushed(&setting, "application/x-www-form-urlencoded", &form).unwrap();
    assert_eq!(of_form.facts.len(), 1);
    assert_eq!(of_form, pushed(&setting, "application/json", &body).unwrap());
    let odd = pushed(&setting, "application/x-www-form-urlencoded", "payload=no").unwrap_err().to_string();
    assert!(odd.contains("`payload` is not JSON"), "{odd}");
    let setting = of_github(github::Options { repositories: vec!["acme/web".into()], ..Default::default() });
    let of_another = pushed(&setting, "application/json", &body).unwrap();
    assert!(of_another.facts.is_empty());
    assert!(matches!(&of_another.notes[..], [Note::LeftOut(said)] if said.contains("acme/shop")), "{of_another:?}");
}

#[test]
fn of_many_odd_events_only_the_first_are_told_one_by_one() {
    let read = told(Sort::Alertmanager, &[], &json!({ "alerts": vec![Value::Null; 10_000] })).unwrap();
    assert_eq!((read.odd.len(), read.n_more_odd), (10, 9_990));
}
