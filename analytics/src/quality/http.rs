//! What is missing in the data, over HTTP: `/v1/data-quality`.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};
use web::{ApiError, Json};

use super::check::Checks;
use super::finding::{BadRowPage, DataQuality};
use super::{page, report};
use crate::error::AnalyticsError;
use crate::http::{MetricsState, Unchanged};

/// The route's part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(show))]
pub struct DataQualityApi;

#[derive(Clone)]
struct QualityState {
    metrics: MetricsState,
    checks: Arc<Checks>,
}

/// The route.
pub fn routes(metrics: MetricsState, checks: Arc<Checks>) -> Router {
    Router::new()
        .route("/v1/data-quality", get(show))
        .layer(from_fn_with_state(Unchanged::since(&metrics), Unchanged::check))
        .with_state(QualityState { metrics, checks })
}

/// What is asked, as parameters.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parameters {
    /// Only what this metric suffers by.
    metric: Option<String>,
    /// The rows of this check instead, page by page.
    check: Option<String>,
    /// Rows on a page: 100 unless said, 1000 at most; with `check` only.
    limit: Option<u64>,
    /// Rows to skip: `next` of the page before; with `check` only.
    offset: Option<u64>,
}

/// All findings, or the rows of one check.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it only describes the two forms of the answer")]
enum DataQualityAnswer {
    /// Without `check`.
    Findings(DataQuality),
    /// With `check`.
    Rows(BadRowPage),
}

/// Tells what is missing in the data, which metrics suffer and what would mend it, worst first; or pages through the
/// rows of one check.
#[utoipa::path(
    get, path = "/v1/data-quality", params(Parameters),
    responses(
        (status = 200, body = DataQualityAnswer), (status = 400, body = web::ErrorBody),
        (status = 404, body = web::ErrorBody)
    )
)]
async fn show(
    State(state): State<QualityState>,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Result<Response, ApiError> {
    let bad = |message: String| ApiError::bad_request("INVALID_QUESTION", message);
    let Query(asked) = parameters.map_err(|rejection| bad(rejection.body_text()))?;
    let now = (state.metrics.clock)();
    let engine = state.metrics.engine;
    match asked {
        Parameters { metric: None, check: Some(name), limit, offset } => {
            let work = move || -> Result<_, AnalyticsError> {
                page(engine.store(), state.checks.get(&name)?, limit.unwrap_or(100), offset.unwrap_or(0), now)
            };
            Ok(Json(web::off_the_async_threads(work).await??).into_response())
        }
        Parameters { metric, check: None, limit: None, offset: None } => {
            let work = move || report(&engine, &state.checks, metric.as_deref(), now);
            Ok(Json(web::off_the_async_threads(work).await??).into_response())
        }
        Parameters { check: None, .. } => {
            Err(bad("`limit` and `offset` page through a check's rows; name `check`".into()))
        }
        Parameters { .. } => Err(bad("ask for a `metric` or for the rows of a `check`, not for both".into())),
    }
}
