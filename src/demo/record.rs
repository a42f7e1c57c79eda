//! Turns the histories of the services into facts: gives everything its identifier and leaves out what lies after the
//! end of the history.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use facts::{Change, Commit, DeployedCommit, Deployment, DeploymentResult, Incident, Person};

use super::catalogue::ServicePlan;
use super::changes::Revision;
use super::delivery::{self, DraftDeployment, DraftIncident, History};
use super::plan::Plan;
use super::{incidents, onboarding};

/// The facts about delivery.
#[derive(Default)]
pub(super) struct Delivered {
    pub(super) deployments: Vec<Deployment>,
    pub(super) changes: Vec<Change>,
    pub(super) commits: Vec<Commit>,
    pub(super) deployed_commits: Vec<DeployedCommit>,
    pub(super) incidents: Vec<Incident>,
}

/// All facts about changes, deployments and incidents.
pub(super) fn facts(plan: &Plan) -> Delivered {
    let mut histories: Vec<History> = (0..plan.services.len()).map(|number| delivery::simulate(plan, number)).collect();
    onboarding::add(plan, &mut histories);
    let mut delivered = Delivered::default();
    for (number, history) in histories.iter_mut().enumerate() {
        incidents::add(plan, number, history);
        let service = &plan.services[number];
        delivered.changes(service, history, plan.calendar.end);
        let ids = delivered.deployments(service, history, plan.calendar.end);
        delivered.incidents(service, &history.incidents, &ids, plan.calendar.end);
    }
    delivered.incidents.sort_by_key(|incident| incident.opened_at);
    delivered
}

impl Delivered {
    fn changes(&mut self, service: &ServicePlan, history: &History, end: DateTime<Utc>) {
        let repository = &service.repository;
        let mut order: Vec<usize> = (0..history.changes.len()).collect();
        order.retain(|change| history.changes[*change].merged_at <= end);
        order.sort_by_key(|change| history.changes[*change].merged_at);
        // Numbers begin at 200: the repository is older than the history.
        let mut numbers = vec![0; history.changes.len()];
        for (position, change) in order.iter().enumerate() {
            numbers[*change] = position + 200;
        }
        for position in order {
            let change = &history.changes[position];
            let id = format!("{repository}#{}", numbers[position]);
            let last = change.commits.len() - 1;
            for (index, (revision, authored_at)) in change.commits.iter().enumerate() {
                self.commits.push(Commit {
                    revision: hex(revision),
                    repository: repository.clone(),
                    authored_at: *authored_at,
                    // The last commit is written anew when it is put on the trunk.
                    committed_at: if index == last { change.merged_at } else { *authored_at },
                    change_id: Some(id.clone()),
                    url: None,
                });
            }
            self.changes.push(Change {
                url: Some(format!("https://git.example/{repository}/pull/{}", numbers[position])),
                id,
                repository: repository.clone(),
                merged_at: change.merged_at,
                merge_revision: Some(hex(&change.commits[last].0)),
                first_commit_at: Some(change.first_commit_at),
                opened_at: change.review.map(|[opened_at, _, _]| opened_at),
                first_review_at: change.review.map(|[_, reviewed_at, _]| reviewed_at),
                approved_at: change.review.map(|[_, _, approved_at]| approved_at),
                author: Some(Person(change.author.clone())),
                additions: Some(change.additions),
                deletions: Some(change.deletions),
                reverts: change.reverts.map(|reverted| format!("{repository}#{}", numbers[reverted])),
                title: Some(change.title.clone()),
            });
        }
    }

    /// Returns the identifiers of the deployments, by their positions.
    fn deployments(&mut self, service: &ServicePlan, history: &History, end: DateTime<Utc>) -> Vec<Option<String>> {
        let mut order: Vec<usize> = (0..history.deployments.len()).collect();
        order.retain(|deployment| history.deployments[*deployment].finished_at <= end);
        order.sort_by_key(|deployment| history.deployments[*deployment].finished_at);
        let mut ids = vec![None; history.deployments.len()];
        let mut taken = HashSet::new();
        let mut running: HashMap<&str, Revision> = HashMap::new();
        for position in order {
            let draft = &history.deployments[position];
            let id = unique(deployment_id(service, draft), &mut taken);
            for change in &draft.brings {
                for (revision, _) in &history.changes[*change].commits {
                    self.deployed_commits.push(DeployedCommit {
                        deployment_id: id.clone(),
                        revision: hex(revision),
                        repository: Some(service.repository.clone()),
                        url: None,
                    });
                }
            }
            self.deployments.push(Deployment {
                id: id.clone(),
                service: service.name.clone(),
                environment: draft.environment.to_owned(),
                finished_at: draft.finished_at,
                result: draft.result,
                started_at: Some(draft.started_at),
                revision: Some(hex(&draft.revision)),
                previous_revision: running.get(draft.environment).map(hex),
                repository: Some(service.repository.clone()),
                kind: Some(draft.kind),
                actor: Some(Person(draft.actor.clone())),
                url: Some(format!("https://git.example/{}/deployments/{id}", service.repository)),
            });
            if draft.result == DeploymentResult::Success {
                running.insert(draft.environment, draft.revision);
            }
            ids[position] = Some(id);
        }
        ids
    }

    fn incidents(
        &mut self,
        service: &ServicePlan,
        drafts: &[DraftIncident],
        deployment_ids: &[Option<String>],
        end: DateTime<Utc>,
    ) {
        let mut taken = HashSet::new();
        for draft in drafts.iter().filter(|draft| draft.opened_at <= end) {
            let id = unique(format!("inc-{}-{}", service.name, draft.opened_at.format("%Y-%m-%d-%H%M")), &mut taken);
            self.incidents.push(Incident {
                url: Some(format!("https://incidents.example/{id}")),
                id,
                opened_at: draft.opened_at,
                service: draft.names_service.then(|| service.name.clone()),
                acknowledged_at: Some(draft.acknowledged_at).filter(|at| *at <= end),
                resolved_at: draft.resolved_at.filter(|at| *at <= end),
                severity: Some(draft.severity.to_owned()),
                caused_by_deployment: draft.caused_by.and_then(|deployment| deployment_ids[deployment].clone()),
                title: Some(draft.title.clone()),
            });
        }
    }
}

/// `checkout-2025-03-07-1412` in production, `checkout-staging-2025-03-07-1340` elsewhere; the time is UTC.
fn deployment_id(service: &ServicePlan, draft: &DraftDeployment) -> String {
    let at = draft.finished_at.format("%Y-%m-%d-%H%M");
    match draft.environment {
        "production" => format!("{}-{at}", service.name),
        environment => format!("{}-{environment}-{at}", service.name),
    }
}

/// The name itself, or with the first free number behind it.
fn unique(name: String, taken: &mut HashSet<String>) -> String {
    let free = (2..).map(|number| format!("{name}-{number}"));
    let found = std::iter::once(name.clone()).chain(free).find(|name| !taken.contains(name));
    let found = found.expect("there are more numbers than names");
    taken.insert(found.clone());
    found
}

fn hex(revision: &Revision) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = revision.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    digits.map(char::from).collect()
}
