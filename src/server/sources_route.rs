//! `GET /v1/sources`: the sources, how their last runs went, how fresh they are, and what could not be mapped.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use serde::Serialize;
use store::{Store, Value};
use utoipa::{OpenApi, ToSchema};
use web::{ApiError, Json};

use crate::sources::Configured;

/// The route's part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(list))]
pub(crate) struct SourcesApi;

#[derive(Clone)]
struct SourcesState {
    store: Store,
    /// The configured sources and their kinds.
    kinds: Arc<BTreeMap<String, String>>,
}

/// The routes.
pub(crate) fn routes(store: Store, configured: &[Configured]) -> Router {
    let kinds = configured.iter().map(|source| (source.name.clone(), source.kind.clone())).collect();
    Router::new().route("/v1/sources", get(list)).with_state(SourcesState { store, kinds: Arc::new(kinds) })
}

/// All sources that are configured or ever told anything.
#[derive(Debug, Serialize, ToSchema)]
struct Sources {
    /// The sources, by name.
    sources: Vec<Source>,
}

/// A source.
#[derive(Debug, Default, Serialize, ToSchema)]
struct Source {
    /// Its name: what its facts carry as `source`.
    name: String,
    /// Its kind, where it is configured or was read.
    kind: Option<String>,
    /// Up to where it has been read, in its own form.
    cursor: Option<String>,
    /// When that was.
    cursor_at: Option<String>,
    /// When its last run ended.
    last_run_at: Option<String>,
    /// Requests sent in it.
    requests: Option<i64>,
    /// Requests tried again.
    retries: Option<i64>,
    /// Facts read in it.
    facts: Option<i64>,
    /// Why it ended before the end; null when it did not.
    last_error: Option<String>,
    /// Requests the system allows in its period, as it said last.
    rate_limit: Option<i64>,
    /// Requests left of them.
    rate_remaining: Option<i64>,
    /// When the period ends.
    rate_resets_at: Option<String>,
    /// The latest time told of, over all kinds of fact.
    told_to: Option<String>,
    /// Pushes accepted and not yet turned into facts.
    waiting: i64,
    /// Pushes that cannot be (`cairn inbox list`).
    dead_letters: i64,
    /// What could not be mapped, was not known or was left out in the last run, most frequent first.
    notes: Vec<Note>,
}

/// Something that people should know of what a source told.
#[derive(Debug, Serialize, ToSchema)]
struct Note {
    /// unmapped, unknown_word, left_out, denied, in_future or refused.
    sort: String,
    /// What it is about: service, environment, team, a field, a kind of fact; empty where the subject says it all.
    what: String,
    /// The system's own word, or the reason.
    subject: String,
    /// How often.
    n: i64,
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

/// Lists the sources.
#[utoipa::path(get, path = "/v1/sources", responses((status = 200, body = Sources)))]
async fn list(State(state): State<SourcesState>) -> Result<Json<Sources>, ApiError> {
    web::off_the_async_threads(move || read(&state).map_err(|error| ApiError::internal(error.to_string())))
        .await?
        .map(Json)
}

fn read(SourcesState { store, kinds }: &SourcesState) -> Result<Sources, store::StoreError> {
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
                notes: Vec::new(),
            })
        })
        .collect();
    for (name, kind) in kinds.iter() {
        match sources.iter_mut().find(|source| source.name == *name) {
            Some(source) => source.kind = Some(kind.clone()),
            None => sources.push(Source { name: name.clone(), kind: Some(kind.clone()), ..Source::default() }),
        }
    }
    sources.sort_by(|one, other| one.name.cmp(&other.name));
    let notes =
        store.query("select source, sort, what, subject, n from meta.source_note order by n desc, subject", &[])?;
    for row in notes.rows {
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
        Value::Time(micros) => chrono::DateTime::from_timestamp_micros(*micros)
            .map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)),
        _ => None,
    }
}
