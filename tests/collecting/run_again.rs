//! Which commits deployments brought where workflow runs are run again: GitHub lists such a run where it first began.

use std::collections::BTreeMap;

use collectors::github::{DeploymentsFrom, GitHub, Options};
use collectors::pull::{Ask, Setting, Source};
use facts::AnyFact;
use serde_json::{Value, json};

use super::walk;
use crate::support::at;

/// Run `n` deploys commit `n`, five minutes after the one before.
fn run(n: i64, again: Option<&str>) -> Value {
    let created = (at("2026-02-01T00:00:00Z") + chrono::Duration::minutes(5 * n)).to_rfc3339();
    let started = again.unwrap_or(&created);
    json!({
        "id": n, "name": "deploy", "head_sha": format!("c{n}"), "conclusion": "success",
        "run_attempt": if again.is_some() { 2 } else { 1 },
        "created_at": created, "run_started_at": started, "updated_at": started,
    })
}

/// The page that is asked for.
fn page_of(ask: &Ask) -> usize {
    let number = ask.path.split(['?', '&']).find_map(|part| part.strip_prefix("page="));
    number.map_or(1, |number| number.parse().unwrap())
}

/// GitHub with these runs, the newest first: a hundred a page, and what lies between two commits.
fn answer(runs: Vec<Value>) -> impl Fn(&Ask) -> (u16, Value) {
    let number = |sha: &str| sha.trim_start_matches('c').parse::<usize>().unwrap();
    move |ask: &Ask| {
        if let Some((_, range)) = ask.path.split_once("/compare/") {
            let (base, head) = range.split('?').next().unwrap().split_once("...").unwrap();
            let brought = number(base) + 1..=number(head);
            let commit = |n: usize| {
                let by = json!({ "date": "2026-01-31T00:00:00Z" });
                json!({ "sha": format!("c{n}"), "commit": { "author": by, "committer": by }, "parents": [{ "sha": "p" }] })
            };
            let commits: Vec<Value> = brought.map(commit).collect();
            let some: Vec<&Value> = commits.iter().skip((page_of(ask) - 1) * 100).take(100).collect();
            return (200, json!({ "total_commits": commits.len(), "commits": some }));
        }
        if ask.path.contains("/runs?") {
            let page =
                ask.path.split("&page=").nth(1).map_or(1, |rest| rest.split('&').next().unwrap().parse().unwrap());
            let some: Vec<&Value> = runs.iter().skip((page - 1) * 100).take(100).collect();
            return (200, json!({ "total_count": runs.len(), "workflow_runs": some }));
        }
        let empty = json!({ "pageInfo": { "hasNextPage": false }, "nodes": [] });
        let repository = json!({
            "nameWithOwner": "acme/shop", "pullRequests": empty, "deployments": empty, "defaultBranchRef": { "name": "main" },
        });
        (200, json!({ "data": { "repository": repository } }))
    }
}

fn source() -> GitHub {
    let options = Options {
        deployments: DeploymentsFrom::WorkflowRuns,
        workflows: vec!["deploy.yml".into()],
        repositories: vec!["acme/shop".into()],
        commits: false,
        ..Options::default()
    };
    GitHub::new(Setting::default(), options).unwrap()
}

/// The commits of each deployment that brought some.
fn brought(facts: Vec<AnyFact>) -> BTreeMap<String, Vec<String>> {
    let mut by_deployment: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for fact in facts {
        if let AnyFact::DeployedCommit(one) = fact {
            by_deployment.entry(one.deployment_id).or_default().push(one.revision);
        }
    }
    by_deployment
}

#[test]
fn a_run_that_is_run_again_takes_its_turn_by_when_that_was_on_whatever_page_it_stands() {
    let source = source();
    let runs = |to: i64| -> Vec<Value> {
        // Back to what run 10 had deployed, after run 130.
        (1..=to).rev().map(|n| run(n, Some("2026-02-01T12:00:00Z").filter(|_| n == 10))).collect()
    };
    let begin = source.begin(None, None, at("2026-02-02T00:00:00Z"));
    let (facts, _, done, _) = walk(&source, begin, answer(runs(130)));
    let first = brought(facts);
    // The first attempt of run 10 is not known, so run 11 brought its commit too.
    assert_eq!(first["run-11"], ["c10", "c11"]);
    assert!(!first.contains_key("run-10-2"), "it took back, and brought nothing");
    let is_one = |(id, commits): (&String, &Vec<String>)| id == "run-11" || commits.len() == 1;
    assert!(first.iter().all(is_one) && first.len() == 128, "{first:?}");
    // What comes after it brings all that it took back.
    let mut later = runs(130);
    later.insert(0, {
        let mut run = run(131, None);
        run["created_at"] = json!("2026-02-01T13:00:00Z");
        run["run_started_at"] = run["created_at"].clone();
        run
    });
    let begin = source.begin(Some(done), None, at("2026-02-03T00:00:00Z"));
    let (facts, _, _, _) = walk(&source, begin, answer(later));
    let second = brought(facts);
    let all: Vec<String> = (11..=131).map(|n| format!("c{n}")).collect();
    assert_eq!(second, BTreeMap::from([("run-131".to_owned(), all)]));
}

#[test]
fn reading_again_gives_each_deployment_the_commits_it_had_where_a_run_was_run_again_since() {
    let source = source();
    let runs =
        |again: Option<&str>| -> Vec<Value> { (1..=6).rev().map(|n| run(n, again.filter(|_| n == 3))).collect() };
    let begin = source.begin(None, None, at("2026-02-02T00:00:00Z"));
    let (facts, _, done, _) = walk(&source, begin, answer(runs(None)));
    let first = brought(facts);
    assert_eq!(first["run-4"], ["c4"]);
    let again = Some("2026-02-02T12:00:00Z");
    let begin = source.begin(Some(done), None, at("2026-02-03T00:00:00Z"));
    let (facts, _, done, _) = walk(&source, begin, answer(runs(again)));
    assert_eq!(brought(facts), BTreeMap::new());
    let begin = source.begin(Some(done), Some(at("2026-01-01T00:00:00Z")), at("2026-02-04T00:00:00Z"));
    let (facts, _, _, _) = walk(&source, begin, answer(runs(again)));
    assert_eq!(brought(facts), first);
}
