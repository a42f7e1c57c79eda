//! What is missing, on the command line and over HTTP: worst first, page by page, and in words where there is nothing.

use std::fs;

use facts::Kind;

use super::all;
use crate::command_line::run;
use crate::metrics::told::Told;
use crate::server::{Server, json};

const INCIDENTS: &str = "id,opened_at,service
1,2025-03-03T10:00:00Z,shop
2,2025-03-03T11:00:00Z,
3,2025-03-03T12:00:00Z,
";

/// A folder whose store knows three incidents, two of them without a service.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("incidents.csv"), INCIDENTS).unwrap();
    let said = run(folder.path(), &["import", "incident", "incidents.csv"]);
    assert!(said.is_well, "{}", said.err);
    folder
}

#[test]
fn worse_findings_come_first_and_a_metric_lists_its_own() {
    let told = Told::of(&[(
        Kind::Incident,
        "id,opened_at,service\n1,2025-12-30T10:00:00Z,shop\n2,2025-12-30T11:00:00Z,shop\n3,2025-12-30T12:00:00Z,",
    )]);
    let found = all(&told.store, Some("time_to_restore"));
    // Both incidents with a service name an unknown one: all of them, times six metrics, is 6. One incident of three
    // has no service: a third, times five metrics.
    let checks: Vec<(&str, f64)> =
        found.findings.iter().map(|finding| (finding.check.as_str(), (finding.severity * 1e9).round() / 1e9)).collect();
    assert_eq!(checks, [("services_unknown", 6.0), ("incidents_without_service", 1.666_666_667)]);
    // Of checks by kind those that are about incidents: they are told, and none lies ahead.
    assert!(found.well.contains(&"kinds_never_told".to_owned()), "{:?}", found.well);
    assert!(found.well.contains(&"facts_in_the_future".to_owned()), "{:?}", found.well);
    assert!(all(&told.store, None).well.contains(&"facts_in_the_future".to_owned()));
    let [metric] = &found.metrics[..] else { panic!("{:?}", found.metrics) };
    assert_eq!(metric.checks, ["services_unknown", "incidents_without_service"]);
    assert!((metric.lost - 4.0 / 3.0).abs() < 1e-12);
}

#[test]
fn a_metric_with_nothing_missing_says_so() {
    let told = Told::of(&[(Kind::Ticket, "id,queue,opened_at\n1,help,2025-12-30T10:00:00Z")]);
    let found = all(&told.store, Some("ticket_resolution"));
    assert_eq!((found.says.as_str(), found.findings.len()), ("nothing is missing", 0));
    assert_eq!(found.metrics[0].says, "nothing is missing");
}

#[test]
fn a_store_without_facts_names_the_next_command() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("none.csv"), "id,opened_at\n").unwrap();
    run(folder.path(), &["import", "incident", "none.csv"]);
    let said = run(folder.path(), &["doctor", "data"]);
    assert!(said.is_well, "{}", said.err);
    assert!(
        said.out.starts_with("nothing was told yet") && said.out.contains("`cairn import KIND FILE`"),
        "{}",
        said.out
    );
}

#[test]
fn the_command_and_the_api_tell_the_same() {
    let folder = folder();
    let table = run(folder.path(), &["doctor", "data", "--metric", "time_to_restore"]);
    assert!(
        table.out.contains("Incidents without a service (incidents_without_service): 2 of 3, 67 %"),
        "{}",
        table.out
    );
    assert!(table.out.contains("to mend it: "), "{}", table.out);
    let from_command = run(folder.path(), &["doctor", "data", "--format", "json"]);
    let rows = run(
        folder.path(),
        &["doctor", "data", "--check", "incidents_without_service", "--limit", "1", "--format", "json"],
    );
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let (status, body) = server.get("/v1/data-quality");
    assert_eq!((status, json(&body)), (200, json(&from_command.out)));
    let (status, body) = server.get("/v1/data-quality?check=incidents_without_service&limit=1");
    let first = json(&body);
    assert_eq!((status, &first), (200, &json(&rows.out)));
    assert_eq!((&first["rows"][0]["subject"], &first["next"]), (&"3".into(), &1.into()));
    let second = json(&server.get("/v1/data-quality?check=incidents_without_service&limit=1&offset=1").1);
    assert_eq!((&second["rows"][0]["subject"], &second["next"]), (&"2".into(), &serde_json::Value::Null));
    let document = json(&server.get("/v1/openapi.json").1);
    assert!(document["paths"]["/v1/data-quality"]["get"].is_object());
}

#[test]
fn mistakes_are_told_with_what_would_do() {
    let folder = folder();
    let said = run(folder.path(), &["doctor", "data", "--check", "services_unknwn"]);
    assert!(!said.is_well && said.err.contains("did you mean `services_unknown`?"), "{}", said.err);
    let said = run(folder.path(), &["doctor", "data", "--metric", "time_to_restor"]);
    assert!(!said.is_well && said.err.contains("did you mean `time_to_restore`?"), "{}", said.err);
    let server = Server::start(folder.path(), "127.0.0.1:0");
    for (path, expected) in [
        ("?metric=nothing", 404),
        ("?check=nothing", 404),
        ("?limit=3", 400),
        ("?check=services_unknown&limit=0", 400),
        ("?check=services_unknown&limit=1001", 400),
        ("?check=services_unknown&metric=time_to_restore", 400),
        ("?metrics=time_to_restore", 400),
    ] {
        assert_eq!(server.get(&format!("/v1/data-quality{path}")).0, expected, "{path}");
    }
}

#[test]
fn help_has_examples() {
    let folder = tempfile::tempdir().unwrap();
    let help = run(folder.path(), &["doctor", "data", "--help"]);
    assert!(help.out.contains("cairn doctor data --metric change_lead_time"), "{}", help.out);
}
