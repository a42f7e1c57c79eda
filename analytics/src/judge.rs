//! Which figures of an answer are judged against those before them, and by what: see `expected` for the arithmetic.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{DateTime, Days, Utc};
use chrono_tz::Tz;

use crate::answer::{Answer, Group, Row};
use crate::ask::Ask;
use crate::catalogue::{Aggregate, Better, Metric, Shape};
use crate::cores::{all_cores, on_cores};
use crate::error::AnalyticsError;
use crate::expected::{Expected, ExpectedAbout, Kind, N_BEFORE, Verdict, expected, median};
use crate::expected_rate::expected_rate;
use crate::expected_share::expected_share;
use crate::window::{Bucket, Grain, Window};

/// The buckets before a question's first one that its figures are judged by. Weeks and months are. Days follow the working
/// week, of which limits from twelve days in a row know nothing; twelve quarters reach back to another organisation.
#[derive(Default)]
pub(crate) struct Before {
    /// What is read before the window.
    pub read: Vec<Bucket>,
    /// Where the window begins within a bucket: that one as a whole, of which the last that is read and the window's first
    /// are the parts. The later ones are judged by the whole of it, so that no verdict depends on where a window begins.
    pub whole: Option<Bucket>,
}

impl Before {
    pub fn of(ask: &Ask, zone: Tz, now: DateTime<Utc>) -> Result<Before, AnalyticsError> {
        let read = match ask.grain {
            Grain::Week | Grain::Month => ask.window.buckets_before(N_BEFORE as u32, ask.grain, zone, now)?,
            Grain::Day | Grain::Quarter | Grain::All => Vec::new(),
        };
        let Some(last) = read.last() else { return Ok(Before::default()) };
        let to_the_end = Window { from: last.time, to: ask.window.from + Days::new(40) };
        let whole = to_the_end.buckets(ask.grain, zone, now)?.into_iter().next();
        // Of a window that ends within its first bucket no later one is judged.
        let whole = whole.filter(|whole| whole.to > ask.window.from && whole.to <= ask.window.to);
        Ok(Before { read, whole })
    }

    /// The buckets that the figures before are of.
    pub fn buckets(&self) -> Vec<Bucket> {
        let mut buckets = self.read.clone();
        if let (Some(whole), Some(last)) = (self.whole, buckets.last_mut()) {
            *last = whole;
        }
        buckets
    }
}

/// With fewer rows, starting another thread takes longer than judging them.
const MANY_ROWS: usize = 1_000;

/// Says of each complete bucket what was to be expected of its figure, and what the figure is against that.
pub(crate) fn judge(metric: &Metric, answer: &mut Answer) {
    if !matches!(answer.grain, Grain::Week | Grain::Month) || metric.aggregate == Aggregate::Cell {
        return;
    }
    if metric.aggregate == Aggregate::Share && metric.shape == Shape::Event {
        return judge_shares(metric, answer);
    }
    if metric.aggregate == Aggregate::Rate {
        return judge_rates(metric, answer);
    }
    let kind = kind(metric);
    put_expected(
        answer,
        |row| row.estimate.value,
        |row, before| {
            let found = expected(before, known(row), kind, metric.better);
            surpassed(row, found, metric.better).unwrap_or_else(|| {
                let centre = || median(before.iter().flatten().copied());
                Expected { verdict: with_what_it_rests_on(metric, row, centre, found.verdict), ..found }
            })
        },
    );
}

/// The same for shares of events, each of which rests on a number of its own.
fn judge_shares(metric: &Metric, answer: &mut Answer) {
    let counted = |row: &Row| {
        let n = row.estimate.n;
        row.estimate.value.map(|share| ((share * n as f64).round() as u64, n))
    };
    put_expected(answer, counted, |row, before| {
        let k = counted(row).map(|(k, _)| k).filter(|_| !row.is_provisional);
        let ExpectedAbout { expected, centre } = expected_share(before, k, row.estimate.n, metric.better);
        Expected { verdict: with_what_it_rests_on(metric, row, || centre, expected.verdict), ..expected }
    });
}

/// The same for rates, each of which rests on a number of events.
fn judge_rates(metric: &Metric, answer: &mut Answer) {
    let happened = |row: &Row| row.estimate.value.map(|_| (row.estimate.n, row.exposure));
    put_expected(answer, happened, |row, before| {
        let n = known(row).map(|_| row.estimate.n);
        let ExpectedAbout { expected, centre } = expected_rate(before, n, row.exposure, metric.better);
        Expected { verdict: with_what_it_rests_on(metric, row, || centre, expected.verdict), ..expected }
    });
}

/// Gives each complete row what was to be expected of it, which `judge` tells of the figures before it.
fn put_expected<T: Clone + Send + Sync>(
    answer: &mut Answer,
    figure: impl Fn(&Row) -> Option<T>,
    judge: impl Fn(&Row, &[Option<T>]) -> Expected + Sync,
) {
    let placed = Placed::of(answer, figure);
    let begins_somewhen = answer.aggregate == Aggregate::Rate && !answer.by.is_empty();
    let rows: Vec<_> = answer.rows.iter_mut().zip(&placed.rows).filter(|(row, _)| row.is_complete).collect();
    let n_cores = if rows.len() < MANY_ROWS { 1 } else { all_cores() };
    on_cores(n_cores, rows, |(row, place): (&mut Row, &Place)| {
        row.expected = placed.before(place, begins_somewhen).map(|before| judge(row, &before));
    });
}

/// Where a figure stands: its group's number, and its bucket's place in time.
type Place = (usize, usize);

/// The figures of an answer's complete buckets and of those before it, of each group one after the other in time.
struct Placed<T> {
    series: Vec<Vec<Option<T>>>,
    /// Whether anything was told of each.
    is_told: Vec<Vec<bool>>,
    /// Where each row of the answer stands.
    rows: Vec<Place>,
}

impl<T: Clone> Placed<T> {
    fn of(answer: &Answer, figure: impl Fn(&Row) -> Option<T>) -> Placed<T> {
        let all = || answer.before.iter().chain(&answer.rows);
        let mut times: Vec<DateTime<Utc>> = all().map(|row| row.time).collect();
        times.dedup();
        times.sort_unstable();
        times.dedup();
        let mut numbers: HashMap<&Group, usize> = HashMap::new();
        let mut series: Vec<Vec<Option<T>>> = Vec::new();
        let mut is_told: Vec<Vec<bool>> = Vec::new();
        let mut rows = Vec::with_capacity(answer.before.len() + answer.rows.len());
        let mut place = 0;
        for row in all() {
            // They come bucket by bucket.
            if times[place] != row.time {
                place = times.binary_search(&row.time).unwrap_or_default();
            }
            let n_groups = numbers.len();
            let group = *numbers.entry(&row.group).or_insert(n_groups);
            if group == series.len() {
                series.push(vec![None; times.len()]);
                is_told.push(vec![false; times.len()]);
            }
            is_told[group][place] |= row.relevant > 0;
            if row.is_complete {
                series[group][place] = figure(row);
            }
            rows.push((group, place));
        }
        Placed { series, is_told, rows: rows.split_off(answer.before.len()) }
    }

    /// The figures by which one is judged, oldest first. Of what `begins_somewhen`, such as a group that deploys for the first
    /// time, nothing was expected before: it may not have been told of yet, or not have been there. Only these figures
    /// themselves tell, so that a verdict is the same in whichever window.
    fn before(&self, (group, place): &Place, begins_somewhen: bool) -> Option<Cow<'_, [Option<T>]>> {
        let range = place.saturating_sub(N_BEFORE)..*place;
        let before = self.series.get(*group)?.get(range.clone())?;
        let is_told = &self.is_told[*group][range];
        if !begins_somewhen || is_told.first().is_none_or(|is_told| *is_told) {
            return Some(Cow::Borrowed(before));
        }
        let first = is_told.iter().position(|is_told| *is_told).unwrap_or(before.len());
        let begun = (0..before.len()).map(|place| before[place].clone().filter(|_| place >= first));
        Some(Cow::Owned(begun.collect()))
    }
}

/// The figure, unless it may still change: failures that are yet to be told would make every last week a good one.
fn known(row: &Row) -> Option<f64> {
    row.estimate.value.filter(|_| !row.is_provisional)
}

/// The verdict, where the figure itself rests on enough for one: of two deployments one that failed is half of them, and
/// says little. So its own interval must not reach to the centre of those before; without one there is too little data.
fn with_what_it_rests_on(metric: &Metric, row: &Row, centre: impl Fn() -> Option<f64>, verdict: Verdict) -> Verdict {
    let has_intervals =
        matches!(metric.aggregate, Aggregate::Rate | Aggregate::Share | Aggregate::Median | Aggregate::Survival);
    if !has_intervals || !matches!(verdict, Verdict::Better | Verdict::Worse) {
        return verdict;
    }
    let (Some(low), Some(centre)) = (row.estimate.low, centre()) else { return Verdict::TooLittleData };
    let high = row.estimate.high.unwrap_or(f64::INFINITY);
    if low <= centre && centre <= high { Verdict::NoClearChange } else { verdict }
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
        _ if metric.unit == "points of 10" => Kind::Points,
        _ if metric.signed => Kind::Any,
        _ => Kind::Amount,
    }
}
