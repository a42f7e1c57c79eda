//! For how long, and how recently, the sources have told of something.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use facts::Kind;
use store::Value;

use crate::answer::Freshness;
use crate::ask::Ask;
use crate::catalogue::{MARTS, Metric};
use crate::engine::Engine;
use crate::error::AnalyticsError;
use crate::window::{SILENT_DAYS, Window};

/// The time for which a source has told of a kind of fact.
pub(crate) struct Span {
    source: String,
    kind: String,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
    written_at: DateTime<Utc>,
    collected_at: Option<DateTime<Utc>>,
}

impl Span {
    /// When it was connected. A source that is collected from is known up to its last collection, others up to the last they
    /// told of.
    fn connected(&self) -> Window {
        let to = self.collected_at.map_or(self.last_at, |collected_at| self.last_at.max(collected_at));
        Window { from: self.first_at, to }
    }
}

/// The sources that told of things, by the name that these have in a dimension; none where that is not known.
pub(crate) type ToldBy = HashMap<Option<String>, BTreeSet<String>>;

/// When the sources of a kind of fact were connected, and of whom each told: a source that was connected for long says nothing
/// of the services that another tells of.
#[derive(Default)]
pub(crate) struct Connected {
    sources: Vec<(String, Window)>,
    by: Vec<Arc<ToldBy>>,
    filtered: Vec<(Arc<ToldBy>, Vec<Option<String>>)>,
}

impl Connected {
    /// The sources that tell of a group, by their places; all where nobody told of its names yet.
    pub(crate) fn sources_of(&self, group: &[Option<String>]) -> Vec<usize> {
        let of_group = self.by.iter().zip(group).map(|(told, name)| (told, std::slice::from_ref(name)));
        let of_filters = self.filtered.iter().map(|(told, names)| (told, &names[..]));
        let said: Vec<BTreeSet<&String>> = of_group
            .chain(of_filters)
            .map(|(told, names)| names.iter().filter_map(|name| told.get(name)).flatten().collect())
            .filter(|sources: &BTreeSet<&String>| !sources.is_empty())
            .collect();
        let tells = |source: &String| said.iter().all(|sources| sources.contains(source));
        let all = self.sources.iter().enumerate();
        all.filter(|(_, (source, _))| tells(source)).map(|(place, _)| place).collect()
    }

    /// When any of some sources was connected, in order. Those with less between them than the days for which a source may be
    /// silent are one.
    pub(crate) fn times(&self, sources: &[usize]) -> Vec<Window> {
        let mut spans: Vec<Window> = sources.iter().map(|place| self.sources[*place].1).collect();
        spans.sort_by_key(|span| span.from);
        let mut times: Vec<Window> = Vec::new();
        for span in spans {
            match times.last_mut() {
                Some(last) if span.from <= last.to + TimeDelta::days(SILENT_DAYS as i64) => {
                    last.to = last.to.max(span.to);
                }
                _ => times.push(span),
            }
        }
        times
    }
}

impl Engine {
    /// How fresh the sources are that a metric's marts are made of.
    pub(crate) fn freshness(&self, metric: &Metric) -> Result<Vec<Freshness>, AnalyticsError> {
        let kinds = kinds_behind(metric);
        let spans = self.spans()?;
        let spans = spans.iter().filter(|span| kinds.contains(&span.kind.as_str()));
        Ok(spans
            .map(|span| Freshness {
                source: span.source.clone(),
                kind: span.kind.clone(),
                last_at: span.last_at,
                written_at: span.written_at,
                collected_at: span.collected_at,
            })
            .collect())
    }

    /// The kinds of fact that a metric needs and that no source has told of.
    pub(crate) fn untold(&self, metric: &Metric) -> Result<Vec<String>, AnalyticsError> {
        let spans = self.spans()?;
        Ok(metric.needs.iter().filter(|kind| !is_told(&spans, kind)).cloned().collect())
    }

    /// The kinds of fact that a metric's marts are made of and that no source has told of; none where nothing was told at all.
    pub fn untold_kinds(&self, metric: &Metric) -> Result<Option<Vec<&'static str>>, AnalyticsError> {
        let spans = self.spans()?;
        let untold = kinds_behind(metric).into_iter().filter(|kind| !is_told(&spans, kind)).collect();
        Ok((!spans.is_empty()).then_some(untold))
    }

    /// From when to when anything was told of what a metric's marts are made of.
    pub(crate) fn told_within(&self, metric: &Metric) -> Result<Option<Window>, AnalyticsError> {
        let kinds = kinds_behind(metric);
        let spans = self.spans()?;
        let spans = || spans.iter().filter(|span| kinds.contains(&span.kind.as_str()));
        let from = spans().map(|span| span.first_at).min();
        let to = spans().map(|span| span.last_at).max();
        Ok(from.zip(to).map(|(from, to)| Window { from, to }))
    }

    /// For counts: the times within which "none" is a count of 0, and outside of which it is not known.
    pub(crate) fn connected(&self, metric: &Metric, ask: &Ask) -> Result<Connected, AnalyticsError> {
        let Some(kind) = metric.counts.as_deref().and_then(|kind| Kind::parse(kind).ok()) else {
            return Ok(Connected::default());
        };
        let spans = self.spans()?;
        let of_kind = spans.iter().filter(|span| span.kind == kind.spec().name);
        let sources = of_kind.map(|span| (span.source.clone(), span.connected())).collect();
        let mut connected = Connected { sources, ..Connected::default() };
        // Of one source it is all the same whom it told of.
        if connected.sources.len() > 1 {
            let told_by = |dimension: &str| self.told_by(kind, dimension);
            connected.by = ask.by.iter().map(|by| told_by(by)).collect::<Result<_, _>>()?;
            for (dimension, names) in &ask.filters {
                connected.filtered.push((told_by(dimension)?, names.iter().cloned().map(Some).collect()));
            }
        }
        Ok(connected)
    }

    /// By whom things of a kind were told, by the name that they have in a dimension. Nothing where the kind does not say.
    fn told_by(&self, kind: Kind, dimension: &str) -> Result<Arc<ToldBy>, AnalyticsError> {
        let key = format!("{kind} {dimension}");
        if let Some(told) = self.kept().told_by.get(&key) {
            return Ok(Arc::clone(told));
        }
        let data_version = self.store().data_version();
        let has = |name: &str| kind.spec().columns.iter().any(|column| column.name == name);
        let of_history = ["service", "team", "system", "template", "repository"].contains(&dimension);
        let through = ["service", "repository"].into_iter().find(|column| has(column)).filter(|_| of_history);
        let sql = match through {
            _ if has(dimension) => format!("select distinct {dimension}, source from facts.{kind}"),
            Some(column) => format!(
                "select distinct name.name, told.source
                from (select distinct source, {column} as own from facts.{kind}) as told
                left join marts.name as own on own.name = told.own
                left join marts.service_history as history on history.{column}_key = own.key
                left join marts.name on name.key = history.{dimension}_key"
            ),
            None => return Ok(Arc::default()),
        };
        let mut told = ToldBy::default();
        for row in self.store().query(&sql, &[])?.rows {
            let [name, Value::Text(source)] = &row[..] else { continue };
            let name = if let Value::Text(name) = name { Some(name.clone()) } else { None };
            told.entry(name).or_default().insert(source.clone());
        }
        let told = Arc::new(told);
        self.keep(data_version, |kept| _ = kept.told_by.insert(key, Arc::clone(&told)));
        Ok(told)
    }

    /// The spans of all sources and kinds, read once until the data changes.
    fn spans(&self) -> Result<Arc<Vec<Span>>, AnalyticsError> {
        if let Some(spans) = &self.kept().spans {
            return Ok(Arc::clone(spans));
        }
        let data_version = self.store().data_version();
        let found = self.store().query(
            "select
                span.source, span.kind, least(span.first_at, span.written_at), least(span.last_at, span.written_at),
                span.written_at, cursor.updated_at,
            from meta.source_span as span
            left join meta.cursor as cursor using (source)
            order by span.source, span.kind",
            &[],
        )?;
        let time = |value: &Value| match value {
            Value::Time(micros) => DateTime::from_timestamp_micros(*micros),
            _ => None,
        };
        let read = |row: Vec<Value>| match &row[..] {
            [Value::Text(source), Value::Text(kind), first_at, last_at, written_at, collected_at] => Some(Span {
                source: source.clone(),
                kind: kind.clone(),
                first_at: time(first_at)?,
                last_at: time(last_at)?,
                written_at: time(written_at)?,
                collected_at: time(collected_at),
            }),
            _ => None,
        };
        let spans: Arc<Vec<Span>> = Arc::new(found.rows.into_iter().filter_map(read).collect());
        self.keep(data_version, |kept| kept.spans = Some(Arc::clone(&spans)));
        Ok(spans)
    }
}

fn is_told(spans: &[Span], kind: &str) -> bool {
    spans.iter().any(|span| span.kind == kind)
}

/// The kinds of fact that the marts of a metric are made of, each once.
pub(crate) fn kinds_behind(metric: &Metric) -> BTreeSet<&'static str> {
    let read = MARTS.iter().filter(|(mart, _)| metric.reads.iter().any(|read| read == mart));
    read.flat_map(|(_, kinds)| kinds.iter().copied()).collect()
}
