//! `/v1/inbox`: pushes that could not be turned into facts, while the server runs: listed, tried again, thrown away.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use store::Store;
use utoipa::{OpenApi, ToSchema};
use web::{ApiError, ErrorBody, Json};

/// The routes' part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(list, replay, drop_dead))]
pub(crate) struct InboxApi;

/// The routes.
pub(crate) fn routes(store: Store) -> Router {
    Router::new()
        .route("/v1/inbox", get(list))
        .route("/v1/inbox/replay", post(replay))
        .route("/v1/inbox/drop", post(drop_dead))
        .with_state(store)
}

/// The most that are listed; the oldest come first.
const SHOWN: usize = 1_000;

/// Pushes that could not be turned into facts.
#[derive(Debug, Serialize, ToSchema)]
struct Inbox {
    /// The pushes, oldest first, a thousand at most.
    dead_letters: Vec<DeadLetter>,
}

/// A push that could not be turned into facts, or not all of it.
#[derive(Debug, Serialize, ToSchema)]
struct DeadLetter {
    /// Its number.
    number: i64,
    /// The source it came for.
    source: String,
    /// What makes a repeat of it recognisable.
    delivery: String,
    /// When it arrived.
    received_at: chrono::DateTime<chrono::Utc>,
    /// The length of its body.
    bytes: u64,
    /// What kept it from being facts.
    reason: String,
}

/// Which pushes are meant.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct Meant {
    /// Their numbers.
    numbers: Vec<i64>,
    /// All of them; then no numbers are given.
    all: bool,
}

/// How many were meant.
#[derive(Debug, Serialize, ToSchema)]
struct Done {
    /// How many pushes it was done with.
    n: usize,
}

/// Lists the pushes that could not be turned into facts, with the reasons.
#[utoipa::path(get, path = "/v1/inbox", responses((status = 200, body = Inbox)))]
async fn list(State(store): State<Store>) -> Result<Json<Inbox>, ApiError> {
    let dead = web::off_the_async_threads(move || store.dead_letters(SHOWN)).await?.map_err(failed)?;
    let told = |dead: store::DeadLetter| DeadLetter {
        number: dead.number,
        source: dead.source,
        delivery: dead.delivery,
        received_at: dead.received_at,
        bytes: dead.bytes,
        reason: dead.reason,
    };
    Ok(Json(Inbox { dead_letters: dead.into_iter().map(told).collect() }))
}

/// Lets pushes be tried again, as after a mapping was mended and the server started anew with it.
#[utoipa::path(
    post, path = "/v1/inbox/replay", request_body = Meant,
    responses((status = 200, body = Done), (status = 401, body = ErrorBody), (status = 422, body = ErrorBody)),
    security(("token" = []))
)]
async fn replay(State(store): State<Store>, body: String) -> Result<Json<Done>, ApiError> {
    act(store, body, |store, numbers| store.replay(numbers)).await
}

/// Throws pushes away.
#[utoipa::path(
    post, path = "/v1/inbox/drop", request_body = Meant,
    responses((status = 200, body = Done), (status = 401, body = ErrorBody), (status = 422, body = ErrorBody)),
    security(("token" = []))
)]
async fn drop_dead(State(store): State<Store>, body: String) -> Result<Json<Done>, ApiError> {
    act(store, body, |store, numbers| store.drop_dead(numbers)).await
}

async fn act(
    store: Store,
    body: String,
    work: impl FnOnce(&Store, &[i64]) -> Result<usize, store::StoreError> + Send + 'static,
) -> Result<Json<Done>, ApiError> {
    let refused = |message: String| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "INBOX_REFUSED", message);
    let meant: Meant = serde_json::from_str(&body)
        .map_err(|error| refused(format!("{error}; write {{\"numbers\": [1, 2]}} or {{\"all\": true}}")))?;
    if meant.all != meant.numbers.is_empty() {
        return Err(refused("name either numbers, such as {\"numbers\": [1, 2]}, or {\"all\": true}".into()));
    }
    let done = web::off_the_async_threads(move || {
        let known = store.dead_numbers()?;
        match meant.numbers.iter().find(|number| !known.contains(number)) {
            Some(unknown) => Ok(Err(*unknown)),
            None => work(&store, &meant.numbers).map(Ok),
        }
    });
    match done.await?.map_err(failed)? {
        Ok(n) => Ok(Json(Done { n })),
        Err(unknown) => {
            Err(refused(format!("no push that could not be read has the number {unknown}; nothing was changed")))
        }
    }
}

fn failed(error: store::StoreError) -> ApiError {
    ApiError::internal(error.to_string())
}
