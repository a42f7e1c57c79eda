//! What the engine keeps until the data changes: answers, names, spans of time, sizes.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError};

use store::Value;

use crate::answer::{Answer, Row};
use crate::ask::Ask;
use crate::catalogue::Metric;
use crate::compute::{OfBucket, Reasons};
use crate::engine::Engine;
use crate::error::AnalyticsError;
use crate::kept_rows::KeptRows;
use crate::spans::{Span, ToldBy};
use crate::window::{Bucket, Window};

/// What was found out since the data last changed.
#[derive(Default)]
pub(crate) struct Kept {
    data_version: i64,
    names: Option<Arc<Names>>,
    pub(crate) spans: Option<Arc<Vec<Span>>>,
    /// By kind of fact and dimension: which sources told of each name.
    pub(crate) told_by: HashMap<String, Arc<ToldBy>>,
    pub(crate) names_of: HashMap<String, Arc<Vec<String>>>,
    pub(crate) groups_of: HashMap<String, Arc<Vec<Option<String>>>>,
    /// By metric whose values are not added over some names: from when to when each of these was told of.
    pub(crate) told_of: HashMap<String, Arc<BTreeMap<String, Window>>>,
    /// About how many rows each mart has.
    n_rows_of: HashMap<String, i64>,
    pub(crate) figures: KeptFigures,
    /// Of the value of time saved the figures of whole buckets in the past, each with why it is not known.
    pub(crate) values: HashMap<Window, Arc<(Row, Vec<String>)>>,
    pub(crate) rows: KeptRows,
    /// By question and minute.
    pub(crate) answers: HashMap<(Ask, i64), Arc<Answer>>,
    /// How many rows these have.
    pub(crate) n_rows: usize,
}

/// What figures are of, in whichever bucket.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Subject {
    metric: String,
    by: Vec<&'static str>,
    filters: Vec<(&'static str, Vec<String>)>,
}

impl Subject {
    pub(crate) fn of(ask: &Ask) -> Subject {
        Subject { metric: ask.metric.clone(), by: ask.by.clone(), filters: ask.filters.clone() }
    }
}

/// The figures of single buckets: a window that moves on with the clock, as that of a dashboard that reloads itself, shares
/// nearly all of them with the one before.
#[derive(Default)]
pub(crate) struct KeptFigures {
    of: HashMap<Subject, HashMap<Window, KeptBucket>>,
    n_figures: usize,
}

/// What is kept of one bucket.
#[derive(Default)]
struct KeptBucket {
    figures: Option<Arc<OfBucket>>,
    /// Why the rest does not count, where somebody asked.
    reasons: Option<Arc<Reasons>>,
}

/// Figures kept at most, which take some hundred bytes each.
const MOST_FIGURES: usize = 200_000;

impl KeptFigures {
    pub(crate) fn of(&self, subject: &Subject, bucket: &Bucket) -> Option<&Arc<OfBucket>> {
        self.of.get(subject)?.get(&span(bucket))?.figures.as_ref()
    }

    pub(crate) fn reasons(&self, subject: &Subject, bucket: &Bucket) -> Option<&Arc<Reasons>> {
        self.of.get(subject)?.get(&span(bucket))?.reasons.as_ref()
    }

    pub(crate) fn put(&mut self, subject: &Subject, bucket: &Bucket, figures: Arc<OfBucket>) {
        if self.n_figures + figures.figures.len() > MOST_FIGURES {
            self.clear();
        }
        self.n_figures += figures.figures.len();
        self.of.entry(subject.clone()).or_default().entry(span(bucket)).or_default().figures = Some(figures);
    }

    pub(crate) fn put_reasons(&mut self, subject: &Subject, bucket: &Bucket, reasons: Arc<Reasons>) {
        self.of.entry(subject.clone()).or_default().entry(span(bucket)).or_default().reasons = Some(reasons);
    }

    pub(crate) fn clear(&mut self) {
        *self = KeptFigures::default();
    }
}

fn span(bucket: &Bucket) -> Window {
    Window { from: bucket.from, to: bucket.to }
}

/// The names behind the marts' keys.
pub(crate) struct Names {
    by_key: HashMap<i32, String>,
    by_name: BTreeMap<String, i64>,
}

/// With fewer rows, asking twice takes longer than reading once.
const MANY_ROWS: i64 = 200_000;

impl Engine {
    /// What is kept; it is forgotten where the data has changed.
    pub(crate) fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        // What is kept is only ever replaced whole, so a panic elsewhere leaves it good.
        let mut kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let data_version = self.0.store.data_version();
        if kept.data_version != data_version {
            *kept = Kept { data_version, ..Kept::default() };
        }
        kept
    }

    /// Keeps what was read of the data of a version, unless that has changed meanwhile.
    pub(crate) fn keep(&self, data_version: i64, put: impl FnOnce(&mut Kept)) {
        let mut kept = self.kept();
        if kept.data_version == data_version {
            put(&mut kept);
        }
    }

    /// Whether a metric reads so many rows that it pays to read them on all cores, each a part of the time.
    pub fn reads_large_marts(&self, metric: &Metric) -> Result<bool, AnalyticsError> {
        self.any_large_mart(1.0, |mart| metric.reads.iter().any(|read| read == mart))
    }

    /// Whether about so many rows of them lie in a window, of all that were told of.
    pub(crate) fn reads_many_rows(&self, metric: &Metric, window: Option<Window>) -> Result<bool, AnalyticsError> {
        let length = |window: Window| (window.to - window.from).as_seconds_f64();
        let share = match window.zip(self.told_within(metric)?) {
            Some((window, told)) => (length(window) / length(told).max(1.0)).min(1.0),
            None => 1.0,
        };
        self.any_large_mart(share, |mart| metric.reads.iter().any(|read| read == mart))
    }

    /// Whether any mart is that large.
    pub fn has_large_marts(&self) -> Result<bool, AnalyticsError> {
        self.any_large_mart(1.0, |_| true)
    }

    /// Whether a share of any mart has that many rows.
    fn any_large_mart(&self, share: f64, is_meant: impl Fn(&str) -> bool) -> Result<bool, AnalyticsError> {
        let data_version = self.0.store.data_version();
        if self.kept().n_rows_of.is_empty() {
            let sql = "select table_name, estimated_size from duckdb_tables() where schema_name = 'marts'";
            let found = self.0.store.query(sql, &[])?.rows;
            let sizes = found.into_iter().filter_map(|row| match &row[..] {
                [Value::Text(mart), Value::Integer(n)] => Some((mart.clone(), *n)),
                _ => None,
            });
            self.keep(data_version, |kept| kept.n_rows_of = sizes.collect());
        }
        let many_rows = self.0.many_rows.get().copied().unwrap_or(MANY_ROWS);
        let kept = self.kept();
        Ok(kept.n_rows_of.iter().any(|(mart, n_rows)| *n_rows as f64 * share > many_rows as f64 && is_meant(mart)))
    }

    /// The names behind the keys, read once until the data changes.
    pub(crate) fn names(&self) -> Result<Arc<Names>, AnalyticsError> {
        if let Some(names) = &self.kept().names {
            return Ok(Arc::clone(names));
        }
        let data_version = self.0.store.data_version();
        let found = self.0.store.query("select key, name from marts.name", &[])?;
        let mut names = Names { by_key: HashMap::new(), by_name: BTreeMap::new() };
        for row in found.rows {
            if let [Value::Integer(key), Value::Text(name)] = &row[..] {
                names.by_key.insert(*key as i32, name.clone());
                names.by_name.insert(name.clone(), *key);
            }
        }
        let names = Arc::new(names);
        self.keep(data_version, |kept| kept.names = Some(Arc::clone(&names)));
        Ok(names)
    }
}

impl Names {
    /// The key of a name.
    pub(crate) fn key(&self, name: &str) -> Option<i64> {
        self.by_name.get(name).copied()
    }

    /// The name of a key.
    pub(crate) fn name(&self, key: i32) -> Option<String> {
        self.by_key.get(&key).cloned()
    }
}
