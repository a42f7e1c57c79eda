//! The API: facts in, figures out, errors in the house's form.

use store::{SourceRun, Store, StoreOptions};

use super::{Server, json, token};
use crate::support::at;

#[test]
fn facts_are_taken_whole_or_not_at_all_and_figures_follow_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let write = token(folder.path(), "ci", "write");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let post = |kind: &str, body: &str| {
        let (status, body) = server.ask("POST", &format!("/v1/facts/{kind}"), Some(&write), body);
        (status, json(&body))
    };
    let good = r#"{"id":"1","service":"shop","environment":"production","finished_at":"2025-03-03T10:00:00Z","result":"success"}"#;
    let bad = r#"{"id":"2","service":"shop","environment":"production","finished_at":"soon","result":"success"}"#;
    let (status, refused) = post("deployment", &format!("{good}\n{bad}\n"));
    assert_eq!((status, &refused["error"]["code"]), (422, &"ROWS_REFUSED".into()));
    assert_eq!(refused["error"]["details"]["refusals"][0]["line"], 2);
    let (status, taken) = post("deployment", &format!("[{good}]"));
    assert_eq!((status, &taken["new"], &taken["unchanged"]), (200, &1.into(), &0.into()));
    let (_, again) = post("deployment", good);
    assert_eq!((&again["new"], &again["unchanged"]), (&0.into(), &1.into()));
    let (_, partly) = post("deployment?accept_valid=true", &format!("{good}\n{bad}\n"));
    assert_eq!((&partly["unchanged"], &partly["refused"]), (&1.into(), &1.into()));
    // Ten o'clock in Berlin is what was told already.
    let local = good.replace("T10:00:00Z", "T11:00:00");
    let (_, zoneless) = post("deployment", &local);
    let refusal = zoneless["error"]["details"]["refusals"][0]["problems"][0]["message"].as_str().unwrap();
    assert!(refusal.contains("time_zone= with POST"), "{refusal}");
    let (_, zoned) = post("deployment?time_zone=Europe/Berlin", &local);
    assert_eq!(zoned["unchanged"], 1, "{zoned}");
    let (status, mistyped) = post("deployment?time_zon=Europe/Berlin", &local);
    assert!(status == 400 && mistyped["error"]["message"].as_str().unwrap().contains("did you mean `time_zone`?"));
    let (status, unknown) = post("deploymnt", good);
    assert_eq!(status, 404);
    assert!(unknown["error"]["message"].as_str().unwrap().contains("did you mean `deployment`?"));

    let (status, answer) = server.get("/v1/metrics/deployment_frequency?from=2025-03-03&to=2025-03-10&by=service");
    assert_eq!((status, &json(&answer)["rows"][0]["n"]), (200, &1.into()));
    let (_, rows) = server.get("/v1/metrics/deployment_frequency/observations?from=2025-03-01");
    assert_eq!(json(&rows)["observations"][0]["subject"], "1");
}

#[test]
fn the_api_and_the_command_line_give_the_same_answer() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("d.ndjson"),
        r#"{"id":"1","service":"shop","environment":"production","finished_at":"2025-03-03T10:00:00Z","result":"success"}"#,
    )
    .unwrap();
    assert!(super::run(folder.path(), &["import", "deployment", "d.ndjson"]).is_well);
    let arguments = ["metrics", "change_fail_rate", "--from", "2025-03-03", "--to", "2025-03-10", "--format", "json"];
    let by_command = super::run(folder.path(), &arguments);
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let (_, by_api) = server.get("/v1/metrics/change_fail_rate?from=2025-03-03&to=2025-03-10");
    assert_eq!(json(&by_command.out), json(&by_api));
}

#[test]
fn errors_have_the_houses_form_and_name_the_nearest() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let error = |path: &str| {
        let (status, body) = server.get(path);
        let error = json(&body)["error"].clone();
        assert!(error["details"].is_object() && error["links"].is_object(), "{body}");
        (status, error["message"].as_str().unwrap().to_owned())
    };
    let (status, message) = error("/v1/metrics/change_leadtime");
    assert!(status == 404 && message.contains("did you mean `change_lead_time`?"), "{message}");
    let (status, message) = error("/v1/metrics/change_lead_time?by=teem");
    assert!(status == 400 && message.contains("did you mean `team`?"), "{message}");
    assert_eq!(error("/v1/metrics/change_lead_time?frm=2025").0, 400);
    assert_eq!(error("/v1/nothing").0, 404);
    let (status, message) = error("/v1/facts/incident");
    assert!(status == 405 && message.contains("this path knows POST only"), "{message}");
    let (status, message) = error("/v1/metrics/%ff");
    assert!(status == 400 && message.contains("UTF-8"), "{message}");
}

#[test]
fn the_openapi_document_describes_every_route() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let document = json(&server.get("/v1/openapi.json").1);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for path in [
        "/v1/metrics",
        "/v1/metrics/{name}",
        "/v1/metrics/{name}/distribution",
        "/v1/metrics/{name}/observations",
        "/v1/facts/{kind}",
    ] {
        assert!(document["paths"].get(path).is_some(), "{path}");
    }
    let answers = |path: &str, method: &str| {
        let responses = document["paths"][path][method]["responses"].as_object().unwrap();
        responses.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(answers("/v1/facts/{kind}", "post"), ["200", "400", "401", "403", "404", "413", "422"]);
    // Who reads may need a token, too.
    assert_eq!(answers("/v1/metrics", "get"), ["200", "401"]);
    assert_eq!(answers("/v1/value/runs", "post"), ["201", "401", "403", "404", "422"]);
}

#[test]
fn a_row_is_described_as_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let document = json(&server.get("/v1/openapi.json").1);
    let answer = &document["components"]["schemas"]["Answer"];
    assert_eq!(answer["properties"]["rows"]["items"]["$ref"], "#/components/schemas/WrittenRow");
    let described = &document["components"]["schemas"]["WrittenRow"]["properties"];
    let names = |object: &serde_json::Value| object.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    // A share has no further figures.
    let (_, found) = server.get("/v1/metrics/change_fail_rate?from=2025-03-03&to=2025-03-10");
    let row = &json(&found)["rows"][0];
    assert_eq!(names(row), names(described));
    assert_eq!(row["verdict"], "too little data");
    let words = ["better", "worse", "no clear change", "too little data"];
    assert!(words.iter().all(|word| described["verdict"].to_string().contains(word)), "{}", described["verdict"]);
}

#[test]
fn prometheus_finds_requests_and_how_sources_fare() {
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions { path: folder.path().join("cairn.duckdb"), ..StoreOptions::default() };
    Store::open(&options, at("2025-01-01T00:00:00Z"))
        .unwrap()
        .note_run(&SourceRun {
            source: "hub".into(),
            kind: "github".into(),
            began_at: at("2025-01-01T00:00:00Z"),
            ended_at: at("2025-01-02T00:00:00Z"),
            requests: 1,
            retries: 0,
            facts: 0,
            error: Some("the token was refused".into()),
            rate: None,
            notes: Vec::new(),
        })
        .unwrap();
    let write = token(folder.path(), "ci", "write");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    server.ask(
        "POST",
        "/v1/facts/incident?source=pager",
        Some(&write),
        r#"{"id":"1","opened_at":"2025-01-01T00:00:00Z"}"#,
    );
    let (status, text) = server.get("/metrics");
    assert_eq!(status, 200);
    assert!(
        text.contains(r#"cairn_http_requests_total{route="/v1/facts/{kind}",method="POST",status="200"} 1"#),
        "{text}"
    );
    assert!(
        text.contains(r#"cairn_source_last_told_timestamp_seconds{source="pager",kind="incident"} 1735689600"#),
        "{text}"
    );
    for line in [
        r#"cairn_source_last_run_failed{source="hub"} 1"#,
        r#"cairn_source_last_run_timestamp_seconds{source="hub"} 1735776000"#,
        r#"cairn_source_dead_letters{source="hub"} 0"#,
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn it_stops_when_asked_to() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), "127.0.0.1:0");
    let killed = std::process::Command::new("kill").arg("-TERM").arg(server.child.id().to_string()).status().unwrap();
    assert!(killed.success());
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn mistakes_in_an_address_are_told_in_plain_words_and_to_a_browser_as_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let message = |path: &str| {
        let (status, body) = server.get(path);
        assert_eq!(status, 400, "{body}");
        json(&body)["error"]["message"].as_str().unwrap().to_owned()
    };
    let unknown = message("/v1/metrics/deployment_frequency?fron=2026-01-01");
    assert!(
        unknown.starts_with("there is no parameter `fron` (did you mean `from`?); the parameters are from, to"),
        "{unknown}"
    );
    let twice = message("/v1/metrics/deployment_frequency?by=team&by=service");
    assert_eq!(twice, "the parameter `by` stands twice; separate several names with commas");
    let future = message("/v1/metrics/deployment_frequency?from=2900-01-01&to=2900-02-01");
    assert!(future.contains("2900-01-01") && future.contains("yet to come"), "{future}");
    let dimension = message("/v1/metrics/platform_availability?by=team");
    assert!(!dimension.contains("did you mean `team`"), "{dimension}");

    let (status, body) = server.get("/nope");
    assert_eq!((status, json(&body)["error"]["code"].as_str()), (404, Some("NOT_FOUND")));
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let asked = agent.get(format!("{}/nope", server.address)).header("accept", "text/html,*/*;q=0.8");
    let mut page = asked.call().unwrap();
    let html = page.body_mut().read_to_string().unwrap();
    assert_eq!(page.status().as_u16(), 404);
    assert!(html.contains("There is no such page") && html.contains("href=\"/\""), "{html}");
}
