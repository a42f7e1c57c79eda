//! Reading sources while the server runs: `POST /v1/collections` starts it, `GET /v1/collections/{number}` tells how it goes,
//! and those that have a schedule are read by themselves.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use chrono::{DateTime, Utc};
use collectors::pull::Pace;
use facts::PersonKey;
use serde::{Deserialize, Serialize};
use store::Store;
use tokio::sync::watch;
use utoipa::{OpenApi, ToSchema};
use web::{ApiError, ErrorBody, Json};

use crate::Config;
use crate::schedule::Schedule;
use crate::sources::{self, Configured};

/// The routes' part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(start, show))]
pub(crate) struct CollectionsApi;

#[derive(Clone)]
struct CollectionsState {
    store: Store,
    key: PersonKey,
    config: Config,
    known: Arc<Mutex<BTreeMap<u64, Collection>>>,
}

/// Readings that are told of: the newest.
const MOST_KNOWN: usize = 100;
/// How often it is looked whether a source's time has come: clocks are set, and machines sleep.
const LOOK_EVERY: Duration = Duration::from_secs(20);
/// How long a source whose time has come waits for a reading that is under way.
const WAIT: Duration = Duration::from_secs(2);

/// The routes. Must be called on a thread of the runtime, where the sources that have a schedule are read from then on.
pub(crate) fn routes(store: Store, key: PersonKey, config: Config, scheduled: BTreeMap<String, Schedule>) -> Router {
    let state = CollectionsState { store, key, config, known: Arc::default() };
    if !scheduled.is_empty() {
        tokio::spawn(state.clone().follow(scheduled));
    }
    Router::new().route("/v1/collections", post(start)).route("/v1/collections/{number}", get(show)).with_state(state)
}

/// What to read.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct Wanted {
    /// The sources, by their names in cairn.toml; all where empty.
    sources: Vec<String>,
    /// Read again from this day or time on.
    since: Option<String>,
}

/// A reading of sources, under way or over. It is forgotten when the server stops; `GET /v1/sources` remembers.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Collection {
    /// Its number.
    number: u64,
    /// Whether it is over.
    done: bool,
    /// Why it could not be begun.
    error: Option<String>,
    /// How it went, by source, when it is over.
    sources: BTreeMap<String, OfSource>,
}

/// How the reading of one source went.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct OfSource {
    /// Requests sent.
    requests: u64,
    /// Facts read.
    facts: u64,
    /// Why it ended before the end; null when it did not.
    error: Option<String>,
}

/// Starts reading sources. Only one reading is under way at a time.
#[utoipa::path(
    post, path = "/v1/collections",
    request_body = Wanted,
    responses(
        (status = 202, body = Collection), (status = 401, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody)
    ),
    security(("token" = []))
)]
async fn start(
    State(state): State<CollectionsState>,
    body: String,
) -> Result<(StatusCode, Json<Collection>), ApiError> {
    let unprocessable =
        |message: String| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "COLLECTION_REFUSED", message);
    let wanted: Wanted = match body.trim() {
        "" => Wanted::default(),
        text => serde_json::from_str(text).map_err(|error| unprocessable(error.to_string()))?,
    };
    let since = wanted.since.as_deref().map(sources::instant).transpose();
    let since = since.map_err(|error| unprocessable(format!("since: {error:#}")))?;
    let chosen =
        sources::readable(&state.config, &wanted.sources).map_err(|error| unprocessable(format!("{error:#}")))?;
    let collection = state.begin().map_err(|running| {
        let message = format!("/v1/collections/{running} is under way; wait until it is done");
        ApiError::new(StatusCode::CONFLICT, "COLLECTION_UNDER_WAY", message)
    })?;
    tokio::spawn(state.read(collection.number, chosen, since));
    Ok((StatusCode::ACCEPTED, Json(collection)))
}

impl CollectionsState {
    /// A reading that is under way from now on; or the number of the one that is.
    fn begin(&self) -> Result<Collection, u64> {
        let mut known = self.known();
        if let Some(running) = known.values().find(|one| !one.done) {
            return Err(running.number);
        }
        let number = known.keys().next_back().map_or(1, |last| last + 1);
        let collection = Collection { number, done: false, error: None, sources: BTreeMap::new() };
        known.insert(number, collection.clone());
        while known.len() > MOST_KNOWN {
            known.pop_first();
        }
        Ok(collection)
    }

    /// Reads sources, and notes how that went.
    async fn read(self, number: u64, chosen: Vec<Configured>, since: Option<DateTime<Utc>>) {
        let (_stop, cancel) = watch::channel(false);
        let read = sources::read_into(&self.store, &self.key, chosen, since, Pace::default(), &cancel).await;
        let mut known = self.known();
        let Some(own) = known.get_mut(&number) else { return };
        own.done = true;
        match read {
            Err(error) => own.error = Some(format!("{error:#}")),
            Ok(reports) => {
                own.sources = reports
                    .into_iter()
                    .map(|report| {
                        let error = report.outcome.stopped.as_ref().map(ToString::to_string);
                        let told = OfSource { requests: report.outcome.requests, facts: report.outcome.facts, error };
                        (report.source, told)
                    })
                    .collect();
            }
        }
    }

    /// Reads each source when its time has come. What was missed while no server ran is made up for at once.
    async fn follow(self, scheduled: BTreeMap<String, Schedule>) {
        let mut read_at = self.last_runs().await;
        loop {
            let now = crate::now();
            let is_due = |name: &&String| {
                let next = read_at.get(*name).map_or(Some(now), |last| scheduled[*name].after(*last));
                next.is_some_and(|next| next <= now)
            };
            let due: Vec<String> = scheduled.keys().filter(is_due).cloned().collect();
            if due.is_empty() {
                let next = read_at.iter().filter_map(|(name, last)| scheduled.get(name)?.after(*last)).min();
                let rest = next.and_then(|next| (next - now).to_std().ok()).unwrap_or(LOOK_EVERY);
                tokio::time::sleep(rest.min(LOOK_EVERY)).await;
                continue;
            }
            let chosen = match sources::readable(&self.config, &due) {
                Ok(chosen) => chosen,
                Err(error) => {
                    tracing::error!(error = format!("{error:#}"), "nothing is read as scheduled any more");
                    return;
                }
            };
            let Ok(Collection { number, .. }) = self.begin() else {
                tokio::time::sleep(WAIT).await;
                continue;
            };
            tracing::info!(sources = due.join(", "), "reading, as scheduled");
            self.clone().read(number, chosen, None).await;
            self.tell(number);
            // From its end on: what takes longer than its gap is not begun again at once.
            let ended_at = crate::now();
            read_at.extend(due.into_iter().map(|name| (name, ended_at)));
        }
    }

    /// When each source was read last.
    async fn last_runs(&self) -> BTreeMap<String, DateTime<Utc>> {
        let store = self.store.clone();
        let found = web::off_the_async_threads(move || store.last_runs()).await;
        // Where that cannot be told, all are read now: what is read again changes nothing.
        let found =
            found.map_err(|error| format!("{error:?}")).and_then(|runs| runs.map_err(|error| error.to_string()));
        found.unwrap_or_else(|error| {
            tracing::warn!(error, "when sources were read last cannot be told");
            BTreeMap::new()
        })
    }

    /// Writes into the log how a scheduled reading went, as nobody waits for its answer.
    fn tell(&self, number: u64) {
        let known = self.known();
        let Some(collection) = known.get(&number) else { return };
        for (source, told) in &collection.sources {
            let (requests, facts) = (told.requests, told.facts);
            match &told.error {
                Some(error) => tracing::warn!(source, requests, facts, error, "the reading ended before its end"),
                None => tracing::info!(source, requests, facts, "read"),
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<u64, Collection>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells how a reading goes.
#[utoipa::path(
    get, path = "/v1/collections/{number}",
    params(("number" = u64, Path, description = "Its number, as the start answered")),
    responses((status = 200, body = Collection), (status = 404, body = ErrorBody))
)]
async fn show(State(state): State<CollectionsState>, Path(number): Path<String>) -> Result<Json<Collection>, ApiError> {
    let known = state.known();
    let found = number.parse().ok().and_then(|number: u64| known.get(&number).cloned());
    found.map(Json).ok_or_else(|| {
        ApiError::not_found("UNKNOWN_COLLECTION", format!("there is no collection {number} since the server started"))
    })
}
