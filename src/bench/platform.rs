//! The facts of the organisation beside its deliveries: people, requests, tickets, policies, quotas, components, money.
//! Sizes follow those of the organisation, in the last two years; each fact is a pure function of its number.

use chrono::{DateTime, TimeDelta, Utc};
use facts::{
    AnyFact, Availability, Basis, Channel, Cost, Decision, Engineer, Exemption, Layer, Person, PolicyBlock,
    PolicyOutcome, PolicyResult, Provisioning, ProvisioningResult, Quota, Team, TeamKind, Ticket, TicketKind,
    TimeSaving,
};

use super::organisation::{Organisation, mix, service_name, team_name};

const DAYS: u64 = 730;
const POLICIES: u64 = 5;
const RESOURCES: [&str; 3] = ["cpu", "memory", "gpu"];
const COMPONENTS: u64 = 12;

/// All of them, mixed in kind.
pub fn facts(organisation: &Organisation) -> impl Iterator<Item = AnyFact> {
    let made = Made { end: organisation.end(), scale: organisation.scale };
    let (n_teams, n_services) = (made.scale.n_teams, made.scale.n_services);
    let people = (0..n_teams).map(move |team| made.team(team).into());
    let engineers = (0..n_teams * 20).map(move |number| made.engineer(number).into());
    // Each service is looked at weekly by each policy, asks sixteen times in all, and its team writes a ticket a month.
    let results = (0..n_services * POLICIES * DAYS / 7).map(move |number| made.policy_result(number).into());
    let blocks = (0..n_services * 12).map(move |number| made.policy_block(number).into());
    let exemptions = (0..n_services).map(move |number| made.exemption(number).into());
    let requests = (0..n_services * 16).map(move |number| made.provisioning(number).into());
    let tickets = (0..n_services * 24).map(move |number| made.ticket(number).into());
    let quotas = (0..n_teams * 3 * RESOURCES.len() as u64 * DAYS / 7).map(move |number| made.quota(number).into());
    let hours = (0..COMPONENTS * DAYS * 24).map(move |number| made.availability(number).into());
    let costs = (0..n_teams * 3 * DAYS / 30).map(move |number| made.cost(number).into());
    let savings = (0..n_teams * 4 * DAYS / 7).map(move |number| made.time_saving(number).into());
    people
        .chain(engineers)
        .chain(results)
        .chain(blocks)
        .chain(exemptions)
        .chain(requests)
        .chain(tickets)
        .chain(quotas)
        .chain(hours)
        .chain(costs)
        .chain(savings)
}

#[derive(Clone, Copy)]
struct Made {
    end: DateTime<Utc>,
    scale: super::scale::Scale,
}

impl Made {
    /// A moment of the last two years, by chance.
    fn moment(self, number: u64, salt: u64) -> DateTime<Utc> {
        self.end - TimeDelta::seconds(1 + (mix(number, salt) % (DAYS * 86_400)) as i64)
    }

    /// What comes so many minutes after another, where that is not yet to come.
    fn later(self, at: DateTime<Utc>, number: u64, salt: u64, minutes: u64) -> Option<DateTime<Utc>> {
        let later = at + TimeDelta::minutes(1 + (mix(number, salt) % minutes) as i64);
        (later < self.end).then_some(later)
    }

    fn team(self, team: u64) -> Team {
        Team {
            name: team_name(team),
            valid_from: Some(self.end - TimeDelta::days(1_200)),
            kind: Some(if team == 0 { TeamKind::Platform } else { TeamKind::Product }),
            engineers: Some(20),
            parent: None,
            url: None,
        }
    }

    fn engineer(self, number: u64) -> Engineer {
        Engineer {
            id: Person(format!("engineer-{number}@bench.test")),
            joined_at: self.moment(number, 50),
            team: Some(team_name(number % self.scale.n_teams)),
            left_at: None,
            url: None,
        }
    }

    fn policy_result(self, number: u64) -> PolicyResult {
        let (service, rest) = (number % self.scale.n_services, number / self.scale.n_services);
        let result = match mix(number, 51) % 20 {
            0 => PolicyOutcome::Exempt,
            1 | 2 => PolicyOutcome::Fail,
            _ => PolicyOutcome::Pass,
        };
        PolicyResult {
            policy: format!("policy-{}", rest % POLICIES),
            service: service_name(service),
            at: self.end - TimeDelta::days(7 * (1 + rest / POLICIES) as i64),
            result,
            layer: Some(Layer::Scan),
            severity: Some("medium".into()),
            url: None,
        }
    }

    fn policy_block(self, number: u64) -> PolicyBlock {
        let service = number % self.scale.n_services;
        PolicyBlock {
            id: format!("block-{number}"),
            policy: format!("policy-{}", mix(number, 52) % POLICIES),
            at: self.moment(number, 53),
            layer: Layer::Ci,
            service: Some(service_name(service)),
            team: Some(team_name(service % self.scale.n_teams)),
            severity: Some("medium".into()),
            url: None,
        }
    }

    fn exemption(self, number: u64) -> Exemption {
        let requested_at = self.moment(number, 54);
        let decided_at = self.later(requested_at, number, 55, 10_000);
        Exemption {
            id: format!("exemption-{number}"),
            policy: format!("policy-{}", number % POLICIES),
            requested_at,
            service: Some(service_name(number)),
            team: Some(team_name(number % self.scale.n_teams)),
            decided_at,
            decision: decided_at.map(|_| Decision::Granted),
            expires_at: decided_at.map(|at| at + TimeDelta::days(90)),
            url: None,
        }
    }

    fn provisioning(self, number: u64) -> Provisioning {
        let service = number % self.scale.n_services;
        let requested_at = self.moment(number, 56);
        let ready_at = self.later(requested_at, number, 57, 5_000);
        Provisioning {
            id: format!("request-{number}"),
            kind: ["database", "environment", "bucket"][(number % 3) as usize].into(),
            environment: "production".into(),
            team: team_name(service % self.scale.n_teams),
            channel: if mix(number, 58).is_multiple_of(3) { Channel::Ticket } else { Channel::SelfService },
            requested_at,
            service: Some(service_name(service)),
            approval_required: Some(number.is_multiple_of(4)),
            approved_at: None,
            ready_at,
            result: Some(if ready_at.is_some() { ProvisioningResult::Succeeded } else { ProvisioningResult::Pending }),
            url: None,
        }
    }

    fn ticket(self, number: u64) -> Ticket {
        let opened_at = self.moment(number, 59);
        let first_response_at = self.later(opened_at, number, 60, 900);
        Ticket {
            id: format!("ticket-{number}"),
            queue: "platform".into(),
            opened_at,
            kind: Some([TicketKind::Request, TicketKind::Question, TicketKind::Bug][(number % 3) as usize]),
            category: Some(format!("category-{}", number % 6)),
            team: Some(team_name(number % self.scale.n_teams)),
            first_response_at,
            resolved_at: first_response_at.and_then(|at| self.later(at, number, 61, 9_000)),
            answered_by_docs: Some(number.is_multiple_of(5)),
            url: None,
        }
    }

    fn quota(self, number: u64) -> Quota {
        let (team, rest) = (number % self.scale.n_teams, number / self.scale.n_teams);
        let n_resources = RESOURCES.len() as u64;
        Quota {
            team: team_name(team),
            environment: ["development", "staging", "production"][(rest % 3) as usize].into(),
            resource: RESOURCES[(rest / 3 % n_resources) as usize].into(),
            at: self.end - TimeDelta::days(7 * (1 + rest / 3 / n_resources) as i64),
            quota_limit: 100.0,
            used: (mix(number, 62) % 100) as f64,
            url: None,
        }
    }

    fn availability(self, number: u64) -> Availability {
        let from = self.end - TimeDelta::hours((1 + number / COMPONENTS) as i64);
        Availability {
            component: format!("component-{}", number % COMPONENTS),
            from,
            to: from + TimeDelta::hours(1),
            up_seconds: if mix(number, 63).is_multiple_of(500) { 1_800.0 } else { 3_600.0 },
            url: None,
        }
    }

    fn cost(self, number: u64) -> Cost {
        let (team, rest) = (number % self.scale.n_teams, number / self.scale.n_teams);
        Cost {
            team: team_name(team),
            resource: ["compute", "storage", "licences"][(rest % 3) as usize].into(),
            day: (self.end - TimeDelta::days(30 * (1 + rest / 3) as i64)).date_naive(),
            amount: 1_000.0 + (mix(number, 64) % 1_000) as f64,
            currency: "USD".into(),
            service: None,
            url: None,
        }
    }

    fn time_saving(self, number: u64) -> TimeSaving {
        let (team, rest) = (number % self.scale.n_teams, number / self.scale.n_teams);
        TimeSaving {
            id: format!("saving-{number}"),
            capability: format!("capability-{}", rest % 4),
            at: self.end - TimeDelta::days(7 * (1 + rest / 4) as i64),
            hours: 1.0 + (mix(number, 65) % 10) as f64,
            occurrences: Some(20),
            team: Some(team_name(team)),
            basis: Some(Basis::Telemetry),
            url: None,
        }
    }
}
