//! The state of the data over HTTP: `/v1/data-quality`.

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::routing::get;
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use web::{ApiError, Json};

use super::{Asked, Checks, Quality, look};
use crate::http::MetricsState;

/// The route's part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(data_quality))]
pub struct QualityApi;

/// The route.
pub fn routes(state: MetricsState, checks: Checks) -> Router {
    Router::new().route("/v1/data-quality", get(data_quality)).with_state((state, checks))
}

/// What to look at, as parameters.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parameters {
    /// Only what this metric suffers from.
    metric: Option<String>,
    /// Only this check.
    check: Option<String>,
    /// Rows of each finding; 5 unless said, 1000 at most.
    limit: Option<u64>,
    /// Rows to leave out before them.
    offset: Option<u64>,
}

/// What is wrong or missing in the data, worst first, with what would mend it.
#[utoipa::path(
    get, path = "/v1/data-quality", params(Parameters),
    responses((status = 200, body = Quality), (status = 400, body = web::ErrorBody), (status = 404, body = web::ErrorBody))
)]
async fn data_quality(
    State((state, checks)): State<(MetricsState, Checks)>,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Result<Json<Quality>, ApiError> {
    let Query(Parameters { metric, check, limit, offset }) =
        parameters.map_err(|rejection| ApiError::bad_request("INVALID_QUESTION", rejection.body_text()))?;
    if let Some(metric) = &metric {
        state.engine.catalogue().get(metric)?;
    }
    let now = (state.clock)();
    let asked = Asked { metric, check, limit, offset: offset.unwrap_or(0) };
    let found = web::off_the_async_threads(move || look(state.engine.store(), &checks, &asked, now)).await??;
    Ok(Json(found))
}
