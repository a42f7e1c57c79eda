//! Pushes that come in another order than things happened.

use super::hooks::{SECRET, configure, deployed, is_taken, push, push_github, signature, wait_for};
use super::{Server, json};

#[test]
fn of_an_issue_the_newest_state_holds_whenever_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "incident_labels = [\"outage\"]");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let event = |action: &str, at: &str, is_labelled: bool, closed_at: Option<&str>| {
        let labels = if is_labelled { vec![serde_json::json!({ "name": "outage" })] } else { Vec::new() };
        let body = serde_json::json!({
            "action": action, "repository": { "full_name": "acme/shop" },
            "issue": {
                "number": 7, "title": "down", "labels": labels, "created_at": "2026-01-05T09:00:00Z",
                "updated_at": format!("2026-01-05T{at}:00Z"), "closed_at": closed_at.map(|at| format!("2026-01-05T{at}:00Z")),
                "state": if closed_at.is_some() { "closed" } else { "open" },
            },
        });
        assert_eq!(push_github(&server, "issues", &format!("{action} {at} {is_labelled}"), &body.to_string()).0, 202);
        wait_for(&server, "gh", is_taken);
        let path = "/v1/metrics/time_to_restore?from=2026-01-01&to=2026-02-01&grain=all";
        let row = json(&server.get(path).1)["rows"][0].clone();
        (row["n"].as_u64().unwrap_or_default(), row["value"].as_f64())
    };
    let (none, open) = ((0, None), (1, None));
    // It lost its label at eleven; that it had got it at ten comes later.
    assert_eq!(event("unlabeled", "11:00", false, None), none);
    assert_eq!(event("labeled", "10:00", true, None), none);
    assert_eq!(event("labeled", "12:00", true, None), open);
    assert_eq!(event("unlabeled", "11:30", false, None), open);
    // Opened again at two; that it was closed at one comes later.
    assert_eq!(event("reopened", "14:00", true, None), open);
    assert_eq!(event("closed", "13:00", true, Some("13:00")), open);
    assert_eq!(event("closed", "15:00", true, Some("15:00")), (1, Some(6.0 * 3_600.0)));
    assert_eq!(event("edited", "14:30", true, None), (1, Some(6.0 * 3_600.0)));
}

#[test]
fn a_deployment_ends_with_its_first_success() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    for minute in ["10", "05", "20"] {
        let body = deployed(1, "success").replace("T10:01", &format!("T10:{minute}"));
        assert_eq!(push_github(&server, "deployment_status", minute, &body).0, 202);
        wait_for(&server, "gh", is_taken);
    }
    let rows = json(&server.get("/v1/metrics/deployment_frequency/observations?from=2026-01-01&to=2026-02-01").1);
    assert_eq!(rows["observations"][0]["time"], "2026-01-05T10:05:00Z", "{rows}");
}

#[test]
fn a_deployment_that_failed_ended_with_its_first_end() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    for minute in ["10", "05", "20"] {
        let body = deployed(1, "failure").replace("T10:01", &format!("T10:{minute}"));
        assert_eq!(push_github(&server, "deployment_status", minute, &body).0, 202);
        wait_for(&server, "gh", is_taken);
    }
    drop(server);
    assert_eq!(told(folder.path(), "select strftime(finished_at, '%H:%M') from facts.deployment"), ["10:05"]);
}

#[test]
fn of_an_incident_the_newest_word_holds_whenever_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let event = |minute: &str, service: &str, urgency: Option<&str>| {
        let body = serde_json::json!({ "event": { "id": minute, "event_type": "incident.acknowledged",
            "occurred_at": format!("2026-01-05T10:{minute}:00Z"), "data": {
                "id": "P1", "type": "incident", "service": { "id": "S", "summary": service }, "urgency": urgency,
                "created_at": "2026-01-05T10:00:00Z", "title": format!("at {minute}"),
        } } })
        .to_string();
        let signed = format!("v1={}", signature(&body));
        assert_eq!(push(&server, "pd", &[("x-pagerduty-signature", &signed)], &body).0, 202);
    };
    event("10", "web", None);
    wait_for(&server, "pd", is_taken);
    // An older one fills what is open and changes nothing else.
    event("05", "shop", Some("high"));
    wait_for(&server, "pd", is_taken);
    // Two that come together count by when they happened, too.
    event("30", "mail", None);
    event("20", "shop", None);
    wait_for(&server, "pd", is_taken);
    drop(server);
    let all = "select concat_ws(' ', service, severity, title, strftime(acknowledged_at, '%H:%M')) from facts.incident";
    assert_eq!(told(folder.path(), all), ["mail high at 30 10:05"]);
}

#[test]
fn an_alert_that_fires_once_more_with_the_same_begin_is_open_again() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let bearer = format!("Bearer {SECRET}");
    let ended = |number: u32, status: &str, ends_at: &str| {
        let body = serde_json::json!({ "number": number, "alerts": [{
            "status": status, "fingerprint": "f", "labels": { "service": "shop" },
            "startsAt": "2026-01-05T10:00:00Z", "endsAt": ends_at,
        }] });
        assert_eq!(push(&server, "alerts", &[("authorization", &bearer)], &body.to_string()).0, 202);
        wait_for(&server, "alerts", is_taken);
        let path = "/v1/metrics/time_to_restore?from=2026-01-01&to=2026-02-01&grain=all";
        json(&server.get(path).1)["rows"][0]["value"].as_f64()
    };
    assert_eq!(ended(1, "firing", "0001-01-01T00:00:00Z"), None);
    assert_eq!(ended(2, "resolved", "2026-01-05T10:05:00Z"), Some(300.0));
    assert_eq!(ended(3, "firing", "0001-01-01T00:00:00Z"), None);
    assert_eq!(ended(4, "resolved", "2026-01-05T10:20:00Z"), Some(1_200.0));
}

/// Texts that a store holds when no server has it open.
pub fn told(folder: &std::path::Path, sql: &str) -> Vec<String> {
    let path = folder.join("cairn.duckdb");
    let options = store::StoreOptions { path, ..store::StoreOptions::default() };
    let store = store::Store::open(&options, crate::support::at("2026-01-01T00:00:00Z")).unwrap();
    let rows = store.query(sql, &[]).unwrap().rows;
    rows.into_iter().flatten().map(|value| if let store::Value::Text(text) = value { text } else { panic!() }).collect()
}
