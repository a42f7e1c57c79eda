//! The first deployment of every new hire: a run to staging of a service of their team, which changes nothing.

use chrono::{DateTime, TimeDelta, Utc};
use facts::{DeploymentKind, DeploymentResult};

use super::changes::Revision;
use super::delivery::{DraftDeployment, History};
use super::plan::Plan;

/// Adds a run for each person hired within the history, at the time that was drawn for them.
pub(super) fn add(plan: &Plan, histories: &mut [History]) {
    for engineer in &plan.people.engineers {
        let Some(finished_at) = engineer.first_deployment_at else { continue };
        let theirs = plan.services_of(engineer.team, finished_at);
        let found = theirs.into_iter().find_map(|number| Some((number, on_staging(&histories[number], finished_at)?)));
        // Where nothing of the team's is on staging yet, the person's first change will be their first deployment.
        let Some((number, revision)) = found else { continue };
        histories[number].deployments.push(DraftDeployment {
            environment: "staging",
            started_at: finished_at - TimeDelta::minutes(4),
            finished_at,
            result: DeploymentResult::Success,
            kind: DeploymentKind::Deploy,
            revision,
            brings: Vec::new(),
            actor: engineer.address.clone(),
        });
    }
}

/// The revision of a service that is on staging at an instant.
fn on_staging(history: &History, at: DateTime<Utc>) -> Option<Revision> {
    let runs = history.deployments.iter().filter(|deployment| {
        deployment.environment == "staging"
            && deployment.result == DeploymentResult::Success
            && deployment.finished_at <= at
    });
    runs.max_by_key(|deployment| deployment.finished_at).map(|deployment| deployment.revision)
}
