//! `cairn collect git`: the real histories, against figures that an independent script computed.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::run;

fn rebuilt(folder: &Path, label: &str) -> PathBuf {
    let target = folder.join(format!("{label}.git"));
    let converter = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/histories/to_git.py");
    let made = Command::new("python3").arg(converter).arg(label).arg(&target).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    target
}

fn expected() -> serde_json::Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/histories/expected.json");
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

fn row(folder: &Path, metric: &str, from: &str, to: &str) -> serde_json::Value {
    let found = run(folder, &["metrics", metric, "--from", from, "--to", to, "--grain", "all", "--format", "json"]);
    assert!(found.is_well, "{}", found.err);
    serde_json::from_str::<serde_json::Value>(&found.out).unwrap()["rows"][0].clone()
}

/// The day of a release: its tag and its time.
fn day_of(release: &serde_json::Value) -> String {
    let seconds = release[1].as_i64().unwrap();
    chrono::DateTime::from_timestamp(seconds, 0).unwrap().format("%Y-%m-%d").to_string()
}

/// The days from a day to the begin of a year.
fn days_from(day: &str, year: &str) -> f64 {
    let day: chrono::NaiveDate = day.parse().unwrap();
    let end = chrono::NaiveDate::from_ymd_opt(year.parse().unwrap(), 1, 1).unwrap();
    (end - day).num_days() as f64
}

fn agrees(label: &str) {
    let folder = tempfile::tempdir().unwrap();
    let repository = rebuilt(folder.path(), label);
    let expected = &expected()[label];
    let pattern = format!("re:{}", expected["pattern"].as_str().unwrap());
    let path = repository.to_str().unwrap();
    let collected = run(folder.path(), &["collect", "git", path, "--tags", &pattern]);
    assert!(collected.is_well, "{}", collected.err);

    let lead = row(folder.path(), "commit_lead_time", "1990", "2100");
    assert_eq!(lead["value"].as_f64(), expected["lead_nomerge"]["median_s"].as_f64());
    assert_eq!(lead["n"], expected["lead_nomerge"]["n"]);
    assert!((lead["p90"].as_f64().unwrap() - expected["lead_nomerge"]["p90_cont_s"].as_f64().unwrap()).abs() < 1e-6);
    assert_eq!(row(folder.path(), "deployment_frequency", "1990", "2100")["n"], expected["releases"]);
    let last_year = day_of(&expected["last"])[..4].to_owned();
    for (year, figures) in expected["by_year"].as_object().unwrap() {
        let next = (year.parse::<i32>().unwrap() + 1).to_string();
        let frequency = row(folder.path(), "deployment_frequency", year, &next);
        assert_eq!(frequency["n"], figures["releases"], "{year}");
        let per_week = frequency["value"].as_f64().unwrap() * 7.0;
        // The script divides by all days of the year; of those before the first release nothing is known here.
        let (first, days_of_year) = (day_of(&expected["first"]), days_from(&format!("{year}-01-01"), &next));
        let told = if first.starts_with(year.as_str()) { days_from(&first, &next) } else { days_of_year };
        let wanted = figures["per_week"].as_f64().unwrap() * days_of_year / told;
        // The year of the last release may not be over, and is divided by its days so far.
        if *year < last_year {
            assert!((per_week - wanted).abs() < 1e-5, "{year}: {per_week}, wanted {wanted}");
        }
        let lead = row(folder.path(), "commit_lead_time", year, &next);
        assert_eq!(lead["n"], figures["lead_nomerge"]["n"], "{year}");
        if figures["lead_nomerge"]["n"] != 0 {
            assert_eq!(lead["value"].as_f64(), figures["lead_nomerge"]["median_s"].as_f64(), "{year}");
        }
    }

    let again = run(folder.path(), &["collect", "git", path, "--tags", &pattern]);
    assert!(again.out.contains("(0 commits read)") && again.out.contains("nothing new"), "{}", again.out);
}

#[test]
fn axums_history_gives_the_independent_figures() {
    agrees("axum");
}

#[test]
fn kustomizes_history_gives_the_independent_figures() {
    agrees("kustomize");
}

#[test]
fn devlakes_history_gives_the_independent_figures() {
    agrees("devlake");
}

#[test]
fn policy_reporters_history_gives_the_independent_figures() {
    agrees("policy-reporter");
}
