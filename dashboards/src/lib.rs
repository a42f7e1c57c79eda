//! The pages that people read, made on the server: the overview at `/`, a page per metric at `/m/{name}`, and the rows
//! behind its figures at `/m/{name}/rows`. They need no script and nothing from elsewhere.
//!
//! The pages compute no figure: they ask the engine and lay its answers out. So do other programs' dashboards, of which
//! [`feed`] answers what they ask beside figures.

mod cards;
mod chart;
mod data;
mod dates;
mod dora;
mod error_page;
pub mod feed;
mod figure;
mod filter_form;
mod filters;
pub mod grafana;
mod group_table;
mod layout;
mod metric_page;
mod overview;
pub mod published;
mod rows_page;
mod scale;
mod words;

use analytics::http::MetricsState;
use analytics::{AnalyticsError, Engine};
use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use maud::Markup;

pub use crate::error_page::no_such_page;

use crate::error_page::ErrorPage;
use crate::filters::{Filters, Parameters};

type Asked = Result<Query<Parameters>, QueryRejection>;

/// The routes of the pages and of their style sheet.
pub fn routes(state: MetricsState) -> Router {
    Router::new()
        .route("/", get(overview))
        .route("/m/{name}", get(metric))
        .route("/m/{name}/rows", get(rows))
        .route("/assets/style.css", get(style))
        .layer(map_response(guarded))
        .with_state(state)
}

async fn overview(State(state): State<MetricsState>, asked: Asked) -> Result<Html<String>, ErrorPage> {
    answer(state, asked, overview::page).await
}

async fn metric(
    State(state): State<MetricsState>,
    Path(name): Path<String>,
    asked: Asked,
) -> Result<Html<String>, ErrorPage> {
    answer(state, asked, move |engine, filters| metric_page::page(engine, filters, &name)).await
}

async fn rows(
    State(state): State<MetricsState>,
    Path(name): Path<String>,
    asked: Asked,
) -> Result<Html<String>, ErrorPage> {
    answer(state, asked, move |engine, filters| rows_page::page(engine, filters, &name)).await
}

/// Reads the parameters and makes the page, off the async threads.
async fn answer(
    state: MetricsState,
    asked: Asked,
    page: impl FnOnce(&Engine, &Filters) -> Result<Markup, AnalyticsError> + Send + 'static,
) -> Result<Html<String>, ErrorPage> {
    let Query(parameters) = asked?;
    let filters = Filters::read(parameters, state.engine.options().zone, (state.clock)())?;
    let made = web::off_the_async_threads(move || page(&state.engine, &filters).map(Markup::into_string)).await??;
    Ok(Html(made))
}

async fn style() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=300")];
    (headers, include_str!("../assets/style.css"))
}

/// Should ever something get past the escaping, the browser still runs no script, loads nothing from elsewhere, and is
/// not shown within a foreign page.
async fn guarded(mut response: Response) -> Response {
    const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
        base-uri 'none'; frame-ancestors 'none'";
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
