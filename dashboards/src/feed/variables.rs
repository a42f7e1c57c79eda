//! `GET /v1/variables/{name}`: the lists from which a dashboard's variables are chosen.

use analytics::http::{MetricsState, unknown_parameter};
use analytics::{Aggregate, DIMENSIONS, Engine, OWN_DIMENSIONS};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use web::ApiError;
use web::rows::{Rows, Shape};

use super::{Form, bad, happened, names};

/// Which of the names.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Parameters {
    /// Only the names that this metric's own observations have. Dimensions of single metrics need it.
    metric: Option<String>,
    /// Of services only those of these teams, now. `*` means all.
    team: Option<String>,
    /// rows (unless said) or csv.
    format: Option<String>,
}

/// One choice, in Grafana's words.
#[derive(Serialize, ToSchema)]
struct Choice {
    /// What people read.
    __text: String,
    /// What a question says.
    __value: String,
}

/// Lists the names of a dimension (team, service, environment ...), the metrics, grains, kinds of annotation, or
/// improvements.
#[utoipa::path(
    get, path = "/v1/variables/{name}",
    params(("name" = String, Path, description = "A dimension, or metric, grain, kind, improvement"), Parameters),
    responses(
        (status = 200, content((Vec<Choice> = "application/json"), (String = "text/csv"))),
        (status = 304, description = "What `If-None-Match` names is still so"),
        (status = 400, body = web::ErrorBody), (status = 404, body = web::ErrorBody)
    )
)]
pub(super) async fn show(
    State(state): State<MetricsState>,
    Path(name): Path<String>,
    headers: HeaderMap,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(asked) = parameters.map_err(|error| unknown_parameter(&error))?;
    let form = Form::asked(asked.format.as_deref(), &headers)?;
    let now = (state.clock)();
    let choices = web::off_the_async_threads(move || choices(&state.engine, &name, &asked, now)).await??;
    let row = |choice: &Choice| {
        let cells = [("__text", &choice.__text), ("__value", &choice.__value)];
        cells.into_iter().map(|(name, text)| (name.to_owned(), Value::from(text.clone()))).collect::<Map<_, _>>()
    };
    let columns = ["__text", "__value"].map(String::from).to_vec();
    let rows = Rows { columns, rows: choices.iter().map(row).collect() };
    Ok(if form == Form::Csv { rows.csv() } else { rows.json(Shape::Whole) })
}

const GRAINS: [&str; 5] = ["day", "week", "month", "quarter", "all"];

const OTHERS: [&str; 4] = ["metric", "grain", "kind", "improvement"];

fn choices(engine: &Engine, name: &str, asked: &Parameters, now: DateTime<Utc>) -> Result<Vec<Choice>, ApiError> {
    let plain = |names: &[String]| names.iter().map(|name| choice(name, name)).collect();
    let teams = names(asked.team.as_deref());
    if !teams.is_empty() && name != "service" {
        return Err(bad("`team` narrows the list of services only".into()));
    }
    if let Some(metric) = &asked.metric {
        let metric = engine.catalogue().get(metric)?;
        if !metric.has_dimension(name) {
            let known: Vec<&str> = metric.dimensions.iter().map(String::as_str).collect();
            let hint = facts::did_you_mean(name, &known);
            return Err(bad(format!("{} has no dimension `{name}`{hint}", metric.name)));
        }
        // What is composed of other metrics has no observations of its own.
        let names = match metric.aggregate {
            Aggregate::Composed => engine.names_of(name)?,
            _ => engine.names_in(metric, name, now)?,
        };
        return Ok(plain(&names));
    }
    match name {
        "metric" => {
            let metrics = engine.catalogue().grouped().into_iter();
            Ok(metrics.map(|metric| choice(&engine.title(metric), &metric.name)).collect())
        }
        "grain" => Ok(GRAINS.map(|grain| choice(grain, grain)).into()),
        "kind" => Ok(happened::KINDS.map(|kind| choice(kind, kind)).into()),
        "improvement" => {
            Ok(plain(&listed(engine, "select distinct name from facts.improvement order by lower(name), name", &[])?))
        }
        "service" if !teams.is_empty() => Ok(plain(&services_of(engine, &teams, now)?)),
        name if DIMENSIONS.contains(&name) => Ok(plain(&engine.names_of(name)?)),
        name if OWN_DIMENSIONS.contains(&name) => {
            Err(bad(format!("`{name}` is a dimension of single metrics; say which: ?metric=NAME")))
        }
        unknown => {
            let known: Vec<&str> = DIMENSIONS.into_iter().chain(OTHERS).chain(OWN_DIMENSIONS).collect();
            let hint = facts::did_you_mean(unknown, &known);
            let message = format!(
                "there is no list of `{unknown}`{hint}; there are {}, and the dimensions of single metrics",
                DIMENSIONS.into_iter().chain(OTHERS).collect::<Vec<_>>().join(", ")
            );
            Err(ApiError::not_found("UNKNOWN_VARIABLE", message))
        }
    }
}

fn choice(text: &str, value: &str) -> Choice {
    Choice { __text: text.to_owned(), __value: value.to_owned() }
}

/// The services that some teams own now, without those that are retired.
fn services_of(engine: &Engine, teams: &[String], now: DateTime<Utc>) -> Result<Vec<String>, ApiError> {
    let places: Vec<String> = (2..teams.len() + 2).map(|place| format!("${place}")).collect();
    let sql = format!(
        "select distinct service from marts.service_history as history
        join marts.name as team on team.key = history.team_key
        where valid_from <= make_timestamp($1) and valid_until > make_timestamp($1) and not is_retired
            and team.name in ({})
        order by lower(service), service",
        places.join(", ")
    );
    let mut parameters = vec![store::Value::Integer(now.timestamp_micros())];
    parameters.extend(teams.iter().cloned().map(store::Value::Text));
    listed(engine, &sql, &parameters)
}

fn listed(engine: &Engine, sql: &str, parameters: &[store::Value]) -> Result<Vec<String>, ApiError> {
    let found = engine.store().query(sql, parameters).map_err(analytics::AnalyticsError::from)?;
    let text = |mut row: Vec<store::Value>| match row.pop() {
        Some(store::Value::Text(text)) => Some(text),
        _ => None,
    };
    Ok(found.rows.into_iter().filter_map(text).collect())
}
