//! Where a sandbox's tables get their rows: the shelf of one query.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use analytics::{Answer, Ask, Catalogue, Window, quality};
use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{Field, Schema};
use chrono::{DateTime, TimeDelta, Utc};
use store::{Shelf, TableCall, TableColumn};

use super::call::{FUNCTIONS, MetricCall, whole_minute};
use super::comparisons;
use super::figures;
use super::narrow::{Narrowing, Narrowings};
use super::refusal::Refusal;
use super::relation::{Relation, RelationColumn, Relations, RowsFrom};
use super::results::Collected;
use super::{Cancel, Inner};

type Take<'a> = &'a mut dyn FnMut(RecordBatch) -> ControlFlow<()>;

/// The shelf that only knows columns: what sandboxes are laid out by.
pub(super) struct Columns(BTreeMap<String, Vec<TableColumn>>);

impl Columns {
    pub(super) fn of(relations: &Relations) -> Columns {
        Columns(relations.iter().map(|relation| (relation.name.clone(), table_columns(&relation.columns))).collect())
    }
}

impl Shelf for Columns {
    fn columns(&self, call: &TableCall) -> Result<Vec<TableColumn>, String> {
        self.0.get(&call.name).cloned().ok_or_else(|| format!("there is no table {}", call.name))
    }

    fn read(&self, _: &TableCall, _: &[usize], _: Take<'_>) -> Result<(), String> {
        Err("nothing is read while a sandbox is laid out".into())
    }

    fn is_over(&self) -> bool {
        false
    }
}

/// The shelf of one query.
pub(super) struct Reader {
    inner: Arc<Inner>,
    narrowings: Narrowings,
    now: DateTime<Utc>,
    cancel: Cancel,
    /// The answers that it was given, by the arguments of the call: a call that stands twice gives the same twice.
    given: Mutex<BTreeMap<String, (Ask, Arc<Answer>)>>,
    /// What went wrong, in the terms of the client: a sandbox passes on no more than its message.
    refusal: Mutex<Option<Refusal>>,
}

impl Reader {
    pub(super) fn new(inner: &Arc<Inner>, narrowings: Narrowings, now: DateTime<Utc>, cancel: &Cancel) -> Reader {
        let (inner, cancel) = (Arc::clone(inner), cancel.clone());
        Reader { inner, narrowings, now, cancel, given: Mutex::default(), refusal: Mutex::new(None) }
    }

    /// What went wrong while rows were read.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The answer that was given to a call.
    pub(super) fn given(&self, arguments: &str) -> Option<(Ask, Arc<Answer>)> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner).get(arguments).cloned()
    }

    /// The engine's answer to a call.
    pub(super) fn answer(&self, arguments: &str) -> Result<Arc<Answer>, Refusal> {
        if let Some((_, answer)) = self.given(arguments) {
            return Ok(answer);
        }
        let ask = MetricCall::read(arguments).ask(&self.inner.engine, self.now)?;
        let answer = self.inner.recent.answer(&self.inner.engine, &ask, self.inner.clock)?;
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        given.insert(arguments.to_owned(), (ask, Arc::clone(&answer)));
        Ok(answer)
    }

    fn noted<T>(&self, found: Result<T, Refusal>) -> Result<T, String> {
        found.map_err(|refusal| {
            let message = refusal.message.clone();
            self.refusal.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(refusal);
            message
        })
    }

    fn known_columns(&self, call: &TableCall) -> Result<Vec<RelationColumn>, Refusal> {
        if FUNCTIONS.contains(&call.name.as_str()) {
            let asked = MetricCall::read(&call.arguments);
            if !asked.question.metric.is_empty() {
                asked.ask(&self.inner.engine, self.now)?;
            }
            return Ok(asked.columns(&call.name));
        }
        let relation = self.inner.relations.get(&call.name);
        relation.map(|relation| relation.columns.clone()).ok_or_else(|| Refusal::denied("there is no such table"))
    }

    fn rows(&self, call: &TableCall, columns: &[usize], take: Take<'_>) -> Result<(), Refusal> {
        let engine = &self.inner.engine;
        if FUNCTIONS.contains(&call.name.as_str()) {
            let asked = MetricCall::read(&call.arguments);
            let known = asked.columns(&call.name);
            let answer = self.answer(&call.arguments)?;
            let rows = asked.rows(engine, &answer)?;
            let _ = figures::hand_out(&rows, &known, columns, take)?;
            return Ok(());
        }
        let Some(relation) = self.inner.relations.get(&call.name) else {
            return Err(Refusal::denied("there is no such table"));
        };
        let wanted = vec![Narrowing::default()];
        let wanted = self.narrowings.get(&relation.name).unwrap_or(&wanted);
        match &relation.rows_from {
            RowsFrom::Query(query) => self.query(relation, query, wanted, columns, take),
            RowsFrom::Observations(name) => {
                let metric = engine.catalogue().get(name)?;
                // A window ends before its end, and what conditions name is wanted too.
                let window = hull(wanted).map(|(from, to)| Window { from, to: to + TimeDelta::microseconds(1) });
                let mut take = |batch: RecordBatch| match typed(&batch, relation, columns) {
                    Ok(batch) => take(batch),
                    Err(_) => ControlFlow::Break(()),
                };
                Ok(engine.observations_while(metric, columns, window, self.now, &|| self.is_over(), &mut take)?)
            }
            RowsFrom::Figures => figures::published(&self.inner, relation, wanted, self.now, columns, take),
            RowsFrom::Metrics => {
                let batch = metrics(engine.catalogue(), &self.inner.relations, |metric| engine.title(metric));
                let _ = take(batch.project(columns).map_err(arrow)?);
                Ok(())
            }
            RowsFrom::Comparisons => {
                let batch = comparisons::rows(engine, wanted, self.now)?;
                let _ = take(batch.project(columns).map_err(arrow)?);
                Ok(())
            }
            RowsFrom::Quality => {
                let report = quality::report(engine, &self.inner.checks, None, self.now)?;
                let _ = take(data_quality(&report).project(columns).map_err(arrow)?);
                Ok(())
            }
        }
    }

    /// Rows of facts and marts; the store reads the columns asked for, and of the time asked for.
    fn query(
        &self,
        relation: &Relation,
        query: &str,
        wanted: &[Narrowing],
        columns: &[usize],
        take: Take<'_>,
    ) -> Result<(), Refusal> {
        let asked: Vec<String> = columns
            .iter()
            .map(|place| &relation.columns[*place])
            .map(|column| {
                let sql_type = column.kind.sql().trim_end_matches(" WITH TIME ZONE");
                format!("published.\"{0}\"::{sql_type} as \"{0}\"", column.name)
            })
            .collect();
        let asked = if asked.is_empty() { "true as is_there".to_owned() } else { asked.join(", ") };
        // In whole minutes, so that who looks next finds the rows at hand; the statement itself looks at each row's time.
        let hull = hull(wanted).filter(|_| relation.column("time").is_some());
        let within = match hull.map(|(from, to)| (whole_minute(from), whole_minute(to) + TimeDelta::minutes(1))) {
            Some((from, to)) => format!(
                "where published.\"time\" >= make_timestamp({}::bigint) and published.\"time\" <= make_timestamp({}::bigint)",
                from.timestamp_micros(),
                to.timestamp_micros()
            ),
            None => String::new(),
        };
        let sql = format!("with published as (\n{query}) select {asked} from published {within}");
        let engine = &self.inner.engine;
        let data_version = engine.store().data_version();
        let is_of_now = hull.is_none_or(|(_, to)| to >= whole_minute(self.now) - TimeDelta::minutes(1));
        let may_stand = is_of_now && engine.has_large_marts()?;
        if let Some(rows) = self.inner.kept_rows.find(&sql, data_version, self.now, may_stand) {
            let _ = rows.hand_out(take);
            return Ok(());
        }
        let mut collected = Collected::default();
        let mut failed = None;
        let mut is_broken_off = false;
        let mut take = |batch: RecordBatch| match typed(&batch, relation, columns) {
            Ok(batch) => {
                collected.add(&batch);
                let flow = take(batch);
                is_broken_off = flow.is_break();
                flow
            }
            Err(refusal) => {
                failed = Some(refusal);
                ControlFlow::Break(())
            }
        };
        engine.store().query_while(&sql, &[], &|| self.is_over(), &mut take)?;
        if failed.is_none() && !is_broken_off && !self.is_over() {
            self.inner.kept_rows.keep(sql, data_version, self.now, collected);
        }
        failed.map_or(Ok(()), Err)
    }
}

impl Shelf for Reader {
    fn columns(&self, call: &TableCall) -> Result<Vec<TableColumn>, String> {
        self.noted(self.known_columns(call)).map(|columns| table_columns(&columns))
    }

    fn read(&self, call: &TableCall, columns: &[usize], take: Take<'_>) -> Result<(), String> {
        self.noted(self.rows(call, columns, take))
    }

    fn is_over(&self) -> bool {
        self.cancel.is_cancelled()
    }
}

fn table_columns(columns: &[RelationColumn]) -> Vec<TableColumn> {
    columns.iter().map(|column| TableColumn { name: column.name.clone(), data_type: column.kind.data_type() }).collect()
}

/// The time that all mentions of a table need together, both ends with it; none where one needs all.
pub(super) fn hull(wanted: &[Narrowing]) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    if wanted.iter().all(|narrowing| narrowing.from.is_none() && narrowing.to.is_none()) {
        return None;
    }
    let long_ago = DateTime::from_timestamp(-62_135_596_800, 0)?;
    let from = wanted.iter().map(|narrowing| narrowing.from.unwrap_or(long_ago)).min()?;
    let far = DateTime::from_timestamp(32_503_680_000, 0)?;
    let to = wanted.iter().map(|narrowing| narrowing.to.unwrap_or(far)).max()?;
    Some((from, to))
}

pub(super) fn arrow(error: arrow::error::ArrowError) -> Refusal {
    Refusal::new("XX000", error.to_string())
}

/// A batch in the types that were told: instants of the store are in UTC and do not say so.
fn typed(batch: &RecordBatch, relation: &Relation, columns: &[usize]) -> Result<RecordBatch, Refusal> {
    if columns.is_empty() {
        return Ok(batch.clone());
    }
    let mut fields = Vec::new();
    let mut arrays: Vec<ArrayRef> = Vec::new();
    for (place, array) in columns.iter().zip(batch.columns()) {
        let column = &relation.columns[*place];
        let data_type = column.kind.data_type();
        fields.push(Field::new(&column.name, data_type.clone(), true));
        arrays.push(cast(array, &data_type).map_err(arrow)?);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(arrow)
}

fn metrics(catalogue: &Catalogue, relations: &Relations, title: impl Fn(&analytics::Metric) -> String) -> RecordBatch {
    let all = catalogue.grouped();
    let texts = |text: &dyn Fn(&analytics::Metric) -> Option<String>| -> ArrayRef {
        Arc::new(all.iter().map(|metric| text(metric)).collect::<StringArray>())
    };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("metric", texts(&|metric| Some(metric.name.clone()))),
        ("title", texts(&|metric| Some(title(metric)))),
        ("part", texts(&|metric| Some(metric.group.clone()))),
        ("version", Arc::new(Int64Array::from_iter_values(all.iter().map(|metric| i64::from(metric.version))))),
        ("unit", texts(&|metric| Some(metric.unit.clone()))),
        ("better", texts(&|metric| word(metric.better))),
        ("shape", texts(&|metric| word(metric.shape))),
        ("aggregate", texts(&|metric| word(metric.aggregate))),
        ("definition", texts(&|metric| Some(metric.definition.clone()))),
        ("source", texts(&|metric| Some(metric.source.clone()))),
        ("dimensions", texts(&|metric| Some(metric.dimensions.join(",")))),
        ("observations", texts(&|metric| relations.get(&metric.name).map(|relation| relation.name.clone()))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .expect("all columns are as long as the catalogue")
}

/// A word as the API writes it.
fn word(value: impl serde::Serialize) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

fn data_quality(report: &quality::DataQuality) -> RecordBatch {
    let all = &report.findings;
    let texts = |text: &dyn Fn(&quality::Finding) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(all.iter().map(text)))
    };
    let numbers = |number: &dyn Fn(&quality::Finding) -> f64| -> ArrayRef {
        Arc::new(Float64Array::from_iter_values(all.iter().map(number)))
    };
    let wholes = |number: &dyn Fn(&quality::Finding) -> u64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(all.iter().map(|finding| number(finding) as i64)))
    };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("check", texts(&|finding| finding.check.clone())),
        ("title", texts(&|finding| finding.title.clone())),
        ("severity", numbers(&|finding| finding.severity)),
        ("n", wholes(&|finding| finding.n)),
        ("relevant", wholes(&|finding| finding.relevant)),
        ("share", numbers(&|finding| finding.share)),
        ("metrics", texts(&|finding| finding.metrics.join(","))),
        ("fix", texts(&|finding| finding.fix.clone())),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .expect("all columns are as long as the findings")
}
