//! What the platform costs, and the time that it saves.

use chrono::{DateTime, Datelike, Utc};
use facts::{Basis, Cost, TeamKind, TimeSaving};
use rand::Rng;

use super::plan::Plan;
use super::random::{Random, poisson, rounded};

/// Monthly cost of a resource for each engineer of a team, in US dollars, of product teams and of platform teams.
const RESOURCES: [(&str, f64, f64); 5] = [
    ("compute", 310.0, 900.0),
    ("storage", 85.0, 300.0),
    ("network", 40.0, 160.0),
    ("ci-minutes", 55.0, 90.0),
    ("licences", 0.0, 1400.0),
];

/// One row per team, resource and month, on its first day.
pub(super) fn costs(plan: &Plan) -> Vec<Cost> {
    let mut rows = Vec::new();
    for (team, truth) in plan.truth.teams.iter().enumerate() {
        let mut random = plan.stream("cost", team);
        for month in plan.calendar.months() {
            let n_engineers = plan.people.head_count(team, plan.calendar.at(month, 23.0)) as f64;
            for (resource, product, platform) in RESOURCES {
                let each = if truth.kind == TeamKind::Platform { platform } else { product };
                let amount = rounded(each * n_engineers * random.random_range(0.85..1.15));
                if amount > 0.0 {
                    rows.push(Cost {
                        team: truth.name.clone(),
                        resource: resource.to_owned(),
                        day: month,
                        amount,
                        currency: "USD".into(),
                        service: None,
                        url: None,
                    });
                }
            }
        }
    }
    rows
}

/// A capability of the platform: how often an engineer uses it in a week and the hours that each use saves.
struct Capability {
    name: &'static str,
    per_engineer_week: f64,
    hours: f64,
    /// Whether only teams with the golden-path pipeline have it.
    needs_golden_path: bool,
}

const fn capability(name: &'static str, per_engineer_week: f64, hours: f64, needs_golden_path: bool) -> Capability {
    Capability { name, per_engineer_week, hours, needs_golden_path }
}

const CAPABILITIES: [Capability; 5] = [
    capability("self-service environments", 0.15, 3.5, false),
    capability("golden-path pipeline", 2.4, 0.5, true),
    capability("service templates", 0.02, 14.0, false),
    capability("automatic rollback", 0.05, 2.5, true),
    capability("developer portal search", 1.5, 0.2, false),
];

/// Weekly sums measured by tools, and each quarter what people say they save in a week.
pub(super) fn time_savings(plan: &Plan) -> Vec<TimeSaving> {
    let calendar = &plan.calendar;
    let mut rows = Vec::new();
    for team in 0..plan.truth.teams.len() {
        let mut random = plan.stream("time-saving", team);
        for monday in calendar.mondays() {
            let at = calendar.at(monday, 18.0);
            let n_engineers = plan.people.head_count(team, at) as f64;
            for capability in &CAPABILITIES {
                let is_there = !capability.needs_golden_path || plan.has_golden_path(team, at);
                let occurrences = poisson(&mut random, n_engineers * capability.per_engineer_week) as i64;
                let hours = rounded(capability.hours * random.random_range(0.85..1.15));
                if is_there && occurrences > 0 && at <= calendar.end {
                    rows.push(saving(plan, team, capability, at, hours, occurrences, Basis::Telemetry));
                }
            }
        }
        for month in calendar.months().into_iter().filter(|month| month.month() % 3 == 1) {
            let at = calendar.at(month, 12.0);
            if at <= calendar.end {
                said(plan, team, at, &mut random, &mut rows);
            }
        }
    }
    rows
}

/// What a team says at the begin of a quarter about the one before: half again as much as the tools measure.
fn said(plan: &Plan, team: usize, at: DateTime<Utc>, random: &mut Random, rows: &mut Vec<TimeSaving>) {
    for capability in CAPABILITIES.iter().filter(|known| !known.needs_golden_path || plan.has_golden_path(team, at)) {
        let weekly = capability.hours * capability.per_engineer_week * 1.5 * random.random_range(0.7..1.3);
        let engineer_weeks = plan.people.head_count(team, at) * 13;
        rows.push(saving(plan, team, capability, at, rounded(weekly), engineer_weeks, Basis::Survey));
    }
}

fn saving(
    plan: &Plan,
    team: usize,
    capability: &Capability,
    at: DateTime<Utc>,
    hours: f64,
    occurrences: i64,
    basis: Basis,
) -> TimeSaving {
    let team = plan.truth.teams[team].name.clone();
    let slug = capability.name.replace(' ', "-");
    TimeSaving {
        id: format!("{}/{slug}/{team}/{}", basis.as_str(), at.format("%Y-%m-%d")),
        capability: capability.name.to_owned(),
        at,
        hours,
        occurrences: Some(occurrences),
        team: Some(team),
        basis: Some(basis),
        url: None,
    }
}
