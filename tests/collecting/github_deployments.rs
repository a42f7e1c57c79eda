//! GitHub's deployments: which commits they brought, the services of one repository, and the pipelines they come through.

use std::sync::{Arc, Mutex};

use collectors::github::{DeploymentsFrom, GitHub, Options};
use collectors::mapping::{Line, Mapping};
use collectors::pull::{Ask, Note, Setting, Source};
use facts::AnyFact;
use serde_json::{Value, json};

use super::faulty_server::Model;
use super::github::{Kept, options, run};
use super::walk;
use crate::support::at;

/// A deployment to production that succeeded.
fn deployment(id: i64, oid: &str, day: u32) -> Value {
    json!({
        "databaseId": id, "environment": "production", "task": "deploy", "commitOid": oid,
        "createdAt": format!("2026-02-{day:02}T10:00:00Z"), "creator": null,
        "statuses": { "nodes": [{ "state": "SUCCESS", "createdAt": format!("2026-02-{day:02}T10:05:00Z") }] },
    })
}

/// A commit as the comparison of two revisions lists it, with its parents.
fn commit(sha: &str, parents: &[&str]) -> Value {
    let date = json!({ "date": "2026-02-01T08:00:00Z" });
    let parents: Vec<Value> = parents.iter().map(|sha| json!({ "sha": sha })).collect();
    json!({ "sha": sha, "commit": { "author": date, "committer": date }, "parents": parents })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployments_commits_are_those_since_the_one_before_it() {
    let between = vec![
        ("aaa".to_owned(), "bbb".to_owned(), vec![commit("b1", &["aaa"]), commit("bbb", &["aaa", "b1"])]),
        ("bbb".to_owned(), "ccc".to_owned(), vec![commit("ccc", &["bbb"])]),
        ("ccc".to_owned(), "ddd".to_owned(), vec![commit("ddd", &["ccc"])]),
    ];
    let shared = Arc::new(Mutex::new(Model {
        deployments: vec![deployment(3, "ccc", 20), deployment(2, "bbb", 10), deployment(1, "aaa", 1)],
        between,
        ..Model::default()
    }));
    let options = Options { compare: true, ..options() };
    let kept = Arc::new(Kept::default());
    let outcome = run(&shared, options.clone(), Setting::default(), &kept).await;
    assert!(outcome.stopped.is_none(), "{:?}", outcome.stopped);
    let listed = || -> Vec<String> {
        let facts = kept.facts.lock().unwrap();
        facts.keys().filter_map(|key| key.strip_prefix("deployed_commit ").map(str::to_owned)).collect()
    };
    // The first of all has none before it, and lists nothing. The merge is what a pull request is known by.
    assert_eq!(listed(), ["2 b1", "2 bbb", "3 ccc"]);
    // A later run compares the new one with the last that an earlier run saw, and the known ones not again.
    shared.lock().unwrap().deployments.insert(0, deployment(4, "ddd", 27));
    shared.lock().unwrap().asked.clear();
    run(&shared, options, Setting::default(), &kept).await;
    assert_eq!(listed(), ["2 b1", "2 bbb", "3 ccc", "4 ddd"]);
    let compared: Vec<String> =
        shared.lock().unwrap().asked.iter().filter(|asked| asked.contains("/compare/")).cloned().collect();
    assert_eq!(compared, ["/repos/acme/ants/compare/ccc...ddd?per_page=100&page=1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn services_of_one_repository_are_deployed_with_the_commits_that_touch_their_folder() {
    let shared = Arc::new(Mutex::new(Model {
        deployments: vec![deployment(2, "bbb", 10), deployment(1, "aaa", 1)],
        between: vec![(
            "aaa".into(),
            "bbb".into(),
            vec![
                commit("p1", &["aaa"]),
                commit("pm", &["aaa", "p1"]),
                commit("w1", &["aaa"]),
                commit("wm", &["pm", "w1"]),
                commit("bbb", &["wm"]),
            ],
        )],
        // Each history goes back beyond what the deployment brought, and `bbb` touches both. It shows no merges.
        touching: vec![("services/pay", vec!["bbb", "p1", "p0"]), ("web", vec!["bbb", "w1"])],
        ..Model::default()
    }));
    let line =
        |path: &str, name: &str| Line { pattern: "acme/ants".into(), path: Some(path.into()), name: name.into() };
    let setting = Setting {
        services: Mapping::new(&[line("services/pay/**", "payments"), line("web", "storefront")]).unwrap(),
        ..Setting::default()
    };
    let kept = Arc::new(Kept::default());
    let outcome = run(&shared, Options { compare: true, ..options() }, setting, &kept).await;
    assert!(outcome.stopped.is_none(), "{:?}", outcome.stopped);
    let facts = kept.facts.lock().unwrap();
    let of_kind = |kind: &str| -> Vec<String> {
        facts.keys().filter_map(|key| key.strip_prefix(kind).map(|rest| rest.trim().to_owned())).collect()
    };
    assert_eq!(of_kind("deployment "), ["1", "1:storefront", "2", "2:storefront"]);
    assert_eq!(
        of_kind("deployed_commit "),
        ["2 bbb", "2 p1", "2 pm", "2:storefront bbb", "2:storefront w1", "2:storefront wm"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reusable_workflow_that_a_repository_uses_is_its_services_pipeline() {
    let deploy = "jobs:\n  lint:\n    uses: acme/ci/.github/workflows/lint.yml@v1\n  deploy:\n    uses: 'acme/ci/.github/workflows/deploy.yaml@v2.1' # pinned\n";
    let again = "jobs:\n  again:\n    uses: acme/ci/.github/workflows/deploy.yaml@v2.1\n  own:\n    uses: ./.github/workflows/own.yml\n    steps:\n      - uses: actions/checkout@v4\n  # uses: acme/ci/.github/workflows/lint.yml@v1\n";
    let shared = Arc::new(Mutex::new(Model { workflow_files: vec![deploy, again], ..Model::default() }));
    let told = |kept: &Kept| -> Vec<(String, Option<String>, Option<String>)> {
        let mut facts = kept.facts.lock().unwrap();
        let services = std::mem::take(&mut *facts).into_values().filter_map(|fact| match fact {
            AnyFact::Service(service) => Some((service.name, service.pipeline, service.pipeline_version)),
            _ => None,
        });
        services.collect()
    };
    let kept = Arc::new(Kept::default());
    run(&shared, options(), Setting::default(), &kept).await;
    let deploys = Some("acme/ci/.github/workflows/deploy.yaml".to_owned());
    assert_eq!(told(&kept), [("ants".to_owned(), deploys, Some("v2.1".to_owned()))]);
    // Nothing new is told again, and that it is used no more is.
    run(&shared, options(), Setting::default(), &kept).await;
    assert_eq!(told(&kept), []);
    shared.lock().unwrap().workflow_files = vec!["jobs: {}"];
    run(&shared, options(), Setting::default(), &kept).await;
    assert_eq!(told(&kept), [("ants".to_owned(), None, None)]);
    // Where only some count, others are none.
    shared.lock().unwrap().workflow_files = vec![deploy];
    let only = Options { pipelines: vec!["acme/ci/**/lint.yml".into()], ..options() };
    run(&shared, only, Setting::default(), &Arc::clone(&kept)).await;
    let lints = Some("acme/ci/.github/workflows/lint.yml".to_owned());
    assert_eq!(told(&kept), [("ants".to_owned(), lints, Some("v1".to_owned()))]);
}

/// A repository of which there is nothing but deployments, in pages, and of which any two revisions lie a commit apart.
fn only_deployments(ask: &Ask, pages: &[Vec<Value>]) -> (u16, Value) {
    if ask.path.contains("/compare/") {
        let head = ask.path.split("...").nth(1).unwrap().split('?').next().unwrap();
        return (200, json!({ "total_commits": 1, "commits": [commit(head, &[])] }));
    }
    let after = ask.body.as_ref().unwrap()["variables"]["after"].as_str();
    let number: usize = after.map_or(0, |after| after.parse().unwrap());
    let page_info = json!({ "hasNextPage": number + 1 < pages.len(), "endCursor": (number + 1).to_string() });
    let repository = json!({
        "nameWithOwner": "acme/ants",
        "pullRequests": { "pageInfo": { "hasNextPage": false }, "nodes": [] },
        "deployments": { "pageInfo": page_info, "nodes": pages.get(number).cloned().unwrap_or_default() },
    });
    (200, json!({ "data": { "repository": repository } }))
}

fn compared(asked: &[String]) -> Vec<&str> {
    asked.iter().filter_map(|path| path.split("/compare/").nth(1)?.split('?').next()).collect()
}

#[test]
fn a_deployment_that_ends_later_than_the_overlap_is_looked_for_until_it_does() {
    let source = GitHub::new(Setting::default(), Options { compare: true, ..options() }).unwrap();
    let waiting = |ended: Option<&str>| {
        let mut waiting = deployment(2, "two", 3);
        let state = |state: &str, at: &str| json!({ "state": state, "createdAt": at });
        let begun = state("WAITING", "2026-02-03T10:00:00Z");
        waiting["statuses"]["nodes"] = ended.map_or(json!([begun]), |ended| json!([state("SUCCESS", ended), begun]));
        waiting
    };
    let first = deployment(1, "aaa", 1);
    let begin = source.begin(None, None, at("2026-02-04T00:00:00Z"));
    let (_, _, done, _) = walk(&source, begin, |ask| only_deployments(ask, &[vec![waiting(None), first.clone()]]));
    let later = [deployment(3, "ccc", 10), deployment(9, "bbb", 5)];
    let begin = source.begin(Some(done), None, at("2026-02-15T00:00:00Z"));
    let (_, _, done, asked) =
        walk(&source, begin, |ask| only_deployments(ask, &[later.to_vec(), vec![waiting(None), first.clone()]]));
    assert_eq!(compared(&asked), ["bbb...ccc", "aaa...bbb"]);
    // The overlap of seven days ends on the eighth, which the first page shows; what waits since the third lies behind it.
    let begin = source.begin(Some(done), None, at("2026-02-28T12:00:00Z"));
    let newest = [&[deployment(4, "ddd", 27)], &later[..]].concat();
    let ended = || vec![waiting(Some("2026-02-28T09:00:00Z")), first.clone()];
    let (facts, _, done, asked) = walk(&source, begin, |ask| only_deployments(ask, &[newest.clone(), ended()]));
    let late = facts.iter().find_map(|fact| match fact {
        AnyFact::Deployment(deployment) if deployment.id == "2" => Some(deployment),
        _ => None,
    });
    assert_eq!(late.unwrap().finished_at, at("2026-02-28T09:00:00Z"));
    // What is known is not compared again, though it is read again.
    assert_eq!(compared(&asked), ["ccc...ddd", "aaa...two"]);
    // Nothing waits any more: the changes, one page of deployments, the workflows.
    let begin = source.begin(Some(done), None, at("2026-03-01T00:00:00Z"));
    let (_, _, _, asked) = walk(&source, begin, |ask| only_deployments(ask, &[newest.clone(), ended()]));
    assert_eq!(asked, ["graphql"; 3]);
}

#[test]
fn a_deployment_that_never_ends_is_looked_for_no_longer_than_five_weeks() {
    let source = GitHub::new(Setting::default(), options()).unwrap();
    let mut waiting = deployment(2, "two", 3);
    waiting["statuses"]["nodes"] = json!([]);
    let pages = |newest: &str| {
        let mut recent = deployment(3, "ccc", 1);
        recent["createdAt"] = json!(newest);
        // Older than what the overlap shows, and younger than five weeks.
        let mut older = deployment(4, "bbb", 1);
        older["createdAt"] = json!(at(newest) - chrono::Duration::days(20));
        vec![vec![recent, older], vec![waiting.clone()]]
    };
    let begin = source.begin(None, None, at("2026-02-04T00:00:00Z"));
    let (_, _, mut done, _) = walk(&source, begin, |ask| only_deployments(ask, &[vec![waiting.clone()]]));
    let mut asked_for = Vec::new();
    for (now, newest) in [
        ("2026-03-01T00:00:00Z", "2026-02-28T00:00:00Z"),
        ("2026-03-09T00:00:00Z", "2026-03-08T00:00:00Z"),
        ("2026-03-20T00:00:00Z", "2026-03-19T00:00:00Z"),
        ("2026-04-01T00:00:00Z", "2026-03-31T00:00:00Z"),
    ] {
        let begin = source.begin(Some(done), None, at(now));
        let (_, _, next, asked) = walk(&source, begin, |ask| only_deployments(ask, &pages(newest)));
        done = next;
        asked_for.push(asked.len());
    }
    // The changes, the deployments, the workflows; and the second page of the deployments. On the ninth of March it waits
    // for 34 days; the run of the twentieth goes back five weeks, does not find it, and gives it up.
    assert_eq!(asked_for, [4, 4, 4, 3]);
}

#[test]
fn two_revisions_that_github_fails_to_compare_hold_up_nothing_and_are_compared_later() {
    let source = GitHub::new(Setting::default(), Options { compare: true, ..options() }).unwrap();
    let pages = [vec![deployment(2, "bbb", 10), deployment(1, "aaa", 1)]];
    for (status, said) in [(500, "GitHub fails over it with 500"), (502, "with 502"), (301, "renamed or moved")] {
        let begin = source.begin(None, None, at("2026-02-11T00:00:00Z"));
        let (facts, notes, done, asked) = walk(&source, begin, |ask| match ask.path.contains("/compare/") {
            true => (status, json!({ "message": "Server Error: Sorry, this diff is taking too long to generate." })),
            false => only_deployments(ask, &pages),
        });
        assert!(!facts.iter().any(|fact| matches!(fact, AnyFact::DeployedCommit(_))));
        let told = |note: &Note| matches!(note, Note::LeftOut(reason) if reason.contains(said));
        assert!(notes.iter().any(told), "{status}: {notes:?}");
        // The changes, the deployments, the two revisions; then the workflows all the same.
        assert_eq!(asked.len(), 4);
        assert_eq!(asked[3], "graphql");
        let begin = source.begin(Some(done), None, at("2026-02-12T00:00:00Z"));
        let (facts, _, _, asked) = walk(&source, begin, |ask| only_deployments(ask, &pages));
        assert_eq!(compared(&asked), ["aaa...bbb"]);
        assert!(facts.iter().any(|fact| matches!(fact, AnyFact::DeployedCommit(one) if one.revision == "bbb")));
    }
}

/// The runs of a workflow as GitHub gives them: newest first, in pages, of the times asked for, and no more than a thousand
/// of a question.
fn runs_page(path: &str, runs: &[(i64, chrono::DateTime<chrono::Utc>)]) -> Value {
    let parameter = |key: &str| path.split(key).nth(1).map(|rest| rest.split('&').next().unwrap().to_owned());
    let created = parameter("created=").unwrap_or_default().replace("%3E", ">").replace("%3C", "<").replace("%3D", "=");
    let bound = |text: Option<&str>| text.map(at);
    let (from, until) = match created.split_once("..") {
        Some((from, until)) => (bound(Some(from)), bound(Some(until))),
        None => (bound(created.strip_prefix(">=")), bound(created.strip_prefix("<="))),
    };
    let asked_for = |created: &&(i64, chrono::DateTime<chrono::Utc>)| {
        from.is_none_or(|from| created.1 >= from) && until.is_none_or(|until| created.1 <= until)
    };
    let page: usize = parameter("&page=").unwrap().parse().unwrap();
    let found: Vec<_> = runs.iter().filter(asked_for).take(1_000).collect();
    let page = found.iter().skip((page - 1) * 100).take(100).map(|(id, at)| {
        json!({
            "id": id, "name": "deploy", "head_sha": format!("{id:040x}"), "conclusion": "success", "created_at": at,
            "updated_at": *at + chrono::Duration::minutes(3),
        })
    });
    json!({ "total_count": found.len(), "workflow_runs": page.collect::<Vec<_>>() })
}

#[test]
fn more_workflow_runs_than_github_gives_of_one_question_are_all_read() {
    let options = Options {
        deployments: DeploymentsFrom::WorkflowRuns,
        workflows: vec!["deploy.yml".into()],
        commits: false,
        ..options()
    };
    let empty = json!({ "pageInfo": { "hasNextPage": false }, "nodes": [] });
    let rest = json!({ "data": { "repository": { "nameWithOwner": "acme/ants", "pullRequests": empty } } });
    // 2,500 runs, one every ten minutes, but for three that begin in one second where a thousand end.
    let newest = at("2026-02-28T00:00:00Z");
    let moment =
        |place: i64| newest - chrono::Duration::minutes(10 * if (998..=1_001).contains(&place) { 999 } else { place });
    let runs: Vec<_> = (0..2_500).map(|place| (10_000 - place, moment(place))).collect();
    for since in [None, Some(at("2026-01-01T00:00:00Z"))] {
        let source = GitHub::new(Setting { since, ..Setting::default() }, options.clone()).unwrap();
        let begin = source.begin(None, None, at("2026-03-01T00:00:00Z"));
        let (facts, _, _, asked) = walk(&source, begin, |ask| match ask.path.contains("/runs?") {
            true => (200, runs_page(&ask.path, &runs)),
            false => (200, rest.clone()),
        });
        let ids: std::collections::BTreeSet<String> = facts
            .into_iter()
            .map(|fact| match fact {
                AnyFact::Deployment(deployment) => deployment.id,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(ids.len(), 2_500, "since {since:?}");
        // 25 pages, and a few more for the seconds that are asked for twice.
        assert!(asked.iter().filter(|path| path.contains("/runs?")).count() <= 28, "{asked:?}");
    }
}

#[test]
fn more_runs_within_a_second_than_github_gives_do_not_keep_the_reading_there_for_ever() {
    let options = Options {
        deployments: DeploymentsFrom::WorkflowRuns,
        workflows: vec!["deploy.yml".into()],
        commits: false,
        ..options()
    };
    let empty = json!({ "pageInfo": { "hasNextPage": false }, "nodes": [] });
    let rest = json!({ "data": { "repository": { "nameWithOwner": "acme/ants", "pullRequests": empty } } });
    let source = GitHub::new(Setting::default(), options).unwrap();
    let moment = at("2026-02-01T00:00:00Z");
    let mut runs: Vec<_> = (0..1_200).map(|place| (10_000 - place, moment)).collect();
    runs.push((1, moment - chrono::Duration::hours(1)));
    let begin = source.begin(None, None, at("2026-03-01T00:00:00Z"));
    let (facts, _, _, _) = walk(&source, begin, |ask| match ask.path.contains("/runs?") {
        true => (200, runs_page(&ask.path, &runs)),
        false => (200, rest.clone()),
    });
    let has = |id: &str| facts.iter().any(|fact| matches!(fact, AnyFact::Deployment(one) if one.id == id));
    assert!(has("run-1") && has("run-9001"));
}
