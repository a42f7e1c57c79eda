//! Runs on the command line and over HTTP: kept with their inputs, and had again by their numbers.

use std::fs;
use std::path::Path;

use super::worked_example;
use crate::command_line::run;
use crate::server::{Server, json, token};

const WINDOW: [&str; 4] = ["--from", "2025-01-01", "--to", "2025-04-02"];

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let written = worked_example().figure("recapture", "min = 0.3\nmax = 0.7").saving(
        "templates",
        "telemetry.hours",
        "facts = \"time_saving\"",
    );
    fs::write(folder.path().join("cairn.toml"), format!("{}\n[platform]\nstage = \"growing\"\n", written.text()))
        .unwrap();
    import(folder.path(), "1", 0.1);
    folder
}

fn import(folder: &Path, id: &str, hours: f64) {
    let row = format!(
        r#"{{"id":"{id}","capability":"templates","at":"2025-02-01T00:00:00Z","hours":{hours},"occurrences":7,"basis":"telemetry"}}"#
    );
    fs::write(folder.join("saving.ndjson"), row).unwrap();
    let said = run(folder, &["import", "time_saving", "saving.ndjson"]);
    assert!(said.is_well, "{}", said.err);
}

fn value(folder: &Path, arguments: &[&str]) -> String {
    let said = run(folder, &[&["value"], arguments].concat());
    assert!(said.is_well, "{}", said.err);
    said.out
}

#[test]
fn a_run_is_had_again_to_the_last_byte_whatever_came_in_since() {
    let folder = folder();
    let first = value(folder.path(), &[&WINDOW[..], &["--format", "json"]].concat());
    assert_eq!(json(&first)["run"], 1);
    assert_eq!(value(folder.path(), &["--run", "1", "--format", "json"]), first);
    let same = value(folder.path(), &[&WINDOW[..], &["--format", "json"]].concat());
    assert_eq!(same, first, "the same inputs are one run");

    import(folder.path(), "2", 1_000.0 / 3.0);
    let later = value(folder.path(), &[&WINDOW[..], &["--format", "json"]].concat());
    assert_eq!(json(&later)["run"], 2);
    assert!(json(&later)["data_version"].as_i64() > json(&first)["data_version"].as_i64());
    assert_ne!(json(&later)["bases"], json(&first)["bases"]);
    assert_eq!(value(folder.path(), &["--run", "1", "--format", "json"]), first);
    assert_eq!(value(folder.path(), &["--run", "2", "--format", "json"]), later);
    // The configuration may change, too.
    fs::write(folder.path().join("cairn.toml"), "").unwrap();
    assert_eq!(value(folder.path(), &["--run", "1", "--format", "json"]), first);
    let runs = json(&value(folder.path(), &["--runs", "--format", "json"]));
    assert_eq!((runs.as_array().unwrap().len(), &runs[1]["run"], &runs[1]["seed"]), (2, &2.into(), &1.into()));
}

#[test]
fn machine_formats_are_exact_and_people_are_told_two_figures() {
    let folder = folder();
    let arguments = [&WINDOW[..], &["--no-keep"]].concat();
    let exact = json(&value(folder.path(), &[&arguments[..], &["--format", "json"]].concat()));
    assert_eq!(exact["run"], serde_json::Value::Null);
    let gross = &exact["bases"]["telemetry"]["gross"]["p50"];
    // 600 h + 0.7 h in 13 weeks, at 5 000 for an hour each week.
    assert!((gross.as_f64().unwrap() - (600.0 + 0.7 / 13.0) * 5_000.0).abs() < 1e-6, "{gross}");
    let csv = value(folder.path(), &[&arguments[..], &["--format", "csv"]].concat());
    let line = csv.lines().find(|line| line.starts_with("telemetry,gross,USD a year,")).unwrap();
    assert_eq!(line.rsplit(',').next().unwrap().parse::<f64>().unwrap(), gross.as_f64().unwrap());
    let table = value(folder.path(), &arguments);
    assert!(table.contains("USD 3.0 million"), "{table}");
    for words in
        ["share of the working week", "never added", "not kept", "`growing` leads with", "by survey there is no figure"]
    {
        assert!(table.contains(words), "`{words}` is not in: {table}");
    }
    assert_eq!(json(&value(folder.path(), &["--runs", "--format", "json"])), serde_json::json!([]));
}

#[test]
fn the_example_printed_is_the_one_that_is_valid_and_runs_without_data() {
    let folder = tempfile::tempdir().unwrap();
    let example = value(folder.path(), &["--example"]);
    assert_eq!(example, analytics::value::EXAMPLE);
    fs::write(folder.path().join("cairn.toml"), example).unwrap();
    let none = run(folder.path(), &["value"]);
    assert!(!none.is_well && none.err.contains("there is no store at"), "{}", none.err);
    token(folder.path(), "ci", "read");
    let table = value(folder.path(), &[]);
    assert!(table.contains("by telemetry there is no figure, which is not 0"), "{table}");
    assert!(table.contains("cairn import team"), "{table}");
}

#[test]
fn without_a_configuration_one_sentence_says_where_to_find_one() {
    let folder = tempfile::tempdir().unwrap();
    let said = run(folder.path(), &["value"]);
    assert!(!said.is_well && said.out.is_empty());
    for words in ["cairn.toml has no [value]", "cairn value --example", "docs/value.md"] {
        assert!(said.err.contains(words), "`{words}` is not in: {}", said.err);
    }
    assert_eq!(said.err.lines().count(), 1, "{}", said.err);
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let (status, body) = server.get("/v1/value");
    assert_eq!((status, &json(&body)["error"]["code"]), (404, &"VALUE_NOT_CONFIGURED".into()));
    assert_eq!(json(&body)["error"]["details"]["example"], analytics::value::EXAMPLE);
}

#[test]
fn an_unknown_run_is_said_with_those_that_are_kept() {
    let folder = folder();
    let none = run(folder.path(), &["value", "--run", "7"]);
    assert!(!none.is_well && none.err.contains("no run 7") && none.err.contains("none was kept yet"), "{}", none.err);
    value(folder.path(), &WINDOW);
    let other = run(folder.path(), &["value", "--run", "7"]);
    assert!(other.err.contains("those kept are 1 to 1"), "{}", other.err);
}

#[test]
fn the_api_computes_keeps_and_shows_again() {
    let folder = folder();
    let write = token(folder.path(), "ci", "write");
    let by_command = value(folder.path(), &[&WINDOW[..], &["--format", "json"]].concat());
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let window = r#"{"from": "2025-01-01", "to": "2025-04-02"}"#;
    assert_eq!(server.ask("POST", "/v1/value/runs", None, window).0, 401);
    let (status, kept) = server.ask("POST", "/v1/value/runs", Some(&write), window);
    assert_eq!((status, json(&kept)), (201, json(&by_command)), "the command kept these inputs already, as run 1");
    let (status, other) =
        server.ask("POST", "/v1/value/runs", Some(&write), r#"{"from": "2025-01-01", "to": "2025-04-02", "seed": 9}"#);
    assert_eq!((status, &json(&other)["run"], &json(&other)["seed"]), (201, &2.into(), &9.into()));
    assert_eq!(server.get("/v1/value?run=2"), (200, other));
    let mut computed = json(&server.get("/v1/value?from=2025-01-01&to=2025-04-02").1);
    assert_eq!(computed["run"], serde_json::Value::Null);
    computed["run"] = 1.into();
    assert_eq!(computed, json(&by_command));
    assert_eq!(json(&server.get("/v1/value/runs").1)["runs"].as_array().unwrap().len(), 2);

    assert_eq!(server.get("/v1/value?run=3").0, 404);
    assert_eq!(server.get("/v1/value?run=1&from=2025-01-01").0, 400);
    assert_eq!(server.get("/v1/value?frm=2025-01-01").0, 400);
    assert_eq!(server.get("/v1/value?from=2025-05-01&to=2025-01-01").0, 400);
    let (status, refused) = server.ask("POST", "/v1/value/runs", Some(&write), r#"{"form": "2025"}"#);
    assert_eq!((status, &json(&refused)["error"]["code"]), (422, &"RUN_REFUSED".into()));
    let document = json(&server.get("/v1/openapi.json").1);
    for path in ["/v1/value", "/v1/value/runs"] {
        assert!(document["paths"].get(path).is_some(), "{path}");
    }
}

#[test]
fn the_demo_organisation_with_the_example_has_a_sensible_value() {
    let folder = tempfile::tempdir().unwrap();
    let made = run(folder.path(), &["demo", "--no-serve", "--end", "2026-03-02", "--store", "demo.duckdb"]);
    assert!(made.is_well, "{}", made.err);
    fs::write(folder.path().join("cairn.toml"), analytics::value::EXAMPLE).unwrap();
    let report = json(&value(folder.path(), &["--store", "demo.duckdb", "--to", "2026-03-02", "--format", "json"]));
    let figure = |basis: &str, step: &str| report["bases"][basis][step]["p50"].as_f64().unwrap();
    // Per engineer and week: 0.15 x 3.5 + 0.02 x 14 + 1.5 x 0.2 = 1.1 hours for all, and up to 2.4 x 0.5 + 0.05 x 2.5 = 1.3 more
    // with the golden path, which most teams get within the year.
    let per_engineer =
        figure("telemetry", "hours") / report["inputs"]["engineers"]["distribution"]["value"].as_f64().unwrap();
    assert!((1.1..2.5).contains(&per_engineer), "{per_engineer} hours a week for each engineer");
    // People say half as much again.
    assert!(figure("survey", "hours") > 1.1 * figure("telemetry", "hours"));
    for basis in ["telemetry", "survey"] {
        let chance = report["bases"][basis]["chance_net_above_zero"].as_f64().unwrap();
        assert!((0.05..=1.0).contains(&chance), "{basis}: {chance}");
        assert!(figure(basis, "gross") > figure(basis, "after_attribution"));
        assert_eq!(report["bases"][basis]["missing"], serde_json::json!([]));
    }
    assert!(figure("telemetry", "net") < figure("survey", "net"));
}

#[test]
fn a_run_of_another_version_of_the_calculation_is_not_computed_under_its_old_number() {
    let folder = tempfile::tempdir().unwrap();
    let store = crate::support::store_in(&folder);
    let run = store::ValueRun {
        model_version: 0,
        seed: 1,
        data_version: 0,
        from: crate::support::at("2025-01-01T00:00:00Z"),
        to: crate::support::at("2025-02-01T00:00:00Z"),
        inputs: r#"{"model_version": 0}"#.into(),
    };
    assert_eq!(store.keep_value_run(&run, crate::support::at(super::NOW)).unwrap(), 1);
    let error = analytics::value::kept(&store, 1).unwrap_err().to_string();
    assert!(error.contains("run 1 was made by version 0"), "{error}");
}

#[test]
fn a_mistake_in_the_configuration_is_told_with_its_file_and_table_before_anything_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let text = worked_example().figure("attribution", "value = 1.2").text();
    fs::write(folder.path().join("cairn.toml"), text).unwrap();
    let said = run(folder.path(), &["value"]);
    assert!(!said.is_well && said.out.is_empty());
    assert!(said.err.contains("in the configuration cairn.toml: [value.attribution]: 1.2 is above 1"), "{}", said.err);
    assert!(!folder.path().join("cairn.duckdb").exists());
}
