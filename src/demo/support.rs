//! Tickets to the platform team: fewer from teams on the golden path, and one month with a spike.

use chrono::{DateTime, Months, Utc};
use facts::{Ticket, TicketKind};
use rand::Rng;

use super::calendar::{Calendar, DAY, HOUR};
use super::plan::Plan;
use super::random::{Random, pick_weighted, poisson};
use super::truth::Durations;

const FIRST_RESPONSE: Durations = Durations::new(1.6 * HOUR, 1.0);
const RESOLUTION: Durations = Durations::new(0.9 * DAY, 1.2);

/// What tickets are about, how often, and how many of them a document should have answered.
const CATEGORIES: [(&str, f64, f64); 6] = [
    ("ci", 0.26, 0.3),
    ("deployment", 0.22, 0.35),
    ("access", 0.18, 0.25),
    ("environments", 0.16, 0.3),
    ("observability", 0.1, 0.4),
    ("documentation", 0.08, 0.75),
];

/// The month in which tickets about CI double: its runners were moved.
pub(super) fn spike(calendar: &Calendar) -> (String, DateTime<Utc>, DateTime<Utc>) {
    let months = calendar.months();
    let month = months[months.len() * 2 / 3];
    ("ci".to_owned(), calendar.midnight(month), calendar.midnight(month + Months::new(1)))
}

/// All tickets, by team and in order of time.
pub(super) fn tickets(plan: &Plan) -> Vec<Ticket> {
    let calendar = &plan.calendar;
    let (spiking, spike_from, spike_to) = &plan.truth.ticket_spike;
    let mut rows = Vec::new();
    for (team, truth) in plan.truth.teams.iter().enumerate() {
        let mut random = plan.stream("tickets", team);
        let mut opened: Vec<(DateTime<Utc>, usize)> = Vec::new();
        for monday in calendar.mondays() {
            let monday_at = calendar.at(monday, 9.0);
            let mean = truth.tickets_per_engineer_week.at(monday_at) * plan.people.head_count(team, monday_at) as f64;
            let first_day = (calendar.midnight(monday) - calendar.start).num_days() as f64;
            for (category, (name, share, _)) in CATEGORIES.iter().enumerate() {
                let is_spike = name == spiking && (*spike_from..*spike_to).contains(&monday_at);
                for _ in 0..poisson(&mut random, mean * share * if is_spike { 2.0 } else { 1.0 }) {
                    let day = first_day + random.random_range(0.5..5.0);
                    opened.push((calendar.working_moment_near(day, &mut random), category));
                }
            }
        }
        opened.retain(|(opened_at, _)| *opened_at <= calendar.end);
        opened.sort();
        for (number, (opened_at, category)) in opened.into_iter().enumerate() {
            let id = format!("ticket-{}-{number:04}", truth.name);
            rows.push(ticket(plan, id, &truth.name, opened_at, category, &mut random));
        }
    }
    rows
}

fn ticket(
    plan: &Plan,
    id: String,
    team: &str,
    opened_at: DateTime<Utc>,
    category: usize,
    random: &mut Random,
) -> Ticket {
    let (name, _, documented) = CATEGORIES[category];
    let kinds = [(TicketKind::Request, 0.4), (TicketKind::Question, 0.4), (TicketKind::Bug, 0.2)];
    let first_response_at = opened_at + FIRST_RESPONSE.sample(random);
    let resolved_at = first_response_at + RESOLUTION.sample(random);
    let answered_by_docs = random.random_bool(documented);
    // Whether a document would have done is noted when the ticket is closed, and now and then forgotten.
    let is_noted = random.random_bool(0.9) && resolved_at <= plan.calendar.end;
    Ticket {
        url: Some(format!("https://tickets.example/{id}")),
        id,
        queue: "platform-support".to_owned(),
        opened_at,
        kind: Some(pick_weighted(random, &kinds)),
        category: Some(name.to_owned()),
        team: Some(team.to_owned()),
        first_response_at: plan.calendar.past(first_response_at),
        resolved_at: plan.calendar.past(resolved_at),
        answered_by_docs: is_noted.then_some(answered_by_docs),
    }
}
