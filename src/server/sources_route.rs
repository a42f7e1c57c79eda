//! `GET /v1/sources`: the sources, how their last runs went, how fresh they are, and what could not be mapped.

use std::collections::BTreeMap;
use std::sync::Arc;

use analytics::AnalyticsError;
use analytics::sources::{self, Sources};
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use store::Store;
use utoipa::OpenApi;
use web::{ApiError, Json};

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
pub(crate) fn routes(store: Store, kinds: Arc<BTreeMap<String, String>>) -> Router {
    Router::new().route("/v1/sources", get(list)).with_state(SourcesState { store, kinds })
}

/// Lists the sources.
#[utoipa::path(get, path = "/v1/sources", responses((status = 200, body = Sources)))]
async fn list(State(state): State<SourcesState>) -> Result<Json<Sources>, ApiError> {
    let work = move || -> Result<Sources, AnalyticsError> { sources::read(&state.store, &state.kinds) };
    Ok(Json(web::off_the_async_threads(work).await??))
}
