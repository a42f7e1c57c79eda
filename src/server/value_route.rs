//! `/v1/value`: what the saved time is worth, and the runs that were kept.

use analytics::Engine;
use analytics::http::{MetricsState, Unchanged};
use analytics::value::{self, KeptRun, Model, Span, Stage, ValueError, ValueReport};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};
use web::{ApiError, ErrorBody, Json};

/// The routes' part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(show, list, keep))]
pub(crate) struct ValueApi;

#[derive(Clone)]
struct ValueState {
    metrics: MetricsState,
    model: Option<Model>,
    stage: Option<Stage>,
}

/// The routes.
pub(crate) fn routes(metrics: MetricsState, config: &crate::Config) -> anyhow::Result<Router> {
    let state = ValueState { metrics, model: config.value_model()?, stage: config.platform.stage };
    let unchanged = from_fn_with_state(Unchanged::since(&state.metrics), Unchanged::check);
    Ok(Router::new()
        .route("/v1/value", get(show).layer(unchanged))
        .route("/v1/value/runs", get(list).post(keep))
        .with_state(state))
}

/// What to compute.
#[derive(Debug, Default, Deserialize, IntoParams, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct Parameters {
    /// Begin of the window: a day of the reporting zone, a month, a year or an instant; twelve months before the end
    /// unless said.
    from: Option<String>,
    /// End of the window, not included; the last midnight unless said.
    to: Option<String>,
    /// Another seed than that of the configuration.
    seed: Option<u32>,
}

/// What to show: a window, or a run that was kept.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct ShowParameters {
    /// Begin of the window.
    from: Option<String>,
    /// End of the window, not included.
    to: Option<String>,
    /// Another seed than that of the configuration.
    seed: Option<u32>,
    /// A run that was kept, by its number, instead.
    run: Option<i64>,
}

/// The runs that were kept.
#[derive(Debug, Serialize, ToSchema)]
struct Runs {
    /// The runs, the first first.
    runs: Vec<KeptRun>,
}

/// Computes the figures of a window and keeps nothing, or shows those of a run that was kept.
#[utoipa::path(
    get, path = "/v1/value",
    params(ShowParameters),
    responses(
        (status = 200, body = ValueReport), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody)
    )
)]
async fn show(
    State(state): State<ValueState>,
    parameters: Result<Query<ShowParameters>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<ValueReport>, ApiError> {
    let Query(asked) = parameters.map_err(|rejection| analytics::http::unknown_parameter(&rejection))?;
    let ShowParameters { from, to, seed, run } = asked;
    if run.is_some() && (from.is_some() || to.is_some() || seed.is_some()) {
        let message = "a run that was kept has its own window and seed; ask for `run` alone";
        return Err(ApiError::bad_request("INVALID_QUESTION", message));
    }
    let work = move || match run {
        Some(run) => value::kept(state.metrics.engine.store(), run),
        None => make(&state, Parameters { from, to, seed }, value::compute),
    };
    Ok(Json(web::off_the_async_threads(work).await??))
}

/// Lists the runs that were kept.
#[utoipa::path(get, path = "/v1/value/runs", responses((status = 200, body = Runs)))]
async fn list(State(state): State<ValueState>) -> Result<Json<Runs>, ApiError> {
    let runs = web::off_the_async_threads(move || value::runs(state.metrics.engine.store())).await??;
    Ok(Json(Runs { runs }))
}

/// Computes the figures of a window and keeps the inputs, so that the run is had again by its number.
#[utoipa::path(
    post, path = "/v1/value/runs",
    request_body = Parameters,
    responses(
        (status = 201, body = ValueReport), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody)
    ),
    security(("token" = []))
)]
async fn keep(State(state): State<ValueState>, body: String) -> Result<(StatusCode, Json<ValueReport>), ApiError> {
    let asked: Parameters = match body.trim() {
        "" => Parameters::default(),
        text => serde_json::from_str(text).map_err(|error| {
            ApiError::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "RUN_REFUSED",
                format!("the body is no run to make: {error}"),
            )
        })?,
    };
    let report = web::off_the_async_threads(move || make(&state, asked, value::keep)).await??;
    Ok((StatusCode::CREATED, Json(report)))
}

type Make = fn(&Engine, &Model, Option<Stage>, &Span, chrono::DateTime<chrono::Utc>) -> Result<ValueReport, ValueError>;

fn make(state: &ValueState, asked: Parameters, how: Make) -> Result<ValueReport, ValueError> {
    let model = state.model.clone().ok_or(ValueError::NotConfigured)?;
    let model = match asked.seed {
        Some(seed) => model.with_seed(seed.into()),
        None => model,
    };
    how(&state.metrics.engine, &model, state.stage, &Span { from: asked.from, to: asked.to }, (state.metrics.clock)())
}
