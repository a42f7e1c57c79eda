//! Pushes that cannot be facts: listed with the reason, mended and replayed, or dropped.

use super::hooks::{alert, configure, deployed, deployments, is_taken, push_alerts, push_github, wait_for};
use super::{Server, json, run};

/// Incidents that ended, by service.
fn restored(server: &Server) -> Vec<(String, u64)> {
    let path = "/v1/metrics/time_to_restore?from=2026-01-01&to=2026-02-01&grain=all&by=service";
    let rows = json(&server.get(path).1)["rows"].as_array().unwrap().clone();
    let told = |row: &serde_json::Value| {
        (row["service"].as_str().unwrap_or("none").to_owned(), row["n"].as_u64().unwrap_or_default())
    };
    rows.iter().map(told).filter(|(_, n)| *n > 0).collect()
}

#[test]
fn what_cannot_be_read_is_listed_with_its_reason_and_can_be_replayed_or_dropped() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "services = [{ match = \"acme/web\", name = \"web\" }]");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    push_github(&server, "deployment_status", "d1", &deployed(1, "success"));
    push_github(&server, "deployment_status", "d2", "not json");
    wait_for(&server, "gh", |source| source["dead_letters"] == 2);
    drop(server);
    let listed = run(folder.path(), &["inbox", "list"]);
    assert!(
        listed.out.contains("put { match = \"acme/shop\", name = \"...\" } into the list `services` of [[source]] gh"),
        "{}",
        listed.out
    );
    assert!(listed.out.contains("not JSON"), "{}", listed.out);
    // The mapping is mended, and all are tried again.
    configure(folder.path(), "services = [{ match = \"acme/*\", name = \"*\" }]");
    assert!(run(folder.path(), &["inbox", "replay"]).out.contains('2'));
    let server = Server::start(folder.path(), "127.0.0.1:0");
    wait_for(&server, "gh", |source| source["waiting"] == 0 && source["dead_letters"] == 1);
    assert_eq!(deployments(&server), 1);
    drop(server);
    let number = run(folder.path(), &["inbox", "list"])
        .out
        .lines()
        .find_map(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    let dropped = run(folder.path(), &["inbox", "drop", &number.unwrap().to_string()]);
    assert!(dropped.out.starts_with('1'), "{}{}", dropped.out, dropped.err);
    assert!(run(folder.path(), &["inbox", "list"]).out.contains("every push was turned into facts"));
}

#[test]
fn dead_letters_are_listed_replayed_and_dropped_while_the_server_runs() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "");
    let write = super::token(folder.path(), "ci", "write");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    push_github(&server, "deployment_status", "d1", "not json");
    wait_for(&server, "gh", |source| source["dead_letters"] == 1);
    let listed = || json(&server.get("/v1/inbox").1)["dead_letters"].as_array().unwrap().clone();
    let one = listed()[0].clone();
    assert_eq!((&one["source"], one["delivery"].as_str().map(str::len)), (&"gh".into(), Some(32)));
    assert!(one["reason"].as_str().unwrap().contains("not JSON"), "{one}");
    let beside = run(folder.path(), &["inbox", "list"]);
    assert!(!beside.is_well && beside.err.contains("cairn serve does this by GET /v1/inbox"), "{}", beside.err);
    let act =
        |what: &str, token: Option<&str>, body: &str| server.ask("POST", &format!("/v1/inbox/{what}"), token, body);
    assert_eq!(act("replay", None, r#"{"all":true}"#).0, 401);
    for body in ["", "{}", r#"{"numbers":[1],"all":true}"#, r#"{"numbers":[999]}"#] {
        assert_eq!(act("drop", Some(&write), body).0, 422, "{body}");
    }
    assert_eq!(act("replay", Some(&write), r#"{"all":true}"#), (200, "{\"n\":1}".into()));
    // Tried again, it is as odd as before.
    wait_for(&server, "gh", |source| is_taken(source) && source["dead_letters"] == 1);
    let body = format!("{{\"numbers\":[{}]}}", listed()[0]["number"]);
    assert_eq!(act("drop", Some(&write), &body), (200, "{\"n\":1}".into()));
    assert!(listed().is_empty());
}

#[test]
fn of_a_push_of_which_some_cannot_be_facts_the_rest_counts_and_the_push_waits_to_be_mended() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "");
    let mapped = |lines: &str| {
        let text = std::fs::read_to_string(folder.path().join("cairn.toml")).unwrap();
        let alerts = "kind = \"alertmanager\"\n";
        std::fs::write(
            folder.path().join("cairn.toml"),
            text.replace(alerts, &format!("{alerts}services = [{lines}]\n")),
        )
        .unwrap();
    };
    mapped("{ match = \"shop\", name = \"shop\" }");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let ten = "2026-01-05T10:00:00Z";
    let odd = serde_json::json!({ "fingerprint": "c", "labels": {}, "startsAt": "soon" });
    assert_eq!(push_alerts(&server, &[alert("a", "shop", ten), alert("b", "web", ten), odd]).0, 202);
    wait_for(&server, "alerts", |source| is_taken(source) && source["dead_letters"] == 1);
    // Sent again it is the same push, and waits once.
    push_alerts(
        &server,
        &[
            alert("a", "shop", ten),
            alert("b", "web", ten),
            serde_json::json!({ "fingerprint": "c", "labels": {}, "startsAt": "soon" }),
        ],
    );
    wait_for(&server, "alerts", |source| is_taken(source) && source["dead_letters"] == 1);
    drop(server);
    let listed = run(folder.path(), &["inbox", "list"]).out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(listed.contains("alert 3: alerts.startsAt is not a time"), "{listed}");
    assert!(listed.contains("no line of services matches `web`"), "{listed}");
    // Mapped and replayed, the incident has its service.
    let server = Server::start(folder.path(), "127.0.0.1:0");
    assert_eq!(restored(&server), [("none".to_owned(), 1), ("shop".to_owned(), 1)]);
    drop(server);
    configure(folder.path(), "");
    assert!(run(folder.path(), &["inbox", "replay"]).is_well);
    let server = Server::start(folder.path(), "127.0.0.1:0");
    wait_for(&server, "alerts", |source| is_taken(source) && source["dead_letters"] == 1);
    assert_eq!(restored(&server), [("shop".to_owned(), 1), ("web".to_owned(), 1)]);
}

#[test]
fn a_pushed_fact_that_breaks_a_rule_is_a_dead_letter_with_the_rule_and_a_slip_of_the_number_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let mut long = alert("a", "shop", "2026-01-05T10:00:00Z");
    long["annotations"] = serde_json::json!({ "summary": "x".repeat(2_000_000) });
    let mut with_nul = alert("b", "shop", "2026-01-05T10:00:00Z");
    with_nul["annotations"] = serde_json::json!({ "summary": "a\u{0}b" });
    // Alertmanager writes Go's year 1 where it knows no time.
    for odd in [long, with_nul, alert("c", "shop", "0001-01-01T00:00:00Z")] {
        assert_eq!(push_alerts(&server, &[odd]).0, 202);
    }
    wait_for(&server, "alerts", |source| is_taken(source) && source["dead_letters"] == 3);
    drop(server);
    let listed = run(folder.path(), &["inbox", "list"]).out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(listed.contains("the incident it tells of cannot be: column title"), "{listed}");
    assert!(listed.contains("is 2000000 bytes long"), "{listed}");
    assert!(listed.contains("holds the character NUL"), "{listed}");
    assert!(listed.contains("alerts.startsAt is not a time"), "{listed}");
    let slip = run(folder.path(), &["inbox", "drop", "999"]);
    assert!(!slip.is_well && slip.err.contains("999"), "{}{}", slip.out, slip.err);
    assert!(run(folder.path(), &["inbox", "drop", "--all"]).out.starts_with('3'));
}
