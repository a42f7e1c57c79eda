//! One date and no control: the weekly series before and after it.

use super::answer::{Assumption, Design, DesignAnswer, Effect, Measure, Verb};
use super::ask::Figure;
use super::interrupted::{POINTS_NEEDED, interrupted};
use super::study::Study;
use super::words;

const METHOD: &str = "interrupted time series of weeks: segmented regression with Newey-West errors";
const WEEK_US: i64 = 7 * 86_400_000_000;

/// Whether it arrived everywhere within a week, so that nobody is left to compare with.
pub(super) fn is_all_at_once(study: &Study<'_>) -> bool {
    let arrivals: Vec<i64> = study.units.values().filter_map(|unit| unit.arrived_us).collect();
    let span = arrivals.iter().max().zip(arrivals.iter().min()).map(|(last, first)| last - first);
    arrivals.len() == study.units.len() && span.is_some_and(|span| span < WEEK_US)
}

/// What the series says.
pub(super) fn answer(study: &Study<'_>, improvement: &str, title: &str) -> DesignAnswer {
    let is_ratio = study.compared.figure == Figure::Median;
    let arrivals = || study.units.values().filter_map(|unit| unit.arrived_us);
    let (first, last) = (arrivals().min().unwrap_or_default(), arrivals().max().unwrap_or_default());
    // The weeks in which it arrived are neither before nor after, but for one that begins with the arrival.
    let first_after = study.weeks.partition_point(|begin| *begin < last);
    let before_until = study.weeks.partition_point(|begin| *begin <= first).saturating_sub(1);
    let mut by_week = study.observed.grouped(|row| Some((study.week(row.at_us)? as i64, 0)));
    let points: Vec<(f64, f64)> = (0..study.n_weeks())
        .filter(|week| *week < before_until || *week >= first_after)
        .filter_map(|week| {
            let rows = by_week.remove(&(week as i64, 0)).unwrap_or_default();
            Some((week as f64, study.figure(&rows, 7.0)?))
        })
        .collect();
    let n_after = points.iter().filter(|(week, _)| *week >= first_after as f64).count();
    let n_before = points.len() - n_after;
    let begin = study.weeks.first().copied().unwrap_or_default();
    let end = study.weeks.last().copied().unwrap_or_default();
    let mut answer = DesignAnswer {
        design: Design::InterruptedSeries,
        method: METHOD.to_owned(),
        verb: None,
        says: String::new(),
        effects: Vec::new(),
        p: None,
        n: study.counts(|row| (begin..end).contains(&row.at_us)),
        assumptions: Vec::new(),
        enough: None,
        event_times: Vec::new(),
    };
    let Some(found) = interrupted(&points, first_after as f64, None) else {
        let enough = format!(
            "at least {POINTS_NEEDED} whole weeks with observations before the date and {POINTS_NEEDED} after it; there \
             are {n_before} and {n_after}"
        );
        answer.says = format!("too little to tell; enough would be {enough}");
        answer.enough = Some(enough);
        return answer;
    };
    let (level, slope) = if is_ratio {
        (
            Effect::of(Measure::Ratio, found.level.map(f64::exp)),
            Effect::of(Measure::SlopeRatio, found.slope.map(f64::exp)),
        )
    } else {
        (Effect::of(Measure::Difference, found.level), Effect::of(Measure::SlopeDifference, found.slope))
    };
    answer.verb = Some(Verb::After);
    answer.effects = vec![level, slope];
    answer.says = words::sentence(Verb::After, improvement, title, &study.compared.metric.unit, &level);
    answer.assumptions = vec![
        Assumption {
            says: format!("at least {POINTS_NEEDED} weeks on each side"),
            holds: Some(true),
            because: format!("{n_before} before, {n_after} after"),
        },
        Assumption {
            says: "one week depends on another only over a few".to_owned(),
            holds: Some(found.autocorrelation.abs() < 0.5),
            because: format!(
                "the errors stand dependence up to {} weeks apart; residuals of neighbouring weeks correlate by {:.2}, \
                 asked for less than 0.5",
                found.lag, found.autocorrelation
            ),
        },
        Assumption {
            says: "the line before would have gone on, and nothing else changed at that date".to_owned(),
            holds: None,
            because: "all were reached at once, so there is no control".to_owned(),
        },
    ];
    answer
}
