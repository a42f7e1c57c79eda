//! What the engine says of the made-up organisation, against what was planted, and against the facts counted one by one.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use analytics::{Aggregate, Answer, Engine, Question};
use cairn::demo::Organisation;
use facts::{Basis, Channel, PolicyOutcome, TeamKind};

use super::{full, options};
use crate::support::{engine, key, store_in};
use crate::value::worked_example;

fn organisation() -> &'static Organisation {
    full()
}

fn told() -> &'static (Engine, tempfile::TempDir) {
    static TOLD: OnceLock<(Engine, tempfile::TempDir)> = OnceLock::new();
    TOLD.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let store = store_in(&folder);
        let now = options().end;
        store.write(&organisation().batches(&key(), "demo", now), None, now).unwrap();
        for wave in &organisation().surveys {
            cairn::demo::hold(&store, wave).unwrap();
        }
        (engine(&store, "Europe/Berlin").with_value(worked_example().model()), folder)
    })
}

fn ask(metric: &str, from: &str, to: &str, by: &str, filter: &str) -> Answer {
    let (engine, _) = told();
    let question = Question {
        metric: metric.into(),
        from: Some(from.into()),
        to: Some(to.into()),
        grain: Some("all".into()),
        by: vec![by.into()],
        filters: vec![filter.into()],
    };
    let ask = question.read(engine.options().zone, options().end).unwrap();
    (*engine.answer(&ask, options().end).unwrap()).clone()
}

const FROM: &str = "2024-01-01";
const TO: &str = "2026-02-18T11:30:00Z";

#[test]
fn every_metric_has_a_figure() {
    let (engine, _) = told();
    for metric in engine.catalogue().metrics() {
        let mut by = metric.apart.as_ref().map_or(String::new(), |apart| apart.dimension.clone());
        if metric.aggregate == Aggregate::Cell {
            // Published cells are never added together.
            let own: Vec<&str> = metric.own_dimensions().filter(|dimension| *dimension != "team").collect();
            by = own.join(",");
        }
        let answer = ask(&metric.name, "2025-08-01", TO, &by, "");
        let row = &answer.rows[0];
        assert!(row.estimate.value.is_some_and(f64::is_finite), "{}: {:?}", metric.name, row);
        for (name, beside) in &row.beside {
            assert!(beside.is_none_or(f64::is_finite), "{} {name}", metric.name);
        }
    }
}

#[test]
fn components_are_up_as_planted() {
    let answer = ask("platform_availability", FROM, TO, "component", "");
    assert_eq!(answer.rows.len(), organisation().truth.availability.len());
    for (component, planted) in &organisation().truth.availability {
        let row = answer.rows.iter().find(|row| row.group[0].1.as_ref() == Some(component)).unwrap();
        // About 46 outages of exponential length: the time down has a relative standard error of sqrt(2 / 46).
        let ratio = (1.0 - row.estimate.value.unwrap()) / (1.0 - planted);
        assert!((ratio - 1.0).abs() < 4.0 * (2.0_f64 / 46.0).sqrt(), "{component}: {ratio}");
    }
}

#[test]
fn as_much_is_self_service_as_planted_and_as_the_requests_say() {
    let truth = &organisation().truth;
    let (first, last) = truth.provisioning.self_service_share;
    let days = |from: &str| {
        let from: chrono::DateTime<chrono::Utc> = from.parse().unwrap();
        (from - truth.start).num_seconds() as f64 / (truth.end - truth.start).num_seconds() as f64
    };
    let (from, to) = ("2025-09-01T00:00:00Z", "2026-02-01T00:00:00Z");
    let row = ask("self_service_rate", from, to, "", "").rows[0].clone();
    // Linear over the history, so its mean over a window is its value in the middle.
    let planted = first + (last - first) * f64::midpoint(days(from), days(to));
    let error = (planted * (1.0 - planted) / row.estimate.n as f64).sqrt();
    assert!((row.estimate.value.unwrap() - planted).abs() < 4.0 * error, "{planted} {:?}", row.estimate);
    let ready: Vec<_> = (organisation().provisioning.iter())
        .filter(|row| row.ready_at.is_some_and(|at| (crate::support::at(from)..crate::support::at(to)).contains(&at)))
        .collect();
    let by_self = ready.iter().filter(|row| row.channel == Channel::SelfService).count();
    assert_eq!(row.estimate.n, ready.len() as u64);
    assert!((row.estimate.value.unwrap() - by_self as f64 / ready.len() as f64).abs() < 1e-12);
}

#[test]
fn policies_are_kept_as_the_last_results_of_live_services_say() {
    let organisation = organisation();
    let mut last: HashMap<(&str, &str), _> = HashMap::new();
    for result in &organisation.policy_results {
        let known = last.entry((&result.policy, &result.service)).or_insert(result);
        if result.at >= known.at {
            *known = result;
        }
    }
    let retired: HashSet<&str> =
        (organisation.services.iter()).filter(|row| row.retired == Some(true)).map(|row| row.name.as_str()).collect();
    let count = |outcome: PolicyOutcome| {
        last.iter().filter(|((_, service), row)| row.result == outcome && !retired.contains(service)).count() as f64
    };
    let (pass, fail, exempt) = (count(PolicyOutcome::Pass), count(PolicyOutcome::Fail), count(PolicyOutcome::Exempt));
    let row = ask("policy_compliance", FROM, TO, "", "").rows[0].clone();
    assert_eq!(row.estimate.n as f64, pass + fail);
    assert!((row.estimate.value.unwrap() - pass / (pass + fail)).abs() < 1e-12);
    assert!((row.beside("without_exemptions").unwrap() - pass / (pass + fail + exempt)).abs() < 1e-12);
}

#[test]
fn twice_the_usual_tickets_come_in_the_month_of_the_spike() {
    let (category, from, to) = &organisation().truth.ticket_spike;
    let of = |from: &str, to: &str| {
        ask("platform_ticket_volume", from, to, "", &format!("category={category}")).rows[0].estimate
    };
    let spike = of(&from.to_rfc3339(), &to.to_rfc3339());
    let day = chrono::TimeDelta::days(1);
    let before = of(&(*from - day * 90).to_rfc3339(), &from.to_rfc3339());
    // Other things change within four months too, so the factor is found roughly.
    let factor = spike.value.unwrap() / before.value.unwrap();
    let error = factor * (1.0 / spike.n as f64 + 1.0 / before.n as f64).sqrt();
    assert!((factor - 2.0).abs() < 4.0 * error, "{factor} +- {error}");
    assert!(factor - 1.0 > error, "{factor} +- {error}: it cannot be seen");
}

#[test]
fn hours_and_costs_are_the_sums_of_what_was_told() {
    let organisation = organisation();
    let close = |found: Option<f64>, sum: f64| assert!((found.unwrap() / sum - 1.0).abs() < 1e-9, "{found:?} {sum}");
    let hours = |basis: Basis| {
        let savings = organisation.time_savings.iter().filter(|row| row.basis == Some(basis));
        savings.map(|row| row.hours * row.occurrences.unwrap() as f64).sum()
    };
    let answer = ask("hours_saved", FROM, TO, "basis", "");
    close(answer.rows[0].estimate.value, hours(Basis::Survey));
    close(answer.rows[1].estimate.value, hours(Basis::Telemetry));
    let platform: HashSet<&str> = (organisation.truth.teams.iter())
        .filter(|team| team.kind == TeamKind::Platform)
        .map(|team| team.name.as_str())
        .collect();
    // Of the last month, told on its first day, 17 of 28 days have come to noon and before the window's end.
    let costs = organisation.costs.iter().filter(|row| platform.contains(row.team.as_str()));
    let share = |row: &facts::Cost| if row.day == "2026-02-01".parse().unwrap() { 17.0 / 28.0 } else { 1.0 };
    let sum = costs.map(|row| row.amount * share(row)).sum();
    close(ask("platform_cost", FROM, TO, "", "").rows[0].estimate.value, sum);
}
