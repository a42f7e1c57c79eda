//! A dashboard and `cairn metrics` say the same, the binary run for both.

use std::collections::BTreeMap;

use chrono::{TimeDelta, TimeZone, Utc};
use dashboards::grafana::Way;
use serde_json::Value;

use super::interpolation::Range;
use super::json_targets::{address, frame, parameters};
use super::organisation::all_chosen;
use super::shipped::dashboards;
use crate::command_line::run;
use crate::server::Server;

/// A figure on the command line: the words of `cairn metrics` for a request's parameters.
fn words(url: &str, asked: &BTreeMap<String, String>) -> Vec<String> {
    let mut words = vec!["metrics".to_owned(), url.rsplit('/').next().unwrap().to_owned()];
    for name in ["from", "to", "grain", "by"] {
        if let Some(value) = asked.get(name) {
            words.extend([format!("--{name}"), value.clone()]);
        }
    }
    // "All" of a variable is no filter there, so it is left out here.
    for filter in asked.get("where").into_iter().flat_map(|filters| filters.split(';')) {
        if !filter.ends_with("=*") {
            words.extend(["--where".to_owned(), filter.to_owned()]);
        }
    }
    words.extend(["--format", "csv"].map(String::from));
    words
}

/// Whether two tables say the same. Sums of fractions may differ in their last digit, as they are added on several cores.
fn is_same(one: &str, other: &str) -> bool {
    let is_same_cell = |(one, other): (&str, &str)| match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(one), Ok(other)) => (one - other).abs() <= 1e-9 * other.abs(),
        _ => one == other,
    };
    let is_same_line = |(one, other): (&str, &str)| {
        one.split(',').count() == other.split(',').count() && one.split(',').zip(other.split(',')).all(is_same_cell)
    };
    one.lines().count() == other.lines().count() && one.lines().zip(other.lines()).all(is_same_line)
}

#[test]
fn a_dashboard_and_the_command_line_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let made = run(
        folder.path(),
        &["--store", "cairn.duckdb", "demo", "--no-serve", "--scale", "0.05", "--end", "2026-02-18"],
    );
    assert!(made.is_well, "{}", made.err);
    let to = Utc.with_ymd_and_hms(2026, 2, 18, 0, 0, 0).unwrap();
    let range = Range { from: to - TimeDelta::days(182), to };
    let mut told: Vec<(String, String)> = Vec::new();
    let mut sources: Option<Value> = None;
    for board in dashboards().into_iter().filter(|board| board.way == Way::Infinity) {
        let mut of_board: BTreeMap<String, (String, String)> = BTreeMap::new();
        for target in board.targets() {
            let url = target.json["url"].as_str().unwrap().to_owned();
            if url == "/v1/sources" {
                sources = Some(target.json.clone());
            }
            if !url.starts_with("/v1/metrics/") || url.ends_with("/observations") {
                continue;
            }
            let asked: BTreeMap<String, String> = parameters(&target.json, &all_chosen(), range).into_iter().collect();
            // One question of each form on each dashboard; the engine is held against all of them elsewhere.
            let form = format!("{} {:?}", asked["grain"], asked.contains_key("by"));
            if of_board.contains_key(&form) {
                continue;
            }
            let said = words(&url, &asked);
            let said = run(folder.path(), &said.iter().map(String::as_str).collect::<Vec<_>>());
            assert!(said.is_well, "{}: {}", target.place, said.err);
            let path = address(&target.json, &all_chosen(), range);
            let path = path.replace("format=rows", "format=csv").replace("buckets=complete", "buckets=all");
            of_board.insert(form, (path, said.out));
        }
        told.extend(of_board.into_values());
    }
    assert!(told.len() >= 18, "{}", told.len());
    let server = Server::start(folder.path(), "127.0.0.1:0");
    for (path, by_command) in told {
        let (status, by_api) = server.get(&path);
        assert_eq!(status, 200, "{path}: {by_api}");
        assert!(is_same(&by_api, &by_command), "{path}:\n{by_api}\nand on the command line\n{by_command}");
    }
    let target = sources.unwrap();
    let (status, body) = server.get("/v1/sources");
    assert_eq!(status, 200);
    assert!(frame(&target, &serde_json::from_str(&body).unwrap(), "/v1/sources").n_rows() > 0);
}
