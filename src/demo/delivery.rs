//! How changes of a service come to production: roll-outs on working days, each with the changes it brings.
//!
//! A roll-out is drawn first and its changes backwards from it, merge before finish, review before merge and so on.
//! So every stage has exactly its planted distribution; drawn forwards, the wait for the next roll-out would bend it.

use chrono::{DateTime, Days, TimeDelta, Utc};
use facts::{DeploymentKind, DeploymentResult};
use rand::Rng;

use super::calendar::{MINUTE, day_weight, is_working_day, seconds};
use super::catalogue::ServicePlan;
use super::changes::{DraftChange, Revision};
use super::plan::Plan;
use super::random::{Random, poisson};
use super::truth::{Durations, TeamTruth};

/// How long a run takes.
const RUN: Durations = Durations::new(6.0 * MINUTE, 0.5);

/// What happened to one service. Later than the end of the history as well; that part is left out of the facts, which
/// is how changes not yet deployed and incidents still open come about.
#[derive(Default)]
pub(super) struct History {
    pub(super) changes: Vec<DraftChange>,
    pub(super) deployments: Vec<DraftDeployment>,
    pub(super) incidents: Vec<DraftIncident>,
}

pub(super) struct DraftDeployment {
    pub(super) environment: &'static str,
    pub(super) started_at: DateTime<Utc>,
    pub(super) finished_at: DateTime<Utc>,
    pub(super) result: DeploymentResult,
    pub(super) kind: DeploymentKind,
    pub(super) revision: Revision,
    /// The positions of the changes that it brings.
    pub(super) brings: Vec<usize>,
    pub(super) actor: String,
}

pub(super) struct DraftIncident {
    pub(super) opened_at: DateTime<Utc>,
    pub(super) acknowledged_at: DateTime<Utc>,
    pub(super) resolved_at: Option<DateTime<Utc>>,
    pub(super) severity: &'static str,
    pub(super) names_service: bool,
    /// The position of the deployment that it names as its cause.
    pub(super) caused_by: Option<usize>,
    pub(super) title: String,
}

/// One service's history in the making.
pub(super) struct Simulation<'a> {
    pub(super) plan: &'a Plan,
    pub(super) service: &'a ServicePlan,
    pub(super) random: Random,
    pub(super) history: History,
    /// The revision to which a rollback returns.
    pub(super) last_good: Option<Revision>,
}

/// The history of a service.
pub(super) fn simulate(plan: &Plan, number: usize) -> History {
    let service = &plan.services[number];
    let random = plan.stream("delivery", number);
    let mut simulation = Simulation { plan, service, random, history: History::default(), last_good: None };
    simulation.run();
    simulation.history
}

impl Simulation<'_> {
    fn run(&mut self) {
        let calendar = &self.plan.calendar;
        // Roll-outs of the three weeks after the end bring changes that are merged, and not yet deployed, at the end.
        let first = calendar.start.max(self.service.created_at + Days::new(7));
        let last = self.service.retired_at.map_or(calendar.end + Days::new(21), |retired_at| retired_at - Days::new(4));
        let mut free_from = first;
        let mut n_waiting = 0;
        for day in calendar.days_until(last) {
            let morning = calendar.at(day, 8.0);
            if morning < first {
                continue;
            }
            let rate = self.team_at(morning).planned_rollouts_per_working_day * day_weight(day);
            let mut n_planned = poisson(&mut self.random, rate);
            if is_working_day(day) {
                n_planned += std::mem::take(&mut n_waiting);
            }
            let mut moments: Vec<_> = (0..n_planned).map(|_| calendar.working_moment(day, &mut self.random)).collect();
            moments.sort();
            let evening = calendar.at(day, 20.0);
            for moment in moments {
                // What cannot go out today, because a failed roll-out is still being mended, goes out tomorrow.
                let finished_at = moment.max(free_from);
                if finished_at > evening {
                    n_waiting += 1;
                } else {
                    free_from = self.roll_out(finished_at);
                }
            }
        }
    }

    /// The parameters of the team that owns the service.
    pub(super) fn team_at(&self, at: DateTime<Utc>) -> &TeamTruth {
        &self.plan.truth.teams[self.service.owner_at(at)]
    }

    /// A planned roll-out and what follows from it; returns from when on the next may finish.
    fn roll_out(&mut self, finished_at: DateTime<Utc>) -> DateTime<Utc> {
        let n_changes = (1 + poisson(&mut self.random, 4.0)).min(12);
        let mut brings: Vec<usize> = (0..n_changes).map(|_| self.change(finished_at)).collect();
        brings.sort_by_key(|change| self.history.changes[*change].merged_at);
        let last = *brings.last().expect("a roll-out brings at least one change");
        let staged_at = self.stage(&brings, finished_at);
        let revision = self.head(last);
        let actor = self.person(finished_at);
        let started_at = self.start_of_run(staged_at, finished_at);
        if self.random.random_bool(0.045) {
            // A first run that did not get there; the second one did.
            let result =
                if self.random.random_bool(0.8) { DeploymentResult::Failure } else { DeploymentResult::Cancelled };
            let failed_at = self.between(staged_at, started_at, 0.3, 0.8);
            self.deployment(
                self.service.environments[0],
                staged_at,
                failed_at,
                DeploymentKind::Deploy,
                revision,
                &actor,
            );
            self.last_deployment().result = result;
        }
        let (deployment, settled_at) =
            self.run_to_production(started_at, finished_at, DeploymentKind::Deploy, revision, &brings, &actor);
        self.follow_up(deployment, finished_at, settled_at)
    }

    /// The run to production, in one region or two; returns the first deployment and when the last has finished.
    pub(super) fn run_to_production(
        &mut self,
        started_at: DateTime<Utc>,
        finished_at: DateTime<Utc>,
        kind: DeploymentKind,
        revision: Revision,
        brings: &[usize],
        actor: &str,
    ) -> (usize, DateTime<Utc>) {
        let first = self.history.deployments.len();
        let (mut begun_at, mut settled_at) = (started_at, finished_at);
        for (position, environment) in self.service.environments.iter().enumerate() {
            if position > 0 {
                begun_at = settled_at;
                settled_at += seconds(self.random.random_range(5.0..25.0) * MINUTE);
            }
            self.deployment(environment, begun_at, settled_at, kind, revision, actor);
            self.last_deployment().brings = brings.to_vec();
        }
        (first, settled_at)
    }

    /// The run or runs to staging, between merge and production; returns when the last has finished.
    fn stage(&mut self, brings: &[usize], finished_at: DateTime<Utc>) -> DateTime<Utc> {
        let merged_at = |simulation: &Self, position: usize| simulation.history.changes[brings[position]].merged_at;
        let half = brings.len() / 2;
        let mut staged = 0;
        if half > 0
            && merged_at(self, half) - merged_at(self, half - 1) > TimeDelta::minutes(3)
            && self.random.random_bool(0.4)
        {
            self.staging_run(&brings[..half], merged_at(self, half - 1), merged_at(self, half));
            staged = half;
        }
        self.staging_run(&brings[staged..], merged_at(self, brings.len() - 1), finished_at)
    }

    fn staging_run(&mut self, brings: &[usize], after: DateTime<Utc>, before: DateTime<Utc>) -> DateTime<Utc> {
        let revision = self.head(*brings.last().expect("the caller has changes to stage"));
        let finished_at = self.between(after, before, 0.25, 0.6);
        let started_at = self.start_of_run(after, finished_at);
        let actor = self.person(finished_at);
        if self.random.random_bool(0.05) {
            let failed_at = self.between(after, started_at, 0.3, 0.9);
            self.deployment("staging", after, failed_at, DeploymentKind::Deploy, revision, &actor);
            self.last_deployment().result = DeploymentResult::Failure;
        }
        self.deployment("staging", started_at, finished_at, DeploymentKind::Deploy, revision, &actor);
        self.last_deployment().brings = brings.to_vec();
        finished_at
    }

    fn deployment(
        &mut self,
        environment: &'static str,
        started_at: DateTime<Utc>,
        finished_at: DateTime<Utc>,
        kind: DeploymentKind,
        revision: Revision,
        actor: &str,
    ) {
        self.history.deployments.push(DraftDeployment {
            environment,
            started_at,
            finished_at,
            result: DeploymentResult::Success,
            kind,
            revision,
            brings: Vec::new(),
            actor: actor.to_owned(),
        });
    }

    fn last_deployment(&mut self) -> &mut DraftDeployment {
        self.history.deployments.last_mut().expect("a deployment has just been added")
    }

    /// Somebody of the owning team who is there and writes code.
    pub(super) fn person(&mut self, at: DateTime<Utc>) -> String {
        self.plan.people.author(self.service.owner_at(at), at, &mut self.random).to_owned()
    }

    /// When a run began that ended at `finished_at`; never before `earliest`.
    pub(super) fn start_of_run(&mut self, earliest: DateTime<Utc>, finished_at: DateTime<Utc>) -> DateTime<Utc> {
        let longest = (finished_at - earliest) / 2;
        finished_at - RUN.sample(&mut self.random).min(longest)
    }

    /// An instant some way between two others, in whole seconds.
    pub(super) fn between(&mut self, from: DateTime<Utc>, to: DateTime<Utc>, low: f64, high: f64) -> DateTime<Utc> {
        let span = (to - from).num_seconds().max(0) as f64;
        from + TimeDelta::seconds((span * self.random.random_range(low..high)) as i64)
    }
}
