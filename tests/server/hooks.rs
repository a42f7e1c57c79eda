//! Pushes over real HTTP: believed by their signature, kept before they are answered, facts afterwards.

use std::path::Path;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{Server, json, run};

pub const SECRET: &str = "a secret between two";

pub fn configure(folder: &Path, more: &str) {
    std::fs::write(folder.join("secret"), SECRET).unwrap();
    let text = format!(
        "[[source]]\nname = \"gh\"\nkind = \"github\"\nrepositories = [\"acme/shop\"]\nsecret_file = \"secret\"\n{more}\n\
        [[source]]\nname = \"alerts\"\nkind = \"alertmanager\"\nsecret_file = \"secret\"\n\
        [[source]]\nname = \"pd\"\nkind = \"pagerduty\"\nsecret_file = \"secret\"\n\
        [[source]]\nname = \"open\"\nkind = \"cdevents\"\n"
    );
    std::fs::write(folder.join("cairn.toml"), text).unwrap();
}

pub fn signature(body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Status and body of a push.
pub fn push(server: &Server, source: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut request =
        ureq::http::Request::builder().method("POST").uri(format!("{}/v1/hooks/{source}", server.address));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    // A body beyond all measure is answered before it has come whole, and the connection closed.
    let Ok(mut response) = agent.run(request.body(body.to_owned()).unwrap()) else { return (0, String::new()) };
    (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
}

pub fn push_github(server: &Server, event: &str, delivery: &str, body: &str) -> (u16, String) {
    let signed = format!("sha256={}", signature(body));
    let headers = [("x-github-event", event), ("x-github-delivery", delivery), ("x-hub-signature-256", &*signed)];
    push(server, "gh", &headers, body)
}

/// Pushes an event of one incident, which does not say when that began, and waits until it was looked at.
fn push_pagerduty(server: &Server, id: &str, sort: &str, time: &str) {
    let body = serde_json::json!({ "event": { "id": id, "event_type": sort, "occurred_at": time, "data": {
        "id": "P1", "type": "incident", "service": { "id": "S", "summary": "shop" }, "title": "down",
    } } })
    .to_string();
    let signed = format!("v1={}", signature(&body));
    assert_eq!(push(server, "pd", &[("x-pagerduty-signature", &signed)], &body).0, 202);
    wait_for(server, "pd", is_taken);
}

pub fn deployed(id: u32, state: &str) -> String {
    serde_json::json!({
        "deployment_status": { "state": state, "created_at": "2026-01-05T10:01:00Z" },
        "deployment": { "id": id, "environment": "production", "sha": "abc", "created_at": "2026-01-05T10:00:00Z" },
        "repository": { "full_name": "acme/shop" },
    })
    .to_string()
}

/// Waits until a figure of `GET /v1/sources` about a source is as wanted.
pub fn wait_for(server: &Server, source: &str, is_wanted: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
    let begun = Instant::now();
    loop {
        let told = json(&server.get("/v1/sources").1);
        let own = told["sources"].as_array().unwrap().iter().find(|one| one["name"] == source).cloned();
        if let Some(own) = own.filter(&is_wanted) {
            return own;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{source} never came to it: {told}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

pub fn is_taken(source: &serde_json::Value) -> bool {
    source["waiting"] == 0
}

pub fn deployments(server: &Server) -> u64 {
    let answer = json(&server.get("/v1/metrics/deployment_frequency?from=2026-01-01&to=2026-02-01&grain=all").1);
    answer["rows"][0]["n"].as_u64().unwrap_or_default()
}

#[test]
fn a_signed_push_is_accepted_and_becomes_a_fact_and_a_repeat_does_nothing() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let (status, body) = push_github(&server, "deployment_status", "d1", &deployed(1, "success"));
    assert_eq!(
        (status, json(&body)["delivery"].as_str().map(str::len)),
        (202, Some(32)),
        "of what is signed, the body"
    );
    wait_for(&server, "gh", is_taken);
    assert_eq!(deployments(&server), 1);
    // The same again, also by somebody who saw it and gives it another identifier, which is not signed, is a repeat.
    for delivery in ["d1", "d2"] {
        assert_eq!(push_github(&server, "deployment_status", delivery, &deployed(1, "success")).0, 202);
    }
    assert_eq!(push_github(&server, "deployment_status", "d3", &deployed(3, "success")).0, 202);
    wait_for(&server, "gh", is_taken);
    assert_eq!(deployments(&server), 2);
}

#[test]
fn what_is_not_believed_is_refused_and_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let code = |source: &str, headers: &[(&str, &str)]| {
        let (status, body) = push(&server, source, headers, &deployed(1, "success"));
        (status, json(&body)["error"]["code"].as_str().unwrap().to_owned())
    };
    assert_eq!(code("gh", &[("x-github-event", "push")]), (401, "SIGNATURE".into()));
    assert_eq!(code("gh", &[("x-hub-signature-256", "sha256=00")]), (401, "SIGNATURE".into()));
    assert_eq!(code("alerts", &[("authorization", "Bearer wrong")]), (401, "SIGNATURE".into()));
    assert_eq!(code("open", &[("authorization", "Bearer ")]), (403, "NO_SECRET".into()));
    assert_eq!(code("hg", &[]), (404, "UNKNOWN_SOURCE".into()));
    // A large body is read on before it is refused: the reason arrives.
    assert_eq!(push(&server, "hg", &[], &"a".repeat(20_000_000)).0, 404);
    let (status, said) = push_github(&server, "push", "large", &format!("\"{}\"", "a".repeat(50_000_000)));
    assert_eq!(status, 413, "{said}");
    let told = json(&server.get("/v1/sources").1);
    for source in told["sources"].as_array().unwrap() {
        assert_eq!((&source["waiting"], &source["dead_letters"]), (&0.into(), &0.into()), "{source}");
    }
    let kinds: Vec<&str> =
        told["sources"].as_array().unwrap().iter().map(|source| source["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["alertmanager", "github", "cdevents", "pagerduty"]);
}

#[test]
fn events_of_one_incident_join_whatever_their_order() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let event = |id: &str, sort: &str, time: &str| push_pagerduty(&server, id, sort, time);
    event("e3", "incident.resolved", "2026-01-05T11:00:00Z");
    event("e1", "incident.triggered", "2026-01-05T10:00:00Z");
    event("e2", "incident.acknowledged", "2026-01-05T10:05:00Z");
    drop(server);
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let answer = json(&server.get("/v1/metrics/time_to_restore?from=2026-01-01&to=2026-02-01&grain=all").1);
    // From 10:00, which the second event told, to 11:00, which the first did.
    assert_eq!((answer["rows"][0]["n"].as_u64(), answer["rows"][0]["value"].as_f64()), (Some(1), Some(3_600.0)));
}

#[test]
fn an_end_without_a_begin_is_held_until_the_begin_is_told_and_a_reopened_incident_is_open() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let event = |id: &str, sort: &str, time: &str| push_pagerduty(&server, id, sort, time);
    let restored = || {
        let path = "/v1/metrics/time_to_restore?from=2026-01-01&to=2026-02-01&grain=all";
        let row = json(&server.get(path).1)["rows"][0].clone();
        (row["n"].as_u64().unwrap_or_default(), row["value"].as_f64())
    };
    event("e3", "incident.resolved", "2026-01-05T11:00:00Z");
    assert_eq!(wait_for(&server, "pd", is_taken)["dead_letters"], 1);
    assert_eq!(restored(), (0, None));
    event("e1", "incident.triggered", "2026-01-05T10:00:00Z");
    wait_for(&server, "pd", |source| is_taken(source) && source["dead_letters"] == 0);
    assert_eq!(restored(), (1, Some(3_600.0)));
    // Open again, it counts, and has no end.
    event("e4", "incident.reopened", "2026-01-05T11:05:00Z");
    assert_eq!(restored().1, None);
    event("e5", "incident.resolved", "2026-01-05T12:00:00Z");
    assert_eq!(restored(), (1, Some(7_200.0)));
    // What PagerDuty tells once more after an outage happened before, whenever it comes.
    for (id, sort, time) in
        [("e6", "incident.reopened", "2026-01-05T11:05:00Z"), ("e7", "incident.resolved", "2026-01-05T11:00:00Z")]
    {
        event(id, sort, time);
        wait_for(&server, "pd", is_taken);
        assert_eq!(restored(), (1, Some(7_200.0)));
    }
    event("e8", "incident.reopened", "2026-01-05T13:00:00Z");
    event("e9", "incident.resolved", "2026-01-05T12:30:00Z");
    assert_eq!(restored().1, None, "it was resolved before it was opened again");
}

#[test]
fn an_end_before_the_begin_does_not_move_the_begin() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    push_pagerduty(&server, "e1", "incident.triggered", "2026-01-05T10:00:00Z");
    push_pagerduty(&server, "e2", "incident.resolved", "2026-01-05T09:59:00Z");
    assert_eq!(wait_for(&server, "pd", is_taken)["dead_letters"], 1);
    let listed = server.get("/v1/inbox").1;
    assert!(listed.contains("happened before that began (2026-01-05T10:00:00Z)"), "{listed}");
    push_pagerduty(&server, "e3", "incident.resolved", "2026-01-05T11:00:00Z");
    let answer = json(&server.get("/v1/metrics/time_to_restore?from=2026-01-01&to=2026-02-01&grain=all").1);
    assert_eq!((answer["rows"][0]["n"].as_u64(), answer["rows"][0]["value"].as_f64()), (Some(1), Some(3_600.0)));
}

#[test]
fn what_succeeded_is_not_undone_by_a_later_word() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    for (delivery, state) in [("d1", "failure"), ("d2", "success"), ("d3", "failure")] {
        push_github(&server, "deployment_status", delivery, &deployed(1, state));
        wait_for(&server, "gh", is_taken);
    }
    // A deployment counts when it succeeded.
    assert_eq!(deployments(&server), 1);
}

pub fn alert(name: &str, service: &str, starts: &str) -> serde_json::Value {
    serde_json::json!({
        "status": "resolved", "fingerprint": name, "labels": { "service": service },
        "startsAt": starts, "endsAt": "2026-01-05T11:00:00Z",
    })
}

pub fn push_alerts(server: &Server, alerts: &[serde_json::Value]) -> (u16, String) {
    let body = serde_json::json!({ "alerts": alerts }).to_string();
    push(server, "alerts", &[("authorization", &format!("Bearer {SECRET}"))], &body)
}

#[test]
fn a_secret_that_is_missing_keeps_only_its_own_source_from_pushing() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "");
    let text = std::fs::read_to_string(folder.path().join("cairn.toml")).unwrap();
    let pagerduty = "kind = \"pagerduty\"\nsecret_file = \"secret\"";
    let text = text.replace(pagerduty, &pagerduty.replace("\"secret\"", "\"gone\""));
    let jira = "[[source]]\nname = \"jira\"\nkind = \"jira\"\nurl = \"http://127.0.0.1:9\"\nprojects = [\"OPS\"]\n";
    std::fs::write(folder.path().join("cairn.toml"), text + jira).unwrap();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    assert_eq!(push_alerts(&server, &[]).0, 202);
    let (status, said) = push(&server, "pd", &[], "{}");
    assert_eq!((status, json(&said)["error"]["code"].as_str()), (503, Some("SECRET_UNREADABLE")), "{said}");
    assert!(!said.contains("gone"), "where it was looked for is nothing for strangers: {said}");
    let (status, said) = push(&server, "jira", &[], "{}");
    assert_eq!((status, json(&said)["error"]["code"].as_str()), (404, Some("SOURCE_DOES_NOT_PUSH")), "{said}");
    assert_eq!(server.get("/v1/collections/x").0, 404);
}

#[test]
fn what_was_accepted_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "");
    let mut accepted = 0;
    for round in 0..4_u32 {
        let mut server = Server::start(folder.path(), "127.0.0.1:0");
        for number in 0..25 + round {
            let id = round * 100 + number;
            if push_github(&server, "deployment_status", &format!("d{id}"), &deployed(id, "success")).0 == 202 {
                accepted += 1;
            }
        }
        server.child.kill().unwrap();
        server.child.wait().unwrap();
    }
    let server = Server::start(folder.path(), "127.0.0.1:0");
    wait_for(&server, "gh", is_taken);
    assert_eq!(deployments(&server), accepted);
}

#[test]
fn a_collection_is_started_over_http_and_tells_how_it_went() {
    let folder = tempfile::tempdir().unwrap();
    // Nobody listens there: the run fails, and that is told.
    let text = "[[source]]\nname = \"prom\"\nkind = \"prometheus\"\nurl = \"http://127.0.0.1:9\"\n\
        expressions = [{ component = \"portal\", up = \"up\" }]\n";
    std::fs::write(folder.path().join("cairn.toml"), text).unwrap();
    let write = super::token(folder.path(), "ci", "write");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    assert_eq!(server.ask("POST", "/v1/collections", None, "").0, 401);
    let refused = server.ask("POST", "/v1/collections", Some(&write), r#"{"sources":["promm"]}"#);
    assert!(refused.0 == 422 && refused.1.contains("did you mean `prom`"), "{refused:?}");
    let (status, body) = server.ask("POST", "/v1/collections", Some(&write), r#"{"sources":["prom"]}"#);
    assert_eq!((status, json(&body)["number"].as_u64(), json(&body)["done"].as_bool()), (202, Some(1), Some(false)));
    assert_eq!(server.ask("POST", "/v1/collections", Some(&write), "").0, 409);
    assert_eq!(server.get("/v1/collections/1").0, 200);
    assert_eq!(server.get("/v1/collections/7").0, 404);
}

#[test]
fn a_credential_that_is_not_set_holds_up_only_who_needs_it_and_groups_are_no_variables() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[[source]]\nname = \"gh\"\nkind = \"github\"\nrepositories = [\"acme/shop\"]\n\
        token = \"${CAIRN_TEST_TOKEN_THAT_NOBODY_SETS}\"\n\
        services = [{ match = \"re:acme/(?<own>.+)\", name = \"${own}\" }]\n";
    std::fs::write(folder.path().join("cairn.toml"), text).unwrap();
    assert!(run(folder.path(), &["metrics"]).is_well);
    // Another source is read all the same, and only the one without its credential fails.
    let more = "[[source]]\nname = \"drop\"\nkind = \"files\"\npath = \".\"\n\
        [[source]]\nname = \"am\"\nkind = \"alertmanager\"\n";
    std::fs::write(folder.path().join("cairn.toml"), text.to_owned() + more).unwrap();
    std::fs::write(folder.path().join("team.csv"), "name\npay\n").unwrap();
    let collected = run(folder.path(), &["collect"]);
    assert!(!collected.is_well && collected.out.contains("1 new"), "{}{}", collected.out, collected.err);
    assert!(collected.out.contains("gh: 0 facts") && collected.out.contains("THAT_NOBODY_SETS"), "{}", collected.out);
    let pushing = run(folder.path(), &["collect", "am"]);
    assert!(!pushing.is_well && pushing.err.contains("only pushes"), "{}{}", pushing.out, pushing.err);
    let check = run(folder.path(), &["check"]);
    assert!(!check.is_well && check.out.contains("CAIRN_TEST_TOKEN_THAT_NOBODY_SETS"), "{}{}", check.out, check.err);
}

fn issue(action: &str, label: &str) -> String {
    serde_json::json!({
        "action": action, "repository": { "full_name": "acme/shop" },
        "issue": {
            "number": 7, "title": "down", "state": "open", "created_at": "2026-01-05T10:00:00Z", "closed_at": null,
            "labels": [{ "name": label }],
        },
    })
    .to_string()
}

#[test]
fn an_issue_that_is_no_incident_any_more_is_none_here_either_until_it_is_labelled_again() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "incident_labels = [\"incident\"]");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let mut number = 0;
    let mut push_issue = |action: &str, label: &str| {
        number += 1;
        assert_eq!(push_github(&server, "issues", &format!("d{number}"), &issue(action, label)).0, 202);
    };
    let open = || {
        wait_for(&server, "gh", is_taken);
        let path = "/v1/metrics/time_to_restore?from=2026-01-01&to=2026-02-01&grain=all";
        json(&server.get(path).1)["rows"][0]["n"].as_u64().unwrap_or_default()
    };
    push_issue("opened", "incident");
    assert_eq!(open(), 1);
    push_issue("unlabeled", "docs");
    assert_eq!(open(), 0);
    // However they fall together, the last word counts.
    push_issue("labeled", "incident");
    push_issue("unlabeled", "docs");
    push_issue("labeled", "incident");
    assert_eq!(open(), 1);
    push_issue("edited", "incident");
    push_issue("deleted", "incident");
    assert_eq!(open(), 0);
}

#[test]
fn what_a_push_tells_and_cannot_be_kept_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "");
    let text = std::fs::read_to_string(folder.path().join("cairn.toml")).unwrap();
    let text = text.replace("name = \"open\"", "name = \"open\"\nsecret_file = \"secret\"");
    std::fs::write(folder.path().join("cairn.toml"), text).unwrap();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let removed = |time: &str| {
        serde_json::json!({
            "context": {
                "specversion": "0.5.1", "id": time, "source": "/cd", "type": "dev.cdevents.service.removed.0.3.0",
                "timestamp": time,
            },
            "subject": { "id": "shop", "content": { "environment": { "id": "production" } } },
        })
        .to_string()
    };
    let bearer = format!("Bearer {SECRET}");
    for time in ["2026-01-05T10:00:00Z", "2026-01-06T10:00:00Z"] {
        assert_eq!(push(&server, "open", &[("authorization", &bearer)], &removed(time)).0, 202);
    }
    let told = wait_for(&server, "open", |source| is_taken(source) && source["notes"][0]["n"] == 2);
    let note = &told["notes"][0];
    assert_eq!(note["sort"], "left_out");
    assert!(note["subject"].as_str().unwrap().contains("shop was removed from production"), "{note}");
    let found = json(&server.get("/v1/data-quality?check=left_out").1);
    assert!(found.to_string().contains("shop was removed from production"), "{found}");

    let mut muted = alert("m", "shop", "2026-01-05T10:00:00Z");
    muted["status"] = "muted".into();
    push_alerts(&server, &[muted]);
    let told = wait_for(&server, "alerts", |source| source["dead_letters"] == 1);
    let note = &told["notes"][0];
    assert_eq!((&note["sort"], &note["subject"]), (&"unknown_word".into(), &"muted".into()), "{told}");
}
