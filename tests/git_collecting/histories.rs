//! Four real histories, rebuilt from their graphs: the figures must be those that an independent script computed from
//! the same graphs without git (`expected.json`), to the second.
//!
//! Not compared: the script's revert counts. It counts every subject that begins with "revert" in any letter case, on
//! side branches too, while a fact needs git's own words on a change. Changes, what they began with and what they
//! revert are checked against a second reading of the graph below instead, one naive walk for each release and merge.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::Datelike;
use collectors::git::{Collected, TagPattern, collect};
use flate2::read::GzDecoder;
use serde_json::Value;

use super::workshop::{at, options, sorted};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/histories")
}

fn lines_of(name: &str) -> impl Iterator<Item = Value> + use<> {
    let reader = BufReader::new(GzDecoder::new(File::open(fixtures().join(name)).unwrap()));
    reader.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap())
}

/// A history as the fixture has it.
struct Graph {
    label: &'static str,
    head: String,
    commits: HashMap<String, Value>,
    /// Matching tags in order: time, name, commit.
    tags: Vec<(i64, String, String)>,
}

impl Graph {
    fn read(label: &'static str, collected: &Collected) -> Graph {
        let meta: Value =
            serde_json::from_reader(File::open(fixtures().join(format!("{label}.meta.json"))).unwrap()).unwrap();
        let commits = lines_of(&format!("{label}.commits.ndjson.gz"));
        let commits: HashMap<String, Value> =
            commits.map(|line| (line["s"].as_str().unwrap().to_owned(), line)).collect();
        let order: HashMap<&str, usize> =
            collected.facts.deployments.iter().enumerate().map(|(place, one)| (one.id.as_str(), place)).collect();
        let mut tags: Vec<(i64, String, String)> = lines_of(&format!("{label}.tags.ndjson.gz"))
            .filter(|tag| order.contains_key(tag["t"].as_str().unwrap()))
            .map(|tag| {
                (tag["at"].as_i64().unwrap(), tag["t"].as_str().unwrap().into(), tag["s"].as_str().unwrap().into())
            })
            .collect();
        tags.sort_by_key(|(time, name, _)| (*time, order[name.as_str()]));
        Graph { label, head: meta["head"].as_str().unwrap().to_owned(), commits, tags }
    }

    fn parents(&self, sha: &str) -> Vec<&str> {
        self.commits[sha]["p"].as_array().unwrap().iter().map(|parent| parent.as_str().unwrap()).collect()
    }

    fn time(&self, sha: &str, key: &str) -> i64 {
        self.commits[sha][key].as_i64().unwrap()
    }

    /// What is reachable from a commit and not in `without`.
    fn reachable<'g>(&'g self, sha: &'g str, without: &HashSet<&str>) -> HashSet<&'g str> {
        let mut found = HashSet::new();
        let mut stack = vec![sha];
        while let Some(sha) = stack.pop() {
            if !without.contains(sha) && found.insert(sha) {
                stack.extend(self.parents(sha));
            }
        }
        found
    }

    /// When the first of what a change brought was authored: its own commits are looked for with two full walks.
    fn first_authored(&self, sha: &str) -> i64 {
        let parents = self.parents(sha);
        if parents.len() < 2 {
            return self.time(sha, "a");
        }
        let before = self.reachable(parents[0], &HashSet::new());
        let brought = self.reachable(sha, &before);
        let first = brought.iter().filter(|found| **found != sha).map(|found| self.time(found, "a")).min();
        first.unwrap_or_else(|| self.time(sha, "a"))
    }
}

fn collect_history(label: &str, pattern: &str, folder: &Path, include_first: bool) -> Collected {
    let target = folder.join(format!("{label}.git"));
    if !target.exists() {
        let status = Command::new("python3").arg(fixtures().join("to_git.py")).arg(label).arg(&target).status();
        assert!(status.expect("python3 is installed").success());
    }
    let mut options = options(&target);
    options.tags = TagPattern::parse(&format!("re:{pattern}")).unwrap();
    options.include_first = include_first;
    collect(&options, None, &mut |_| {}).unwrap()
}

/// Lead times of the commits that are not merges, with the year of their release.
fn lead_times(collected: &Collected) -> Vec<(i32, i64)> {
    let authored: HashMap<&str, i64> =
        collected.facts.commits.iter().map(|one| (one.revision.as_str(), one.authored_at.timestamp())).collect();
    let released: HashMap<&str, i64> =
        collected.facts.deployments.iter().map(|one| (one.id.as_str(), one.finished_at.timestamp())).collect();
    (collected.facts.deployed_commits.iter())
        .filter_map(|row| Some((released[row.deployment_id.as_str()], authored.get(row.revision.as_str())?)))
        .map(|(released, authored)| (at(released).year(), released - authored))
        .collect()
}

fn assert_leads(expected: &Value, leads: impl Iterator<Item = i64>, what: &str) {
    let leads = sorted(leads);
    let n = leads.len();
    assert_eq!(n as u64, expected["n"].as_u64().unwrap(), "{what}: how many");
    if n == 0 {
        return;
    }
    let median = (leads[(n - 1) / 2] + leads[n / 2]) as f64 / 2.0;
    assert_eq!(median, expected["median_s"].as_f64().unwrap(), "{what}: median");
    assert_eq!(leads[(9 * n).div_ceil(10) - 1], expected["p90_disc_s"].as_i64().unwrap(), "{what}: 90th percentile");
    let n_negative = leads.iter().filter(|lead| **lead < 0).count();
    assert_eq!(n_negative as u64, expected["negative"].as_u64().unwrap(), "{what}: negative ones");
}

fn check(label: &'static str) {
    let expected: Value = serde_json::from_reader(File::open(fixtures().join("expected.json")).unwrap()).unwrap();
    let expected = &expected[label];
    let number = |key: &str| expected[key].as_u64().unwrap() as usize;
    let folder = tempfile::tempdir().unwrap();
    let pattern = expected["pattern"].as_str().unwrap();
    let collected = collect_history(label, pattern, folder.path(), false);
    let with_first = collect_history(label, pattern, folder.path(), true);

    let deployments = &collected.facts.deployments;
    assert_eq!(deployments.len(), number("releases"));
    for (key, deployment) in [("first", &deployments[0]), ("last", &deployments[deployments.len() - 1])] {
        assert_eq!(deployment.id, expected[key][0].as_str().unwrap());
        assert_eq!(deployment.finished_at.timestamp(), expected[key][1].as_i64().unwrap());
    }
    assert_eq!(with_first.facts.deployed_commits.len(), number("released_commits"));
    assert_eq!(collected.facts.deployed_commits.len() as u64, expected["lead_all"]["n"].as_u64().unwrap());

    let mut sizes: HashMap<&str, u64> = HashMap::new();
    for row in &collected.facts.deployed_commits {
        *sizes.entry(&row.deployment_id).or_default() += 1;
    }
    for release in expected["last10"].as_array().unwrap() {
        let tag = release["tag"].as_str().unwrap();
        assert_eq!(sizes.get(tag).copied().unwrap_or(0), release["commits"].as_u64().unwrap(), "{label} {tag}");
    }
    let n_empty = deployments[1..].iter().filter(|one| !sizes.contains_key(one.id.as_str())).count();
    assert_eq!(n_empty, number("empty_releases"));

    let leads = lead_times(&collected);
    assert_leads(&expected["lead_nomerge"], leads.iter().map(|(_, lead)| *lead), label);
    for (year, of_year) in expected["by_year"].as_object().unwrap() {
        let wanted: i32 = year.parse().unwrap();
        let n_releases = deployments.iter().filter(|one| one.finished_at.year() == wanted).count();
        assert_eq!(n_releases as u64, of_year["releases"].as_u64().unwrap(), "{label} {year}");
        let leads = leads.iter().filter(|(of, _)| *of == wanted).map(|(_, lead)| *lead);
        assert_leads(&of_year["lead_nomerge"], leads, &format!("{label} {year}"));
    }
    check_graph(&Graph::read(label, &collected), expected, &collected, &with_first);
}

/// The parts of the expected figures that need the graph, and the changes.
fn check_graph(graph: &Graph, expected: &Value, collected: &Collected, with_first: &Collected) {
    let label = graph.label;
    let tips = graph.tags.iter().map(|(_, _, sha)| sha.as_str()).chain([graph.head.as_str()]);
    let mut seen: HashSet<&str> = HashSet::new();
    let (mut changes, mut n_unreleased, mut n_reverts) = (Vec::new(), 0, 0);
    for (place, tip) in tips.enumerate() {
        let set = graph.reachable(tip, &seen);
        let is_baseline = place == 0;
        let mut next = Some(tip).filter(|tip| set.contains(tip));
        while let Some(sha) = next.filter(|_| !is_baseline) {
            changes.push((graph.time(sha, "c"), graph.first_authored(sha)));
            let commit = &graph.commits[sha];
            n_reverts += usize::from(commit["rv"].as_bool() == Some(true) || commit["rs"].is_string());
            next = graph.parents(sha).first().copied().filter(|parent| set.contains(parent));
        }
        if place == graph.tags.len() {
            n_unreleased = set.len();
        }
        seen.extend(set);
    }
    // The script counts what only tags of other modules reach as unreleased; nothing is known of it here.
    let elsewhere: Vec<&Value> =
        graph.commits.iter().filter(|(sha, _)| !seen.contains(sha.as_str())).map(|(_, one)| one).collect();
    let n_expected = expected["unreleased_commits"].as_u64().unwrap() as usize - elsewhere.len();
    assert_eq!(n_unreleased, n_expected, "{label}");
    let n_merges_read = seen.iter().filter(|sha| graph.parents(sha).len() > 1).count();
    assert_eq!(with_first.facts.commits.len(), with_first.n_commits_read - n_merges_read, "{label}");
    assert_eq!(with_first.n_commits_read, n_expected + with_first.facts.deployed_commits.len(), "{label}");

    let mut by_year: BTreeMap<i32, u64> = BTreeMap::new();
    for commit in &with_first.facts.commits {
        *by_year.entry(commit.committed_at.year()).or_default() += 1;
    }
    for one in elsewhere.iter().filter(|one| one["p"].as_array().unwrap().len() < 2) {
        *by_year.entry(at(one["c"].as_i64().unwrap()).year()).or_default() += 1;
    }
    for (year, of_year) in expected["by_year"].as_object().unwrap() {
        let found = by_year.get(&year.parse().unwrap()).copied().unwrap_or(0);
        assert_eq!(found, of_year["commits_nomerge"].as_u64().unwrap(), "{label} {year}: commits");
    }

    let found = collected.facts.changes.iter();
    let found = found.map(|one| (one.merged_at.timestamp(), one.first_commit_at.unwrap().timestamp()));
    assert_eq!(sorted(found), sorted(changes), "{label}: when changes were merged and when they began");
    let n_found = collected.facts.changes.iter().filter(|one| one.reverts.is_some()).count();
    assert_eq!(n_found, n_reverts, "{label}: reverts among the changes");
}

#[test]
fn axum_has_the_figures_of_the_independent_script() {
    check("axum");
}

#[test]
fn kustomize_has_the_figures_of_the_independent_script() {
    check("kustomize");
}

#[test]
fn devlake_has_the_figures_of_the_independent_script() {
    check("devlake");
}

#[test]
fn policy_reporter_has_the_figures_of_the_independent_script() {
    check("policy-reporter");
}
