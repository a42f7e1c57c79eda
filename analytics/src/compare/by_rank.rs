//! Adopters against not-yet adopters: how the figure of each changed from before the first arrival to the latest weeks.

use std::collections::BTreeMap;

use super::answer::{Assumption, Design, DesignAnswer, Effect, Measure, Verb};
use super::ask::Figure;
use super::shift::shift;
use super::study::Study;
use super::words;

const METHOD: &str =
    "Hodges-Lehmann shift of the change of each, Mann-Whitney's test and interval (Hollander and Wolfe)";
/// The latest weeks that are looked at.
const LATEST_WEEKS: usize = 12;
/// On each side; with fewer there is no 95 % interval.
const NEEDED: usize = 4;

/// What the ranks say. One value per unit: its own level before is taken off, time is the same for all.
pub(super) fn answer(study: &Study<'_>, improvement: &str, title: &str) -> DesignAnswer {
    let what = study.arrival.as_str();
    let is_ratio = study.compared.figure == Figure::Median;
    let begin = study.weeks.first().copied().unwrap_or_default();
    let end = study.weeks.last().copied().unwrap_or_default();
    let first_arrival = study.units.values().filter_map(|unit| unit.arrived_us).filter(|at| *at > begin).min();
    let latest = study.weeks[study.n_weeks().saturating_sub(LATEST_WEEKS).min(study.weeks.len().saturating_sub(1))..]
        .first()
        .copied()
        .unwrap_or_default();
    let before_until = first_arrival.unwrap_or(begin).min(latest);
    let part = |at_us: i64| match at_us {
        at if (begin..before_until).contains(&at) => Some(0),
        at if (latest..end).contains(&at) => Some(1),
        _ => None,
    };
    let is_adopter = |unit: i64| match study.units.get(&unit).and_then(|unit| unit.arrived_us) {
        Some(arrived) if (before_until..=latest).contains(&arrived) => Some(true),
        Some(_) => None,
        None => Some(false),
    };
    let cells = study.observed.grouped(|row| Some((row.unit, part(row.at_us)?)));
    let figure = |unit: i64, part: i64| {
        let (from, to) = if part == 0 { (begin, before_until) } else { (latest, end) };
        let is_there = study.compared.figure != Figure::Rate || study.units[&unit].first_us <= from + (to - from) / 4;
        study.figure(cells.get(&(unit, part))?, study.days(from, to)).filter(|_| is_there)
    };
    let (mut levels, mut changes): (BTreeMap<bool, Vec<f64>>, BTreeMap<bool, Vec<f64>>) = Default::default();
    for unit in study.units.keys() {
        if let (Some(side), Some(then), Some(now)) = (is_adopter(*unit), figure(*unit, 0), figure(*unit, 1)) {
            levels.entry(side).or_default().push(then);
            changes.entry(side).or_default().push(now - then);
        }
    }
    let of = |values: &BTreeMap<bool, Vec<f64>>, side: bool| values.get(&side).cloned().unwrap_or_default();
    let (adopters, others) = (of(&changes, true), of(&changes, false));
    let n = study.counts(|row| part(row.at_us).is_some() && is_adopter(row.unit).is_some());
    let mut answer = DesignAnswer {
        design: Design::AdoptersAgainstOthers,
        method: METHOD.to_owned(),
        verb: None,
        says: String::new(),
        effects: Vec::new(),
        p: None,
        n,
        assumptions: Vec::new(),
        enough: None,
        event_times: Vec::new(),
    };
    let is_enough = adopters.len() >= NEEDED && others.len() >= NEEDED;
    let Some(found) = shift(&adopters, &others).filter(|_| is_enough) else {
        let enough = format!(
            "at least {NEEDED} adopters and {NEEDED} others ({what}s) observed both before the first arrival and in the \
             latest {LATEST_WEEKS} weeks; there are {} and {}",
            adopters.len(),
            others.len()
        );
        answer.says = format!("too little to tell; enough would be {enough}");
        answer.enough = Some(enough);
        return answer;
    };
    let measure = if is_ratio { Measure::Ratio } else { Measure::Difference };
    let effect = Effect::of(measure, if is_ratio { found.shift.map(f64::exp) } else { found.shift });
    answer.verb = Some(Verb::AssociatedWith);
    answer.effects = vec![effect];
    answer.p = Some(found.p);
    answer.says = words::sentence(Verb::AssociatedWith, improvement, title, &study.compared.metric.unit, &effect);
    let alike = shift(&of(&levels, true), &of(&levels, false)).map(|levels| levels.p);
    answer.assumptions = vec![
        Assumption {
            says: "adopters and others stood alike before".to_owned(),
            holds: alike.map(|p| p >= 0.05),
            because: alike.map_or("too few to test".to_owned(), |p| {
                format!(
                    "p = {p:.3} of no shift before, asked for at least 0.05 ({} and {} {what}s)",
                    adopters.len(),
                    others.len()
                )
            }),
        },
        Assumption {
            says: "the changes of both have one form, and differ by a shift".to_owned(),
            holds: None,
            because: "not tested".to_owned(),
        },
        Assumption {
            says: "nothing else set adopters apart".to_owned(),
            holds: None,
            because: "not to be told from these facts".to_owned(),
        },
    ];
    answer
}
