//! Incidents that no deployment caused: a provider fails, a certificate expires, a disk is full.

use chrono::{DateTime, TimeDelta, Utc};
use facts::DeploymentResult;
use rand::Rng;

use super::calendar::{DAY, HOUR, MINUTE, seconds};
use super::delivery::{DraftIncident, History};
use super::names;
use super::plan::Plan;
use super::random::{Random, pick_weighted, poisson};
use super::truth::Durations;

/// Opened to resolved.
pub(super) const RECOVERY: Durations = Durations::new(110.0 * MINUTE, 1.0);

/// How many such incidents a service has in a month.
const PER_MONTH: f64 = 0.12;

/// Adds the incidents of one service, some of them without its name, and for some services one that is still open.
pub(super) fn add(plan: &Plan, number: usize, history: &mut History) {
    let mut random = plan.stream("incidents", number);
    for _ in 0..poisson(&mut random, PER_MONTH * plan.calendar.n_days() / 30.4) {
        let opened_at = plan.calendar.start + seconds(random.random::<f64>() * plan.calendar.n_days() * DAY);
        let resolved_at = opened_at + RECOVERY.sample(&mut random);
        push(plan, number, history, opened_at, Some(resolved_at), &mut random);
    }
    if number % 40 == 7 {
        let opened_at = plan.calendar.end - seconds(random.random_range(3.0..40.0) * HOUR);
        push(plan, number, history, opened_at, None, &mut random);
    }
}

fn push(
    plan: &Plan,
    number: usize,
    history: &mut History,
    opened_at: DateTime<Utc>,
    resolved_at: Option<DateTime<Utc>>,
    random: &mut Random,
) {
    let service = &plan.services[number];
    if !service.is_live(opened_at) {
        return;
    }
    let names_service = random.random_bool(0.85) && is_quiet(history, opened_at);
    let title = if names_service {
        names::incident_title(&service.name, random.random())
    } else {
        names::incident_title("a shared dependency", random.random())
    };
    history.incidents.push(DraftIncident {
        opened_at,
        acknowledged_at: opened_at + seconds(random.random_range(0.5..8.0) * MINUTE),
        resolved_at,
        severity: pick_weighted(random, &[("sev1", 0.04), ("sev2", 0.2), ("sev3", 0.76)]),
        names_service,
        caused_by: None,
        title,
    });
}

/// Whether no deployment to production came before that could be taken for the cause. Without this the share of
/// failed roll-outs that can be observed would not be the planted one.
fn is_quiet(history: &History, at: DateTime<Utc>) -> bool {
    !history.deployments.iter().any(|deployment| {
        deployment.environment != "staging"
            && deployment.result == DeploymentResult::Success
            && deployment.finished_at <= at
            && at - deployment.finished_at < TimeDelta::hours(36)
    })
}
