//! The metrics over HTTP: `/v1/metrics`, `/v1/metrics/{name}` and the rows behind a number.

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, Request, State};
use axum::http::HeaderMap;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};
use web::rows::{Page, Shape};
use web::{ApiError, Json};

use crate::answer::Answer;
use crate::ask::{DIMENSIONS, Question};
use crate::catalogue::Metric;
use crate::distribution::Distribution;
use crate::engine::Engine;
use crate::forms::{Buckets, Form, Paging, respond};
use crate::observations::ObservationPage;

/// What the routes need: the engine, and the time, which only the binary may read.
#[derive(Clone)]
pub struct MetricsState {
    /// The engine.
    pub engine: Engine,
    /// The clock.
    pub clock: fn() -> DateTime<Utc>,
}

/// The routes' part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(list, show, distribution, observations))]
pub struct MetricsApi;

/// The routes.
pub fn routes(state: MetricsState) -> Router {
    Router::new()
        .route("/v1/metrics", get(list))
        .route("/v1/metrics/{name}", get(show))
        .route("/v1/metrics/{name}/distribution", get(distribution))
        .route("/v1/metrics/{name}/observations", get(observations))
        .layer(from_fn_with_state(Unchanged::since(&state), Unchanged::check))
        .with_state(state)
}

/// Answers that are asked for again are made again only when something changed on which they rest: the data, the minute (what
/// is still open grows older), or the program and its configuration, for which stands the time at which it began.
#[derive(Clone)]
pub struct Unchanged {
    metrics: MetricsState,
    began_at: DateTime<Utc>,
    kept: web::KeptAnswers,
}

impl Unchanged {
    /// From now on.
    pub fn since(metrics: &MetricsState) -> Unchanged {
        Unchanged { metrics: metrics.clone(), began_at: (metrics.clock)(), kept: web::KeptAnswers::default() }
    }

    /// A layer of routes whose answers rest on nothing else.
    pub async fn check(State(unchanged): State<Unchanged>, request: Request, next: Next) -> Response {
        let MetricsState { engine, clock } = &unchanged.metrics;
        let version = (unchanged.began_at, engine.store().data_version(), clock().timestamp() / 60);
        web::conditional(version, &unchanged.kept, request, next).await
    }
}

/// All metrics and what they can be grouped by.
#[derive(Serialize, ToSchema)]
struct MetricList {
    /// The metrics, by group, then by name.
    metrics: Vec<Metric>,
    /// What `by` and `where` may name for metrics of delivery; each metric says its own.
    dimensions: Vec<&'static str>,
}

/// The question, as parameters.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parameters {
    /// Begin of the window: a day of the reporting zone, a month, a year, or an RFC 3339 instant.
    from: Option<String>,
    /// End of the window, not included; now unless said.
    to: Option<String>,
    /// day, week (unless said), month, quarter or all.
    grain: Option<String>,
    /// Dimensions to group by, separated by commas.
    by: Option<String>,
    /// Filters such as `team=payments,checkout`; several are separated by `;`. A name that holds `,` or `;` stands in double
    /// quotes, a quote within it twice: `service="cart, checkout"`.
    r#where: Option<String>,
    /// What was known then: a day of the reporting zone (its end), or an RFC 3339 instant. Takes as long as a rebuild.
    as_of: Option<String>,
    /// json (all that is known of the answer), rows (an array of flat rows), or csv; unless said, what `Accept` asks for.
    format: Option<String>,
    /// all buckets (unless said), or complete ones only: without the running one and those that the window cuts.
    #[param(inline)]
    buckets: Option<Buckets>,
    /// Rows on a page, 10000 at most. Rows asked for by pages come as `data`, with the cursor of the next as `next`.
    limit: Option<usize>,
    /// Where the page begins: `next` of the page before. It also keeps the window.
    cursor: Option<String>,
}

/// All of an answer, its rows flat, or a page of them.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it only describes the forms of the answer")]
enum MetricAnswer {
    /// format=json
    Whole(Box<Answer>),
    /// format=rows: `time`, the dimensions asked for, `value`, `low`, `high`, `n` and the metric's further figures.
    Rows(Vec<serde_json::Map<String, serde_json::Value>>),
    /// format=rows with `limit` or `cursor`
    Page(Page),
}

/// The page of observations, as parameters.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PageParameters {
    /// Begin of the window.
    from: Option<String>,
    /// End of the window, not included.
    to: Option<String>,
    /// Grain, for the window's length where it says no begin.
    grain: Option<String>,
    /// Filters such as `team=payments,checkout`; several are separated by `;`. A name that holds `,` or `;` stands in double
    /// quotes, a quote within it twice: `service="cart, checkout"`.
    r#where: Option<String>,
    /// What was known then: a day of the reporting zone (its end), or an RFC 3339 instant. Takes as long as a rebuild.
    as_of: Option<String>,
    /// Rows to skip; `next` of the page before.
    offset: Option<u64>,
    /// Rows on a page: 100 unless said, 1000 at most.
    limit: Option<u64>,
}

/// Lists the metrics.
#[utoipa::path(get, path = "/v1/metrics", responses((status = 200, body = MetricList)))]
async fn list(State(state): State<MetricsState>) -> Json<MetricList> {
    let metrics = state.engine.catalogue().grouped().into_iter();
    let metrics = metrics.map(|metric| Metric { title: state.engine.title(metric), ..metric.clone() });
    Json(MetricList { metrics: metrics.collect(), dimensions: DIMENSIONS.to_vec() })
}

/// Answers a metric over a window.
#[utoipa::path(
    get, path = "/v1/metrics/{name}",
    params(("name" = String, Path, description = "The metric"), Parameters),
    responses(
        (status = 200, content((MetricAnswer = "application/json"), (String = "text/csv"))),
        (status = 304, description = "What `If-None-Match` names is still so"),
        (status = 400, body = web::ErrorBody), (status = 404, body = web::ErrorBody)
    )
)]
async fn show(
    State(state): State<MetricsState>,
    Path(name): Path<String>,
    headers: HeaderMap,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(parameters) = parameters.map_err(|error| unknown_parameter(&error))?;
    let now = (state.clock)();
    let form = Form::asked(parameters.format.as_deref(), &headers)?;
    let question = Question {
        metric: name,
        from: parameters.from,
        to: parameters.to,
        grain: parameters.grain,
        by: parameters.by.into_iter().collect(),
        filters: parameters.r#where.into_iter().collect(),
    };
    let paging = Paging::read(form, parameters.limit, parameters.cursor.as_deref(), &question)?;
    let question = paging.pinned(question);
    web::off_the_async_threads(move || {
        // A name that is none is told before anything that is wrong with the rest.
        state.engine.catalogue().get(&question.metric)?;
        let (engine, now) = state.engine.at_time(parameters.as_of.as_deref(), now)?;
        let answer = engine.answer(&question.read(engine.options().zone, now)?, now)?;
        respond(&answer, form, parameters.buckets.unwrap_or_default(), &paging)
    })
    .await?
}

/// Of whose durations the distribution is wanted, as parameters.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DistributionParameters {
    /// Begin of the window: a day of the reporting zone, a month, a year, or an RFC 3339 instant; twelve weeks before its
    /// end unless said.
    from: Option<String>,
    /// End of the window, not included; now unless said.
    to: Option<String>,
    /// Filters such as `team=payments,checkout`; several are separated by `;`. A name that holds `,` or `;` stands in double
    /// quotes, a quote within it twice: `service="cart, checkout"`.
    r#where: Option<String>,
    /// What was known then: a day of the reporting zone (its end), or an RFC 3339 instant. Takes as long as a rebuild.
    as_of: Option<String>,
    /// json (all that is known of the answer), rows (an array of the bins), or csv; unless said, what `Accept` asks for.
    format: Option<String>,
}

/// Tells how the durations behind a metric's figure are spread: how many are how long. What is not over yet counts as long as it
/// has lasted by now. Metrics that are not made of durations have none.
#[utoipa::path(
    get, path = "/v1/metrics/{name}/distribution",
    params(("name" = String, Path, description = "The metric"), DistributionParameters),
    responses(
        (status = 200, content((Distribution = "application/json"), (String = "text/csv"))),
        (status = 304, description = "What `If-None-Match` names is still so"),
        (status = 400, body = web::ErrorBody), (status = 404, body = web::ErrorBody)
    )
)]
async fn distribution(
    State(state): State<MetricsState>,
    Path(name): Path<String>,
    headers: HeaderMap,
    parameters: Result<Query<DistributionParameters>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(parameters) = parameters.map_err(|error| unknown_parameter(&error))?;
    let now = (state.clock)();
    let form = Form::asked(parameters.format.as_deref(), &headers)?;
    let question = Question {
        metric: name,
        from: parameters.from,
        to: parameters.to,
        filters: parameters.r#where.into_iter().collect(),
        ..Question::default()
    };
    let found = web::off_the_async_threads(move || {
        state.engine.catalogue().get(&question.metric)?;
        let (engine, now) = state.engine.at_time(parameters.as_of.as_deref(), now)?;
        engine.distribution(&question.read(engine.options().zone, now)?, now)
    })
    .await??;
    if form == Form::Json {
        return Ok(Json(found).into_response());
    }
    let rows = found.rows().map_err(|error| ApiError::internal(error.to_string()))?;
    Ok(if form == Form::Csv { rows.csv() } else { rows.json(Shape::Whole) })
}

/// Lists the rows behind a metric's figures, latest first.
#[utoipa::path(
    get, path = "/v1/metrics/{name}/observations",
    params(("name" = String, Path, description = "The metric"), PageParameters),
    responses((status = 200, body = ObservationPage), (status = 400, body = web::ErrorBody), (status = 404, body = web::ErrorBody))
)]
async fn observations(
    State(state): State<MetricsState>,
    Path(name): Path<String>,
    parameters: Result<Query<PageParameters>, QueryRejection>,
) -> Result<Json<ObservationPage>, ApiError> {
    let Query(parameters) = parameters.map_err(|error| unknown_parameter(&error))?;
    let now = (state.clock)();
    let question = Question {
        metric: name,
        from: parameters.from,
        to: parameters.to,
        grain: parameters.grain,
        by: Vec::new(),
        filters: parameters.r#where.into_iter().collect(),
    };
    let (offset, limit) = (parameters.offset.unwrap_or(0), parameters.limit.unwrap_or(100));
    if !(1..=1000).contains(&limit) || offset > i64::MAX as u64 {
        return Err(ApiError::bad_request("INVALID_PAGE", "limit lies between 1 and 1000, offset is not negative"));
    }
    let page = web::off_the_async_threads(move || {
        let (engine, now) = state.engine.at_time(parameters.as_of.as_deref(), now)?;
        engine.observations(&question.read(engine.options().zone, now)?, offset, limit, now)
    })
    .await??;
    Ok(Json(page))
}

/// What is wrong with a query string, in words of ours: the library's name types.
pub fn unknown_parameter(rejection: &QueryRejection) -> ApiError {
    ApiError::bad_request("INVALID_QUESTION", in_words(&rejection.body_text()))
}

/// The library says "Failed to deserialize query string: unknown field `x`, expected one of `a`, `b`", or names a type.
fn in_words(text: &str) -> String {
    let quoted: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    match quoted.split_first() {
        Some((unknown, known)) if text.contains("unknown field") => {
            let hint = facts::did_you_mean(unknown, known);
            match known {
                [] => format!("there is no parameter `{unknown}`; this address takes none"),
                known => format!("there is no parameter `{unknown}`{hint}; the parameters are {}", known.join(", ")),
            }
        }
        Some((twice, _)) if text.contains("duplicate field") => {
            let way_out =
                if ["by", "where"].contains(twice) { "separate several names with commas" } else { "write it once" };
            format!("the parameter `{twice}` stands twice; {way_out}")
        }
        _ => {
            let reason = text.split_once(": ").map_or(text, |(_, reason)| reason);
            format!("a parameter cannot be read: {reason}")
        }
    }
}
