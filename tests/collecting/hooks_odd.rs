//! Pushes that are odd by their signature or body, and what is said of them.

use collectors::github::Options;
use collectors::hooks::{Delivery, SignatureError, Sort, read, verify, verify_head};
use collectors::pull::{Note, Setting};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::hooks::{headers, of_github, told, told_to};
use crate::support::at;

#[test]
fn of_many_signatures_the_first_few_are_looked_at() {
    let body = b"{}";
    let mut mac = Hmac::<Sha256>::new_from_slice(b"secret").unwrap();
    mac.update(body);
    let right: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let check = |n_before: usize| {
        let headers = headers(&[("x-pagerduty-signature", &format!("{}v1={right}", "v1=00,".repeat(n_before)))]);
        verify(Sort::Pagerduty, b"secret", &Delivery { headers: &headers, body, at: at("2026-01-01T00:00:00Z") })
    };
    assert_eq!(check(15), Ok(()));
    assert!(check(16).is_err());
}

#[test]
fn a_token_is_looked_at_before_the_body_and_a_signature_for_being_there() {
    let check = |sort, pairs: &[(&str, &str)]| verify_head(sort, b"secret", &headers(pairs));
    assert_eq!(check(Sort::Cdevents, &[("authorization", "Bearer secret")]), Ok(()));
    let wrong = check(Sort::Cdevents, &[("authorization", "Bearer secr\u{e9}t")]).unwrap_err();
    assert!(matches!(wrong, SignatureError::WrongToken { .. }), "{wrong}");
    assert!(matches!(check(Sort::Cdevents, &[]), Err(SignatureError::Missing { .. })));
    assert!(matches!(check(Sort::Github, &[]), Err(SignatureError::Missing { .. })));
    assert_eq!(check(Sort::Github, &[("x-hub-signature-256", "sha256=00")]), Ok(()));
}

#[test]
fn a_body_that_is_no_json_is_told_as_what_it_is() {
    let reason = |body: &[u8]| {
        let delivery = Delivery { headers: &[], body, at: at("2026-01-01T00:00:00Z") };
        read(Sort::Alertmanager, &Setting::default(), &delivery).map(|read| read.facts.len()).map_err(|error| error.0)
    };
    assert!(reason(b"").unwrap_err().contains("the body is empty"));
    assert!(reason(&[0x1f, 0x8b, 8, 0]).unwrap_err().contains("gzip"));
    assert!(reason(&[0xff, 0xfe, b'{', 0]).unwrap_err().contains("UTF-16"));
    assert_eq!(reason(b"\xef\xbb\xbf{\"alerts\":[]}"), Ok(0));
}

#[test]
fn what_is_missing_and_what_is_of_another_type_are_told_apart() {
    let reason = |id: Value| {
        let body = json!({
            "deployment_status": { "state": "success", "created_at": "2026-01-05T10:01:00Z" },
            "deployment": { "id": id, "environment": "production" }, "repository": { "full_name": "acme/shop" },
        });
        told(Sort::Github, &[("x-github-event", "deployment_status")], &body).unwrap_err().0
    };
    assert_eq!(reason(Value::Null), "deployment.id is missing");
    assert_eq!(reason(json!("53")), "deployment.id is not a whole number: \"53\"");
    let alerts = told(Sort::Alertmanager, &[], &json!({ "alerts": 5 })).unwrap_err().0;
    assert_eq!(alerts, "alerts is no list: 5");
    let policy = told(Sort::Gatekeeper, &[], &json!({ "constraintName": 5 })).unwrap_err().0;
    assert_eq!(policy, "constraintName is not text: 5");
}

#[test]
fn alerts_that_were_cut_off_are_told() {
    let read = told(Sort::Alertmanager, &[], &json!({ "alerts": [], "truncatedAlerts": 7 })).unwrap();
    assert!(matches!(&read.notes[..], [Note::LeftOut(said)] if said.starts_with("7 alerts")), "{read:?}");
    assert!(told(Sort::Alertmanager, &[], &json!({ "alerts": [], "truncatedAlerts": 0 })).unwrap().notes.is_empty());
}

#[test]
fn a_branch_that_is_not_told_is_odd_and_not_another_branch() {
    let pull = |base: Value| {
        let merged = json!({ "number": 5, "merged": true, "merged_at": "2026-01-05T10:00:00Z", "base": base });
        let body = json!({
            "action": "closed", "pull_request": merged, "repository": { "full_name": "acme/shop", "default_branch": "main" },
        });
        told(Sort::Github, &[("x-github-event", "pull_request")], &body)
    };
    let into = |branch: &str| json!({ "ref": branch, "repo": { "default_branch": "main" } });
    assert_eq!(pull(into("main")).unwrap().facts.len(), 1);
    assert_eq!(pull(into("feature")).unwrap().facts.len(), 0);
    assert_eq!(pull(Value::Null).unwrap_err().0, "pull_request.base.repo.default_branch is missing");
    let no_name = json!({ "ref": null, "repo": { "default_branch": "main" } });
    assert_eq!(pull(no_name).unwrap_err().0, "pull_request.base.ref is missing");
    let push = json!({
        "ref": "refs/heads/main", "commits": [], "repository": { "full_name": "acme/shop", "default_branch": null },
    });
    let reason = told_to(&of_github(Options::default()), Sort::Github, &[("x-github-event", "push")], &push);
    assert_eq!(reason.unwrap_err().0, "repository.default_branch is missing");
}

#[test]
fn a_form_is_githubs_alone() {
    let reason = |sort| {
        let headers = headers(&[("content-type", "application/x-www-form-urlencoded"), ("x-github-event", "push")]);
        let delivery = Delivery { headers: &headers, body: b"{\"alerts\":[]}", at: at("2026-01-01T00:00:00Z") };
        read(sort, &Setting::default(), &delivery).unwrap_err().0
    };
    for sort in [Sort::Alertmanager, Sort::Argocd, Sort::Cdevents, Sort::Gatekeeper, Sort::Pagerduty] {
        assert!(reason(sort).ends_with("send it with Content-Type: application/json"), "{}", reason(sort));
    }
    assert!(reason(Sort::Github).contains("no field `payload`"));
}

#[test]
fn a_signature_without_what_stands_before_it_is_told_its_form() {
    let said = |given: &str| {
        let headers = headers(&[("x-hub-signature-256", given)]);
        let delivery = Delivery { headers: &headers, body: b"{}", at: at("2026-01-01T00:00:00Z") };
        verify(Sort::Github, b"secret", &delivery).unwrap_err().to_string()
    };
    for given in ["00ff", "sha1=00ff", "sha256=xyz"] {
        assert!(said(given).contains("not of the form sha256=SIGNATURE"), "{}", said(given));
    }
    assert!(said("sha256=00ff").contains("does not fit the body"));
}

#[test]
fn a_body_that_is_of_another_event_than_its_header_says_tells_nothing() {
    let labels = json!([{ "name": "outage" }]);
    let issue = json!({ "number": 7, "labels": labels, "created_at": "2026-01-05T10:00:00Z", "state": "open" });
    let mut body = json!({ "action": "deleted", "issue": issue, "repository": { "full_name": "acme/shop" } });
    let as_issues = |body: &Value| told(Sort::Github, &[("x-github-event", "issues")], body);
    assert_eq!(as_issues(&body).unwrap().withdrawn.len(), 2);
    body["comment"] = json!({ "id": 1 });
    let reason = as_issues(&body).unwrap_err().0;
    assert!(reason.contains("says issues") && reason.contains("`comment`"), "{reason}");
}

#[test]
fn a_repository_that_was_renamed_is_pushed_under_the_name_it_was_read_under() {
    let status = json!({
        "deployment_status": { "state": "success", "created_at": "2026-01-05T10:01:00Z" },
        "deployment": { "id": 7, "environment": "production" }, "repository": { "id": 12, "full_name": "acme/new" },
    })
    .to_string();
    let headers = headers(&[("x-github-event", "deployment_status")]);
    let delivery = Delivery { headers: &headers, body: status.as_bytes(), at: at("2026-01-05T10:02:00Z") };
    let names = collectors::github::names(r#"{"names":{"12":"acme/old","13":"acme/new"},"section":"changes"}"#);
    // Whichever of its names the source has.
    for named in ["acme/old", "acme/new", "acme/*"] {
        let github = Options { repositories: vec![named.into()], ..Options::default() };
        let setting = Setting { github, ..Setting::default() };
        let read = collectors::hooks::read_as(Sort::Github, &setting, &delivery, &names).unwrap();
        let [collectors::hooks::Told { fact: facts::AnyFact::Deployment(one), .. }] = &read.facts[..] else {
            panic!("{named}: {read:?}")
        };
        assert_eq!((one.service.as_str(), one.repository.as_deref()), ("old", Some("acme/old")), "{named}");
    }
    // Without what was read, the name is what GitHub says.
    let read = collectors::hooks::read(Sort::Github, &Setting::default(), &delivery).unwrap();
    assert_eq!(read.facts.len(), 1);
}
