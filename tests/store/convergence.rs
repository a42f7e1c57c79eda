//! However the facts arrive (in which batches, in which order, how often), facts and marts end the same.

use chrono::{DateTime, Duration, Utc};
use facts::{Change, Commit, DeployedCommit, Deployment, DeploymentKind, DeploymentResult, Incident, Person, Service};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use store::{Store, Value};

use crate::support::{at, batch_of, change, deployment, incident, store_in};

#[derive(Debug, Clone)]
pub enum Any {
    Deployment(Deployment),
    Change(Change),
    Commit(Commit),
    DeployedCommit(DeployedCommit),
    Incident(Incident),
    Service(Service),
}

pub fn write(store: &Store, facts: &[Any]) {
    write_at(store, facts, at("2026-01-01T00:00:00Z"));
}

fn write_at(store: &Store, facts: &[Any], now: DateTime<Utc>) {
    let mut batches = Vec::new();
    for source in ["test", CLONE] {
        macro_rules! of {
            ($variant:ident) => {{
                let found = facts.iter().filter(|fact| source_of(fact) == source);
                let found =
                    found.filter_map(|fact| if let Any::$variant(fact) = fact { Some(fact.clone()) } else { None });
                batch_of(source, &found.collect::<Vec<_>>())
            }};
        }
        batches.extend([of!(Deployment), of!(Change), of!(Commit), of!(DeployedCommit), of!(Incident), of!(Service)]);
    }
    batches.retain(|batch| !batch.is_empty());
    store.write(&batches, None, now).unwrap();
}

/// A source that lists what it deploys.
const CLONE: &str = "git:s0";

/// Some deployments and changes are told by a clone, with the commits that belong to them.
fn source_of(fact: &Any) -> &'static str {
    let id = match fact {
        Any::Deployment(fact) => Some(&fact.id),
        Any::Change(fact) => Some(&fact.id),
        Any::Commit(fact) => fact.change_id.as_ref(),
        Any::DeployedCommit(fact) => Some(&fact.deployment_id),
        Any::Incident(_) | Any::Service(_) => None,
    };
    if id.is_some_and(|id| id.ends_with(['7', '8', '9'])) { CLONE } else { "test" }
}

/// Everything in facts and marts, with names for keys (which depend on the order of arrival) and without times of intake.
pub fn contents(store: &Store) -> Vec<String> {
    const QUESTIONS: [&str; 10] = [
        "select columns(* exclude (ingested_at))::varchar from facts.deployment",
        "select columns(* exclude (ingested_at))::varchar from facts.change",
        "select columns(* exclude (ingested_at))::varchar from facts.commit",
        "select columns(* exclude (ingested_at))::varchar from facts.deployed_commit",
        "select columns(* exclude (ingested_at))::varchar from facts.incident",
        "select columns(* exclude (ingested_at))::varchar from facts.service",
        "deployment_outcome",
        "change_delivery",
        "commit_delivery",
        "incident_outcome",
    ];
    let mut all = Vec::new();
    for question in QUESTIONS {
        let sql = if question.starts_with("select") {
            question.to_owned()
        } else {
            format!(
                "select columns(* exclude (service_key, team_key, system_key, environment_key, repository_key, template_key))::varchar,
                    (select name from marts.name where key = service_key), (select name from marts.name where key = team_key),
                    (select name from marts.name where key = system_key), (select name from marts.name where key = environment_key),
                    (select name from marts.name where key = repository_key), (select name from marts.name where key = template_key),
                from marts.{question}"
            )
        };
        let answer = store.query(&sql, &[]).unwrap();
        let mut rows: Vec<String> = answer
            .rows
            .iter()
            .map(|row| {
                let cells: Vec<String> = answer
                    .columns
                    .iter()
                    .zip(row)
                    .map(|(name, value)| match value {
                        Value::Text(text) => format!("{name}={text}"),
                        other => format!("{name}={other:?}"),
                    })
                    .collect();
                format!("{question}: {}", cells.join(" "))
            })
            .collect();
        rows.sort();
        all.extend(rows);
    }
    all
}

/// The rows that stand in only one of two contents.
pub fn difference(left: &[String], right: &[String]) -> String {
    let only = |these: &[String], those: &[String], sign: char| {
        these.iter().filter(|row| !those.contains(row)).map(|row| format!("{sign} {row}\n")).collect::<String>()
    };
    only(left, right, '-') + &only(right, left, '+')
}

pub fn minute(n: i64) -> DateTime<Utc> {
    at("2025-06-01T00:00:00Z") + Duration::minutes(n)
}

/// Small worlds in which everything meets: few services, few repositories, few revisions, times close together.
fn any_fact() -> impl Strategy<Value = Any> {
    let time = 0..6_000_i64;
    let revision = 0..14_u8;
    prop_oneof![
        4 => (0..10_u8, 0..3_u8, 0..4_u8, time.clone(), 0..8_u8, proptest::option::of(revision.clone()), proptest::option::of(0..2_u8), 0..6_u8)
            .prop_map(|(id, service, environment, finished, result, revision, repository, kind)| Any::Deployment(Deployment {
                id: format!("d{id}"),
                service: format!("s{service}"),
                environment: ["production", "production-eu", "staging", "production"][usize::from(environment)].into(),
                finished_at: minute(finished),
                result: match result { 0 => DeploymentResult::Failure, 1 => DeploymentResult::Cancelled, _ => DeploymentResult::Success },
                started_at: None,
                revision: revision.map(|revision| format!("r{revision}")),
                previous_revision: None,
                repository: repository.map(|repository| format!("acme/{repository}")),
                kind: match kind { 0 => Some(DeploymentKind::Rollback), 1 => Some(DeploymentKind::Hotfix), _ => None },
                actor: None,
                url: None,
            })),
        4 => (0..10_u8, 0..2_u8, time.clone(), proptest::option::of(revision.clone()), proptest::option::of(0..300_i64), 0..6_u8)
            .prop_map(|(id, repository, merged, revision, coding, reverts)| Any::Change(Change {
                id: format!("c{id}"),
                repository: format!("acme/{repository}"),
                merged_at: minute(merged),
                merge_revision: revision.map(|revision| format!("r{revision}")),
                first_commit_at: coding.map(|coding| minute(merged - coding)),
                opened_at: None,
                first_review_at: None,
                approved_at: None,
                author: Some(Person(if reverts == 3 { "renovate[bot]".into() } else { "ada".into() })),
                additions: None,
                deletions: None,
                reverts: (reverts == 0).then(|| "r1".into()),
                title: None,
                url: None,
            })),
        4 => (revision.clone(), 0..2_u8, time.clone(), proptest::option::of(0..10_u8))
            .prop_map(|(revision, repository, authored, change)| Any::Commit(Commit {
                revision: format!("r{revision}"),
                repository: format!("acme/{repository}"),
                authored_at: minute(authored),
                committed_at: minute(authored + 5),
                change_id: change.map(|change| format!("c{change}")),
                url: None,
            })),
        4 => (0..10_u8, revision, proptest::option::of(0..2_u8))
            .prop_map(|(deployment, revision, repository)| Any::DeployedCommit(DeployedCommit {
                deployment_id: format!("d{deployment}"),
                revision: format!("r{revision}"),
                repository: repository.map(|repository| format!("acme/{repository}")),
                url: None,
            })),
        2 => (0..6_u8, time.clone(), proptest::option::of(0..3_u8), proptest::option::of(0..600_i64), proptest::option::of(0..10_u8))
            .prop_map(|(id, opened, service, open_for, cause)| Any::Incident(Incident {
                id: format!("i{id}"),
                opened_at: minute(opened),
                service: service.map(|service| format!("s{service}")),
                acknowledged_at: None,
                resolved_at: open_for.map(|open_for| minute(opened + open_for)),
                severity: None,
                caused_by_deployment: cause.map(|cause| format!("d{cause}")),
                title: None,
                url: None,
            })),
        1 => (0..3_u8, time, 0..2_u8, proptest::option::of(0..2_u8))
            .prop_map(|(name, from, team, repository)| service(name, from, team, repository)),
    ]
}

fn service(name: u8, from: i64, team: u8, repository: Option<u8>) -> Any {
    Any::Service(Service {
        name: format!("s{name}"),
        valid_from: Some(minute(from)),
        team: Some(format!("team{team}")),
        system: None,
        lifecycle: None,
        kind: None,
        repository: repository.map(|repository| format!("acme/{repository}")),
        template: None,
        template_version: None,
        pipeline: None,
        pipeline_version: None,
        retired: None,
        url: None,
    })
}

/// Deployments of few revisions and what went wrong with them, over so many days that most is settled when more comes.
fn any_outcome() -> impl Strategy<Value = Any> {
    let time = 0..20_000_i64;
    prop_oneof![
        3 => (0..30_u8, 0..2_u8, 0..5_u8, time.clone(), 0..8_u8, proptest::option::of(0..6_u8), 0..8_u8)
            .prop_map(|(id, service, environment, finished, result, revision, kind)| Any::Deployment(Deployment {
                environment: ["production", "production-eu", "staging", "production", "production-eu"]
                    [usize::from(environment)].into(),
                finished_at: minute(finished),
                result: if result < 2 { DeploymentResult::Failure } else { DeploymentResult::Success },
                revision: revision.map(|revision| format!("r{revision}")),
                kind: match kind { 0 => Some(DeploymentKind::Rollback), 1 => Some(DeploymentKind::Hotfix), _ => None },
                ..deployment(&format!("d{id}"), &format!("s{service}"), "2025-06-01T00:00:00Z")
            })),
        2 => (0..12_u8, time, proptest::option::of(0..2_u8), proptest::option::of(0..3_000_i64), proptest::option::of(0..32_u8))
            .prop_map(|(id, opened, service, open_for, cause)| Any::Incident(Incident {
                opened_at: minute(opened),
                resolved_at: open_for.map(|open_for| minute(opened + open_for)),
                service: service.map(|service| format!("s{service}")),
                caused_by_deployment: cause.map(|cause| format!("d{cause}")),
                ..incident(&format!("i{id}"), None, "2025-06-01T00:00:00Z", None, None)
            })),
    ]
}

/// A deployment with what it brings, mostly all of it, in repositories that are mostly named: as most sources tell it. Of
/// `n_tellers` above 7, some are clones.
fn any_delivery(n_tellers: u8) -> impl Strategy<Value = Vec<Any>> {
    let numbered = move |tens: u8| (0..tens, 0..n_tellers).prop_map(|(tens, ones)| tens * 10 + ones);
    let brought = (0..200_u8, numbered(5), 0..300_i64, 0..20_u8);
    let deployed = (numbered(4), 0..3_u8, 0..4_u8, 0..6_000_i64, 0..8_u8, 0..9_u8, 0..4_u8);
    (deployed, proptest::collection::vec(brought, 0..5), 0..2_u8, 0..9_u8).prop_map(
        |((id, service_number, environment, finished, result, named, place), brought, team, catalogued)| {
            let repository = format!("acme/{}", service_number % 2);
            let mut told = Vec::new();
            if catalogued == 0 {
                told.push(service(service_number, finished, team, Some(service_number % 2)));
            }
            for (revision, change_number, age, left_out) in &brought {
                let revision = format!("r{revision}");
                let change_id = format!("c{change_number}");
                if change_number % 2 == 0 && *left_out != 0 {
                    told.push(Any::Change(Change {
                        merged_at: minute(finished - age),
                        merge_revision: Some(revision.clone()),
                        first_commit_at: (*left_out != 1).then(|| minute(finished - 2 * age)),
                        reverts: (change_number % 5 == 0).then(|| "r1".into()),
                        ..change(&change_id, &repository, "2025-06-01T00:00:00Z")
                    }));
                }
                if *left_out != 2 {
                    told.push(Any::Commit(Commit {
                        revision: revision.clone(),
                        repository: repository.clone(),
                        authored_at: minute(finished - age - 5),
                        committed_at: minute(finished - age),
                        change_id: Some(change_id),
                        url: None,
                    }));
                }
                if *left_out != 3 {
                    told.push(Any::DeployedCommit(DeployedCommit {
                        deployment_id: format!("d{id}"),
                        revision,
                        repository: Some(repository.clone()),
                        url: None,
                    }));
                }
            }
            let deployment = Any::Deployment(Deployment {
                environment: ["production", "production-eu", "staging", "production"][usize::from(environment)].into(),
                finished_at: minute(finished),
                result: if result == 0 { DeploymentResult::Failure } else { DeploymentResult::Success },
                revision: brought.first().map(|(revision, ..)| format!("r{revision}")),
                repository: (named > 0).then_some(repository),
                ..deployment(&format!("d{id}"), &format!("s{service_number}"), "2025-06-01T00:00:00Z")
            });
            // Before what it lists or after it.
            told.insert(if place == 0 { 0 } else { told.len() }, deployment);
            told
        },
    )
}

/// Which of two facts stands when both have one identity is a matter of order, so a world holds each identity once.
fn world(facts: Vec<Any>) -> Vec<Any> {
    let mut seen = std::collections::HashSet::new();
    facts
        .into_iter()
        .filter(|fact| {
            seen.insert(match fact {
                Any::Deployment(fact) => format!("deployment {}", fact.id),
                Any::Change(fact) => format!("change {}", fact.id),
                Any::Commit(fact) => format!("commit {} {}", fact.revision, fact.repository),
                Any::DeployedCommit(fact) => format!("deployed {} {}", fact.deployment_id, fact.revision),
                Any::Incident(fact) => format!("incident {}", fact.id),
                Any::Service(fact) => format!("service {} {:?}", fact.name, fact.valid_from),
            })
        })
        .collect()
}

fn world_of(any: impl Strategy<Value = Any>, n_most: usize) -> impl Strategy<Value = Vec<Any>> {
    proptest::collection::vec(any, 1..n_most).prop_map(world)
}

fn world_of_deliveries() -> impl Strategy<Value = Vec<Any>> {
    let deliveries = |n_tellers| proptest::collection::vec(any_delivery(n_tellers), 1..40);
    prop_oneof![3 => deliveries(7), 1 => deliveries(8)].prop_map(|facts| world(facts.concat()))
}

/// Facts, the order in which they arrive, some of them again, and how many arrive at once.
type Arriving = (Vec<Any>, Vec<usize>, Vec<usize>);

/// As many facts as there are up to the next deployment.
const TO_DEPLOYMENT: usize = 0;

/// They arrive as they stand, or some a little late, or in any order.
fn arriving(world: impl Strategy<Value = Vec<Any>>, n_most: usize) -> impl Strategy<Value = Arriving> {
    (world, prop_oneof![1 => Just(1_usize), 1 => Just(4), 3 => Just(1_000)]).prop_flat_map(move |(facts, latest)| {
        let n = facts.len();
        let late = proptest::collection::vec(0..latest, n);
        let order = (late, proptest::collection::vec(0..n, 0..10)).prop_map(move |(late, again)| {
            let mut order: Vec<usize> = (0..n).collect();
            order.sort_by_key(|position| position + late[*position]);
            [order, again].concat()
        });
        (Just(facts), order, proptest::collection::vec(prop_oneof![Just(TO_DEPLOYMENT), 1..n_most], 1..12))
    })
}

/// One batch, a rebuild and many batches end the same.
fn converges((facts, arrivals, cuts): &Arriving) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let whole = store_in(&folder);
    write(&whole, facts);
    let at_once = contents(&whole);
    whole.rebuild().unwrap();
    prop_assert_eq!(difference(&at_once, &contents(&whole)), "", "one batch against a rebuild");

    let folder = tempfile::tempdir().unwrap();
    let piecemeal = store_in(&folder);
    let mut arrivals = arrivals.as_slice();
    let mut cuts = cuts.iter().cycle();
    while !arrivals.is_empty() {
        let to_deployment =
            || 1 + arrivals.iter().take_while(|position| !matches!(facts[**position], Any::Deployment(_))).count();
        let n_now = match *cuts.next().unwrap() {
            TO_DEPLOYMENT => to_deployment(),
            n_now => n_now,
        };
        let (now, later) = arrivals.split_at(n_now.min(arrivals.len()));
        let facts: Vec<Any> = now.iter().map(|position| facts[*position].clone()).collect();
        write(&piecemeal, &facts);
        arrivals = later;
    }
    prop_assert_eq!(difference(&at_once, &contents(&piecemeal)), "", "one batch against many");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_split_order_and_repetition_of_batches_ends_in_the_same_facts_and_marts(given in arriving(world_of(any_fact(), 60), 12)) {
        converges(&given)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES / 2, max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn so_it_does_where_deployments_and_incidents_follow_each_other_for_long(given in arriving(world_of(any_outcome(), 80), 12)) {
        converges(&given)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES / 2, max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn so_it_does_where_most_of_what_comes_has_to_do_with_nothing_that_stands(
        given in arriving(world_of_deliveries(), 16)
    ) {
        converges(&given)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 30, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_known_after_each_batch_is_told_later_as_it_was(
        batches in proptest::collection::vec(proptest::collection::vec(any_fact(), 1..15), 2..6)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let store = store_in(&folder);
        let mut known = Vec::new();
        for (day, batch) in (1..).zip(&batches) {
            let now = at("2026-01-01T12:00:00Z") + Duration::days(day);
            // Facts of one identity within a batch are a matter of order: the last is heard.
            write_at(&store, batch, now);
            known.push((now, contents(&store)));
        }
        let today = at("2026-02-01T00:00:00Z");
        for (then, contents_then) in known {
            // At the instant of the batch, and up to the next.
            for moment in [then, then + Duration::hours(23)] {
                let told = contents(&store.as_of(moment, today).unwrap());
                prop_assert_eq!(difference(&contents_then, &told), "", "as of {}", moment);
            }
        }
    }
}

const CASES: u32 = 48;
