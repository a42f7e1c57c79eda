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

fn cdevent(sort: &str, subject: &str, minute: &str, content: &serde_json::Value, custom: &serde_json::Value) -> String {
    serde_json::json!({
        "context": {
            "specversion": "0.5.0", "id": format!("{sort} {minute}"), "source": "/ci",
            "type": format!("dev.cdevents.{sort}.0.2.0"), "timestamp": format!("2026-01-05T10:{minute}:00Z"),
        },
        "subject": { "id": subject, "content": content }, "customData": custom,
    })
    .to_string()
}

/// What events end in that are pushed one after the other, in every order of them.
fn in_every_order(events: &[String], sql: &str) -> Vec<String> {
    let orders: &[&[usize]] = match events.len() {
        2 => &[&[0, 1], &[1, 0]],
        _ => &[&[0, 1, 2], &[0, 2, 1], &[1, 0, 2], &[1, 2, 0], &[2, 0, 1], &[2, 1, 0]],
    };
    let ends = orders.iter().map(|order| {
        let folder = tempfile::tempdir().unwrap();
        let table = "[[source]]\nname = \"bits\"\nkind = \"cdevents\"\nsecret_file = \"secret\"\n";
        std::fs::write(folder.path().join("secret"), SECRET).unwrap();
        std::fs::write(folder.path().join("cairn.toml"), table).unwrap();
        let server = Server::start(folder.path(), "127.0.0.1:0");
        for place in *order {
            let headers = [("authorization", format!("Bearer {SECRET}"))];
            let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
            assert_eq!(push(&server, "bits", &headers, &events[*place]).0, 202);
            wait_for(&server, "bits", |source| source["waiting"] == 0);
        }
        // Those that waited for a begin, too.
        wait_for(&server, "bits", |source| is_taken(source) && source["dead_letters"] == 0);
        drop(server);
        told(folder.path(), sql).join("; ")
    });
    ends.collect()
}

#[test]
fn of_events_that_each_tell_some_the_last_that_told_a_thing_holds_in_every_order() {
    let (none, queue) = (serde_json::json!({}), serde_json::json!({ "queue": "support" }));
    let first = serde_json::json!({ "ticketType": "bug", "group": "g1" });
    let events = [
        cdevent("ticket.created", "T1", "01", &first, &queue),
        cdevent("ticket.updated", "T1", "03", &serde_json::json!({ "ticketType": "task", "group": "g2" }), &none),
        cdevent("ticket.closed", "T1", "06", &none, &none),
    ];
    let sql = "select concat_ws(' ', queue, kind, team, strftime(opened_at, '%H:%M'), strftime(resolved_at, '%H:%M'))
        from facts.ticket";
    assert_eq!(in_every_order(&events, sql), ["support request g2 10:01 10:06"; 6]);
}

#[test]
fn a_change_told_twice_is_as_the_later_event_says() {
    let content = serde_json::json!({ "repository": { "id": "shop" } });
    let event = |minute: &str, revision: &str| {
        cdevent("change.merged", "7", minute, &content, &serde_json::json!({ "revision": revision }))
    };
    let sql = "select concat_ws(' ', id, merge_revision, strftime(merged_at, '%H:%M')) from facts.change";
    assert_eq!(in_every_order(&[event("02", "ra"), event("03", "rb")], sql), ["/ci#7@shop rb 10:03"; 2]);
}

#[test]
fn what_failed_and_then_succeeded_keeps_what_was_told_of_it_and_the_evidence_of_its_end() {
    let run = |minute: &str, outcome: &str, custom: serde_json::Value| {
        let content =
            serde_json::json!({ "outcome": outcome, "uri": (outcome == "failure").then_some("https://ci.test/1") });
        cdevent("pipelinerun.finished", "R1", minute, &content, &custom)
    };
    let named = |revision: Option<&str>| serde_json::json!({ "service": "shop", "environment": "production", "revision": revision });
    let events = [run("01", "failure", named(Some("r1"))), run("05", "success", named(None))];
    let sql = "select concat_ws(' ', result, revision, strftime(finished_at, '%H:%M'), coalesce(url, 'none')) from facts.deployment";
    assert_eq!(in_every_order(&events, sql), ["success r1 10:05 none"; 2]);
}

#[test]
fn a_dead_letter_that_comes_again_is_of_the_time_it_came_first() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let bearer = format!("Bearer {SECRET}");
    let alert = |status: &str| {
        serde_json::json!({
            "status": status, "fingerprint": "f", "labels": { "service": "shop" },
            "startsAt": "2026-01-05T10:00:00Z", "endsAt": "2026-01-05T10:05:00Z",
        })
    };
    let send = |alerts: &[serde_json::Value]| {
        let body = serde_json::json!({ "alerts": alerts }).to_string();
        assert_eq!(push(&server, "alerts", &[("authorization", &bearer)], &body).0, 202);
        wait_for(&server, "alerts", |source| source["waiting"] == 0);
    };
    let odd = serde_json::json!({ "status": "sleeping", "fingerprint": "g", "startsAt": "2026-01-05T10:00:00Z" });
    send(&[alert("firing"), odd.clone()]);
    send(&[alert("resolved")]);
    send(&[alert("firing"), odd]);
    drop(server);
    assert_eq!(told(folder.path(), "select strftime(resolved_at, '%H:%M') from facts.incident"), ["10:05"]);
}

/// Texts that a store holds when no server has it open.
pub fn told(folder: &std::path::Path, sql: &str) -> Vec<String> {
    let path = folder.join("cairn.duckdb");
    let options = store::StoreOptions { path, ..store::StoreOptions::default() };
    let store = store::Store::open(&options, crate::support::at("2026-01-01T00:00:00Z")).unwrap();
    let rows = store.query(sql, &[]).unwrap().rows;
    rows.into_iter().flatten().map(|value| if let store::Value::Text(text) = value { text } else { panic!() }).collect()
}
