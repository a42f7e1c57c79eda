//! The figure of one bucket and group, made of what was observed there.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::answer::{Group, Row};
use crate::catalogue::{Aggregate, BesideAggregate, CellFigure, Metric, Shape};
use crate::cell::Cell;
use crate::estimate::{self, DurationEstimate, Estimate};
use crate::pile::Series;
use crate::scores;
use crate::window::{Bucket, Window};

/// What a figure is made of.
pub(crate) struct Placed {
    pub bucket: Bucket,
    /// When the sources that tell of the group were connected, for counts.
    pub connected: Arc<[Window]>,
    pub group: Group,
    pub cell: Cell,
}

/// Makes the figure of a bucket and group.
pub(crate) fn row(metric: &Metric, placed: Placed, now: DateTime<Utc>) -> Row {
    if !placed.cell.is_withheld {
        return figure(metric, placed, now);
    }
    // It has the columns of the rows beside it and nothing in them, not even how many there are.
    let mut row = figure(metric, Placed { cell: placed.cell.emptied(), ..placed }, now);
    row.is_withheld = true;
    row.estimate = Estimate::default();
    row.more.iter_mut().for_each(|(_, further)| *further = None);
    row.beside.iter_mut().for_each(|(_, beside)| *beside = None);
    row
}

/// Whether a bucket's figure may still change.
pub(crate) fn is_provisional(metric: &Metric, bucket: &Bucket, now: DateTime<Utc>) -> bool {
    metric.provisional_days.is_some_and(|days| bucket.to + TimeDelta::days(days) > now)
}

fn figure(metric: &Metric, placed: Placed, now: DateTime<Utc>) -> Row {
    let Placed { bucket, connected, group, cell } = placed;
    let mut row = Row {
        time: bucket.time,
        group,
        is_complete: bucket.is_complete,
        is_provisional: is_provisional(metric, &bucket, now),
        ..Row::default()
    };
    let is_connected = connected.iter().any(|span| match metric.shape {
        Shape::Event => bucket.to > span.from && bucket.from <= span.to,
        Shape::State => bucket.to > span.from && bucket.from <= now,
    });
    row.usable = cell.n_usable;
    row.relevant = cell.n_all - cell.n_left_out;
    let end_us = bucket.to.min(now).timestamp_micros();
    let known = |place: usize| cell.beside.get(place).map_or(&[][..], Vec::as_slice);
    let beside = metric.beside.iter().enumerate();
    row.beside = beside
        .map(|(place, beside)| (beside.name.clone(), beside_figure(beside.aggregate, known(place), end_us)))
        .collect();
    if cell.is_mixed {
        row.usable = 0;
        // Cells are not people, and the people of several cells are not added.
        row.estimate.n = if metric.aggregate == Aggregate::Cell { 0 } else { cell.n_usable };
        row.beside.iter_mut().for_each(|(_, figure)| *figure = None);
        return row;
    }
    let is_known = cell.n_usable > 0 || is_connected;
    match metric.aggregate {
        Aggregate::Rate => {
            if is_known {
                row.exposure = bucket.days / f64::from(metric.per_days);
                row.estimate = estimate::rate(cell.n_usable, row.exposure);
            }
            if metric.counts.as_deref() == Some("deployment") {
                // Days are counted whole, also the one that is running, and a week has no more than seven.
                let per_week = is_known.then(|| (f64::from(cell.n_days()) / bucket.days.ceil() * 7.0).min(7.0));
                row.more.push(("deployment_days_per_week", per_week));
            }
        }
        Aggregate::Share => row.estimate = estimate::share(cell.n_true, cell.n_usable),
        Aggregate::Count => {
            let n = cell.n_usable;
            if is_known {
                row.estimate = Estimate { value: Some(n as f64), n, ..Estimate::default() };
            }
            let oldest = cell.oldest_us.map(|oldest| ((end_us - oldest) / 1_000_000) as f64);
            row.more.push(("oldest_seconds", oldest));
        }
        Aggregate::Median => {
            let of_series = |series: &Series| estimate::durations_of(&series.values, &series.clusters);
            put_durations(&mut row, of_series(&cell.series));
            let stages = cell.stages.iter().map(of_series).chain(std::iter::repeat(DurationEstimate::default()));
            row.stages = metric.stages.iter().cloned().zip(stages).collect();
        }
        Aggregate::Survival => {
            let mut observed: Vec<(f64, bool)> = cell.series.values.reals().into_iter().zip(cell.opens).collect();
            let n_open = observed.iter().filter(|(_, is_open)| *is_open).count();
            put_durations(&mut row, estimate::survival(&mut observed));
            row.more.push(("n_open", Some(n_open as f64)));
        }
        Aggregate::Sum => {
            // The sum of nothing is -0 in floating point.
            let value = is_known.then(|| total(cell.series.values.reals()) + 0.0);
            row.estimate = Estimate { value, n: cell.n_usable, ..Estimate::default() };
        }
        Aggregate::Ratio => {
            row.estimate = Estimate { value: quotient(totals(&cell.ratio)), n: cell.n_usable, ..Estimate::default() };
        }
        Aggregate::Mean => {
            let value = quotient((total(cell.series.values.reals()), cell.series.values.len() as f64));
            row.estimate = Estimate { value, n: cell.series.values.len() as u64, ..Estimate::default() };
        }
        Aggregate::Cell => {
            // Cells that are not published are kept without their counts.
            row.is_withheld = cell.published.is_none() && row.relevant > row.usable;
            if let Some((figure, (counts, invited))) = metric.cell.zip(cell.published) {
                row.estimate = match figure {
                    CellFigure::Mean => scores::mean(&counts, invited),
                    CellFigure::Share => estimate::share(counts.get(1).copied().unwrap_or(0), counts.iter().sum()),
                    CellFigure::Net => scores::net_promoters(&counts),
                };
            }
        }
        Aggregate::Composed => {}
    }
    row
}

/// The sum of some numbers, in one order: rows come as the cores hand them out, and sums of the same numbers in another order
/// differ in their last digits.
fn total(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.iter().sum()
}

fn totals(pairs: &[(f64, f64)]) -> (f64, f64) {
    let (first, second) = pairs.iter().copied().unzip();
    (total(first), total(second))
}

/// Nothing divided by nothing is not known.
fn quotient((above, below): (f64, f64)) -> Option<f64> {
    (below != 0.0).then(|| above / below).filter(|quotient| quotient.is_finite())
}

/// A figure beside the main one, of what is known in its column; each with what it is divided by, for ratios.
fn beside_figure(aggregate: BesideAggregate, known: &[(f64, f64)], end_us: i64) -> Option<f64> {
    let sum = || totals(known).0;
    let median = |values: Vec<f64>| estimate::durations(&values).median.value;
    match aggregate {
        BesideAggregate::Share => quotient((sum(), known.len() as f64)),
        BesideAggregate::Count | BesideAggregate::Sum => (!known.is_empty()).then(sum),
        BesideAggregate::Ratio => quotient(totals(known)),
        BesideAggregate::Median => median(known.iter().map(|(value, _)| *value).collect()),
        BesideAggregate::Least => known.iter().map(|(value, _)| *value).min_by(f64::total_cmp),
        BesideAggregate::Age => median(known.iter().map(|(since, _)| end_us as f64 / 1e6 - since).collect()),
    }
}

fn put_durations(row: &mut Row, durations: DurationEstimate) {
    row.estimate = durations.median;
    row.more.push(("p75", durations.p75));
    row.more.push(("p90", durations.p90));
    if durations.more_than.is_some() {
        row.more.push(("more_than", durations.more_than));
    }
}
