//! What follows a roll-out: with the planted probability it fails, users notice or not, and it is mended.

use chrono::{DateTime, TimeDelta, Utc};
use facts::DeploymentKind;
use rand::Rng;

use super::calendar::{HOUR, MINUTE, seconds};
use super::changes::Revision;
use super::delivery::{DraftIncident, Simulation};
use super::names;
use super::random::pick_weighted;
use super::truth::Durations;

/// From the last finish of a failed roll-out to its incident.
const NOTICED: Durations = Durations::new(9.0 * MINUTE, 0.7);

/// No recovery takes longer, so that every rollback and hotfix lies within a day of what it mends.
const LONGEST_RECOVERY: f64 = 20.0 * HOUR;

#[derive(Clone, Copy)]
enum Remedy {
    /// Back to this revision.
    Rollback(Revision),
    Hotfix,
    /// A switch turned off: no deployment, so only the incident tells of the failure.
    Switch,
}

impl Simulation<'_> {
    /// Lets the roll-out fail or not, and its remedy too; returns from when on the next planned one may finish.
    pub(super) fn follow_up(
        &mut self,
        deployment: usize,
        finished_at: DateTime<Utc>,
        settled_at: DateTime<Utc>,
    ) -> DateTime<Utc> {
        let pause = TimeDelta::minutes(40);
        let (mut deployment, mut finished_at, mut settled_at) = (deployment, finished_at, settled_at);
        loop {
            let team = self.team_at(finished_at);
            let (probability, recovery) = (team.change_fail_probability.at(finished_at), team.recovery);
            if !self.random.random_bool(probability) {
                self.last_good = Some(self.history.deployments[deployment].revision);
                return settled_at + pause;
            }
            let has_incident = self.random.random_bool(0.65);
            let noticed_at = settled_at + NOTICED.sample(&mut self.random);
            let impact_at = if has_incident { noticed_at } else { finished_at };
            let lasting = recovery.sample(&mut self.random).min(seconds(LONGEST_RECOVERY));
            let mended_at = (impact_at + lasting).max(settled_at + TimeDelta::minutes(3));
            if has_incident {
                self.change_incident(deployment, impact_at, mended_at);
            }
            let (kind, revision, brings) = match self.remedy(deployment, has_incident) {
                Remedy::Rollback(revision) => (DeploymentKind::Rollback, revision, Vec::new()),
                Remedy::Hotfix => {
                    let change = self.hotfix(deployment, settled_at, mended_at);
                    (DeploymentKind::Hotfix, self.head(change), vec![change])
                }
                Remedy::Switch => {
                    self.last_good = Some(self.history.deployments[deployment].revision);
                    return mended_at + pause;
                }
            };
            // The run lies between the end of the failed one and the remedy's finish.
            let earliest = self.between(settled_at, mended_at, 0.7, 0.9);
            let started_at = self.start_of_run(earliest, mended_at);
            let actor = self.person(mended_at);
            (deployment, settled_at) = self.run_to_production(started_at, mended_at, kind, revision, &brings, &actor);
            finished_at = mended_at;
        }
    }

    /// How a failed deployment is mended.
    fn remedy(&mut self, failed: usize, has_incident: bool) -> Remedy {
        let mut choices = vec![(Remedy::Hotfix, 0.4)];
        // A rollback that failed is not rolled back, and a failure that nobody reported shows only in its remedy.
        let is_rollback = self.history.deployments[failed].kind == DeploymentKind::Rollback;
        if let Some(revision) = self.last_good.filter(|_| !is_rollback) {
            choices.push((Remedy::Rollback(revision), 0.5));
        }
        if has_incident {
            choices.push((Remedy::Switch, 0.1));
        }
        pick_weighted(&mut self.random, &choices)
    }

    /// The incident of a failed deployment; four in five name it as their cause.
    fn change_incident(&mut self, deployment: usize, opened_at: DateTime<Utc>, resolved_at: DateTime<Utc>) {
        let names_cause = self.random.random_bool(0.8);
        let severity = pick_weighted(&mut self.random, &[("sev1", 0.05), ("sev2", 0.25), ("sev3", 0.7)]);
        let incident = DraftIncident {
            opened_at,
            acknowledged_at: self.between(opened_at, resolved_at, 0.05, 0.3),
            resolved_at: Some(resolved_at),
            severity,
            names_service: true,
            caused_by: names_cause.then_some(deployment),
            title: names::incident_title(&self.service.name, self.random.random()),
        };
        self.history.incidents.push(incident);
    }
}
