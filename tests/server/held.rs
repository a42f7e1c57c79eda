//! Pushes that are tried more than once: held ones, and dead letters that come again.

use std::path::Path;

use super::hooks::{SECRET, configure, deployed, deployments, is_taken, push, push_github, signature, wait_for};
use super::order::told;
use super::{Server, json};

/// A configuration whose CDEvents have a secret.
fn with_cdevents(folder: &Path) {
    configure(folder, "");
    let text = std::fs::read_to_string(folder.join("cairn.toml")).unwrap();
    let text = text.replace("name = \"open\"", "name = \"open\"\nsecret_file = \"secret\"");
    std::fs::write(folder.join("cairn.toml"), text).unwrap();
}

fn event(id: &str, sort: &str, subject: &str, minute: &str, service: &str) -> serde_json::Value {
    let environment = serde_json::json!({ "id": "production" });
    serde_json::json!({ "specversion": "1.0", "id": id, "source": "/m", "type": "t", "data": {
        "context": {
            "specversion": "0.5.1", "id": id, "source": "/m", "type": format!("dev.cdevents.{sort}.0.3.0"),
            "timestamp": format!("2026-01-05T10:{minute}:00Z"),
        },
        "subject": { "id": subject, "content": { "service": { "id": service }, "environment": environment } },
    } })
}

fn push_batch(server: &Server, events: &[serde_json::Value]) {
    let bearer = format!("Bearer {SECRET}");
    let headers = [("authorization", &*bearer), ("content-type", "application/cloudevents-batch+json")];
    assert_eq!(push(server, "open", &headers, &serde_json::json!(events).to_string()).0, 202);
    wait_for(server, "open", is_taken);
}

#[test]
fn a_held_push_waits_for_its_own_begins_and_tells_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    with_cdevents(folder.path());
    let server = Server::start(folder.path(), "127.0.0.1:0");
    // Each tells a begin, an end without its begin, and something that is left out.
    for number in ["1", "2"] {
        push_batch(
            &server,
            &[
                event(&format!("b{number}"), "incident.detected", &format!("B{number}"), "00", "api"),
                event(&format!("e{number}"), "incident.resolved", &format!("U{number}"), "30", "api"),
                event(&format!("r{number}"), "service.removed", "api", "30", "api"),
            ],
        );
    }
    push_batch(&server, &[event("n", "incident.reported", "B1", "10", "billing")]);
    let all = wait_for(&server, "open", |source| source["dead_letters"] == 2);
    assert_eq!(all["notes"][0]["n"], 2, "once for each push: {all}");
    // The begin that the first waits for takes the first alone out.
    push_batch(&server, &[event("u", "incident.detected", "U1", "05", "api")]);
    let all = wait_for(&server, "open", |source| is_taken(source) && source["dead_letters"] == 1);
    assert_eq!(all["notes"][0]["n"], 2, "{all}");
    drop(server);
    let all = "select concat_ws(' ', id, service, strftime(resolved_at, '%H:%M')) from facts.incident order by id";
    assert_eq!(told(folder.path(), all), ["/m#B1 billing", "/m#B2 api", "/m#U1 api 10:30"]);
}

#[test]
fn a_dead_letter_that_is_sent_again_rightly_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    with_cdevents(folder.path());
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let body = deployed(1, "success");
    let signed = format!("sha256={}", signature(&body));
    assert_eq!(push(&server, "gh", &[("x-hub-signature-256", &*signed)], &body).0, 202);
    wait_for(&server, "gh", |source| is_taken(source) && source["dead_letters"] == 1);
    // As wrong as before, it waits once.
    assert_eq!(push(&server, "gh", &[("x-hub-signature-256", &*signed)], &body).0, 202);
    wait_for(&server, "gh", |source| is_taken(source) && source["dead_letters"] == 1);
    assert_eq!(push_github(&server, "deployment_status", "d", &body).0, 202);
    wait_for(&server, "gh", |source| is_taken(source) && source["dead_letters"] == 0);
    assert_eq!(deployments(&server), 1);
    // A batch that was sent as if it were one event.
    let batch = serde_json::json!([event("1", "incident.detected", "I1", "00", "api")]).to_string();
    let bearer = format!("Bearer {SECRET}");
    for (kind, n_dead) in [("application/json", 1), ("application/cloudevents-batch+json", 0)] {
        let headers = [("authorization", &*bearer), ("content-type", kind)];
        assert_eq!(push(&server, "open", &headers, &batch).0, 202);
        wait_for(&server, "open", |source| is_taken(source) && source["dead_letters"] == n_dead);
    }
    let path = "/v1/metrics/time_to_restore?from=2026-01-01&to=2026-02-01&grain=all";
    assert_eq!(json(&server.get(path).1)["rows"][0]["n"], 1);
}

#[test]
fn a_push_that_told_nothing_is_no_repeat_when_it_comes_again_after_the_configuration_was_mended() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "");
    let path = folder.path().join("cairn.toml");
    let right = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, right.replace("acme/shop", "acme/else")).unwrap();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let body = deployed(1, "success");
    assert_eq!(push_github(&server, "ping", "d0", &body).0, 202);
    assert_eq!(push_github(&server, "deployment_status", "d1", &body).0, 202);
    wait_for(&server, "gh", is_taken);
    assert_eq!(deployments(&server), 0);
    drop(server);
    std::fs::write(&path, right).unwrap();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    assert_eq!(push_github(&server, "deployment_status", "d1", &body).0, 202);
    wait_for(&server, "gh", |_| deployments(&server) == 1);
}
