//! Comparisons over HTTP: one at `/v1/comparisons`, many as flat rows at `/v1/comparisons/rows`, and `/v1/improvements`,
//! whose names they ask for.

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::get;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, OpenApi, ToSchema};
use web::rows::{Rows, Shape, accepts_csv};
use web::{ApiError, Json};

use super::answer::Comparison;
use super::ask::CompareQuestion;
use super::improvements::{Improvement, comparable, improvements};
use super::table::{COLUMNS, ComparisonRow};
use crate::error::AnalyticsError;
use crate::http::{MetricsState, Unchanged, unknown_parameter};

/// The routes' part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(compare, rows, list))]
pub struct ComparisonsApi;

/// The routes.
pub fn routes(state: MetricsState) -> Router {
    Router::new()
        .route("/v1/comparisons", get(compare))
        .route("/v1/comparisons/rows", get(rows))
        .route("/v1/improvements", get(list))
        .layer(from_fn_with_state(Unchanged::since(&state), Unchanged::check))
        .with_state(state)
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

/// Which designs of a comparison.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Designs {
    #[default]
    All,
    Strongest,
}

/// Which comparisons, as parameters.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Several {
    /// The metrics, separated by commas; all that can be compared unless said.
    metric: Option<String>,
    /// The improvements, separated by commas; all unless said. `*` means all.
    improvement: Option<String>,
    /// all designs (unless said), or of each comparison the strongest only.
    #[param(inline)]
    designs: Option<Designs>,
    /// rows (an array of flat rows) or csv; unless said, what `Accept` asks for.
    format: Option<String>,
}

/// Compares several metrics before and after several improvements: a row for what each design found.
#[utoipa::path(
    get, path = "/v1/comparisons/rows", params(Several),
    responses(
        (status = 200, content((Vec<ComparisonRow> = "application/json"), (String = "text/csv"))),
        (status = 400, body = web::ErrorBody), (status = 404, body = web::ErrorBody)
    )
)]
async fn rows(
    State(state): State<MetricsState>,
    headers: HeaderMap,
    parameters: Result<Query<Several>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(asked) = parameters.map_err(|rejection| unknown_parameter(&rejection))?;
    let is_csv = match asked.format.as_deref() {
        None => accepts_csv(&headers),
        Some("rows") => false,
        Some("csv") => true,
        Some(unknown) => {
            let hint = facts::did_you_mean(unknown, &["rows", "csv"]);
            let message = format!("there is no format `{unknown}`{hint}; the formats are rows, csv");
            return Err(ApiError::bad_request("INVALID_QUESTION", message));
        }
    };
    let names = |text: &Option<String>| -> Vec<String> {
        let names = text.iter().flat_map(|text| text.split(',')).map(str::trim);
        names.filter(|name| !name.is_empty() && *name != "*").map(str::to_owned).collect()
    };
    let (metrics, improvements, now) = (names(&asked.metric), names(&asked.improvement), (state.clock)());
    let found = web::off_the_async_threads(move || state.engine.comparisons(&metrics, &improvements, now)).await??;
    let flat = |row: &ComparisonRow| -> Result<Map<String, Value>, ApiError> {
        match serde_json::to_value(row) {
            Ok(Value::Object(cells)) => Ok(cells),
            _ => Err(ApiError::internal("a row of a comparison is no object".to_owned())),
        }
    };
    let columns = COLUMNS.map(String::from).to_vec();
    let only_strongest = asked.designs.unwrap_or_default() == Designs::Strongest;
    let wanted = found.iter().filter(|row| row.is_strongest || !only_strongest);
    let rows = Rows { columns, rows: wanted.map(flat).collect::<Result<_, _>>()? };
    Ok(if is_csv { rows.csv() } else { rows.json(Shape::Whole) })
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
