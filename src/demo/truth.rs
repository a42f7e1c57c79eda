//! What was planted: the parameters from which the organisation was drawn. They are exact; whatever is measured from
//! the facts differs from them by chance only.

use chrono::{DateTime, TimeDelta, Utc};
use facts::TeamKind;
use rand::Rng;
use rand_distr::StandardNormal;

use super::calendar::seconds;
use super::random::Random;

/// All planted parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// Begin of the history.
    pub start: DateTime<Utc>,
    /// End of the history; no fact lies after it.
    pub end: DateTime<Utc>,
    /// The improvements and what they do.
    pub improvements: Vec<PlantedImprovement>,
    /// The teams. What a team's parameters govern is what its services do while it owns them.
    pub teams: Vec<TeamTruth>,
    /// Services that go to `production-eu` and, within the hour, `production-us`. A failed roll-out of theirs is one
    /// failure; its incident names the deployment to `production-eu`, its remedy goes to both.
    pub two_region_services: Vec<String>,
    /// Incidents that no deployment caused: opened to resolved. Where such an incident names a service, that service
    /// had no deployment to production in the 36 hours before.
    pub background_recovery: Durations,
    /// Expected share of time up, by component.
    pub availability: Vec<(String, f64)>,
    /// Times from request to ready, by way of provisioning.
    pub provisioning: ProvisioningTruth,
    /// The ticket category and the month (its first day, local) in which twice the usual tickets of it come in.
    pub ticket_spike: (String, DateTime<Utc>, DateTime<Utc>),
    /// What people think, wave by wave of the survey; the same in every team.
    pub surveys: Vec<WaveTruth>,
}

/// What people think at a wave of the survey.
#[derive(Debug, Clone, PartialEq)]
pub struct WaveTruth {
    /// Its name.
    pub name: String,
    /// When it was sent out.
    pub opened_at: DateTime<Utc>,
    /// When it was closed.
    pub closed_at: DateTime<Utc>,
    /// Probability that someone who is asked answers.
    pub response_share: f64,
    /// Expected answer to the overall question.
    pub overall_mean: f64,
    /// Probability of 9 or 10 to whether one recommends working here.
    pub promoters: f64,
    /// Probability of 0 to 6 to the same.
    pub detractors: f64,
    /// Probability of 4 or 5, by area.
    pub areas: Vec<(String, f64)>,
}

/// An improvement with a known effect on those teams at which it arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct PlantedImprovement {
    /// Its name, as in the `improvement` facts.
    pub name: String,
    /// What it is.
    pub description: String,
    /// What it does.
    pub effect: Effect,
    /// When it was announced (the `improvement` fact without a team).
    pub announced_at: DateTime<Utc>,
    /// When it arrived at which team, in order of time. Teams not listed never had it.
    pub arrivals: Vec<(String, DateTime<Utc>)>,
}

/// What an improvement does, from its arrival at a team on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effect {
    /// It multiplies the median of the stage from merge to production.
    DeployStageMedian {
        /// By this.
        factor: f64,
    },
    /// It multiplies the probability that a roll-out to production fails.
    ChangeFailProbability {
        /// By this.
        factor: f64,
    },
}

/// The parameters of one team.
#[derive(Debug, Clone, PartialEq)]
pub struct TeamTruth {
    /// The team.
    pub name: String,
    /// Whom it serves.
    pub kind: TeamKind,
    /// Planned roll-outs to production of each live service on an ordinary working day; multiply by
    /// [`day_weight`](super::day_weight) for a given day. Rollbacks and hotfixes come on top.
    pub planned_rollouts_per_working_day: f64,
    /// First commit to opened, of people's changes that were reviewed and brought by a planned roll-out.
    pub coding: Durations,
    /// Opened to first review, of the same changes.
    pub pickup: Durations,
    /// First review to merged, of the same changes.
    pub review: Durations,
    /// Merged to finish of the deployment to production, of all changes brought by a planned roll-out, by that finish.
    pub deploy: Planted<Durations>,
    /// Probability that a roll-out fails which reached production, be it planned, a rollback or a hotfix, by its
    /// (first) finish. Every failure shows: in an incident, in a rollback or hotfix as the service's next roll-out
    /// within 21 hours, or in both.
    pub change_fail_probability: Planted<f64>,
    /// Failed roll-outs: start of the impact (incident opened, else the deployment's finish) to the remedy. Cut off at
    /// 20 hours, far beyond the median.
    pub recovery: Durations,
    /// Tickets to the platform team per engineer and week.
    pub tickets_per_engineer_week: Planted<f64>,
    /// Join date to the first deployment that a new hire triggers, by join date.
    pub first_deployment: Planted<Durations>,
}

/// How long provisioning takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProvisioningTruth {
    /// Self-service in development, requested to ready.
    pub development: Durations,
    /// Self-service in staging, requested to ready.
    pub staging: Durations,
    /// Self-service in production, requested to approved.
    pub production_approval: Durations,
    /// Self-service in production, approved to ready.
    pub production: Durations,
    /// By ticket, in any environment, requested to ready.
    pub ticket: Durations,
    /// Share of self-service among requests at the begin and at the end of the history, linear between.
    pub self_service_share: (f64, f64),
}

/// A parameter that changes once, or never.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Planted<T> {
    /// Its value before the change.
    pub before: T,
    /// Its value from the change on; where there is none, what it would have been.
    pub after: T,
    /// When it changes.
    pub changed_at: Option<DateTime<Utc>>,
}

impl<T: Copy> Planted<T> {
    /// Its value at an instant.
    pub fn at(&self, when: DateTime<Utc>) -> T {
        if self.changed_at.is_some_and(|changed_at| changed_at <= when) { self.after } else { self.before }
    }
}

/// A log-normal distribution of durations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Durations {
    /// The median.
    pub median_seconds: f64,
    /// Standard deviation of the natural logarithm.
    pub sigma: f64,
}

impl Durations {
    pub(super) const fn new(median_seconds: f64, sigma: f64) -> Durations {
        Durations { median_seconds, sigma }
    }

    /// The same spread about another median.
    pub(super) fn times(self, factor: f64) -> Durations {
        Durations { median_seconds: self.median_seconds * factor, ..self }
    }

    /// One duration, in whole seconds and at least one.
    pub(super) fn sample(self, random: &mut Random) -> TimeDelta {
        let normal: f64 = random.sample(StandardNormal);
        seconds((self.median_seconds * (self.sigma * normal).exp()).max(1.0))
    }
}
