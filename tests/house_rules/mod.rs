//! The rules of the house, checked.

use std::fs;
use std::path::{Path, PathBuf};

mod checks;
mod glossary;
mod intake_format;
mod schema;

/// The repository's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder with an extension, and their texts.
fn files(folder: &str, extension: &str) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, extension: &str, found: &mut Vec<(PathBuf, String)>) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, extension, found);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push((path.clone(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), extension, &mut found);
    assert!(!found.is_empty(), "{folder} has no .{extension} files");
    found.sort();
    found
}

const ROOMS: [&str; 7] =
    ["facts/src", "web/src", "store/src", "collectors/src", "analytics/src", "dashboards/src", "src"];

#[test]
fn only_the_store_names_duckdb() {
    for room in ROOMS.iter().filter(|room| **room != "store/src") {
        for (path, text) in files(room, "rs") {
            assert!(!text.contains("duckdb::"), "{} names duckdb", path.display());
        }
    }
}

#[test]
fn only_the_analytics_name_polars() {
    for room in ROOMS.iter().filter(|room| **room != "analytics/src") {
        for (path, text) in files(room, "rs") {
            assert!(!text.contains("polars::"), "{} names polars", path.display());
        }
    }
}

#[test]
fn only_the_binary_reads_the_clock_and_the_environment() {
    let allowed = ["src/clock.rs", "src/config.rs"].map(|path| root().join(path));
    for room in ROOMS {
        for (path, text) in files(room, "rs") {
            if allowed.contains(&path) {
                continue;
            }
            for forbidden in ["Utc::now()", "SystemTime::now()", "Local::now()", "env::var(", "env::vars("] {
                assert!(!text.contains(forbidden), "{} calls {forbidden}", path.display());
            }
        }
    }
}

#[test]
fn imports_run_downwards_only() {
    let may_use: [(&str, &[&str]); 7] = [
        ("facts", &[]),
        ("sql", &[]),
        ("web", &[]),
        ("store", &["facts"]),
        ("collectors", &["facts"]),
        ("analytics", &["facts", "store", "web"]),
        ("dashboards", &["facts", "store", "web", "analytics"]),
    ];
    for (room, allowed) in may_use {
        let manifest = fs::read_to_string(root().join(room).join("Cargo.toml")).unwrap();
        for (other, _) in may_use.iter().filter(|(other, _)| !allowed.contains(other)) {
            assert!(!manifest.contains(&format!("\n{other}.workspace")), "{room} may not use {other}");
        }
    }
}

#[test]
fn every_metric_has_a_test_and_its_definition_is_worth_reading() {
    let tested: Vec<String> = files("tests/metrics", "rs").into_iter().map(|(_, text)| text).collect();
    let catalogue = analytics::Catalogue::read(sql::METRICS).unwrap();
    for metric in catalogue.metrics() {
        assert!(
            tested.iter().any(|text| text.contains(&format!("\"{}\"", metric.name))),
            "{} has no test",
            metric.name
        );
        assert!(metric.definition.len() > 60, "{} has a thin definition", metric.name);
        assert!(metric.source.starts_with("https://"), "{} names no source", metric.name);
        assert!(!metric.reads.is_empty(), "{} reads no mart", metric.name);
    }
}

#[test]
fn a_metric_reads_only_the_marts_it_names() {
    let catalogue = analytics::Catalogue::read(sql::METRICS).unwrap();
    for metric in catalogue.metrics() {
        let query = metric.query.to_lowercase();
        assert!(!query.contains("facts."), "{} reads facts", metric.name);
        for mart in query.split("marts.").skip(1) {
            let mart: String = mart.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
            assert!(metric.reads.contains(&mart), "{} reads marts.{mart} and does not say so", metric.name);
        }
    }
}

#[test]
fn an_unknown_mart_or_a_missing_key_in_a_metrics_header_is_refused_by_name() {
    let header = |reads: &str, title: &str| {
        format!(
            "-- name = \"x\"\n{title}-- group = \"delivery\"\n-- version = 1\n-- unit = \"seconds\"\n-- better = \"lower\"\n\
            -- shape = \"event\"\n-- aggregate = \"median\"\n-- definition = \"x\"\n-- source = \"https://example.org\"\n\
            -- reads = [\"{reads}\"]\n-- One row per x.\nselect 1\n"
        )
    };
    let error = |text: String| analytics::Catalogue::read(&[("x.sql", &text)]).unwrap_err().to_string();
    let unknown = error(header("change_deliveries", "-- title = \"X\"\n"));
    assert!(unknown.contains("did you mean `change_delivery`?"), "{unknown}");
    let missing = error(header("change_delivery", ""));
    assert!(missing.contains("x.sql") && missing.contains("title"), "{missing}");
    let other_name = error(header("change_delivery", "-- title = \"X\"\n").replace("\"x\"\n", "\"y\"\n"));
    assert!(other_name.contains("`y`"), "{other_name}");
}

#[test]
fn the_head_of_every_mart_and_metric_says_what_one_row_is() {
    for (path, text) in files("sql/metrics", "sql") {
        assert!(text.contains("\n-- One row per "), "{} does not say what one row is", path.display());
    }
    for (path, text) in files("sql/marts", "sql") {
        assert!(text.starts_with("-- "), "{} has no head", path.display());
    }
}

#[test]
fn no_test_is_ignored_and_nothing_is_left_to_do() {
    // Put together here, so that this file does not find itself.
    let forbidden =
        [["#[ig", "nore"].concat(), ["to", "do!("].concat(), ["unimple", "mented!("].concat(), ["FIX", "ME"].concat()];
    for room in ROOMS.iter().chain(&["tests"]) {
        for (path, text) in files(room, "rs") {
            for word in &forbidden {
                assert!(!text.contains(word), "{} has {word}", path.display());
            }
        }
    }
}
