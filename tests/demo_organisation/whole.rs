//! That the facts hang together: references resolve, times are in order, days look like days.

use std::collections::{HashMap, HashSet};

use arrow::array::{Array, TimestampMicrosecondArray, UInt64Array};
use cairn::demo::{Options, generate};
use chrono::{Datelike, Weekday};
use facts::{Batch, DeploymentResult, Kind, PersonKey, ProvisioningResult};

use super::{full, options, small};

fn key() -> PersonKey {
    PersonKey::new(b"a secret for tests only").unwrap()
}

fn batches() -> Vec<Batch> {
    full().batches(&key(), "demo", options().end)
}

#[test]
fn the_same_seed_gives_the_same_facts_and_another_seed_gives_others() {
    let first = generate(&small());
    assert!(first == generate(&small()));
    assert!(first.deployments != generate(&Options { seed: 2, ..small() }).deployments);
}

#[test]
fn every_kind_has_facts_even_in_the_smallest_organisation() {
    for scale in [0.001, 0.1, 1.3] {
        let organisation = generate(&Options { scale, ..options() });
        let batches = organisation.batches(&key(), "demo", options().end);
        let kinds: HashSet<Kind> = batches.iter().filter(|batch| !batch.is_empty()).map(|batch| batch.kind).collect();
        let missing: Vec<_> = Kind::ALL.into_iter().filter(|kind| !kinds.contains(kind)).collect();
        assert!(missing.is_empty(), "at scale {scale} there is no {missing:?}");
    }
}

#[test]
fn the_batches_hold_every_fact_in_pieces_with_teams_and_services_first() {
    let batches = batches();
    assert_eq!(batches.iter().map(Batch::len).sum::<usize>(), full().n_facts());
    assert!(batches.iter().all(|batch| batch.len() <= 50_000));
    assert_eq!([batches[0].kind, batches[1].kind], [Kind::Team, Kind::Service]);
}

#[test]
fn no_two_facts_of_a_kind_have_the_same_identity() {
    let mut hashes: HashMap<Kind, HashSet<u64>> = HashMap::new();
    for batch in batches() {
        let column = batch.record.column_by_name("fact_hash").unwrap();
        for hash in column.as_any().downcast_ref::<UInt64Array>().unwrap().iter().flatten() {
            assert!(hashes.entry(batch.kind).or_default().insert(hash), "a {} is there twice", batch.kind);
        }
    }
}

#[test]
fn nothing_lies_after_the_end_but_the_expiry_of_exemptions() {
    let end = options().end.timestamp_micros();
    for batch in batches() {
        assert_eq!(batch.n_future, 0);
        for (field, column) in batch.record.schema().fields().iter().zip(batch.record.columns()) {
            if let Some(times) = column.as_any().downcast_ref::<TimestampMicrosecondArray>()
                && field.name() != "expires_at"
            {
                assert!(times.iter().flatten().all(|at| at <= end), "{}.{}", batch.kind, field.name());
            }
        }
    }
}

#[test]
fn every_deployed_commit_names_a_deployment_and_a_commit_that_exist() {
    let deployments: HashMap<&str, _> =
        full().deployments.iter().map(|row| (row.id.as_str(), row.finished_at)).collect();
    let commits: HashMap<&str, _> =
        full().commits.iter().map(|row| (row.revision.as_str(), row.committed_at)).collect();
    for row in &full().deployed_commits {
        let (finished_at, committed_at) = (deployments[row.deployment_id.as_str()], commits[row.revision.as_str()]);
        assert!(committed_at <= finished_at, "{} brought {} before it was committed", row.deployment_id, row.revision);
    }
}

#[test]
fn every_name_of_a_team_service_change_or_deployment_is_known() {
    let organisation = full();
    let teams: HashSet<&str> = organisation.teams.iter().map(|row| row.name.as_str()).collect();
    let services: HashSet<&str> = organisation.services.iter().map(|row| row.name.as_str()).collect();
    let changes: HashSet<&str> = organisation.changes.iter().map(|row| row.id.as_str()).collect();
    let deployments: HashSet<&str> = organisation.deployments.iter().map(|row| row.id.as_str()).collect();
    assert_eq!((teams.len(), services.len(), organisation.engineers.len()), (20, 120, 350));
    assert!(organisation.services.iter().all(|row| teams.contains(row.team.as_deref().unwrap())));
    assert!(organisation.engineers.iter().all(|row| teams.contains(row.team.as_deref().unwrap())));
    assert!(organisation.deployments.iter().all(|row| services.contains(row.service.as_str())));
    assert!(organisation.policy_results.iter().all(|row| services.contains(row.service.as_str())));
    assert!(organisation.provisioning.iter().all(|row| teams.contains(row.team.as_str())));
    assert!(organisation.commits.iter().all(|row| changes.contains(row.change_id.as_deref().unwrap())));
    assert!(organisation.changes.iter().filter_map(|row| row.reverts.as_deref()).all(|id| changes.contains(id)));
    for incident in &organisation.incidents {
        assert!(incident.service.as_deref().is_none_or(|service| services.contains(service)));
        assert!(incident.caused_by_deployment.as_deref().is_none_or(|id| deployments.contains(id)));
    }
}

#[test]
fn the_stages_of_a_change_follow_one_another() {
    for change in &full().changes {
        let known = [change.first_commit_at, change.opened_at, change.first_review_at, change.approved_at];
        let stages: Vec<_> = known.into_iter().flatten().chain([change.merged_at]).collect();
        assert!(stages.is_sorted(), "{} runs backwards: {stages:?}", change.id);
    }
}

#[test]
fn planned_work_passes_staging_before_production() {
    let organisation = full();
    let deployments: HashMap<&str, _> = organisation.deployments.iter().map(|row| (row.id.as_str(), row)).collect();
    let staged: HashMap<&str, _> = (organisation.deployed_commits.iter())
        .map(|row| (row.revision.as_str(), deployments[row.deployment_id.as_str()]))
        .filter(|(_, deployment)| deployment.environment == "staging")
        .collect();
    for row in &organisation.deployed_commits {
        let deployment = deployments[row.deployment_id.as_str()];
        if deployment.environment != "staging" && deployment.kind.unwrap().as_str() == "deploy" {
            assert!(staged[row.revision.as_str()].finished_at <= deployment.finished_at, "{}", row.deployment_id);
        }
    }
}

#[test]
fn weekends_carry_few_deployments_and_the_turn_of_the_year_none() {
    let local = |row: &facts::Deployment| row.finished_at.with_timezone(&options().time_zone);
    let planned: Vec<_> = (full().deployments.iter())
        .filter(|row| row.environment == "production" && row.kind.unwrap().as_str() == "deploy")
        .map(local)
        .collect();
    let at_weekends = planned.iter().filter(|at| matches!(at.weekday(), Weekday::Sat | Weekday::Sun)).count();
    assert!(at_weekends > 0 && at_weekends * 50 < planned.len(), "{at_weekends} of {}", planned.len());
    assert!(!planned.iter().any(|at| at.month() == 12 && at.day() >= 24));
}

#[test]
fn nothing_is_deployed_of_a_service_that_is_retired() {
    let retired: Vec<_> = full().services.iter().filter(|row| row.retired == Some(true)).collect();
    assert!(!retired.is_empty());
    for row in retired {
        let later = |deployment: &&facts::Deployment| {
            deployment.service == row.name && deployment.finished_at >= row.valid_from.unwrap()
        };
        assert_eq!(full().deployments.iter().find(later), None);
    }
}

#[test]
fn some_things_have_not_ended_yet() {
    let organisation = full();
    let deployed: HashSet<&str> = organisation.deployed_commits.iter().map(|row| row.revision.as_str()).collect();
    let is_undeployed = |row: &&facts::Change| !deployed.contains(row.merge_revision.as_deref().unwrap());
    assert!(organisation.changes.iter().filter(is_undeployed).count() > 20);
    assert!(organisation.incidents.iter().any(|row| row.resolved_at.is_none()));
    assert!(organisation.tickets.iter().any(|row| row.resolved_at.is_none()));
    assert!(organisation.provisioning.iter().any(|row| row.result == Some(ProvisioningResult::Pending)));
    assert!(organisation.exemptions.iter().any(|row| row.decided_at.is_none()));
    assert!(organisation.exemptions.iter().any(|row| row.expires_at.is_some_and(|at| at > options().end)));
    assert!(organisation.exemptions.iter().any(|row| row.expires_at.is_some_and(|at| at < options().end)));
}

#[test]
fn there_are_owners_who_change_bots_retries_and_two_regions() {
    let organisation = full();
    let mut owners: HashMap<&str, HashSet<&str>> = HashMap::new();
    for row in &organisation.services {
        owners.entry(&row.name).or_default().insert(row.team.as_deref().unwrap());
    }
    assert!(owners.values().filter(|teams| teams.len() > 1).count() >= 5);
    let is_bot = |row: &&facts::Change| row.author.as_ref().unwrap().0.ends_with("[bot]");
    let n_bots = organisation.changes.iter().filter(is_bot).count();
    assert!(n_bots * 10 < organisation.changes.len() && n_bots * 50 > organisation.changes.len());
    let is_failed =
        |row: &&facts::Deployment| row.environment == "production" && row.result == DeploymentResult::Failure;
    assert!(organisation.deployments.iter().any(|row| is_failed(&row)));
    let two_regions: HashSet<&str> = (organisation.deployments.iter())
        .filter(|row| row.environment == "production-us")
        .map(|row| row.service.as_str())
        .collect();
    assert_eq!(two_regions, organisation.truth.two_region_services.iter().map(String::as_str).collect());
}
