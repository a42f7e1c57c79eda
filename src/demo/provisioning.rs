//! Requests for infrastructure: by self-service in minutes, in production after approval, by ticket in days.

use facts::{Channel, Provisioning, ProvisioningResult};
use rand::Rng;

use super::calendar::{DAY, HOUR, MINUTE};
use super::plan::Plan;
use super::random::{pick_weighted, poisson};
use super::truth::{Durations, ProvisioningTruth};

/// How long it takes, and how much is self-service.
pub(super) const TRUTH: ProvisioningTruth = ProvisioningTruth {
    development: Durations::new(6.0 * MINUTE, 0.8),
    staging: Durations::new(12.0 * MINUTE, 0.8),
    production_approval: Durations::new(5.0 * HOUR, 0.9),
    production: Durations::new(25.0 * MINUTE, 0.7),
    ticket: Durations::new(2.0 * DAY, 0.8),
    self_service_share: (0.6, 0.95),
};

/// Requests of an engineer in a week.
const PER_ENGINEER_WEEK: f64 = 0.16;

/// All requests, by team and in order of time.
pub(super) fn facts(plan: &Plan) -> Vec<Provisioning> {
    let calendar = &plan.calendar;
    let kinds = [
        ("environment", 0.4),
        ("database", 0.2),
        ("bucket", 0.15),
        ("queue", 0.12),
        ("cache", 0.1),
        ("gpu-node", 0.03),
    ];
    let environments = [("development", 0.6), ("staging", 0.2), ("production", 0.2)];
    let mut rows = Vec::new();
    for (team, truth) in plan.truth.teams.iter().enumerate() {
        let mut random = plan.stream("provisioning", team);
        let mut times = Vec::new();
        for monday in calendar.mondays() {
            let mean = PER_ENGINEER_WEEK * plan.people.head_count(team, calendar.at(monday, 9.0)) as f64;
            let first_day = (calendar.midnight(monday) - calendar.start).num_days() as f64;
            for _ in 0..poisson(&mut random, mean) {
                times.push(calendar.working_moment_near(first_day + random.random_range(0.5..5.0), &mut random));
            }
        }
        times.sort();
        for (number, requested_at) in times.into_iter().enumerate() {
            let theirs = plan.services_of(team, requested_at);
            let kind = pick_weighted(&mut random, &kinds);
            let environment = pick_weighted(&mut random, &environments);
            let (first, last) = TRUTH.self_service_share;
            let is_self_service = random.random_bool(first + (last - first) * calendar.progress(requested_at));
            let needs_approval = environment == "production";
            let ends = pick_weighted(
                &mut random,
                &[
                    (ProvisioningResult::Succeeded, 0.95),
                    (ProvisioningResult::Failed, 0.03),
                    (ProvisioningResult::Cancelled, 0.02),
                ],
            );
            let approval = TRUTH.production_approval.sample(&mut random);
            let (approved_at, ready_at) = if !is_self_service {
                let lasting = TRUTH.ticket.sample(&mut random);
                (needs_approval.then(|| requested_at + approval.min(lasting)), requested_at + lasting)
            } else if needs_approval {
                let approved_at = requested_at + approval;
                (Some(approved_at), approved_at + TRUTH.production.sample(&mut random))
            } else {
                let stage = if environment == "staging" { TRUTH.staging } else { TRUTH.development };
                (None, requested_at + stage.sample(&mut random))
            };
            let service = random.random_range(0..=theirs.len());
            if requested_at > calendar.end {
                continue;
            }
            let is_done = ready_at <= calendar.end;
            let id = format!("request-{}-{number:04}", truth.name);
            rows.push(Provisioning {
                url: Some(format!("https://portal.example/requests/{id}")),
                id,
                kind: kind.to_owned(),
                environment: environment.to_owned(),
                team: truth.name.clone(),
                channel: if is_self_service { Channel::SelfService } else { Channel::Ticket },
                requested_at,
                service: theirs.get(service).map(|service| plan.services[*service].name.clone()),
                approval_required: Some(needs_approval),
                approved_at: approved_at.and_then(|at| calendar.past(at)),
                ready_at: (is_done && ends == ProvisioningResult::Succeeded).then_some(ready_at),
                result: Some(if is_done { ends } else { ProvisioningResult::Pending }),
            });
        }
    }
    rows
}
