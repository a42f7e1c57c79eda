//! `POST /v1/collections`: starts reading sources, and `GET /v1/collections/{number}` tells how it goes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use collectors::pull::Pace;
use facts::PersonKey;
use serde::{Deserialize, Serialize};
use store::Store;
use tokio::sync::watch;
use utoipa::{OpenApi, ToSchema};
use web::{ApiError, ErrorBody, Json};

use crate::{Config, sources};

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

/// The routes.
pub(crate) fn routes(store: Store, key: PersonKey, config: Config) -> Router {
    let state = CollectionsState { store, key, config, known: Arc::default() };
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
    let collection = {
        let mut known = state.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = known.values().find(|one| !one.done) {
            let message = format!("/v1/collections/{} is under way; wait until it is done", running.number);
            return Err(ApiError::new(StatusCode::CONFLICT, "COLLECTION_UNDER_WAY", message));
        }
        let number = known.keys().next_back().map_or(1, |last| last + 1);
        let collection = Collection { number, done: false, error: None, sources: BTreeMap::new() };
        known.insert(number, collection.clone());
        collection
    };
    let number = collection.number;
    tokio::spawn(async move {
        let (_stop, cancel) = watch::channel(false);
        let read = sources::read_into(&state.store, &state.key, chosen, since, Pace::default(), &cancel).await;
        let mut known = state.known.lock().unwrap_or_else(PoisonError::into_inner);
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
    });
    Ok((StatusCode::ACCEPTED, Json(collection)))
}

/// Tells how a reading goes.
#[utoipa::path(
    get, path = "/v1/collections/{number}",
    params(("number" = u64, Path, description = "Its number, as the start answered")),
    responses((status = 200, body = Collection), (status = 404, body = ErrorBody))
)]
async fn show(State(state): State<CollectionsState>, Path(number): Path<String>) -> Result<Json<Collection>, ApiError> {
    let known = state.known.lock().unwrap_or_else(PoisonError::into_inner);
    let found = number.parse().ok().and_then(|number: u64| known.get(&number).cloned());
    found.map(Json).ok_or_else(|| {
        ApiError::not_found("UNKNOWN_COLLECTION", format!("there is no collection {number} since the server started"))
    })
}
