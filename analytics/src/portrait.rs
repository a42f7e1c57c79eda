//! What is known of a service or team itself, beside its figures: whose it is, what it runs on, how large it is.

use axum::Router;
use axum::extract::{Path, State};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::Serialize;
use store::{Store, Value};
use utoipa::{OpenApi, ToSchema};
use web::{ApiError, Json};

use crate::error::AnalyticsError;
use crate::http::{MetricsState, Unchanged};

/// A service as the catalogue has it now.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ServicePortrait {
    /// Its name.
    pub name: String,
    /// The team that owns it.
    pub team: Option<String>,
    /// The system it belongs to.
    pub system: Option<String>,
    /// What it is: service, library, website ...
    pub kind: Option<String>,
    /// Where it stands in its life.
    pub lifecycle: Option<String>,
    /// The template it was made from or moved onto.
    pub template: Option<String>,
    /// The version of that.
    pub template_version: Option<String>,
    /// By how many versions that is behind the newest; none without a version.
    pub versions_behind: Option<i64>,
    /// The reusable pipeline that it is built by.
    pub pipeline: Option<String>,
    /// The version of that.
    pub pipeline_version: Option<String>,
    /// Whether that pipeline is an approved one.
    pub is_on_approved_pipeline: bool,
    /// Its repository.
    pub repository: Option<String>,
    /// Since when it is as it is.
    pub since: Option<DateTime<Utc>>,
    /// Whether it is no longer live; all but the name is then not told.
    pub is_retired: bool,
}

/// A team as it is now.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TeamPortrait {
    /// Its name.
    pub name: String,
    /// Whether it makes the platform or uses it.
    pub kind: Option<String>,
    /// The team it is part of.
    pub parent: Option<String>,
    /// Its engineers.
    pub engineers: Option<i64>,
    /// Where to look at it.
    pub url: Option<String>,
    /// The services it owns.
    pub services: Vec<String>,
}

const SERVICE: &str = "
select
    team.name, system.name, state.kind, state.lifecycle, template.name, state.template_version, use.n_versions_behind,
    state.pipeline, state.pipeline_version, state.is_on_approved_pipeline, repository.name, state.held_from,
from marts.service_state as state
left join marts.template_use as use
    on use.service_key = state.service_key and use.held_from <= $2::timestamp
    and (use.held_until is null or use.held_until > $2::timestamp)
left join marts.name as team on team.key = state.team_key
left join marts.name as system on system.key = state.system_key
left join marts.name as template on template.key = state.template_key
left join marts.name as repository on repository.key = state.repository_key
where state.service = $1 and state.held_from <= $2::timestamp
    and (state.held_until is null or state.held_until > $2::timestamp)
order by state.held_from desc
limit 1";

/// Also of services that only deployments or incidents name.
const KNOWN_SERVICES: &str = "
select name.name from marts.name as name
where name.key in (
    select service_key from marts.service_history
    union select service_key from marts.deployment_outcome
    union select service_key from marts.incident_outcome
)
order by name.name";

const TEAM: &str = "
select kind, parent, engineers, url from marts.team_state
where name = $1 and held_from <= $2::timestamp and (held_until is null or held_until > $2::timestamp)
order by held_from desc
limit 1";

const SERVICES_OF_TEAM: &str = "
select distinct state.service
from marts.service_state as state
join marts.name as team on team.key = state.team_key
where team.name = $1 and state.held_from <= $2::timestamp
    and (state.held_until is null or state.held_until > $2::timestamp)
order by state.service";

const KNOWN_TEAMS: &str = "
select name from facts.team
union select team from facts.service where team is not null
order by 1";

/// What is known of a service; the error names the nearest.
pub fn service(store: &Store, name: &str, now: DateTime<Utc>) -> Result<ServicePortrait, AnalyticsError> {
    let found = store.query(SERVICE, &[Value::Text(name.into()), Value::Time(now.timestamp_micros())])?;
    let Some(row) = found.rows.into_iter().next() else {
        known(store, "service", name, KNOWN_SERVICES)?;
        return Ok(ServicePortrait {
            name: name.to_owned(),
            team: None,
            system: None,
            kind: None,
            lifecycle: None,
            template: None,
            template_version: None,
            versions_behind: None,
            pipeline: None,
            pipeline_version: None,
            is_on_approved_pipeline: false,
            repository: None,
            since: None,
            is_retired: true,
        });
    };
    let mut cells = row.into_iter();
    let mut next = || cells.next().unwrap_or(Value::Null);
    Ok(ServicePortrait {
        name: name.to_owned(),
        team: text(next()),
        system: text(next()),
        kind: text(next()),
        lifecycle: text(next()),
        template: text(next()),
        template_version: text(next()),
        versions_behind: integer(&next()),
        pipeline: text(next()),
        pipeline_version: text(next()),
        is_on_approved_pipeline: next() == Value::Boolean(true),
        repository: text(next()),
        since: match next() {
            // What was known from the first on is told to hold since ever.
            Value::Time(micros) => DateTime::from_timestamp_micros(micros).filter(|time| *time > DateTime::UNIX_EPOCH),
            _ => None,
        },
        is_retired: false,
    })
}

/// What is known of a team; the error names the nearest.
pub fn team(store: &Store, name: &str, now: DateTime<Utc>) -> Result<TeamPortrait, AnalyticsError> {
    let asked = [Value::Text(name.into()), Value::Time(now.timestamp_micros())];
    let row = store.query(TEAM, &asked)?.rows.into_iter().next();
    let services: Vec<String> =
        store.query(SERVICES_OF_TEAM, &asked)?.rows.into_iter().filter_map(|mut row| text(row.pop()?)).collect();
    if row.is_none() && services.is_empty() {
        known(store, "team", name, KNOWN_TEAMS)?;
    }
    let mut cells = row.unwrap_or_default().into_iter();
    let mut next = || cells.next().unwrap_or(Value::Null);
    Ok(TeamPortrait {
        name: name.to_owned(),
        kind: text(next()),
        parent: text(next()),
        engineers: integer(&next()),
        url: text(next()),
        services,
    })
}

/// Refuses a name that nothing tells of.
fn known(store: &Store, what: &str, name: &str, sql: &str) -> Result<(), AnalyticsError> {
    let known: Vec<String> = store.query(sql, &[])?.rows.into_iter().filter_map(|mut row| text(row.pop()?)).collect();
    if known.iter().any(|one| one == name) {
        return Ok(());
    }
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let hint = facts::did_you_mean(name, &known);
    Err(AnalyticsError::UnknownName(format!("there is no {what} `{name}`{hint}")))
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(*number),
        _ => None,
    }
}

/// The routes' part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(show_service, show_team))]
pub struct PortraitsApi;

/// The routes.
pub fn routes(state: MetricsState) -> Router {
    Router::new()
        .route("/v1/services/{name}", get(show_service))
        .route("/v1/teams/{name}", get(show_team))
        .layer(from_fn_with_state(Unchanged::since(&state), Unchanged::check))
        .with_state(state)
}

/// Tells what the catalogue knows of a service now.
#[utoipa::path(
    get, path = "/v1/services/{name}", params(("name" = String, Path, description = "The service")),
    responses((status = 200, body = ServicePortrait), (status = 404, body = web::ErrorBody))
)]
async fn show_service(
    State(state): State<MetricsState>,
    Path(name): Path<String>,
) -> Result<Json<ServicePortrait>, ApiError> {
    let now = (state.clock)();
    Ok(Json(web::off_the_async_threads(move || service(state.engine.store(), &name, now)).await??))
}

/// Tells what is known of a team now.
#[utoipa::path(
    get, path = "/v1/teams/{name}", params(("name" = String, Path, description = "The team")),
    responses((status = 200, body = TeamPortrait), (status = 404, body = web::ErrorBody))
)]
async fn show_team(
    State(state): State<MetricsState>,
    Path(name): Path<String>,
) -> Result<Json<TeamPortrait>, ApiError> {
    let now = (state.clock)();
    Ok(Json(web::off_the_async_threads(move || team(state.engine.store(), &name, now)).await??))
}
