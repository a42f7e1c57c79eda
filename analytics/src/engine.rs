//! The engine: a question in, an answer out, kept until the data changes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int32Type, Int64Type};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use store::{Store, Value};

use crate::answer::{Answer, Coverage, Estimated, Freshness, Row};
use crate::ask::Ask;
use crate::catalogue::{Aggregate, Catalogue, Metric, Shape};
use crate::dora_score;
use crate::error::AnalyticsError;
use crate::estimate::{self, DurationEstimate, Estimate};
use crate::statement::{KeyFilter, Statement};
use crate::window::{Bucket, Window};

/// Where a change's lead time starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadTimeStart {
    /// Its first commit was authored.
    #[default]
    FirstCommit,
    /// It was opened for review.
    Opened,
    /// It was merged.
    Merged,
}

impl LeadTimeStart {
    pub(crate) fn column(self) -> &'static str {
        match self {
            LeadTimeStart::FirstCommit => "first_commit_at",
            LeadTimeStart::Opened => "opened_at",
            LeadTimeStart::Merged => "merged_at",
        }
    }

    fn label(self) -> &'static str {
        match self {
            LeadTimeStart::FirstCommit => "from first commit",
            LeadTimeStart::Opened => "from opened",
            LeadTimeStart::Merged => "from merged",
        }
    }
}

/// What answers depend on beside the data.
#[derive(Debug, Clone, Copy)]
pub struct EngineOptions {
    /// The zone in which buckets are cut.
    pub zone: Tz,
    /// Where a change's lead time starts.
    pub lead_time_start: LeadTimeStart,
}

/// The engine. Cloning it is cheap.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    store: Store,
    catalogue: Catalogue,
    options: EngineOptions,
    kept: Mutex<Kept>,
}

/// What was found out since the data last changed.
#[derive(Default)]
pub(crate) struct Kept {
    data_version: i64,
    names: Option<Arc<Names>>,
    pub(crate) names_of: HashMap<String, Arc<Vec<String>>>,
    sources: Option<Arc<Vec<SourceSpan>>>,
    answers: HashMap<(Ask, i64), Arc<Answer>>,
}

/// The names behind the marts' keys.
pub(crate) struct Names {
    by_key: HashMap<i32, String>,
    by_name: BTreeMap<String, i64>,
}

/// More cells than this are no figure to look at; asking for them is refused with advice.
const MOST_CELLS: usize = 500_000;
/// Answers kept at most; a dashboard of many panels is well below.
const MOST_KEPT: usize = 2_000;

impl Engine {
    /// An engine over a store.
    pub fn new(store: Store, catalogue: Catalogue, options: EngineOptions) -> Engine {
        Engine(Arc::new(Inner { store, catalogue, options, kept: Mutex::new(Kept::default()) }))
    }

    /// The metrics it knows.
    pub fn catalogue(&self) -> &Catalogue {
        &self.0.catalogue
    }

    /// The store it asks.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// What its answers depend on.
    pub fn options(&self) -> EngineOptions {
        self.0.options
    }

    /// A metric's title with its words filled in.
    pub fn title(&self, metric: &Metric) -> String {
        metric.title.replace("{lead_time_start}", self.0.options.lead_time_start.label())
    }

    /// Forgets all answers, as a benchmark of the first ask wants.
    pub fn forget(&self) {
        *self.kept() = Kept::default();
    }

    /// Answers a question. Asked again before the data changes (and within the same minute, since what is still open
    /// grows older), the answer is at hand.
    pub fn answer(&self, ask: &Ask, now: DateTime<Utc>) -> Result<Arc<Answer>, AnalyticsError> {
        let key = (ask.clone(), now.timestamp() / 60);
        let data_version = self.0.store.data_version();
        {
            let mut kept = self.kept();
            if kept.data_version != data_version {
                *kept = Kept { data_version, ..Kept::default() };
            }
            if let Some(answer) = kept.answers.get(&key) {
                return Ok(Arc::clone(answer));
            }
        }
        let metric = self.0.catalogue.get(&ask.metric)?;
        let answer = Arc::new(match metric.aggregate {
            Aggregate::Composed => dora_score::compose(self, metric, ask, now)?,
            _ => self.compute(metric, ask, now)?,
        });
        let mut kept = self.kept();
        if kept.data_version == data_version {
            if kept.answers.len() >= MOST_KEPT {
                kept.answers.clear();
            }
            kept.answers.insert(key, Arc::clone(&answer));
        }
        Ok(answer)
    }

    pub(crate) fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        // What is kept is only ever replaced whole, so a panic elsewhere leaves it good.
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn compute(&self, metric: &Metric, ask: &Ask, now: DateTime<Utc>) -> Result<Answer, AnalyticsError> {
        let options = self.0.options;
        let buckets = ask.window.buckets(ask.grain, options.zone, now)?;
        let names = self.names()?;
        let filters = self.filters(&names, &ask.filters)?;
        let statement = || Statement::observations(metric, options.lead_time_start, &filters, now);

        let figures = statement().figures(metric, &ask.by, &ask.window, &buckets, now);
        let mut found = HashMap::new();
        let mut groups: BTreeSet<Vec<Option<String>>> = BTreeSet::new();
        let (mut n_all, mut n_usable, mut n_left_out, mut n_estimated) = (0, 0, 0, 0);
        for batch in self.0.store.query_arrow(&figures.sql, &figures.parameters)? {
            for position in 0..batch.num_rows() {
                let cell = Figures::read(&batch, position, metric, &ask.by, &names);
                n_all += cell.n_all;
                n_usable += cell.n_usable;
                n_left_out += cell.n_left_out;
                n_estimated += cell.n_estimated;
                groups.insert(cell.group.clone());
                found.insert((cell.bucket, cell.group.clone()), cell);
            }
        }
        if ask.by.is_empty() {
            groups.insert(Vec::new());
        }
        if buckets.len().saturating_mul(groups.len()) > MOST_CELLS {
            return Err(AnalyticsError::BadQuestion(format!(
                "the answer would have {} buckets x {} groups; choose a coarser grain, a shorter window or a filter",
                buckets.len(),
                groups.len()
            )));
        }

        let mut answer = Answer::of(
            metric,
            self.title(metric),
            ask.window,
            ask.grain,
            ask.by.iter().map(|name| (*name).to_owned()).collect(),
        );
        let estimated = metric.estimates.clone().filter(|_| n_estimated > 0);
        answer.coverage = Coverage {
            usable: n_usable,
            relevant: n_all - n_left_out,
            reasons: BTreeMap::new(),
            estimated: estimated.map(|how| Estimated { n: n_estimated, how }),
        };
        if n_usable < n_all {
            let reasons = statement().reasons(metric, &ask.window, &buckets, now);
            answer.coverage.reasons = self.reasons(&reasons)?;
        }
        answer.freshness = self.freshness(metric)?;
        let connected = self.connected(metric)?;
        for (index, bucket) in buckets.iter().enumerate() {
            for group in &groups {
                let cell = found.remove(&(index, group.clone()));
                answer.rows.push(row(metric, ask, bucket, group, cell, connected, now));
            }
        }
        Ok(answer)
    }

    fn reasons(&self, statement: &Statement) -> Result<BTreeMap<String, u64>, AnalyticsError> {
        let found = self.0.store.query(&statement.sql, &statement.parameters)?;
        Ok(found
            .rows
            .into_iter()
            .filter_map(|row| match &row[..] {
                [Value::Text(reason), Value::Integer(n)] => Some((reason.clone(), *n as u64)),
                _ => None,
            })
            .collect())
    }

    /// The names behind the keys, read once until the data changes.
    pub(crate) fn names(&self) -> Result<Arc<Names>, AnalyticsError> {
        if let Some(names) = &self.kept().names {
            return Ok(Arc::clone(names));
        }
        let found = self.0.store.query("select key, name from marts.name", &[])?;
        let mut names = Names { by_key: HashMap::new(), by_name: BTreeMap::new() };
        for row in found.rows {
            if let [Value::Integer(key), Value::Text(name)] = &row[..] {
                names.by_key.insert(*key as i32, name.clone());
                names.by_name.insert(name.clone(), *key);
            }
        }
        let names = Arc::new(names);
        self.kept().names = Some(Arc::clone(&names));
        Ok(names)
    }

    /// Looks the names of filters up; an unknown one is an error that names the nearest of its dimension.
    pub(crate) fn filters(
        &self,
        names: &Names,
        filters: &[(&'static str, Vec<String>)],
    ) -> Result<Vec<KeyFilter>, AnalyticsError> {
        let mut found = Vec::new();
        for (dimension, values) in filters {
            let known = self.names_of(dimension)?;
            let mut keys = Vec::new();
            for value in values {
                let key = names.by_name.get(value).filter(|_| known.contains(value)).ok_or_else(|| {
                    let known: Vec<&str> = known.iter().map(String::as_str).collect();
                    let hint = facts::did_you_mean(value, &known);
                    AnalyticsError::BadQuestion(format!("there is no {dimension} `{value}`{hint}"))
                })?;
                keys.push(*key);
            }
            found.push((*dimension, keys));
        }
        Ok(found)
    }

    /// How fresh the sources behind a metric are.
    fn freshness(&self, metric: &Metric) -> Result<Vec<Freshness>, AnalyticsError> {
        let kinds = kinds_behind(metric);
        let sources = self.sources()?;
        let behind = sources.iter().filter(|span| kinds.contains(&span.freshness.kind.as_str()));
        Ok(behind.map(|span| span.freshness.clone()).collect())
    }

    /// For counts: the time within which "none" is a count of 0, and outside of which it is not known. A source that is
    /// collected from is known up to its last collection, others up to the last they told of.
    fn connected(&self, metric: &Metric) -> Result<Option<Window>, AnalyticsError> {
        let Some(kind) = &metric.counts else { return Ok(None) };
        let sources = self.sources()?;
        let spans = || sources.iter().filter(|span| span.freshness.kind == *kind).map(|span| span.connected);
        let from = spans().map(|span| span.from).min();
        let to = spans().map(|span| span.to).max();
        Ok(from.zip(to).map(|(from, to)| Window { from, to }))
    }

    /// What each source has told of each kind, read once until the data changes.
    fn sources(&self) -> Result<Arc<Vec<SourceSpan>>, AnalyticsError> {
        if let Some(sources) = &self.kept().sources {
            return Ok(Arc::clone(sources));
        }
        let found = self.0.store.query(
            "select span.source, span.kind, span.first_at, span.last_at, span.written_at, cursor.updated_at
            from meta.source_span as span
            left join meta.cursor as cursor using (source)
            order by span.source, span.kind",
            &[],
        )?;
        let time = |value: &Value| match value {
            Value::Time(micros) => DateTime::from_timestamp_micros(*micros),
            _ => None,
        };
        let sources = found.rows.iter().filter_map(|row| match &row[..] {
            [Value::Text(source), Value::Text(kind), first_at, last_at, written_at, collected_at] => {
                let last_at = time(last_at)?;
                Some(SourceSpan {
                    connected: Window { from: time(first_at)?, to: time(collected_at).map_or(last_at, |time| time.max(last_at)) },
                    freshness: Freshness {
                        source: source.clone(),
                        kind: kind.clone(),
                        last_at,
                        written_at: time(written_at)?,
                    },
                })
            }
            _ => None,
        });
        let sources = Arc::new(sources.collect::<Vec<_>>());
        self.kept().sources = Some(Arc::clone(&sources));
        Ok(sources)
    }
}

/// What a source has told of a kind.
struct SourceSpan {
    connected: Window,
    freshness: Freshness,
}

/// The kinds of fact that the marts of a metric are made of.
fn kinds_behind(metric: &Metric) -> Vec<&'static str> {
    let mut kinds = BTreeSet::new();
    for mart in &metric.reads {
        kinds.extend(match mart.as_str() {
            "deployment_outcome" => ["deployment", "incident"].as_slice(),
            "change_delivery" => &["change", "deployment"],
            "commit_delivery" => &["commit", "deployment"],
            "incident_outcome" => &["incident"],
            _ => &[],
        });
    }
    kinds.into_iter().collect()
}

impl Names {
    fn name(&self, key: i32) -> Option<String> {
        self.by_key.get(&key).cloned()
    }
}

/// What DuckDB found for one bucket and group.
struct Figures {
    bucket: usize,
    group: Vec<Option<String>>,
    n_all: u64,
    n_usable: u64,
    n_left_out: u64,
    n_estimated: u64,
    n_days: u64,
    n_true: u64,
    oldest_us: Option<i64>,
    durations: Vec<f64>,
    opens: Vec<bool>,
    stages: Vec<Vec<f64>>,
}

impl Figures {
    fn read(batch: &RecordBatch, position: usize, metric: &Metric, by: &[&str], names: &Names) -> Figures {
        let integer = |name: &str| {
            let column = batch.column_by_name(name)?.as_primitive_opt::<Int64Type>()?;
            column.is_valid(position).then(|| column.value(position))
        };
        let key = |name: &str| {
            let column = batch.column_by_name(name)?.as_primitive_opt::<Int32Type>()?;
            column.is_valid(position).then(|| column.value(position))
        };
        let list = |name: &str| {
            let lists = batch.column_by_name(name).and_then(|column| column.as_list_opt::<i32>());
            lists.filter(|lists| lists.is_valid(position)).map(|lists| lists.value(position))
        };
        let numbers = |name: &str| {
            list(name).map(|values| values.as_primitive::<Float64Type>().values().to_vec()).unwrap_or_default()
        };
        Figures {
            bucket: key("bucket").unwrap_or_default() as usize,
            group: by.iter().map(|name| key(&format!("{name}_key")).and_then(|key| names.name(key))).collect(),
            n_all: integer("n_all").unwrap_or_default() as u64,
            n_usable: integer("n_usable").unwrap_or_default() as u64,
            n_left_out: integer("n_left_out").unwrap_or_default() as u64,
            n_estimated: integer("n_estimated").unwrap_or_default() as u64,
            n_days: integer("n_days").unwrap_or_default() as u64,
            n_true: integer("n_true").unwrap_or_default() as u64,
            oldest_us: integer("oldest_us"),
            durations: numbers("durations"),
            opens: list("opens")
                .map(|values| values.as_boolean().iter().map(|open| open.unwrap_or(false)).collect())
                .unwrap_or_default(),
            stages: metric.stages.iter().map(|stage| numbers(&format!("stage_{stage}"))).collect(),
        }
    }
}

/// Makes the figure of a bucket and group.
fn row(
    metric: &Metric,
    ask: &Ask,
    bucket: &Bucket,
    group: &[Option<String>],
    cell: Option<Figures>,
    connected: Option<Window>,
    now: DateTime<Utc>,
) -> Row {
    let mut row = Row {
        time: bucket.time,
        group: ask.by.iter().map(|name| (*name).to_owned()).zip(group.iter().cloned()).collect(),
        is_complete: bucket.is_complete,
        is_provisional: metric.provisional_days.is_some_and(|days| bucket.to + TimeDelta::days(days) > now),
        ..Row::default()
    };
    let is_connected = connected.is_some_and(|span| match metric.shape {
        Shape::Event => bucket.to > span.from && bucket.from <= span.to,
        Shape::State => bucket.to > span.from && bucket.from <= now,
    });
    if let Some(cell) = &cell {
        row.usable = cell.n_usable;
        row.relevant = cell.n_all - cell.n_left_out;
    }
    match metric.aggregate {
        Aggregate::Rate => {
            let n = cell.as_ref().map_or(0, |cell| cell.n_usable);
            if n > 0 || is_connected {
                row.estimate = estimate::rate(n, bucket.days);
                let days = cell.as_ref().map_or(0, |cell| cell.n_days);
                row.more.push(("deployment_days_per_week", Some(days as f64 / bucket.days * 7.0)));
            } else {
                row.more.push(("deployment_days_per_week", None));
            }
        }
        Aggregate::Share => {
            row.estimate = cell.map(|cell| estimate::share(cell.n_true, cell.n_usable)).unwrap_or_default()
        }
        Aggregate::Count => {
            let n = cell.as_ref().map_or(0, |cell| cell.n_usable);
            if n > 0 || is_connected {
                row.estimate = Estimate { value: Some(n as f64), n, ..Estimate::default() };
            }
            let end = bucket.to.min(now).timestamp_micros();
            let oldest = cell.and_then(|cell| cell.oldest_us).map(|oldest| ((end - oldest) / 1_000_000) as f64);
            row.more.push(("oldest_seconds", oldest));
        }
        Aggregate::Median => {
            let mut cell = cell;
            let durations = cell.as_mut().map(|cell| estimate::durations(&mut cell.durations)).unwrap_or_default();
            put_durations(&mut row, durations);
            let stages = cell.map(|cell| cell.stages).unwrap_or_else(|| vec![Vec::new(); metric.stages.len()]);
            row.stages = metric
                .stages
                .iter()
                .cloned()
                .zip(stages.into_iter().map(|mut values| estimate::durations(&mut values)))
                .collect();
        }
        Aggregate::Survival => {
            let mut observed: Vec<(f64, bool)> =
                cell.map(|cell| cell.durations.into_iter().zip(cell.opens).collect()).unwrap_or_default();
            let n_open = observed.iter().filter(|(_, is_open)| *is_open).count();
            put_durations(&mut row, estimate::survival(&mut observed));
            row.more.push(("n_open", Some(n_open as f64)));
        }
        Aggregate::Composed => {}
    }
    row
}

fn put_durations(row: &mut Row, durations: DurationEstimate) {
    row.estimate = durations.median;
    row.more.push(("p75", durations.p75));
    row.more.push(("p90", durations.p90));
    if durations.more_than.is_some() {
        row.more.push(("more_than", durations.more_than));
    }
}
