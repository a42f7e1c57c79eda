//! For how long, and how recently, the sources have told of something.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use store::Value;

use crate::answer::Freshness;
use crate::catalogue::{MARTS, Metric};
use crate::engine::Engine;
use crate::error::AnalyticsError;
use crate::window::Window;

/// The time for which a source has told of a kind of fact.
pub(crate) struct Span {
    source: String,
    kind: String,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
    written_at: DateTime<Utc>,
    collected_at: Option<DateTime<Utc>>,
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
            })
            .collect())
    }

    /// For counts: the time within which "none" is a count of 0, and outside of which it is not known. A source that is
    /// collected from is known up to its last collection, others up to the last they told of.
    pub(crate) fn connected(&self, metric: &Metric) -> Result<Option<Window>, AnalyticsError> {
        let Some(kind) = &metric.counts else { return Ok(None) };
        let spans = self.spans()?;
        let of_kind = || spans.iter().filter(|span| span.kind == *kind);
        let last = |span: &Span| span.collected_at.map_or(span.last_at, |collected_at| span.last_at.max(collected_at));
        let (first, last) = (of_kind().map(|span| span.first_at).min(), of_kind().map(last).max());
        Ok(first.zip(last).map(|(from, to)| Window { from, to }))
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

/// The kinds of fact that the marts of a metric are made of, each once.
fn kinds_behind(metric: &Metric) -> BTreeSet<&'static str> {
    let read = MARTS.iter().filter(|(mart, _)| metric.reads.iter().any(|read| read == mart));
    read.flat_map(|(_, kinds)| kinds.iter().copied()).collect()
}
