//! However the facts arrive (in which batches, in which order, how often), facts and marts end the same.

use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use store::{Store, Value};

use super::worlds::{Any, any_fact, any_outcome, world_of, world_of_deliveries};
use crate::support::{at, batch_of, store_in};

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
