//! The sources: how their last runs went, how fresh they are, and what could not be mapped.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde::Serialize;
use store::{Store, Value};
use utoipa::ToSchema;

use crate::answer::Freshness;
use crate::error::AnalyticsError;

/// All sources that are configured or ever told anything.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Sources {
    /// The sources, by name.
    pub sources: Vec<Source>,
}

/// A source.
#[derive(Debug, Default, Clone, Serialize, ToSchema)]
pub struct Source {
    /// Its name: what its facts carry as `source`.
    pub name: String,
    /// Its kind, where it is configured or was read.
    pub kind: Option<String>,
    /// Up to where it has been read, in its own form.
    pub cursor: Option<String>,
    /// When that was.
    pub cursor_at: Option<String>,
    /// When its last run ended.
    pub last_run_at: Option<String>,
    /// Requests sent in it.
    pub requests: Option<i64>,
    /// Requests tried again.
    pub retries: Option<i64>,
    /// Facts read in it.
    pub facts: Option<i64>,
    /// Why it ended before the end; null when it did not.
    pub last_error: Option<String>,
    /// Requests the system allows in its period, as it said last.
    pub rate_limit: Option<i64>,
    /// Requests left of them.
    pub rate_remaining: Option<i64>,
    /// When the period ends.
    pub rate_resets_at: Option<String>,
    /// The latest time told of, over all kinds of fact.
    pub told_to: Option<String>,
    /// Pushes accepted and not yet turned into facts.
    pub waiting: i64,
    /// Pushes that cannot be (`cairn inbox list`).
    pub dead_letters: i64,
    /// Why they cannot be, and how many for that reason, most frequent first.
    #[serde(skip)]
    #[schema(ignore)]
    pub reasons: Vec<(String, i64)>,
    /// Of each kind of fact it told: up to when, and when it last wrote.
    pub told: Vec<Freshness>,
    /// What could not be mapped, was not known or was left out in the last run, most frequent first.
    pub notes: Vec<Note>,
}

/// Something that people should know of what a source told.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Note {
    /// unmapped, unknown_word, left_out, denied, in_future or refused.
    pub sort: String,
    /// What it is about: service, environment, team, a field, a kind of fact; empty where the subject says it all.
    pub what: String,
    /// The system's own word, or the reason.
    pub subject: String,
    /// How often.
    pub n: i64,
}

const SOURCES: &str = "
with name as (
    select source from meta.cursor
    union select source from meta.source_run
    union select source from meta.source_span
    union select source from meta.inbox
)
select
    name.source, run.kind, cursor.cursor, cursor.updated_at, run.ended_at, run.requests, run.retries, run.facts,
    run.error, run.rate_limit, run.rate_remaining, run.rate_resets_at,
    (select max(least(last_at, written_at)) from meta.source_span as span where span.source = name.source),
    (select count(*) from meta.inbox where inbox.source = name.source and reason is null),
    (select count(*) from meta.inbox where inbox.source = name.source and reason is not null),
from name
left join meta.source_run as run using (source)
left join meta.cursor as cursor using (source)
order by name.source";

const TOLD: &str =
    "select source, kind, least(last_at, written_at), written_at from meta.source_span order by source, kind";

// What runs told and what pushes told of the same is one to who looks.
const NOTES: &str = "select source, sort, what, subject, sum(n)::bigint as n from meta.source_note group by all order by n desc, subject";

const REASONS: &str = "select source, reason, count(*) as n from meta.inbox where reason is not null group by all order by n desc, reason";

/// Reads all sources. `kinds` has the configured ones with their kinds: those stand there also before they told anything.
pub fn read(store: &Store, kinds: &BTreeMap<String, String>) -> Result<Sources, AnalyticsError> {
    let mut sources: Vec<Source> = store
        .query(SOURCES, &[])?
        .rows
        .into_iter()
        .filter_map(|row| {
            let mut cells = row.into_iter();
            let mut next = || cells.next().unwrap_or(Value::Null);
            Some(Source {
                name: text(next())?,
                kind: text(next()),
                cursor: text(next()),
                cursor_at: time(&next()),
                last_run_at: time(&next()),
                requests: integer(&next()),
                retries: integer(&next()),
                facts: integer(&next()),
                last_error: text(next()),
                rate_limit: integer(&next()),
                rate_remaining: integer(&next()),
                rate_resets_at: time(&next()),
                told_to: time(&next()),
                waiting: integer(&next()).unwrap_or_default(),
                dead_letters: integer(&next()).unwrap_or_default(),
                reasons: Vec::new(),
                told: Vec::new(),
                notes: Vec::new(),
            })
        })
        .collect();
    for (name, kind) in kinds {
        match sources.iter_mut().find(|source| source.name == *name) {
            Some(source) => source.kind = Some(kind.clone()),
            None => sources.push(Source { name: name.clone(), kind: Some(kind.clone()), ..Source::default() }),
        }
    }
    sources.sort_by(|one, other| one.name.cmp(&other.name));
    let spans = store.query(TOLD, &[])?;
    for row in spans.rows {
        let [Value::Text(source), Value::Text(kind), Value::Time(last), Value::Time(written)] = &row[..] else {
            continue;
        };
        let (Some(last_at), Some(written_at)) =
            (DateTime::from_timestamp_micros(*last), DateTime::from_timestamp_micros(*written))
        else {
            continue;
        };
        if let Some(own) = sources.iter_mut().find(|one| one.name == *source) {
            let (source, kind, collected_at) = (source.clone(), kind.clone(), None);
            own.told.push(Freshness { source, kind, last_at, written_at, collected_at });
        }
    }
    for row in store.query(REASONS, &[])?.rows {
        let [Value::Text(source), Value::Text(reason), Value::Integer(n)] = &row[..] else { continue };
        if let Some(own) = sources.iter_mut().find(|one| one.name == *source) {
            own.reasons.push((reason.clone(), *n));
        }
    }
    for row in store.query(NOTES, &[])?.rows {
        let [Value::Text(source), Value::Text(sort), Value::Text(what), Value::Text(subject), Value::Integer(n)] =
            &row[..]
        else {
            continue;
        };
        if let Some(own) = sources.iter_mut().find(|one| one.name == *source) {
            own.notes.push(Note { sort: sort.clone(), what: what.clone(), subject: subject.clone(), n: *n });
        }
    }
    Ok(Sources { sources })
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(*number),
        _ => None,
    }
}

fn time(value: &Value) -> Option<String> {
    match value {
        Value::Time(micros) => {
            DateTime::from_timestamp_micros(*micros).map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
        }
        _ => None,
    }
}
