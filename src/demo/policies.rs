//! Policies: what services comply with, what was stopped, and who is exempt.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use facts::{Decision, Exemption, Layer, PolicyBlock, PolicyOutcome, PolicyResult};
use rand::Rng;

use super::calendar::DAY;
use super::catalogue::ServicePlan;
use super::plan::Plan;
use super::random::{Random, pick_weighted, poisson};
use super::truth::Durations;

struct Policy {
    name: &'static str,
    layer: Layer,
    severity: &'static str,
    /// The share of services that violate it at the begin.
    violations: f64,
}

const fn policy(name: &'static str, layer: Layer, severity: &'static str, violations: f64) -> Policy {
    Policy { name, layer, severity, violations }
}

const POLICIES: [Policy; 8] = [
    policy("no-secrets-in-code", Layer::PreCommit, "critical", 0.12),
    policy("signed-images", Layer::Admission, "high", 0.45),
    policy("no-critical-vulnerabilities", Layer::Scan, "critical", 0.3),
    policy("resource-limits-set", Layer::Ci, "medium", 0.35),
    policy("least-privilege", Layer::Admission, "high", 0.25),
    policy("owner-declared", Layer::Ci, "low", 0.3),
    policy("encrypted-storage", Layer::Scan, "high", 0.15),
    policy("approved-base-image", Layer::Editor, "medium", 0.4),
];

/// How likely a violation is mended within a month, and how likely a new one comes up.
const MENDED: f64 = 0.09;
const NEW: f64 = 0.008;

const USUAL_DECISION: Durations = Durations::new(2.0 * DAY, 0.5);
const SLOW_DECISION: Durations = Durations::new(21.0 * DAY, 0.2);

/// Monthly results of each policy on each service, and the exemptions that were asked for on the way.
pub(super) fn results_and_exemptions(plan: &Plan) -> (Vec<PolicyResult>, Vec<Exemption>) {
    let (mut results, mut exemptions) = (Vec::new(), Vec::new());
    for (number, service) in plan.services.iter().enumerate() {
        let mut random = plan.stream("policy", number);
        for policy in &POLICIES {
            let is_new = service.created_at > plan.calendar.start;
            let mut violates = random.random_bool(if is_new { policy.violations / 3.0 } else { policy.violations });
            let mut exempt: Option<Exemption> = None;
            for month in plan.calendar.months() {
                let at = plan.calendar.at(month, 5.0) + TimeDelta::seconds(number as i64 * 7);
                if !service.is_live(at) || plan.calendar.past(at).is_none() {
                    continue;
                }
                violates = random.random_bool(if violates { 1.0 - MENDED } else { NEW });
                if violates
                    && !exempt.as_ref().is_some_and(|exemption| is_in_force(exemption, at))
                    && random.random_bool(0.05)
                {
                    let exemption = request(plan, service, policy, month, exemptions.len(), &mut random);
                    if exemption.requested_at <= plan.calendar.end {
                        exemptions.push(exemption.clone());
                        exempt = Some(exemption);
                    }
                }
                let is_exempt = exempt.as_ref().is_some_and(|exemption| is_in_force(exemption, at));
                results.push(PolicyResult {
                    policy: policy.name.to_owned(),
                    service: service.name.clone(),
                    at,
                    result: match (violates, is_exempt) {
                        (false, _) => PolicyOutcome::Pass,
                        (true, false) => PolicyOutcome::Fail,
                        (true, true) => PolicyOutcome::Exempt,
                    },
                    layer: Some(policy.layer),
                    severity: Some(policy.severity.to_owned()),
                    url: None,
                });
            }
        }
    }
    (results, exemptions)
}

fn is_in_force(exemption: &Exemption, at: DateTime<Utc>) -> bool {
    exemption.decision == Some(Decision::Granted)
        && exemption.decided_at.is_some_and(|decided_at| decided_at <= at)
        && exemption.expires_at.is_some_and(|expires_at| at < expires_at)
}

/// A request within a month: most are decided in about two days, some take three weeks, a few are forgotten.
fn request(
    plan: &Plan,
    service: &ServicePlan,
    policy: &Policy,
    month: NaiveDate,
    number: usize,
    random: &mut Random,
) -> Exemption {
    let requested_at = {
        let first_day = (plan.calendar.midnight(month) - plan.calendar.start).num_days() as f64;
        plan.calendar.working_moment_near(first_day + random.random_range(0.5..28.0), random)
    };
    let way = [(Some(USUAL_DECISION), 0.8), (Some(SLOW_DECISION), 0.14), (None, 0.06)];
    let decided_at = pick_weighted(random, &way)
        .map(|durations| requested_at + durations.sample(random))
        .filter(|decided_at| *decided_at <= plan.calendar.end);
    let decision = if random.random_bool(0.8) { Decision::Granted } else { Decision::Refused };
    let term = Days::new(pick_weighted(random, &[(30, 0.3), (90, 0.5), (180, 0.2)]));
    let id = format!("exemption-{number:04}");
    Exemption {
        url: Some(format!("https://portal.example/exemptions/{id}")),
        id,
        policy: policy.name.to_owned(),
        requested_at,
        service: Some(service.name.clone()),
        team: Some(plan.owner(service, requested_at).to_owned()),
        decided_at,
        decision: decided_at.map(|_| decision),
        expires_at: decided_at.filter(|_| decision == Decision::Granted).map(|decided_at| decided_at + term),
    }
}

/// Violations that were stopped before they were deployed: about one per service in four months.
pub(super) fn blocks(plan: &Plan) -> Vec<PolicyBlock> {
    let layers = [
        (Layer::Editor, 0.1),
        (Layer::PreCommit, 0.2),
        (Layer::Ci, 0.4),
        (Layer::Admission, 0.25),
        (Layer::Scan, 0.05),
    ];
    let by_weight: [(usize, f64); POLICIES.len()] = std::array::from_fn(|index| (index, POLICIES[index].violations));
    let mut rows = Vec::new();
    for (number, service) in plan.services.iter().enumerate() {
        let mut random = plan.stream("blocks", number);
        for block in 0..poisson(&mut random, plan.calendar.n_days() / 120.0) {
            let days = random.random::<f64>() * plan.calendar.n_days();
            let at = plan.calendar.working_moment_near(days, &mut random);
            let policy = &POLICIES[pick_weighted(&mut random, &by_weight)];
            let layer = pick_weighted(&mut random, &layers);
            if service.is_live(at) && at <= plan.calendar.end {
                let id = format!("block-{}-{block}", service.name);
                rows.push(PolicyBlock {
                    url: Some(format!("https://portal.example/policies/{}/{id}", policy.name)),
                    id,
                    policy: policy.name.to_owned(),
                    at,
                    layer,
                    service: Some(service.name.clone()),
                    team: Some(plan.owner(service, at).to_owned()),
                    severity: Some(policy.severity.to_owned()),
                });
            }
        }
    }
    rows
}
