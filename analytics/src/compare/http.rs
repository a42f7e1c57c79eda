//! Comparisons over HTTP: `/v1/comparisons`, and `/v1/improvements`, whose names they ask for.

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::routing::get;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};
use web::{ApiError, Json};

use super::answer::Comparison;
use super::ask::CompareQuestion;
use super::improvements::{Improvement, comparable, improvements};
use crate::error::AnalyticsError;
use crate::http::{MetricsState, unknown_parameter};

/// The routes' part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(compare, list))]
pub struct ComparisonsApi;

/// The routes.
pub fn routes(state: MetricsState) -> Router {
    Router::new().route("/v1/comparisons", get(compare)).route("/v1/improvements", get(list)).with_state(state)
}

/// What is compared, as parameters.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parameters {
    /// The metric, or one stage of it such as `change_lead_time.deploy`.
    metric: String,
    /// The improvement, as its facts name it.
    improvement: String,
    /// Begin of the window: a day of the reporting zone, a month, a year, or an RFC 3339 instant; the first observation
    /// unless said.
    from: Option<String>,
    /// End of the window, not included; now unless said.
    to: Option<String>,
}

/// Compares a metric before and after an improvement, and where it arrived against where it has not yet.
#[utoipa::path(
    get, path = "/v1/comparisons", params(Parameters),
    responses((status = 200, body = Comparison), (status = 400, body = web::ErrorBody), (status = 404, body = web::ErrorBody))
)]
async fn compare(
    State(state): State<MetricsState>,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Result<Json<Comparison>, ApiError> {
    let Query(parameters) = parameters.map_err(|rejection| unknown_parameter(&rejection))?;
    let now = (state.clock)();
    let Parameters { metric, improvement, from, to } = parameters;
    let question = CompareQuestion { metric, improvement, from, to };
    let found = web::off_the_async_threads(move || state.engine.compare(&question, now)).await??;
    Ok(Json(found))
}

/// All improvements, and what they can be compared by.
#[derive(Serialize, ToSchema)]
struct Improvements {
    /// The improvements, the latest first.
    improvements: Vec<Improvement>,
    /// The metrics that `/v1/comparisons` takes.
    metrics: Vec<String>,
}

/// Lists the improvements that are known, where each arrived, and what they can be compared by.
#[utoipa::path(get, path = "/v1/improvements", responses((status = 200, body = Improvements)))]
async fn list(State(state): State<MetricsState>) -> Result<Json<Improvements>, ApiError> {
    let work = move || -> Result<Improvements, AnalyticsError> {
        let metrics = comparable(state.engine.catalogue()).into_iter().map(|metric| metric.name.clone()).collect();
        Ok(Improvements { improvements: improvements(state.engine.store())?, metrics })
    };
    Ok(Json(web::off_the_async_threads(work).await??))
}
