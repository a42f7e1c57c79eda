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
use tokio::task::JoinSet;
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
/// How often it is looked whether a reading of a source whose time has come is over.
const WAIT: Duration = Duration::from_secs(2);

/// The routes. Must be called on a thread of the runtime, where the sources that have a schedule are read from then on.
pub(crate) fn routes(store: Store, key: PersonKey, config: Config, scheduled: BTreeMap<String, Schedule>) -> Router {
    let state = CollectionsState { store, key, config, known: Arc::default() };
    if !scheduled.is_empty() {
        tokio::spawn(state.clone().follow_all(scheduled));
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
    /// How it went, by source, as far as they are read.
    sources: BTreeMap<String, OfSource>,
    /// The sources that it reads, which no other reading may meanwhile.
    #[serde(skip)]
    reading: Vec<String>,
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

/// Starts reading sources. A source is read by one reading at a time.
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
    let collection = state.begin(&chosen).map_err(|(source, running)| {
        let message = format!("{source} is being read by /v1/collections/{running}; wait until that is done");
        ApiError::new(StatusCode::CONFLICT, "COLLECTION_UNDER_WAY", message)
    })?;
    tokio::spawn(state.read(collection.number, chosen, since));
    Ok((StatusCode::ACCEPTED, Json(collection)))
}

impl CollectionsState {
    /// A reading that is under way from now on; or one of its sources that is being read, and the number of that reading.
    fn begin(&self, chosen: &[Configured]) -> Result<Collection, (String, u64)> {
        let mut known = self.known();
        let reading: Vec<String> = chosen.iter().map(|source| source.name.clone()).collect();
        for running in known.values().filter(|one| !one.done) {
            if let Some(source) = reading.iter().find(|source| running.reading.contains(source)) {
                return Err((source.clone(), running.number));
            }
        }
        let number = known.keys().next_back().map_or(1, |last| last + 1);
        let collection = Collection { number, done: false, error: None, sources: BTreeMap::new(), reading };
        known.insert(number, collection.clone());
        let over: Vec<u64> = known.values().filter(|one| one.done).map(|one| one.number).collect();
        for number in over.into_iter().take(known.len().saturating_sub(MOST_KNOWN)) {
            known.remove(&number);
        }
        Ok(collection)
    }

    /// Reads sources, and notes how that went.
    async fn read(self, number: u64, chosen: Vec<Configured>, since: Option<DateTime<Utc>>) {
        let mut runs = JoinSet::new();
        for source in chosen {
            let own = self.clone();
            runs.spawn(async move {
                let name = source.name.clone();
                let (_stop, cancel) = watch::channel(false);
                let read =
                    sources::read_into(&own.store, &own.key, vec![source], since, Pace::default(), &cancel).await;
                own.ended(number, &name, read);
            });
        }
        while runs.join_next().await.is_some() {}
        if let Some(own) = self.known().get_mut(&number) {
            own.done = true;
        }
    }

    /// Notes how the reading of a source went; another reading may read it now.
    fn ended(&self, number: u64, source: &str, read: anyhow::Result<Vec<sources::Report>>) {
        let mut known = self.known();
        let Some(own) = known.get_mut(&number) else { return };
        own.reading.retain(|name| name != source);
        match read {
            Err(error) => own.error = Some(format!("{error:#}")),
            Ok(reports) => own.sources.extend(reports.into_iter().map(|report| {
                let error = report.outcome.stopped.as_ref().map(ToString::to_string);
                let told = OfSource { requests: report.outcome.requests, facts: report.outcome.facts, error };
                (report.source, told)
            })),
        }
    }

    /// Reads each source when its time has come, each for itself.
    async fn follow_all(self, scheduled: BTreeMap<String, Schedule>) {
        let mut last_runs = self.last_runs().await;
        for (source, schedule) in scheduled {
            let last = last_runs.remove(&source);
            tokio::spawn(self.clone().follow(source, schedule, last));
        }
    }

    /// Reads a source whenever its time has come. What was missed while no server ran is made up for at once.
    async fn follow(self, source: String, schedule: Schedule, mut last: Option<DateTime<Utc>>) {
        loop {
            let now = crate::now();
            // One that ended later than now was noted by a clock that was wrong.
            let next = last.filter(|last| *last <= now).map_or(Some(now), |last| schedule.after(last));
            let Some(next) = next else { return };
            if let Ok(rest) = (next - now).to_std()
                && !rest.is_zero()
            {
                tokio::time::sleep(rest.min(LOOK_EVERY)).await;
                continue;
            }
            let chosen = match sources::readable(&self.config, std::slice::from_ref(&source)) {
                Ok(chosen) => chosen,
                Err(error) => {
                    tracing::error!(source, error = format!("{error:#}"), "it is not read as scheduled any more");
                    return;
                }
            };
            let Ok(Collection { number, .. }) = self.begin(&chosen) else {
                tokio::time::sleep(WAIT).await;
                continue;
            };
            self.clone().read(number, chosen, None).await;
            self.tell(number);
            // From its end on: what takes longer than its gap is not begun again at once.
            last = Some(crate::now());
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
