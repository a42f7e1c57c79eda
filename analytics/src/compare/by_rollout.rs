//! The design for what is rolled out over time, or at one date to some: differences in differences.

use super::answer::{Assumption, Design, DesignAnswer, Effect, EventTimeEffect, Measure};
use super::ask::Figure;
use super::clusters::DRAWS;
use super::panel::{Panel, Unit};
use super::staggered::{BEYOND_CHANCE, FLAT, Staggered, staggered};
use super::study::Study;
use super::words;

const METHOD: &str = "those whom it reached in one period are set beside those whom it had not reached by then, period by \
                      period; the differences are averaged within and then over such groups by their size (Callaway and \
                      Sant'Anna 2021, without covariates), their intervals come of a bootstrap of teams";
/// With fewer clusters the bootstrap's intervals are no longer what they say.
const CLUSTERS_NEEDED: usize = 8;
/// Adopters of which both sides were observed, at least.
const ADOPTERS_NEEDED: usize = 4;

/// The panel of a study: the period of an arrival is neither before nor after.
pub(super) fn panel(study: &Study<'_>) -> Panel {
    let length = study.period_weeks;
    let n_periods = study.n_weeks() / length;
    // What does not fill a period is left out at the begin: the latest weeks tell most.
    let skipped = study.n_weeks() - n_periods * length;
    let period = |at_us: i64| study.week(at_us)?.checked_sub(skipped).map(|week| week / length);
    let mut cells = study.observed.grouped(|row| Some((row.unit, period(row.at_us)? as i64)));
    let mut clusters: Vec<i64> = study.units.values().map(|unit| unit.cluster).collect();
    clusters.sort_unstable();
    clusters.dedup();
    let units = study.units.iter().map(|(key, unit)| {
        let arrived_in = unit.arrived_us.map(|arrived| match period(arrived) {
            Some(period) => period as isize,
            None if study.weeks.get(skipped).is_none_or(|begin| arrived < *begin) => -1,
            None => n_periods as isize,
        });
        let values = (0..n_periods)
            .map(|position| {
                let rows = cells.remove(&(*key, position as i64)).unwrap_or_default();
                let begin = study.weeks[skipped + position * length];
                let days = length as f64 * 7.0;
                // Before anything was seen of a unit it may not have been there: no count of none.
                let is_there = study.compared.figure != Figure::Rate || unit.first_us <= begin;
                study.figure(&rows, days).filter(|_| is_there && arrived_in != Some(position as isize))
            })
            .collect();
        let cluster = clusters.binary_search(&unit.cluster).expect("the clusters were gathered from these units");
        Unit { cluster, treated_from: arrived_in.map(|arrived_in| (arrived_in + 1) as usize), values }
    });
    Panel { units: units.collect(), n_periods, n_clusters: clusters.len(), anticipation: 1 }
}

/// What the differences say.
pub(super) fn answer(study: &Study<'_>, improvement: &str, title: &str) -> DesignAnswer {
    let panel = panel(study);
    let found = staggered(&panel, DRAWS, 1);
    let is_ratio = study.compared.figure == Figure::Median;
    let measure = if is_ratio { Measure::Ratio } else { Measure::Difference };
    let shown = |value: f64| if is_ratio { value.exp() } else { value };
    let begin = study.weeks.first().copied().unwrap_or_default();
    let end = study.weeks.last().copied().unwrap_or_default();
    let n = study.counts(|row| (begin..end).contains(&row.at_us));
    let mut answer = DesignAnswer {
        design: Design::StaggeredDifferences,
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
    let what = study.arrival.as_str();
    let n_treated = found.as_ref().map_or(0, |found| found.n_treated);
    let Some(found) = found.filter(|found| found.n_treated >= ADOPTERS_NEEDED && panel.n_clusters >= CLUSTERS_NEEDED)
    else {
        let enough = format!(
            "at least {CLUSTERS_NEEDED} teams, and of them {ADOPTERS_NEEDED} adopters ({what}s) that were observed for a \
             whole period of {} weeks before the arrival and one after it while others still waited; there are {} and {}",
            study.period_weeks, panel.n_clusters, n_treated
        );
        answer.says = format!("too little to tell; enough would be {enough}");
        answer.enough = Some(enough);
        return answer;
    };
    if found.n_groups < 2 {
        answer.design = Design::Differences;
    }
    let effect = Effect::of(measure, found.overall.map(shown));
    let verb = found.verb();
    answer.verb = Some(verb);
    answer.effects = vec![effect];
    answer.says = words::sentence(verb, improvement, title, &study.compared.metric.unit, &effect);
    answer.assumptions = assumptions(&panel, &found, what, shown);
    answer.event_times = event_times(&panel, &found, shown);
    answer
}

fn assumptions(panel: &Panel, found: &Staggered, what: &str, shown: impl Fn(f64) -> f64) -> Vec<Assumption> {
    let never = panel.units.iter().filter(|unit| unit.treated_from.is_none()).count();
    let flat = match &found.pretrend {
        None => Assumption {
            says: "before the arrival adopters went along with those not yet reached".to_owned(),
            holds: None,
            because: "no period before the last can be compared".to_owned(),
        },
        Some(trend) => {
            let drift = trend.drift.as_ref().map_or_else(String::new, |(drift, p)| {
                format!(
                    "; drift per period {} ({} to {}), p = {p:.3}",
                    number(shown(drift.value)),
                    number(shown(drift.low)),
                    number(shown(drift.high))
                )
            });
            Assumption {
                says: "before the arrival adopters went along with those not yet reached".to_owned(),
                holds: found.is_flat(),
                because: format!(
                    "p = {:.3}, asked for at least {FLAT} (Wald's test of all {} periods before at once: F = {:.2}, p = {:.3}; \
                     largest {}{drift})",
                    trend.p(),
                    trend.times.len(),
                    trend.statistic,
                    trend.joint_p,
                    number(shown(trend.largest)),
                ),
            }
        }
    };
    vec![
        Assumption {
            says: "it arrived at different times".to_owned(),
            holds: Some(found.n_groups >= 2),
            because: format!("{} {what}s in {} groups by period of arrival", found.n_treated, found.n_groups),
        },
        flat,
        Assumption {
            says: "a clear effect is beyond chance".to_owned(),
            holds: found.is_beyond_chance(),
            because: format!("p = {:.3} of no effect, asked for below {BEYOND_CHANCE}", found.p),
        },
        Assumption {
            says: "there are enough teams for a bootstrap of teams".to_owned(),
            holds: Some(panel.n_clusters >= CLUSTERS_NEEDED),
            because: format!("{} teams, {never} {what}s never reached in the window", panel.n_clusters),
        },
        Assumption {
            says: "without it adopters would have gone on along with the others".to_owned(),
            holds: None,
            because: "no data can show what did not happen; the periods before are the nearest to it".to_owned(),
        },
        Assumption {
            says: format!("what one {what} got changed nothing at those still waiting"),
            holds: None,
            because: "not to be told from these facts".to_owned(),
        },
    ]
}

/// The picture: effects by the time since the period of the arrival, where at least a quarter of the adopters take part.
fn event_times(panel: &Panel, found: &Staggered, shown: impl Fn(f64) -> f64) -> Vec<EventTimeEffect> {
    let lead = panel.anticipation as isize;
    let mut times: Vec<EventTimeEffect> = (found.event_times.iter())
        .filter(|time| 4 * time.n_units >= found.n_treated)
        .map(|time| EventTimeEffect {
            since: time.since + lead,
            value: shown(time.effect.value),
            low: Some(shown(time.effect.low)),
            high: Some(shown(time.effect.high)),
            n: time.n_units,
        })
        .collect();
    times.push(EventTimeEffect { since: -1, value: shown(0.0), low: None, high: None, n: found.n_treated });
    times.sort_by_key(|time| time.since);
    times
}

fn number(value: f64) -> String {
    format!("{value:.3}")
}
