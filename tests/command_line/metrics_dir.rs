//! `metrics_dir` in `cairn.toml`: metric files of an installation's own.

use std::fs;

use super::run;

pub const METRIC: &str = "-- name = \"night_deployments\"
-- title = \"Deployments at night\"
-- group = \"delivery\"
-- version = 1
-- unit = \"share\"
-- better = \"lower\"
-- shape = \"event\"
-- aggregate = \"share\"
-- dimensions = [\"team\", \"service\"]
-- reads = [\"deployment_outcome\"]
-- subjects = \"deployment_name\"
-- definition = \"Production deployments between 22 and 6 o'clock UTC / production deployments.\"
-- source = \"https://wiki.example.org/metrics\"
-- One row per deployment that reached production.
select
    finished_at as observed_at,
    deployment_hash as subject,
    null as url,
    team_key,
    service_key,
    hour(finished_at) not between 6 and 21 as value,
    null as reason,
from marts.deployment_outcome
where is_live
";

fn folder(metric: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cairn.toml"), "metrics_dir = \"ours\"\n").unwrap();
    fs::create_dir(folder.path().join("ours")).unwrap();
    fs::write(folder.path().join("ours/night_deployments.sql"), metric).unwrap();
    let rows = "id,service,environment,finished_at,result\n1,shop,production,2025-03-03T10:00:00Z,success\n\
        2,shop,production,2025-03-04T23:00:00Z,success\n";
    fs::write(folder.path().join("d.csv"), rows).unwrap();
    assert!(run(folder.path(), &["import", "deployment", "d.csv"]).is_well);
    folder
}

#[test]
fn a_file_there_is_listed_and_answered_like_any_other_metric() {
    let folder = folder(METRIC);
    let listed = run(folder.path(), &["metrics"]);
    assert!(listed.out.contains("night_deployments: Deployments at night (share)"), "{}{}", listed.out, listed.err);
    let arguments = ["metrics", "night_deployments", "--from", "2025-03-03", "--to", "2025-03-10", "--by", "service"];
    let found = run(folder.path(), &[&arguments[..], &["--format", "json"]].concat());
    let answer: serde_json::Value = serde_json::from_str(&found.out).unwrap();
    assert_eq!((&answer["rows"][0]["value"], &answer["rows"][0]["service"]), (&0.5.into(), &"shop".into()));
}

#[test]
fn a_file_with_a_mistake_is_refused_at_the_start_with_file_and_line() {
    let folder = folder(&METRIC.replace("marts.deployment_outcome", "facts.deployment"));
    let refused = run(folder.path(), &["metrics"]);
    assert!(!refused.is_well);
    assert!(refused.err.contains("night_deployments.sql, line 23: reads `facts.deployment`"), "{}", refused.err);
}

#[test]
fn a_folder_that_is_not_there_is_told_with_its_key() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cairn.toml"), "metrics_dir = \"nowhere\"\n").unwrap();
    let refused = run(folder.path(), &["metrics"]);
    assert!(
        !refused.is_well && refused.err.contains("metrics_dir") && refused.err.contains("nowhere"),
        "{}",
        refused.err
    );
}

#[test]
fn the_catalogue_is_listed_by_its_parts() {
    let folder = tempfile::tempdir().unwrap();
    let listed = run(folder.path(), &["metrics"]).out;
    let places: Vec<usize> = ["DELIVERY\n", "EXPERIENCE\n", "PLATFORM HEALTH\n", "BUSINESS\n"]
        .map(|part| listed.find(part).unwrap())
        .to_vec();
    assert!(places.is_sorted(), "{listed}");
    assert!(listed.contains("By team, capability, basis."), "{listed}");
}
