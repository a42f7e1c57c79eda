//! GitHub, by recorded answers over HTTP.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use collectors::github::{DeploymentsFrom, GitHub, Options};
use collectors::mapping::{Line, Mapping};
use collectors::pull::{AnySource, Note, Outcome, Pace, Setting, Sink, Stopped, Transport, collect};
use facts::{AnyFact, Listing, Remains, Trunk};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::faulty_server::{Fault, Model, Shared, start};
use crate::support::at;

/// Keeps facts by identity, as the store does, and the position.
#[derive(Default)]
pub struct Kept {
    pub facts: Mutex<BTreeMap<String, AnyFact>>,
    pub position: Mutex<Option<String>>,
    pub trunks: Mutex<Vec<Trunk>>,
    pub listings: Mutex<Vec<Listing>>,
    /// Of which time the states of issues are.
    pub states: Mutex<BTreeMap<String, chrono::DateTime<chrono::Utc>>>,
    /// How often facts may be stored before the store fails, as on a full disk.
    pub fails_after: Mutex<Option<usize>>,
}

impl Sink for Kept {
    fn position(&self) -> anyhow::Result<Option<String>> {
        Ok(self.position.lock().unwrap().clone())
    }

    fn store(&self, facts: Vec<AnyFact>, remains: Vec<Remains>, position: &Value) -> anyhow::Result<()> {
        if let Some(left) = self.fails_after.lock().unwrap().as_mut() {
            anyhow::ensure!(*left > 0, "the disk is full");
            *left -= 1;
        }
        let mut kept = self.facts.lock().unwrap();
        for fact in facts {
            let spec = fact.kind().spec();
            let identity: Vec<String> =
                spec.identity.iter().map(|name| fact.cells()[spec.position(name).unwrap()].to_string()).collect();
            kept.insert(format!("{} {}", fact.kind(), identity.join(" ")), fact);
        }
        for remains in remains {
            match remains {
                Remains::OnTrunk(trunk) => self.trunks.lock().unwrap().push(trunk),
                Remains::Listed(listing) => self.listings.lock().unwrap().push(listing),
                Remains::Since(_, id, at) => drop(self.states.lock().unwrap().insert(id, at)),
                Remains::AllBut(kind, ids) => {
                    let id = kind.spec().position("id").unwrap();
                    kept.retain(|_, fact| fact.kind() != kind || !ids.contains(&fact.cells()[id].to_string()));
                }
                Remains::OfPulls { repository, revisions } => kept.retain(|_, fact| match fact {
                    AnyFact::Change(one) => one.repository != repository || !revisions.contains(&one.id),
                    _ => true,
                }),
                Remains::InPart(_) => panic!("GitHub tells things whole"),
            }
        }
        *self.position.lock().unwrap() = Some(position.to_string());
        Ok(())
    }

    fn progress(&self, _requests: u64, _facts: u64) {}
}

fn recorded(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/fixtures/github/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub fn model() -> Model {
    Model {
        pull_requests: recorded("pull_requests"),
        deployments: recorded("deployments"),
        issues: recorded("issues"),
        runs: recorded("workflow_runs"),
        ..Model::default()
    }
}

pub fn options() -> Options {
    Options { repositories: vec!["acme/ants".into()], compare: false, page_size: 10, ..Options::default() }
}

pub fn quick() -> Pace {
    Pace {
        first_wait: std::time::Duration::from_millis(1),
        longest_wait: std::time::Duration::from_secs(5),
        facts_at_once: 1,
        ..Pace::default()
    }
}

pub fn now() -> chrono::DateTime<chrono::Utc> {
    at("2026-03-01T00:00:00Z")
}

pub fn client(base: &str, token: &str) -> Transport {
    collectors::pull::use_ring();
    let client =
        octocrab::Octocrab::builder().base_uri(base).unwrap().personal_token(token.to_owned()).build().unwrap();
    Transport::github(base, client, now).unwrap()
}

pub async fn run(model: &Shared, options: Options, setting: Setting, kept: &Arc<Kept>) -> Outcome {
    let base = start(Arc::clone(model)).await;
    let source = GitHub::new(setting, options).unwrap();
    let (_stop, cancel) = watch::channel(false);
    let sink: Arc<dyn Sink> = Arc::clone(kept) as Arc<dyn Sink>;
    collect(&source, &client(&base, "good"), sink, quick(), None, now, cancel).await
}

pub fn changes(kept: &Kept) -> Vec<facts::Change> {
    let facts = kept.facts.lock().unwrap();
    facts
        .values()
        .filter_map(|fact| match fact {
            AnyFact::Change(change) => Some(change.clone()),
            _ => None,
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_pull_requests_become_the_changes_that_another_reading_of_them_gives() {
    let kept = Arc::new(Kept::default());
    let outcome = run(&Arc::new(Mutex::new(model())), options(), Setting::default(), &kept).await;
    assert!(outcome.stopped.is_none(), "{:?}", outcome.stopped);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/github/expected.json");
    let expected: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let time = |value: &Value| value.as_str().map(at);
    let changes = changes(&kept);
    assert_eq!(changes.len(), expected["changes"].as_object().unwrap().len());
    for change in &changes {
        let number = change.id.strip_prefix("acme/ants#").unwrap();
        let told = &expected["changes"][number];
        assert_eq!(Some(change.merged_at), time(&told["merged_at"]), "{number}");
        assert_eq!(change.opened_at, time(&told["opened_at"]), "{number}");
        assert_eq!(change.first_commit_at, time(&told["first_commit_at"]), "{number}");
        assert_eq!(change.first_review_at, time(&told["first_review_at"]), "{number}");
        assert_eq!(change.approved_at, time(&told["approved_at"]), "{number}");
        assert_eq!(change.merge_revision.as_deref(), told["merge_revision"].as_str(), "{number}");
    }
    let facts = kept.facts.lock().unwrap();
    let commits: BTreeSet<&str> = facts
        .values()
        .filter_map(|fact| match fact {
            AnyFact::Commit(commit) => Some(&*commit.revision),
            _ => None,
        })
        .collect();
    let wanted: BTreeSet<&str> =
        expected["commits"].as_array().unwrap().iter().map(|commit| commit.as_str().unwrap()).collect();
    assert_eq!(commits, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_ends_with_its_first_success_and_not_when_it_was_last_touched() {
    let kept = Arc::new(Kept::default());
    run(&Arc::new(Mutex::new(model())), options(), Setting::default(), &kept).await;
    let facts = kept.facts.lock().unwrap();
    // Of the seven recorded, five tell no success: they became inactive, and when they ended is not recorded.
    assert_eq!(facts.keys().filter(|key| key.starts_with("deployment ")).count(), 3);
    let AnyFact::Deployment(replaced) = &facts["deployment 3839563910"] else { panic!() };
    // Its statuses: in progress 00:32:20, success 00:32:36, inactive six days later, when it was last updated.
    assert_eq!(replaced.finished_at, at("2026-02-14T00:32:36Z"));
    assert_eq!(replaced.started_at, Some(at("2026-02-14T00:32:15Z")));
    assert_eq!(replaced.environment, "github-pages");
    assert_eq!(replaced.service, "ants");
}

#[tokio::test(flavor = "multi_thread")]
async fn workflow_runs_are_deployments_where_that_is_configured() {
    let kept = Arc::new(Kept::default());
    let options =
        Options { deployments: DeploymentsFrom::WorkflowRuns, workflows: vec!["codeql.yml".into()], ..options() };
    run(&Arc::new(Mutex::new(model())), options, Setting::default(), &kept).await;
    let facts = kept.facts.lock().unwrap();
    let mut results: BTreeMap<String, usize> = BTreeMap::new();
    for fact in facts.values() {
        if let AnyFact::Deployment(deployment) = fact {
            *results.entry(format!("{:?}", deployment.result)).or_default() += 1;
        }
    }
    // Counted in the recording: 18 success; 3 failure, 1 timed out, 1 startup failure; 1 cancelled. Running, skipped,
    // neutral, stale and waiting ones have not ended as a deployment.
    let wanted = [("Cancelled", 1), ("Failure", 5), ("Success", 18)];
    assert_eq!(results, wanted.map(|(name, n)| (name.to_owned(), n)).into());
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_on_the_way_change_nothing_in_the_facts() {
    let undisturbed = Arc::new(Kept::default());
    run(&Arc::new(Mutex::new(model())), options(), Setting::default(), &undisturbed).await;
    let faults = [
        Some(Fault::TooMany),
        None,
        Some(Fault::BadGateway),
        Some(Fault::BadGateway),
        Some(Fault::Cut),
        None,
        Some(Fault::OutOfBudget),
        Some(Fault::GraphRateLimited),
        Some(Fault::Answer(503, "")),
    ];
    let disturbed = Arc::new(Kept::default());
    let model = Model { faults: faults.into(), ..model() };
    let outcome = run(&Arc::new(Mutex::new(model)), options(), Setting::default(), &disturbed).await;
    assert!(outcome.stopped.is_none(), "{:?}", outcome.stopped);
    assert_eq!(outcome.retries, 7, "each fault costs one request");
    assert_eq!(*disturbed.facts.lock().unwrap(), *undisturbed.facts.lock().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_shift_while_they_are_read_lose_nothing() {
    let undisturbed = Arc::new(Kept::default());
    run(&Arc::new(Mutex::new(model())), options(), Setting::default(), &undisturbed).await;
    // After each answer the last pull request is touched and comes first: all others move down by one.
    let shifting = Model {
        after_each: Some(|model| {
            let mut touched = model.pull_requests.pop().unwrap();
            touched["updatedAt"] = json!("2026-03-01T00:00:01Z");
            model.pull_requests.insert(0, touched);
        }),
        ..model()
    };
    let kept = Arc::new(Kept::default());
    let shared = Arc::new(Mutex::new(shifting));
    run(&shared, options(), Setting::default(), &kept).await;
    // What moved to the front was updated after the run began: the next run, by its overlap, reads it.
    run(&shared, options(), Setting::default(), &kept).await;
    assert_eq!(*kept.facts.lock().unwrap(), *undisturbed.facts.lock().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_stopped_anywhere_is_gone_on_with_and_ends_the_same() {
    let undisturbed = Arc::new(Kept::default());
    run(&Arc::new(Mutex::new(model())), options(), Setting::default(), &undisturbed).await;
    for stop_at in 0..5 {
        let mut faults = vec![None; stop_at];
        faults.push(Some(Fault::Answer(410, "gone")));
        let kept = Arc::new(Kept::default());
        let shared = Arc::new(Mutex::new(Model { faults: faults.into(), ..model() }));
        let outcome = run(&shared, options(), Setting::default(), &kept).await;
        assert!(matches!(outcome.stopped, Some(Stopped::Refused { status: 410, .. })), "{:?}", outcome.stopped);
        let asked = shared.lock().unwrap().asked.len();
        let outcome = run(&shared, options(), Setting::default(), &kept).await;
        assert!(outcome.stopped.is_none());
        assert_eq!(*kept.facts.lock().unwrap(), *undisturbed.facts.lock().unwrap(), "stopped at {stop_at}");
        // What was read before it stopped is not read again.
        assert_eq!(
            asked as u64 - 1 + outcome.requests,
            5,
            "three pages of changes with commits, deployments, workflows"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_fails_ends_the_run_and_the_next_one_has_everything() {
    let undisturbed = Arc::new(Kept::default());
    run(&Arc::new(Mutex::new(model())), options(), Setting::default(), &undisturbed).await;
    let kept = Arc::new(Kept::default());
    *kept.fails_after.lock().unwrap() = Some(1);
    let shared = Arc::new(Mutex::new(model()));
    let outcome = run(&shared, options(), Setting::default(), &kept).await;
    assert!(matches!(&outcome.stopped, Some(Stopped::Store(reason)) if reason.contains("full")));
    *kept.fails_after.lock().unwrap() = None;
    run(&shared, options(), Setting::default(), &kept).await;
    assert_eq!(*kept.facts.lock().unwrap(), *undisturbed.facts.lock().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_asks_only_for_what_is_newer_than_the_first_less_the_overlap() {
    let shared = Arc::new(Mutex::new(model()));
    let kept = Arc::new(Kept::default());
    run(&shared, options(), Setting::default(), &kept).await;
    shared.lock().unwrap().asked.clear();
    run(&shared, options(), Setting::default(), &kept).await;
    // The newest recorded pull request is years old: one page shows that there is nothing new.
    assert_eq!(shared.lock().unwrap().asked, ["Changes", "Deployments", "Workflows"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_come_along_with_the_changes_and_those_left_after_them() {
    let trunk = |number: usize| {
        json!({
            "oid": format!("{number:040x}"), "authoredDate": "2026-02-01T00:00:00Z",
            "committedDate": "2026-02-01T00:00:00Z", "messageHeadline": "Directly", "messageBody": "", "url": null,
            "additions": 1, "deletions": 1, "author": { "user": { "login": "someone" }, "email": null },
            "parents": { "totalCount": 1 }, "associatedPullRequests": { "nodes": [] },
        })
    };
    let shared = Arc::new(Mutex::new(Model { history: (0..11).map(trunk).collect(), ..model() }));
    let kept = Arc::new(Kept::default());
    run(&shared, options(), Setting::default(), &kept).await;
    // Three pages of ten pull requests bring nine commits, three at a time; one page more brings the other two.
    assert_eq!(shared.lock().unwrap().asked, ["Changes", "Changes", "Changes", "Commits", "Deployments", "Workflows"]);
    assert_eq!(changes(&kept).len(), 25 + 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_run_tells_all_that_is_on_the_trunk_since_it_last_looked_and_the_first_run_nothing() {
    let trunk = |name: &str| {
        json!({
            "oid": name, "authoredDate": "2026-02-27T00:00:00Z", "committedDate": "2026-02-27T00:00:00Z",
            "messageHeadline": "Directly", "messageBody": "", "url": null, "additions": 1, "deletions": 1,
            "author": null, "parents": { "totalCount": 1 }, "associatedPullRequests": { "nodes": [] },
        })
    };
    let shared = Arc::new(Mutex::new(Model { history: ["a", "b", "c", "d"].map(trunk).to_vec(), ..model() }));
    let kept = Arc::new(Kept::default());
    run(&shared, options(), Setting::default(), &kept).await;
    assert!(kept.trunks.lock().unwrap().is_empty());
    shared.lock().unwrap().history = ["e", "f", "c", "d"].map(trunk).to_vec();
    run(&shared, options(), Setting::default(), &kept).await;
    // From the begin of the run before less the seven days of overlap; both runs were at the tests' present.
    let wanted = Trunk {
        repository: "acme/ants".into(),
        from: at("2026-02-22T00:00:00Z"),
        to: now(),
        revisions: ["e", "f", "c", "d"].map(String::from).to_vec(),
    };
    assert_eq!(*kept.trunks.lock().unwrap(), [wanted]);
}

#[tokio::test(flavor = "multi_thread")]
async fn deployments_that_never_said_how_they_ended_are_told() {
    let status = |state: &str| json!({ "state": state, "createdAt": "2026-01-05T10:00:00Z", "logUrl": null });
    let deployment = |id: i64, states: &[&str]| {
        json!({
            "databaseId": id, "environment": "production", "task": "deploy", "commitOid": "a",
            "createdAt": "2026-01-05T09:59:00Z", "creator": null,
            "statuses": { "nodes": states.iter().map(|state| status(state)).collect::<Vec<_>>() },
        })
    };
    let deployments = vec![
        deployment(1, &["INACTIVE"]),
        deployment(2, &["PARKED"]),
        deployment(3, &["IN_PROGRESS"]),
        deployment(4, &["INACTIVE", "SUCCESS", "PENDING"]),
    ];
    let (shared, kept) = (Arc::new(Mutex::new(Model { deployments, ..model() })), Arc::new(Kept::default()));
    let outcome = run(&shared, options(), Setting::default(), &kept).await;
    let unknown = Note::UnknownWord { field: "deployment status", word: "PARKED".into() };
    assert_eq!(outcome.notes.get(&unknown), Some(&1));
    let replaced = |note: &&Note| matches!(note, Note::LeftOut(reason) if reason.contains("replaced or taken down"));
    assert_eq!(outcome.notes.iter().find(|(note, _)| replaced(note)).map(|(_, n)| *n), Some(1));
    assert_eq!(kept.facts.lock().unwrap().keys().filter(|key| key.starts_with("deployment ")).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_repositories_of_an_owner_are_read_but_forks_and_empty_ones() {
    let shared = Arc::new(Mutex::new(model()));
    let kept = Arc::new(Kept::default());
    let options = Options { repositories: vec!["acme/*".into()], ..options() };
    run(&shared, options, Setting::default(), &kept).await;
    assert!(changes(&kept).iter().all(|change| change.repository == "acme/one"));
    assert_eq!(shared.lock().unwrap().asked[0], "Repositories");
}

#[tokio::test(flavor = "multi_thread")]
async fn unmapped_names_are_told_and_make_no_facts_under_a_wrong_name() {
    let setting = Setting {
        environments: Mapping::new(&[Line { pattern: "prod".into(), path: None, name: "production".into() }]).unwrap(),
        ..Setting::default()
    };
    let kept = Arc::new(Kept::default());
    let outcome = run(&Arc::new(Mutex::new(model())), options(), setting, &kept).await;
    let note = Note::Unmapped { what: "environment", subject: "github-pages".into() };
    assert_eq!(outcome.notes.get(&note), Some(&3));
    assert!(!kept.facts.lock().unwrap().keys().any(|key| key.starts_with("deployment ")));
}

#[test]
fn mistakes_in_the_options_are_told() {
    let wrong = |options: Options| GitHub::new(Setting::default(), options).err().unwrap();
    assert!(wrong(Options { repositories: vec![], ..options() }).contains("name them"));
    assert!(wrong(Options { repositories: vec!["ants".into()], ..options() }).contains("owner/name"));
    assert!(wrong(Options { repositories: vec!["acme/a*".into()], ..options() }).contains("owner/*"));
    assert!(wrong(Options { page_size: 0, ..options() }).contains("1 to 100"));
}

#[test]
fn a_probe_names_the_permission_it_needs() {
    let source = GitHub::new(Setting::default(), options()).unwrap();
    let probes = AnySource::probes(&source, &AnySource::begin(&source, None, None, now()));
    assert_eq!(
        probes.iter().map(|probe| probe.purpose).collect::<Vec<_>>(),
        ["changes with their reviews", "deployments", "which reusable workflow is used"]
    );
    assert!(probes.iter().all(|probe| probe.needs.contains("read")));
}

/// How a run ends with one fault, for the tests of the loop.
pub async fn end_with(fault: Fault, token: &str) -> Stopped {
    let shared = Arc::new(Mutex::new(Model { faults: vec![Some(fault); 100].into(), ..model() }));
    let base = start(Arc::clone(&shared)).await;
    let source = GitHub::new(Setting::default(), options()).unwrap();
    let (_stop, cancel) = watch::channel(false);
    let sink: Arc<dyn Sink> = Arc::new(Kept::default());
    collect(&source, &client(&base, token), sink, quick(), None, now, cancel).await.stopped.unwrap()
}
