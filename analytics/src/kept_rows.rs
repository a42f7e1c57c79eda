//! The rows of metrics that read large marts, kept as they came until the data changes. A dashboard asks for the same rows cut and
//! grouped in many ways, and reading them is half of the work of an answer.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{AsArray, BooleanArray, Int8Array, RecordBatch};
use arrow::compute::{filter_record_batch, max, min};
use arrow::datatypes::{Int8Type, Int32Type, TimestampMicrosecondType};
use arrow::error::ArrowError;
use chrono::{DateTime, Utc};

use crate::ask::DIMENSIONS;
use crate::catalogue::{Aggregate, Metric, Shape};
use crate::engine::Engine;
use crate::error::AnalyticsError;
use crate::statement::{Filter, Statement, UNUSABLE};
use crate::window::{Bucket, Window};

/// All of them together take no more memory than this: a year of half a million deployments with all that is known of them
/// takes about a quarter of it.
const MOST_BYTES: usize = 512 << 20;

/// The rows kept of each metric.
#[derive(Default)]
pub(crate) struct KeptRows {
    of: HashMap<String, OfMetric>,
}

/// The rows of a metric, each with the keys of some dimensions.
#[derive(Default)]
struct OfMetric {
    dimensions: Vec<&'static str>,
    has_stages: bool,
    /// In order of time; no two of them touch.
    pieces: Vec<Piece>,
}

/// All rows of a span of time.
#[derive(Clone)]
struct Piece {
    window: Window,
    batches: Arc<Vec<KeptBatch>>,
}

#[derive(Clone)]
struct KeptBatch {
    first_us: i64,
    last_us: i64,
    rows: RecordBatch,
}

/// What a question reads.
pub(crate) struct Wanted<'a> {
    pub metric: &'a Metric,
    pub by: &'a [&'static str],
    pub filters: &'a [Filter],
    pub window: Window,
    pub buckets: &'a [Bucket],
    pub now: DateTime<Utc>,
}

/// What of it is kept.
struct Held {
    /// The dimensions whose keys the rows have.
    dimensions: Vec<&'static str>,
    pieces: Vec<Piece>,
    /// The spans of time that have to be read.
    gaps: Vec<Window>,
}

impl Engine {
    /// Hands on the rows that a question reads, batch by batch, in the order in which the mart has them. A batch may have further
    /// columns, and rows that lie outside of the window.
    pub(crate) fn each_batch(
        &self,
        wanted: &Wanted<'_>,
        take: &mut dyn FnMut(&RecordBatch),
    ) -> Result<(), AnalyticsError> {
        let Wanted { metric, by, filters, window, buckets, now } = *wanted;
        let held = match wanted.may_be_kept() && self.reads_large_marts(metric)? {
            true => Some(self.kept().rows.held(wanted)),
            false => None,
        };
        // Of one team there are so few rows that reading those alone is faster, where more has to be read than the clock moved on.
        let Some(held) = held.filter(|held| filters.is_empty() || length(&held.gaps) * 10.0 <= length(&[window]))
        else {
            let statement = Statement::bundles(metric, self.options(), filters, now);
            let statement = statement.rows(metric, by, &window, buckets, now);
            return Ok(self.store().query_each(&statement.sql, &statement.parameters, |batch| take(batch))?);
        };
        let mut pieces = held.pieces;
        for gap in held.gaps {
            let piece = self.read_piece(metric, &held.dimensions, gap)?;
            pieces.push(piece);
        }
        pieces.sort_by_key(|piece| piece.window.from);
        let window = wanted.span();
        let (from, to) = (window.from.timestamp_micros(), window.to.timestamp_micros());
        for piece in &pieces {
            for batch in piece.batches.iter().filter(|batch| batch.last_us >= from && batch.first_us < to) {
                let seen = batch.seen(filters, now.timestamp_micros());
                take(&seen.map_err(|error| AnalyticsError::MetricFailed {
                    metric: metric.name.clone(),
                    message: error.to_string(),
                })?);
            }
        }
        Ok(())
    }

    /// Reads all rows of a span of time, and keeps them.
    fn read_piece(&self, metric: &Metric, dimensions: &[&'static str], gap: Window) -> Result<Piece, AnalyticsError> {
        let data_version = self.store().data_version();
        // Whether a row lies ahead changes with the clock, and is looked at when it is used.
        let statement = Statement::bundles(metric, self.options(), &[], gap.to);
        let statement = statement.rows(metric, dimensions, &gap, &[], gap.to);
        let mut batches = Vec::new();
        let take = |rows: &RecordBatch| batches.extend(KeptBatch::of(metric.shape, rows));
        self.store().query_each(&statement.sql, &statement.parameters, take)?;
        let piece = Piece { window: gap, batches: Arc::new(batches) };
        self.keep(data_version, |kept| kept.rows.put(metric, dimensions, piece.clone()));
        Ok(piece)
    }
}

impl Wanted<'_> {
    /// Whether the rows depend on nothing but the data: not on the present, nor on names that get numbers answer by answer.
    fn may_be_kept(&self) -> bool {
        let Metric { aggregate, apart, beside, query, .. } = self.metric;
        let is_plain = matches!(aggregate, Aggregate::Rate | Aggregate::Share | Aggregate::Median | Aggregate::Count);
        let is_by_keys = self.by.iter().all(|dimension| DIMENSIONS.contains(dimension))
            && self.filters.iter().all(|filter| matches!(filter, Filter::Keys(..)));
        is_plain && is_by_keys && apart.is_none() && beside.is_empty() && !query.contains("{now}")
    }

    /// The time of which rows are read: of states all those that hold at the end of its first bucket or later, so that a window
    /// that moves on finds them there.
    fn span(&self) -> Window {
        let first = self.buckets.first().map_or(self.window.to, |bucket| bucket.to);
        match self.metric.shape {
            Shape::Event => self.window,
            Shape::State => Window { from: first.min(self.now), to: DateTime::<Utc>::MAX_UTC },
        }
    }

    /// The dimensions whose keys it needs.
    fn dimensions(&self) -> impl Iterator<Item = &'static str> {
        let filtered = self.filters.iter().filter_map(|filter| match filter {
            Filter::Keys(dimension, _) => Some(*dimension),
            _ => None,
        });
        self.by.iter().copied().chain(filtered)
    }
}

impl KeptRows {
    /// What is kept of what a question reads. What is kept without the keys or stages that it needs is of no use to it: they
    /// are read from then on.
    fn held(&self, wanted: &Wanted<'_>) -> Held {
        let (metric, window) = (wanted.metric, wanted.span());
        let of_metric = self.of.get(&metric.name);
        let known = of_metric.map_or(&[][..], |of_metric| &of_metric.dimensions);
        let mut dimensions = known.to_vec();
        let usual = ["team", "service"].into_iter().filter(|usual| metric.has_dimension(usual));
        for dimension in usual.chain(wanted.dimensions()) {
            if !dimensions.contains(&dimension) {
                dimensions.push(dimension);
            }
        }
        let is_enough = |of_metric: &&OfMetric| {
            dimensions.len() == of_metric.dimensions.len() && (of_metric.has_stages || metric.stages.is_empty())
        };
        let overlaps = |piece: &&Piece| piece.window.from < window.to && piece.window.to > window.from;
        let pieces: Vec<Piece> = of_metric
            .filter(is_enough)
            .map(|of_metric| of_metric.pieces.iter().filter(overlaps).cloned().collect())
            .unwrap_or_default();
        let mut gaps = Vec::new();
        let mut from = window.from;
        // Two sets of states would have those in common that hold throughout.
        if metric.shape == Shape::State && pieces.iter().any(|piece| piece.window.from > from) {
            return Held { dimensions, pieces: Vec::new(), gaps: vec![window] };
        }
        for piece in &pieces {
            if piece.window.from > from {
                gaps.push(Window { from, to: piece.window.from });
            }
            from = piece.window.to;
        }
        if from < window.to {
            gaps.push(Window { from, to: window.to });
        }
        Held { dimensions, pieces, gaps }
    }

    /// Keeps the rows of a span of time, unless some of them are there already, or others with more columns.
    fn put(&mut self, metric: &Metric, dimensions: &[&'static str], piece: Piece) {
        let has_stages = !metric.stages.is_empty();
        if self.n_bytes() + piece.n_bytes() > MOST_BYTES {
            self.of.retain(|name, _| *name == metric.name);
            if self.n_bytes() + piece.n_bytes() > MOST_BYTES {
                return;
            }
        }
        let of_metric = self.of.entry(metric.name.clone()).or_default();
        let is_less = (of_metric.has_stages && !has_stages) || !has_all(dimensions, &of_metric.dimensions);
        if is_less {
            return;
        }
        if (has_stages && !of_metric.has_stages) || !has_all(&of_metric.dimensions, dimensions) {
            *of_metric = OfMetric { dimensions: dimensions.to_vec(), has_stages, pieces: Vec::new() };
        }
        let pieces = &mut of_metric.pieces;
        if metric.shape == Shape::State {
            if pieces.first().is_none_or(|known| piece.window.from < known.window.from) {
                *pieces = vec![piece];
            }
            return;
        }
        let place = pieces.partition_point(|other| other.window.to <= piece.window.from);
        if pieces.get(place).is_some_and(|next| next.window.from < piece.window.to) {
            return;
        }
        pieces.insert(place, piece);
        // What touches becomes one.
        for place in [place + 1, place] {
            let end = pieces.len().min(place + 1);
            if let [before, after] = &mut pieces[place.saturating_sub(1)..end]
                && before.window.to == after.window.from
            {
                Arc::make_mut(&mut before.batches).extend(after.batches.iter().cloned());
                before.window.to = after.window.to;
                pieces.remove(place);
            }
        }
    }

    fn n_bytes(&self) -> usize {
        self.of.values().flat_map(|of_metric| &of_metric.pieces).map(Piece::n_bytes).sum()
    }
}

impl Piece {
    fn n_bytes(&self) -> usize {
        self.batches.iter().map(|batch| batch.rows.get_array_memory_size()).sum()
    }
}

impl KeptBatch {
    fn of(shape: Shape, rows: &RecordBatch) -> Option<KeptBatch> {
        if shape == Shape::State {
            return Some(KeptBatch { first_us: i64::MIN, last_us: i64::MAX, rows: rows.clone() });
        }
        let times = rows.column_by_name("observed_at")?.as_primitive_opt::<TimestampMicrosecondType>()?;
        Some(KeptBatch { first_us: min(times)?, last_us: max(times)?, rows: rows.clone() })
    }

    /// The rows as a question sees them: those that its filters let through, and none that counts before it happened.
    fn seen(&self, filters: &[Filter], now_us: i64) -> Result<RecordBatch, ArrowError> {
        let mut rows = self.rows.clone();
        for filter in filters {
            if let Filter::Keys(dimension, keys) = filter
                && let Some(column) = rows.column_by_name(&format!("{dimension}_key"))
                && let Some(column) = column.as_primitive_opt::<Int32Type>()
            {
                let is_let_through: BooleanArray =
                    column.iter().map(|key| Some(key.is_some_and(|key| keys.contains(&i64::from(key))))).collect();
                rows = filter_record_batch(&rows, &is_let_through)?;
            }
        }
        if self.last_us <= now_us {
            return Ok(rows);
        }
        let times =
            rows.column_by_name("observed_at").and_then(|times| times.as_primitive_opt::<TimestampMicrosecondType>());
        let standings = rows.column_by_name("standing").and_then(|column| column.as_primitive_opt::<Int8Type>());
        let (Some(times), Some(standings), Ok(place)) = (times, standings, rows.schema().index_of("standing")) else {
            return Ok(rows);
        };
        let by_now: Int8Array = (times.values().iter().zip(standings.values()))
            .map(|(time, standing)| Some(if *time > now_us { UNUSABLE } else { *standing }))
            .collect();
        let mut columns = rows.columns().to_vec();
        columns[place] = Arc::new(by_now);
        RecordBatch::try_new(rows.schema(), columns)
    }
}

fn has_all(dimensions: &[&str], wanted: &[&str]) -> bool {
    wanted.iter().all(|dimension| dimensions.contains(dimension))
}

/// How long some spans of time are, in seconds.
fn length(windows: &[Window]) -> f64 {
    windows.iter().map(|window| (window.to - window.from).as_seconds_f64()).sum()
}
