//! Small worlds of facts, as proptest draws them.

use chrono::{DateTime, Duration, Utc};
use facts::{Change, Commit, DeployedCommit, Deployment, DeploymentKind, DeploymentResult, Incident, Person, Service};
use proptest::prelude::*;

use crate::support::{self, at, change, deployment, incident};

#[derive(Debug, Clone)]
pub enum Any {
    Deployment(Deployment),
    Change(Change),
    Commit(Commit),
    DeployedCommit(DeployedCommit),
    Incident(Incident),
    Service(Service),
}

pub fn minute(n: i64) -> DateTime<Utc> {
    at("2025-06-01T00:00:00Z") + Duration::minutes(n)
}

/// Small worlds in which everything meets: few services, few repositories, few revisions, times close together.
pub fn any_fact() -> impl Strategy<Value = Any> {
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
    let repository = repository.map(|repository| format!("acme/{repository}"));
    let (name, team) = (format!("s{name}"), format!("team{team}"));
    let service = support::service(&name, "2025-06-01T00:00:00Z", &team, repository.as_deref());
    Any::Service(Service { valid_from: Some(minute(from)), ..service })
}

/// Deployments of few revisions and what went wrong with them, over so many days that most is settled when more comes.
pub fn any_outcome() -> impl Strategy<Value = Any> {
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

pub fn world_of(any: impl Strategy<Value = Any>, n_most: usize) -> impl Strategy<Value = Vec<Any>> {
    proptest::collection::vec(any, 1..n_most).prop_map(world)
}

pub fn world_of_deliveries() -> impl Strategy<Value = Vec<Any>> {
    let deliveries = |n_tellers| proptest::collection::vec(any_delivery(n_tellers), 1..40);
    prop_oneof![3 => deliveries(7), 1 => deliveries(8)].prop_map(|facts| world(facts.concat()))
}
