//! The platform itself: whether its components are up, and what the teams use of their quotas.

use chrono::Days;
use facts::{Availability, Quota};
use rand::Rng;
use rand_distr::{Distribution, Exp};

use super::calendar::DAY;
use super::plan::Plan;
use super::random::rounded;

/// The components and their expected share of time up.
pub(super) const COMPONENTS: [(&str, f64); 4] =
    [("portal", 0.995), ("gitops-controller", 0.9992), ("ci", 0.9975), ("registry", 0.9996)];

/// On one day in twelve a component is down for a while.
const OUTAGES_PER_DAY: f64 = 1.0 / 12.0;

/// One row per component and whole local day.
pub(super) fn availability(plan: &Plan) -> Vec<Availability> {
    let calendar = &plan.calendar;
    let mut rows = Vec::new();
    for (number, (component, share)) in COMPONENTS.into_iter().enumerate() {
        let mut random = plan.stream("availability", number);
        let mean_outage = (1.0 - share) * DAY / OUTAGES_PER_DAY;
        let outage = Exp::new(1.0 / mean_outage).expect("an outage has a positive mean");
        for day in calendar.days_until(calendar.end) {
            let (from, to) = (calendar.midnight(day), calendar.midnight(day + Days::new(1)));
            let measured = (to - from).num_seconds() as f64;
            let is_down = random.random_bool(OUTAGES_PER_DAY);
            let down: f64 = if is_down { outage.sample(&mut random).round() } else { 0.0 };
            if to <= calendar.end {
                let up_seconds = (measured - down).max(0.0);
                rows.push(Availability { component: component.to_owned(), from, to, up_seconds, url: None });
            }
        }
    }
    rows
}

/// One row per team, environment and resource each Monday. Use grows; limits follow when they are nearly reached.
pub(super) fn quotas(plan: &Plan) -> Vec<Quota> {
    let calendar = &plan.calendar;
    let mut rows = Vec::new();
    for (team, truth) in plan.truth.teams.iter().enumerate() {
        for (environment, share) in [("development", 0.5), ("staging", 0.4), ("production", 1.0)] {
            for (resource, usual, step) in [("cpu", 120.0, 16.0), ("memory", 480.0, 64.0), ("gpu", 8.0, 4.0)] {
                // Only every fourth team computes on graphics cards.
                if resource == "gpu" && team % 4 != 1 {
                    continue;
                }
                let mut random = plan.stream(&format!("quota/{environment}/{resource}"), team);
                let mut used: f64 = usual * share * random.random_range(0.4..1.6);
                let mut limit = (used * random.random_range(1.15..2.2) / step).ceil() * step;
                for monday in calendar.mondays() {
                    used = (used * random.random_range(0.97..1.04)).min(limit);
                    if used > 0.92 * limit && random.random_bool(0.3) {
                        limit += step * (limit / step * 0.2).ceil();
                    }
                    let at = calendar.at(monday, 6.0);
                    if calendar.past(at).is_some() {
                        rows.push(Quota {
                            team: truth.name.clone(),
                            environment: environment.to_owned(),
                            resource: resource.to_owned(),
                            at,
                            quota_limit: limit,
                            used: if resource == "gpu" { used.floor() } else { rounded(used) },
                            url: None,
                        });
                    }
                }
            }
        }
    }
    rows
}
