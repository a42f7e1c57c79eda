//! Adopters before against adopters after, which describes and proves nothing.

use std::collections::BTreeMap;

use super::answer::{Assumption, Counts, Design, DesignAnswer, Effect, Measure, Verb};
use super::ask::Figure;
use super::clusters::{self, Change, Counted, DRAWS, Lasted};
use super::newcombe::{self, Share};
use super::observe::Row;
use super::study::Study;
use super::words;

/// With fewer services, or teams where rates are compared, drawing them says little of how they vary.
const CLUSTERS_NEEDED: usize = 5;
/// On each side.
const OBSERVATIONS_NEEDED: usize = 20;
/// A design effect above this is worth a remark.
const CLUSTERED: f64 = 1.5;
/// Draws times observations at most: of millions fewer draws tell as much.
const MOST_STEPS: usize = 400_000_000;

/// What before and after say.
pub(super) fn answer(study: &Study<'_>, improvement: &str, title: &str) -> DesignAnswer {
    // A cluster counts when it was seen on both sides: else what changed might only be who is there. Counts of a rate
    // are taken by unit, which is there without being seen.
    let is_rate = study.compared.figure == Figure::Rate;
    let cluster = |row: &Row| if is_rate { row.unit } else { row.service };
    let side = |row: &Row| Some((cluster(row), i64::from(row.at_us >= study.arrived_us(row)?)));
    let mut sides: BTreeMap<i64, [Vec<Row>; 2]> = BTreeMap::new();
    for ((cluster, is_after), rows) in study.observed.grouped(side) {
        sides.entry(cluster).or_default()[is_after as usize] = rows;
    }
    sides.retain(|cluster, [before, after]| *cluster >= 0 && !before.is_empty() && !after.is_empty());
    let size = |side: usize| sides.values().map(|sides| sides[side].len()).sum::<usize>();
    let (n_before, n_after) = (size(0), size(1));
    let n = counts(&sides);
    let mut answer = DesignAnswer {
        design: Design::BeforeAndAfter,
        method: String::new(),
        verb: None,
        says: String::new(),
        effects: Vec::new(),
        p: None,
        n,
        assumptions: vec![Assumption {
            says: "nothing else changed with time".to_owned(),
            holds: None,
            because: "before and after have no control".to_owned(),
        }],
        enough: None,
        event_times: Vec::new(),
    };
    let of = if is_rate { study.arrival.as_str() } else { "service" };
    if sides.len() < CLUSTERS_NEEDED || n_before < OBSERVATIONS_NEEDED || n_after < OBSERVATIONS_NEEDED {
        let enough = format!(
            "at least {CLUSTERS_NEEDED} {of}s seen before and after the arrival, with {OBSERVATIONS_NEEDED} observations on \
             each side; there are {}, with {n_before} and {n_after}",
            sides.len()
        );
        answer.says = format!("too little to tell; enough would be {enough}");
        answer.enough = Some(enough);
        return answer;
    }
    match study.compared.figure {
        Figure::Share => shares(&mut answer, &sides),
        Figure::Rate => rates(&mut answer, study, &sides),
        Figure::Median => medians(&mut answer, &sides),
    }
    if let Some(effect) = answer.effects.first().copied() {
        answer.verb = Some(Verb::After);
        answer.says = words::sentence(Verb::After, improvement, title, &study.compared.metric.unit, &effect);
    }
    answer
}

fn medians(answer: &mut DesignAnswer, sides: &BTreeMap<i64, [Vec<Row>; 2]>) {
    let lasted: Vec<Lasted> = (sides.values().enumerate())
        .flat_map(|(cluster, sides)| {
            sides.iter().enumerate().flat_map(move |(side, rows)| {
                rows.iter().map(move |row| Lasted {
                    cluster,
                    is_after: side == 1,
                    value: row.value,
                    is_open: row.is_open,
                })
            })
        })
        .collect();
    let draws = DRAWS.min((MOST_STEPS / lasted.len().max(1)).max(199));
    answer.method = format!("medians; bootstrap that draws services, {draws} draws, 2.5 and 97.5 % points");
    answer.effects = effects(clusters::medians(&lasted, sides.len(), draws, 1));
    answer.assumptions.push(independent("services", sides.len()));
}

fn rates(answer: &mut DesignAnswer, study: &Study<'_>, sides: &BTreeMap<i64, [Vec<Row>; 2]>) {
    let (begin, end) = (study.window.from.timestamp_micros(), study.window.to.timestamp_micros());
    let counted: Vec<Counted> = (sides.iter())
        .map(|(key, [before, after])| {
            let unit = &study.units[key];
            let arrived = unit.arrived_us.unwrap_or(end);
            Counted {
                before: (before.len() as f64, study.days(begin.max(unit.first_us), arrived)),
                after: (after.len() as f64, study.days(arrived, end)),
            }
        })
        .collect();
    let of = study.arrival.as_str();
    answer.method = format!("per day and {of}; bootstrap that draws {of}s, {DRAWS} draws, 2.5 and 97.5 % points");
    answer.effects = effects(clusters::rates(&counted, DRAWS, 1));
    answer.assumptions.push(independent(&format!("{of}s"), counted.len()));
}

fn shares(answer: &mut DesignAnswer, sides: &BTreeMap<i64, [Vec<Row>; 2]>) {
    let share = |rows: &[Row]| Share { k: rows.iter().map(|row| row.value).sum(), n: rows.len() as f64 };
    let groups = [0, 1].map(|side| sides.values().map(|sides| share(&sides[side])).collect::<Vec<Share>>());
    let whole = |side: &[Share]| {
        side.iter().fold(Share { k: 0.0, n: 0.0 }, |sum, one| Share { k: sum.k + one.k, n: sum.n + one.n })
    };
    let factor = newcombe::design_effect(&groups);
    let [before, after] = [whole(&groups[0]), whole(&groups[1])].map(|share| share.thinned(factor));
    answer.method =
        "Newcombe's hybrid score interval (1998, method 10), numbers divided by the design effect of services"
            .to_owned();
    answer.effects =
        newcombe::difference(after, before).map(|found| Effect::of(Measure::Difference, found)).into_iter().collect();
    answer.assumptions.push(Assumption {
        says: "what happens at a service does not depend on what else happens there".to_owned(),
        holds: Some(factor <= CLUSTERED),
        because: format!(
            "shares vary between {} services {factor:.2} times as much as chance would have it, asked for at most \
             {CLUSTERED}; numbers were divided by that",
            sides.len()
        ),
    });
}

fn independent(clusters: &str, n: usize) -> Assumption {
    Assumption {
        says: format!("{clusters} do not depend on one another, and are enough to be drawn"),
        holds: Some(n >= 20),
        because: format!("{n} {clusters} seen on both sides, asked for at least 20"),
    }
}

fn effects(change: Option<Change>) -> Vec<Effect> {
    let Some(change) = change else { return Vec::new() };
    let ratio = change.ratio.map(|ratio| Effect::of(Measure::Ratio, ratio));
    [Some(Effect::of(Measure::Difference, change.difference)), ratio].into_iter().flatten().collect()
}

fn counts(sides: &BTreeMap<i64, [Vec<Row>; 2]>) -> Counts {
    let rows = || sides.values().flatten().flatten();
    let distinct =
        |of: fn(&Row) -> i64| rows().map(of).filter(|key| *key >= 0).collect::<std::collections::BTreeSet<i64>>().len();
    Counts { observations: rows().count(), services: distinct(|row| row.service), teams: distinct(|row| row.team) }
}
