//! Which figures of an answer are judged against those before them, and by what: see `expected` for the arithmetic.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::answer::{Answer, Row};
use crate::ask::Ask;
use crate::catalogue::{Aggregate, Better, Metric};
use crate::error::AnalyticsError;
use crate::expected::{Expected, Kind, N_BEFORE, Verdict, expected};
use crate::window::{Bucket, Grain};

/// What a row is of: a dimension's name and the name in it, for each dimension.
type Group = Vec<(String, Option<String>)>;

/// The buckets before a question's first one that its figures are judged by. Weeks and months are. Days follow the working
/// week, of which limits from twelve days in a row know nothing; twelve quarters reach back to another organisation.
pub(crate) fn buckets_before(ask: &Ask, zone: Tz, now: DateTime<Utc>) -> Result<Vec<Bucket>, AnalyticsError> {
    match ask.grain {
        Grain::Week | Grain::Month => ask.window.buckets_before(N_BEFORE as u32, ask.grain, zone, now),
        Grain::Day | Grain::Quarter | Grain::All => Ok(Vec::new()),
    }
}

/// Says of each complete bucket what was to be expected of its figure, and what the figure is against that.
pub(crate) fn judge(metric: &Metric, answer: &mut Answer) {
    // The waves of a survey are months apart: no twelve weeks say what to expect of one.
    if !matches!(answer.grain, Grain::Week | Grain::Month) || metric.aggregate == Aggregate::Cell {
        return;
    }
    let kind = kind(metric);
    let all = || answer.before.iter().chain(&answer.rows);
    let times: BTreeSet<DateTime<Utc>> = all().map(|row| row.time).collect();
    let places: HashMap<DateTime<Utc>, usize> = times.into_iter().zip(0..).collect();
    let mut series: HashMap<&Group, Vec<Option<f64>>> = HashMap::new();
    for row in all().filter(|row| row.is_complete) {
        let figures = series.entry(&row.group).or_insert_with(|| vec![None; places.len()]);
        figures[places[&row.time]] = row.estimate.value;
    }
    let of_row = |row: &Row| {
        let figures = series.get(&row.group).filter(|_| row.is_complete)?;
        let place = places[&row.time];
        let found = expected(&figures[place.saturating_sub(N_BEFORE)..place], known(row), kind, metric.better);
        Some(surpassed(row, found, metric.better).unwrap_or(found))
    };
    let found: Vec<Option<Expected>> = answer.rows.iter().map(of_row).collect();
    for (row, found) in answer.rows.iter_mut().zip(found) {
        row.expected = found;
    }
}

/// The figure, unless it may still change: failures that are yet to be told would make every last week a good one.
fn known(row: &Row) -> Option<f64> {
    row.estimate.value.filter(|_| !row.is_provisional)
}

/// A median of which it is only known that it lies above a bound, where the bound is more than was to be expected.
fn surpassed(row: &Row, found: Expected, better: Better) -> Option<Expected> {
    let (_, high) = found.range?;
    let bound = row.more("more_than").filter(|_| !row.is_provisional)?;
    let verdict = match better {
        Better::Higher => Verdict::Better,
        Better::Lower => Verdict::Worse,
    };
    (bound > high).then_some(Expected { verdict, ..found })
}

/// Between what a metric's figures lie.
fn kind(metric: &Metric) -> Kind {
    match metric.aggregate {
        Aggregate::Rate | Aggregate::Count | Aggregate::Median | Aggregate::Survival => Kind::Positive,
        _ if metric.unit == "share" => Kind::Share,
        // Hours saved can be lost ones, and scores have ends of their own.
        _ => Kind::Any,
    }
}
