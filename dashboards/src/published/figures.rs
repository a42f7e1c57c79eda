//! Figures of the engine as rows: those of `metric(...)`, and those of `metric_value`, of which only what a statement
//! names is computed.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use analytics::{AnalyticsError, Answer, Ask, DIMENSIONS, Engine, Grain, Metric, OWN_DIMENSIONS, Window};
use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, RecordBatchOptions, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{Field, Schema};
use chrono::{DateTime, Days, Utc};
use store::Value;

use super::Inner;
use super::call::whole_minute;
use super::names::Names;
use super::narrow::Narrowing;
use super::reader::arrow;
use super::refusal::Refusal;
use super::relation::{Relation, RelationColumn, ZONE};

/// A figure with what it is of.
#[derive(Debug, Clone, Default)]
pub(super) struct FigureRow {
    time: DateTime<Utc>,
    /// Texts by column: groups, and what names the figure.
    texts: BTreeMap<String, String>,
    value: Option<f64>,
    n: u64,
    low: Option<f64>,
    high: Option<f64>,
    coverage: Option<f64>,
    is_complete: bool,
}

impl FigureRow {
    /// A row that says of what a figure is, and not which.
    pub(super) fn named(time: DateTime<Utc>, name: Option<(&str, &str)>) -> FigureRow {
        let texts = name.into_iter().map(|(dimension, name)| (dimension.to_owned(), name.to_owned()));
        FigureRow { time, texts: texts.collect(), ..FigureRow::default() }
    }
}

/// The main figures of an answer.
pub(super) fn main(answer: &Answer) -> Vec<FigureRow> {
    answer.rows.iter().map(figure).collect()
}

fn figure(row: &analytics::Row) -> FigureRow {
    FigureRow {
        time: row.time,
        texts: row.group.iter().filter_map(|(name, text)| Some((name.clone(), text.clone()?))).collect(),
        value: row.estimate.value,
        n: row.estimate.n,
        low: row.estimate.low,
        high: row.estimate.high,
        coverage: row.coverage(),
        is_complete: row.is_complete,
    }
}

/// The names of a row's figures beside its stages.
pub(super) fn names(row: &analytics::Row) -> impl Iterator<Item = &str> {
    let beside = row.beside.iter().map(|(name, _)| name.as_str());
    std::iter::once("value").chain(row.more.iter().map(|(name, _)| *name)).chain(beside)
}

/// The figures of an answer that are wanted, under their names: `value`, further ones such as `p75`, those beside, and the
/// stages.
pub(super) fn further(answer: &Answer, is_wanted: impl Fn(&str) -> bool) -> Vec<FigureRow> {
    let mut all = Vec::new();
    for row in &answer.rows {
        let mut add = |name: &str, changed: &dyn Fn() -> FigureRow| {
            if !is_wanted(name) {
                return;
            }
            let mut changed = changed();
            changed.texts.insert("figure".into(), name.to_owned());
            all.push(changed);
        };
        add("value", &|| figure(row));
        let alone = |value: Option<f64>| FigureRow { value, low: None, high: None, ..figure(row) };
        row.more.iter().for_each(|(name, value)| add(name, &|| alone(*value)));
        row.beside.iter().for_each(|(name, value)| add(name, &|| alone(*value)));
        for (name, stage) in &row.stages {
            let median = stage.median;
            let of_stage =
                || FigureRow { value: median.value, n: median.n, low: median.low, high: median.high, ..figure(row) };
            add(name, &of_stage);
        }
    }
    all
}

/// Hands rows on, with the columns asked for.
pub(super) fn hand_out(
    rows: &[FigureRow],
    known: &[RelationColumn],
    columns: &[usize],
    take: &mut dyn FnMut(RecordBatch) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, Refusal> {
    const AT_ONCE: usize = 16_384;
    for rows in rows.chunks(AT_ONCE) {
        let mut fields = Vec::new();
        let mut arrays: Vec<ArrayRef> = Vec::new();
        for column in columns.iter().map(|place| &known[*place]) {
            fields.push(Field::new(&column.name, column.kind.data_type(), true));
            arrays.push(array(rows, &column.name));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let batch =
            RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options).map_err(arrow)?;
        if take(batch).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn array(rows: &[FigureRow], column: &str) -> ArrayRef {
    let numbers = |number: fn(&FigureRow) -> Option<f64>| -> ArrayRef {
        Arc::new(rows.iter().map(number).collect::<Float64Array>())
    };
    match column {
        "time" => Arc::new(
            TimestampMicrosecondArray::from_iter_values(rows.iter().map(|row| row.time.timestamp_micros()))
                .with_timezone(ZONE),
        ),
        "value" => numbers(|row| row.value),
        "n" => Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.n as i64))),
        "low" => numbers(|row| row.low),
        "high" => numbers(|row| row.high),
        "coverage" => numbers(|row| row.coverage),
        "is_complete" => Arc::new(rows.iter().map(|row| Some(row.is_complete)).collect::<BooleanArray>()),
        text => Arc::new(rows.iter().map(|row| row.texts.get(text)).collect::<StringArray>()),
    }
}

/// The grains of `metric_value`, each with how many days it goes back where a statement does not say from when.
const GRAINS: [(Grain, u64); 4] =
    [(Grain::Day, 400), (Grain::Week, 3 * 366), (Grain::Month, 10 * 366), (Grain::Quarter, 20 * 366)];

/// One question of the engine for rows of `metric_value`.
type Part = (String, &'static str, &'static str);

/// Hands on the rows of `metric_value` that the mentions of it can need.
pub(super) fn published(
    inner: &Inner,
    relation: &Relation,
    wanted: &[Narrowing],
    now: DateTime<Utc>,
    columns: &[usize],
    take: &mut dyn FnMut(RecordBatch) -> ControlFlow<()>,
) -> Result<(), Refusal> {
    let engine = &inner.engine;
    let first_fact = first_fact(engine)?;
    let names = Names::asked(relation, wanted, columns);
    let mut windows: BTreeMap<Part, Window> = BTreeMap::new();
    for narrowing in wanted {
        for (metric, grain, grouping) in parts(engine, narrowing)? {
            let Some(window) = window(engine, narrowing, grain, first_fact, now)? else { continue };
            windows
                .entry((metric.name.clone(), grain.as_str(), grouping))
                .and_modify(|known| {
                    known.from = known.from.min(window.from);
                    known.to = known.to.max(window.to);
                })
                .or_insert(window);
        }
    }
    for ((metric, grain, grouping), window) in windows {
        let mut rows = match &names {
            Some(names) => names.rows(engine, &metric, Grain::parse(grain)?, grouping, window, now)?,
            None => {
                let by: Vec<&'static str> = if grouping == ALL { Vec::new() } else { vec![grouping] };
                let ask = Ask {
                    metric: metric.clone(),
                    window,
                    grain: Grain::parse(grain)?,
                    by,
                    filters: Vec::new(),
                    stages: false,
                };
                match inner.recent.answer(engine, &ask, inner.clock) {
                    // Of too many groups or buckets there is no figure; whoever reads everything is not held up by it.
                    Err(AnalyticsError::BadQuestion(_)) if !is_named(wanted, &metric) => continue,
                    answer => main(&*answer?),
                }
            }
        };
        for row in &mut rows {
            row.texts.insert("metric".into(), metric.clone());
            row.texts.insert("grain".into(), grain.to_owned());
            row.texts.insert("grouped_by".into(), grouping.to_owned());
        }
        if hand_out(&rows, &relation.columns, columns, take)?.is_break() {
            return Ok(());
        }
    }
    Ok(())
}

/// What `grouped_by` says of figures of everything.
pub(super) const ALL: &str = "all";

fn is_named(wanted: &[Narrowing], metric: &str) -> bool {
    wanted.iter().any(|narrowing| narrowing.allowed.get("metric").is_some_and(|names| names.contains(metric)))
}

/// The metrics, grains and groupings that a mention can need. Names that do not exist are errors: a panel of a metric that
/// is gone had better say so.
fn parts<'a>(engine: &'a Engine, narrowing: &Narrowing) -> Result<Vec<(&'a Metric, Grain, &'static str)>, Refusal> {
    let allowed = |column: &str| narrowing.allowed.get(column);
    let metrics: Vec<&Metric> = match allowed("metric") {
        Some(names) => names.iter().map(|name| engine.catalogue().get(name)).collect::<Result<_, _>>()?,
        None => engine.catalogue().metrics().collect(),
    };
    let grains = GRAINS.map(|(grain, _)| grain.as_str());
    known("grain", allowed("grain"), &grains)?;
    let groupings: Vec<&str> = [ALL].into_iter().chain(DIMENSIONS).chain(OWN_DIMENSIONS).collect();
    known("grouped_by", allowed("grouped_by"), &groupings)?;
    let is_grain = |grain: Grain| allowed("grain").is_none_or(|names| names.contains(grain.as_str()));
    let dimensions = || DIMENSIONS.into_iter().chain(OWN_DIMENSIONS);
    // A dimension whose name is asked for must be the one grouped by.
    let asked: BTreeSet<&'static str> = dimensions().filter(|dimension| allowed(dimension).is_some()).collect();
    let is_grouping = |grouping: &'static str| {
        allowed("grouped_by").is_none_or(|names| names.contains(grouping))
            && asked.iter().all(|dimension| *dimension == grouping)
    };
    let mut found = Vec::new();
    for metric in metrics {
        let own = dimensions().filter(|dimension| metric.has_dimension(dimension));
        for grouping in [ALL].into_iter().chain(own).filter(|grouping| is_grouping(grouping)) {
            found.extend(
                GRAINS.iter().filter(|(grain, _)| is_grain(*grain)).map(|(grain, _)| (metric, *grain, grouping)),
            );
        }
    }
    Ok(found)
}

/// Refuses a name that a column never has.
fn known(column: &str, asked: Option<&BTreeSet<String>>, known: &[&str]) -> Result<(), Refusal> {
    let unknown = asked.into_iter().flatten().find(|name| !known.contains(&name.as_str()));
    unknown.map_or(Ok(()), |name| {
        let near = facts::did_you_mean(name, known);
        Err(Refusal::new("22023", format!("there is no `{name}` in {column} of metric_value{near}"))
            .hint(format!("{column} is one of {}", known.join(", "))))
    })
}

/// The window of whole buckets that a mention needs; none where it lies outside what is published.
fn window(
    engine: &Engine,
    narrowing: &Narrowing,
    grain: Grain,
    first_fact: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Option<Window>, Refusal> {
    let days = GRAINS.iter().find(|(known, _)| *known == grain).map_or(0, |(_, days)| *days);
    let furthest = now.checked_sub_days(Days::new(days)).unwrap_or(now);
    let Some(first_fact) = first_fact else { return Ok(None) };
    let from = narrowing.from.unwrap_or(furthest).max(first_fact);
    // The bucket that holds the last instant asked for is needed whole.
    let to = narrowing.to.map_or(now, |to| to.min(now));
    if from > to {
        return Ok(None);
    }
    let zone = engine.options().zone;
    let end = to.checked_add_days(Days::new(100)).unwrap_or(to);
    let buckets = Window { from, to: end }.buckets(grain, zone, now)?;
    let Some(first) = buckets.first() else { return Ok(None) };
    let last = buckets.iter().map(|bucket| bucket.time).find(|begin| *begin > to).unwrap_or(end);
    let to = last.min(whole_minute(now));
    Ok((first.time < to).then_some(Window { from: first.time, to }))
}

fn first_fact(engine: &Engine) -> Result<Option<DateTime<Utc>>, Refusal> {
    let found = engine.store().query("select min(least(first_at, written_at)) from meta.source_span", &[])?;
    Ok(found.rows.into_iter().flatten().find_map(|value| match value {
        Value::Time(micros) => DateTime::from_timestamp_micros(micros),
        _ => None,
    }))
}
