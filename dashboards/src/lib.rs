//! The pages that people read, made on the server: the overview at `/`, a page per metric at `/m/{name}`, the rows
//! behind its figures at `/m/{name}/rows`; the teams at `/teams`, a page per team and service; and what is said of all of it: improvements, value,
//! data quality, sources. They need no script and nothing from elsewhere.
//!
//! The pages compute no figure: they ask the engine and lay its answers out. So do other programs' dashboards, of which
//! [`feed`] answers what they ask beside figures.

mod address;
mod arrivals;
mod bars;
mod cards;
mod chart;
mod data;
mod dates;
mod distribution;
mod dora;
mod error_page;
mod event_chart;
pub mod feed;
mod figure;
mod filter_form;
mod filters;
pub mod grafana;
mod group_table;
mod histogram;
mod improvements_page;
mod layout;
mod metric_page;
mod overview;
mod owner_pages;
pub mod published;
mod quality_page;
mod rows_page;
mod scale;
mod sources_page;
mod table_file;
mod teams_page;
mod value_charts;
mod value_page;
pub mod wire;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use analytics::http::{MetricsState, Unchanged};
use analytics::quality::Checks;
use analytics::{AnalyticsError, Engine};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use maud::Markup;

pub use crate::error_page::{no_such_page, token_needed};

use crate::error_page::ErrorPage;
use crate::filters::{Filters, Parameters};
use crate::owner_pages::PageFigure;
use crate::table_file::TableFile;

/// What the pages are made from.
#[derive(Clone)]
pub struct Pages {
    /// The engine, and the time.
    pub metrics: MetricsState,
    /// The checks of the data.
    pub checks: Arc<Checks>,
    /// The configured sources and their kinds.
    pub kinds: Arc<BTreeMap<String, String>>,
}

/// Of a page that shows one thing only: a parameter is refused rather than passed over.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct NoParameters {}

type Asked<T> = Result<Query<T>, QueryRejection>;
type Page = Result<Html<String>, ErrorPage>;
type File = Result<TableFile, ErrorPage>;
type Figures = Result<Json<Vec<PageFigure>>, ErrorPage>;

/// The routes of the pages and of their style sheet.
pub fn routes(pages: Pages) -> Router {
    Router::new()
        .route("/", get(overview))
        .route("/m/{name}", get(metric))
        .route("/m/{name}/rows", get(rows))
        .route("/m/{name}/rows.csv", get(rows_file))
        .route("/figures.csv", get(overview_file))
        .route("/figures.json", get(overview_json))
        .route("/teams", get(teams))
        .route("/teams.csv", get(teams_file))
        .route("/teams/{name}", get(team))
        .route("/teams/{name}/figures.csv", get(team_file))
        .route("/teams/{name}/figures.json", get(team_json))
        .route("/services/{name}", get(service))
        .route("/services/{name}/figures.csv", get(service_file))
        .route("/services/{name}/figures.json", get(service_json))
        .route("/improvements", get(improvements))
        .route("/improvements.csv", get(improvements_file))
        .route("/improvements/{name}", get(improvement))
        .route("/improvements/{name}/comparison.csv", get(improvement_file))
        .route("/value", get(value))
        .route("/value.csv", get(value_file))
        .route("/data-quality", get(quality))
        .route("/data-quality.csv", get(quality_file))
        .route("/data-quality/{check}", get(check))
        .route("/data-quality/{check}/rows.csv", get(check_file))
        .layer(from_fn_with_state(Unchanged::since(&pages.metrics), Unchanged::check))
        // How a run went is told at once, also where it changed no facts.
        .route("/sources", get(sources))
        .route("/sources.csv", get(sources_file))
        .route("/assets/style.css", get(style))
        .layer(map_response(guarded))
        .with_state(pages)
}

async fn overview(State(pages): State<Pages>, asked: Asked<Parameters>) -> Page {
    filtered(pages, asked, overview::page).await
}

async fn overview_file(State(pages): State<Pages>, asked: Asked<Parameters>) -> File {
    Ok(PageFigure::table(figures(pages, asked, overview::figures).await?))
}

async fn overview_json(State(pages): State<Pages>, asked: Asked<Parameters>) -> Figures {
    Ok(Json(figures(pages, asked, overview::figures).await?))
}

/// Reads the filters and gathers the figures of a page.
async fn figures(
    pages: Pages,
    asked: Asked<Parameters>,
    gather: impl FnOnce(&Engine, &Filters) -> Result<Vec<PageFigure>, AnalyticsError> + Send + 'static,
) -> Result<Vec<PageFigure>, ErrorPage> {
    let filters = filters(&pages, asked)?;
    made(pages, move |pages, _| gather(pages.engine(), &filters)).await
}

async fn metric(State(pages): State<Pages>, Path(name): Path<String>, asked: Asked<Parameters>) -> Page {
    let filters = metric_filters(&pages, asked, &name)?;
    page(pages, move |pages, _| metric_page::page(pages.engine(), &filters, &name)).await
}

async fn rows(State(pages): State<Pages>, Path(name): Path<String>, asked: Asked<Parameters>) -> Page {
    let filters = metric_filters(&pages, asked, &name)?;
    page(pages, move |pages, _| rows_page::page(pages.engine(), &filters, &name)).await
}

async fn rows_file(State(pages): State<Pages>, Path(name): Path<String>, asked: Asked<Parameters>) -> File {
    let filters = metric_filters(&pages, asked, &name)?;
    made(pages, move |pages, _| rows_page::file(pages.engine(), &filters, &name)).await
}

async fn teams(State(pages): State<Pages>, asked: Asked<Parameters>) -> Page {
    filtered(pages, asked, teams_page::page).await
}

async fn teams_file(State(pages): State<Pages>, asked: Asked<Parameters>) -> File {
    let filters = filters(&pages, asked)?;
    made(pages, move |pages, _| teams_page::file(pages.engine(), &filters)).await
}

async fn team(State(pages): State<Pages>, Path(name): Path<String>, asked: Asked<Parameters>) -> Page {
    filtered(pages, asked, move |engine, filters| owner_pages::team(engine, filters, &name)).await
}

async fn team_file(State(pages): State<Pages>, Path(name): Path<String>, asked: Asked<Parameters>) -> File {
    let figures = figures(pages, asked, move |engine, filters| owner_pages::team_figures(engine, filters, &name));
    Ok(PageFigure::table(figures.await?))
}

async fn team_json(State(pages): State<Pages>, Path(name): Path<String>, asked: Asked<Parameters>) -> Figures {
    let figures = figures(pages, asked, move |engine, filters| owner_pages::team_figures(engine, filters, &name));
    Ok(Json(figures.await?))
}

async fn service(State(pages): State<Pages>, Path(name): Path<String>, asked: Asked<Parameters>) -> Page {
    filtered(pages, asked, move |engine, filters| owner_pages::service(engine, filters, &name)).await
}

async fn service_file(State(pages): State<Pages>, Path(name): Path<String>, asked: Asked<Parameters>) -> File {
    let figures = figures(pages, asked, move |engine, filters| owner_pages::service_figures(engine, filters, &name));
    Ok(PageFigure::table(figures.await?))
}

async fn service_json(State(pages): State<Pages>, Path(name): Path<String>, asked: Asked<Parameters>) -> Figures {
    let figures = figures(pages, asked, move |engine, filters| owner_pages::service_figures(engine, filters, &name));
    Ok(Json(figures.await?))
}

async fn improvements(State(pages): State<Pages>, asked: Asked<NoParameters>) -> Page {
    asked?;
    page(pages, |pages, _| improvements_page::list(pages.engine())).await
}

async fn improvements_file(State(pages): State<Pages>, asked: Asked<NoParameters>) -> File {
    asked?;
    made(pages, |pages, _| improvements_page::list_file(pages.engine())).await
}

async fn improvement(
    State(pages): State<Pages>,
    Path(name): Path<String>,
    asked: Asked<improvements_page::Parameters>,
) -> Page {
    let Query(asked) = asked?;
    page(pages, move |pages, now| improvements_page::one(pages.engine(), &name, &asked, now)).await
}

async fn improvement_file(
    State(pages): State<Pages>,
    Path(name): Path<String>,
    asked: Asked<improvements_page::Parameters>,
) -> File {
    let Query(asked) = asked?;
    made(pages, move |pages, now| improvements_page::one_file(pages.engine(), &name, &asked, now)).await
}

async fn value(State(pages): State<Pages>, asked: Asked<value_page::Parameters>) -> Page {
    let Query(asked) = asked?;
    page(pages, move |pages, now| value_page::page(pages.engine(), &asked, now)).await
}

async fn value_file(State(pages): State<Pages>, asked: Asked<value_page::Parameters>) -> File {
    let Query(asked) = asked?;
    made(pages, move |pages, now| value_page::file(pages.engine(), &asked, now)).await
}

async fn quality(State(pages): State<Pages>, asked: Asked<NoParameters>) -> Page {
    asked?;
    page(pages, |pages, now| quality_page::page(pages.engine(), &pages.checks, now)).await
}

async fn quality_file(State(pages): State<Pages>, asked: Asked<NoParameters>) -> File {
    asked?;
    made(pages, |pages, now| quality_page::file(pages.engine(), &pages.checks, now)).await
}

async fn check(State(pages): State<Pages>, Path(name): Path<String>, asked: Asked<quality_page::Parameters>) -> Page {
    let Query(asked) = asked?;
    page(pages, move |pages, now| quality_page::rows(pages.engine(), &pages.checks, &name, &asked, now)).await
}

async fn check_file(State(pages): State<Pages>, Path(name): Path<String>) -> File {
    made(pages, move |pages, now| quality_page::rows_file(pages.engine(), &pages.checks, &name, now)).await
}

async fn sources(State(pages): State<Pages>, asked: Asked<NoParameters>) -> Page {
    asked?;
    page(pages, |pages, now| sources_page::page(pages.engine(), &pages.kinds, now)).await
}

async fn sources_file(State(pages): State<Pages>, asked: Asked<NoParameters>) -> File {
    asked?;
    made(pages, |pages, _| sources_page::file(pages.engine(), &pages.kinds)).await
}

impl Pages {
    fn engine(&self) -> &Engine {
        &self.metrics.engine
    }
}

/// Reads the filters and makes the page.
async fn filtered(
    pages: Pages,
    asked: Asked<Parameters>,
    make: impl FnOnce(&Engine, &Filters) -> Result<Markup, AnalyticsError> + Send + 'static,
) -> Page {
    let filters = filters(&pages, asked)?;
    page(pages, move |pages, _| make(pages.engine(), &filters)).await
}

fn filters(pages: &Pages, asked: Asked<Parameters>) -> Result<Filters, ErrorPage> {
    let Query(parameters) = asked?;
    Ok(Filters::read(parameters, None, pages.engine().options().zone, (pages.metrics.clock)())?)
}

/// Those of a page that is of one metric.
fn metric_filters(pages: &Pages, asked: Asked<Parameters>, name: &str) -> Result<Filters, ErrorPage> {
    let Query(parameters) = asked?;
    let metric = pages.engine().catalogue().get(name)?;
    Ok(Filters::read(parameters, Some(metric), pages.engine().options().zone, (pages.metrics.clock)())?)
}

/// Makes a page.
async fn page(
    pages: Pages,
    make: impl FnOnce(&Pages, DateTime<Utc>) -> Result<Markup, AnalyticsError> + Send + 'static,
) -> Page {
    made(pages, |pages, now| make(pages, now).map(|page| Html(page.into_string()))).await
}

/// Makes something off the async threads.
async fn made<T: Send + 'static>(
    pages: Pages,
    make: impl FnOnce(&Pages, DateTime<Utc>) -> Result<T, AnalyticsError> + Send + 'static,
) -> Result<T, ErrorPage> {
    let now = (pages.metrics.clock)();
    Ok(web::off_the_async_threads(move || make(&pages, now)).await??)
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
