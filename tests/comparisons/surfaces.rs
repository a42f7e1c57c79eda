//! Comparisons on the command line and over HTTP.

use serde_json::Value;

use crate::command_line::run;
use crate::server::Server;

const DEMO: [&str; 6] = ["demo", "--no-serve", "--scale", "0.5", "--end", "2026-03-02"];

/// A folder whose configured store is a demo of ten teams.
fn demo() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cairn.toml"), "store = \"cairn-demo.duckdb\"\n").unwrap();
    let made = run(folder.path(), &DEMO);
    assert!(made.is_well, "{}", made.err);
    folder
}

#[test]
fn the_command_and_the_api_give_one_answer_and_say_what_it_rests_on() {
    let folder = demo();
    let arguments =
        ["compare", "change_lead_time.deploy", "--improvement", "Golden-path pipeline", "--to", "2026-03-02"];
    let table = run(folder.path(), &arguments);
    assert!(table.is_well, "{}", table.err);
    for said in
        ["Golden-path pipeline", "staggered difference-in-differences", "95 %", "p = ", "before ", "holds", "not yet"]
    {
        assert!(table.out.contains(said), "{said} is missing:\n{}", table.out);
    }
    let json = run(folder.path(), &[&arguments[..], &["--format", "json"]].concat());
    let json: Value = serde_json::from_str(&json.out).unwrap();
    let first = &json["designs"][0];
    for key in ["design", "method", "verb", "says", "effects", "n", "assumptions", "event_times"] {
        assert!(first.get(key).is_some(), "{key} is missing: {first}");
    }
    assert!(first["n"]["observations"].as_u64().unwrap() > 1000);
    assert!(first["assumptions"].as_array().unwrap().iter().all(|one| !one["because"].as_str().unwrap().is_empty()));

    let server = Server::start(folder.path(), "127.0.0.1:0");
    let (status, body) =
        server.get("/v1/comparisons?metric=change_lead_time.deploy&improvement=Golden-path%20pipeline&to=2026-03-02");
    assert_eq!(status, 200, "{body}");
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), json);
    let (status, body) = server.get("/v1/comparisons?metric=change_lead_time&improvement=Golden-path");
    assert_eq!(status, 404);
    assert!(body.contains("did you mean `Golden-path pipeline`?"), "{body}");
    assert_eq!(server.get("/v1/comparisons?metric=change_lead_time").0, 400);
    assert_eq!(server.get("/v1/comparisons?metric=dora_score&improvement=Golden-path%20pipeline").0, 400);
    let document: Value = serde_json::from_str(&server.get("/v1/openapi.json").1).unwrap();
    assert!(document["paths"]["/v1/comparisons"]["get"].is_object());
}

#[test]
fn help_has_examples() {
    let folder = tempfile::tempdir().unwrap();
    let help = run(folder.path(), &["compare", "--help"]);
    assert!(help.is_well && help.out.contains("cairn compare change_lead_time --improvement"), "{}", help.out);
}
