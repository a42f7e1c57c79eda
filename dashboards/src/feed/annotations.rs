//! `GET /v1/annotations`: what happened, as charts mark it.

use analytics::Question;
use analytics::http::{MetricsState, unknown_parameter};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use web::ApiError;
use web::rows::{Page, Rows, Shape, cursor, place};

use super::happened::{Happening, KINDS, Last, Wanted, happened};
use super::{Form, bad, names};

const MOST: usize = 5_000;
const USUAL: usize = 1_000;

const COLUMNS: [&str; 10] =
    ["time", "timeEnd", "title", "text", "tags", "kind", "team", "service", "environment", "url"];

/// What to mark.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Parameters {
    /// Begin of the window: a day of the reporting zone, a month, a year, or an RFC 3339 instant; twelve weeks before its
    /// end unless said. An incident that was still open then counts.
    from: Option<String>,
    /// End of the window, not included; now unless said.
    to: Option<String>,
    /// deployment, incident, improvement; several are separated by commas. All unless said.
    kind: Option<String>,
    /// Only those of these teams, and improvements that are everybody's. `*` means all.
    team: Option<String>,
    /// Only those of these services, and improvements that are everybody's. `*` means all.
    service: Option<String>,
    /// Of deployments only those to these environments. `*` means all.
    environment: Option<String>,
    /// rows (unless said) or csv.
    format: Option<String>,
    /// How many, 5000 at most; 1000 unless said, the latest. With it they come as `data`, and the cursor of the next page
    /// as `next`.
    limit: Option<usize>,
    /// Where the page begins: `next` of the page before. It also keeps the window.
    cursor: Option<String>,
}

/// What happened.
#[derive(Serialize, ToSchema)]
#[expect(non_snake_case, reason = "it describes rows that are written otherwise, in Grafana's words")]
struct Annotation {
    /// When it happened or began.
    time: DateTime<Utc>,
    /// When it was over; null where it did not last, or still does.
    timeEnd: Option<DateTime<Utc>>,
    /// What it was, in a few words.
    title: String,
    /// More of it.
    text: String,
    /// Words to filter by, separated by commas: its kind, environment, severity, team and service, and `failed`.
    tags: String,
    /// deployment, incident or improvement.
    kind: String,
    /// The team whose it was then.
    team: Option<String>,
    /// The service.
    service: Option<String>,
    /// The environment of a deployment.
    environment: Option<String>,
    /// The evidence.
    url: Option<String>,
}

/// The rows, or a page of them.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it only describes the forms of the answer")]
enum Annotations {
    /// Without `limit` and `cursor`.
    Rows(Vec<Annotation>),
    /// With one of them.
    Page(Page),
}

/// Lists what happened, latest first: deployments that reached production, incidents, improvements. Where there is more
/// than fits, the header `Link` names the next page.
#[utoipa::path(
    get, path = "/v1/annotations", params(Parameters),
    responses(
        (status = 200, content((Annotations = "application/json"), (String = "text/csv"))),
        (status = 304, description = "What `If-None-Match` names is still so"),
        (status = 400, body = web::ErrorBody)
    )
)]
pub(super) async fn show(
    State(state): State<MetricsState>,
    headers: HeaderMap,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(asked) = parameters.map_err(|error| unknown_parameter(&error))?;
    let form = Form::asked(asked.format.as_deref(), &headers)?;
    let limit = asked.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(ApiError::bad_request("INVALID_PAGE", format!("limit lies between 1 and {MOST}")));
    }
    let is_paged = asked.limit.is_some() || asked.cursor.is_some();
    let now = (state.clock)();
    let (mut found, query) = web::off_the_async_threads(move || -> Result<_, ApiError> {
        let wanted = wanted(&state, &asked, limit, now)?;
        Ok((happened(state.engine.store(), &wanted)?, (asked, wanted.window)))
    })
    .await??;
    let (asked, window) = query;
    let is_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| is_more).map(|last| Last {
        from: window.from,
        to: window.to,
        began_at: last.began_at,
        kind: last.kind.clone(),
        hash: last.hash,
    });
    let next = next.as_ref().map(cursor).transpose()?;
    let rows = Rows { columns: COLUMNS.map(String::from).to_vec(), rows: found.iter().map(row).collect() };
    let mut response = match form {
        Form::Csv => rows.csv(),
        Form::Rows if is_paged => rows.json(Shape::Page(next.clone())),
        Form::Rows => rows.json(Shape::Whole),
    };
    if let Some(next) = next
        && let Ok(link) = HeaderValue::from_str(&link(&asked, limit, &next))
    {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

fn wanted(state: &MetricsState, asked: &Parameters, limit: usize, now: DateTime<Utc>) -> Result<Wanted, ApiError> {
    let after: Option<Last> = asked.cursor.as_deref().map(place).transpose()?;
    let window = match &after {
        Some(last) => analytics::Window { from: last.from, to: last.to },
        None => {
            let question = Question { from: asked.from.clone(), to: asked.to.clone(), ..Question::default() };
            question.read(state.engine.options().zone, now)?.window
        }
    };
    let kinds = names(asked.kind.as_deref());
    known(&kinds, &KINDS, "kind of annotation")?;
    let of = |dimension: &str, text: Option<&str>| -> Result<Vec<String>, ApiError> {
        let names = names(text);
        if !names.is_empty() {
            let all = state.engine.names_of(dimension)?;
            known(&names, &all.iter().map(String::as_str).collect::<Vec<_>>(), dimension)?;
        }
        Ok(names)
    };
    Ok(Wanted {
        window,
        kinds,
        teams: of("team", asked.team.as_deref())?,
        services: of("service", asked.service.as_deref())?,
        environments: of("environment", asked.environment.as_deref())?,
        after,
        limit,
    })
}

/// Refuses a name that is not known, with the nearest.
fn known(names: &[String], all: &[&str], what: &str) -> Result<(), ApiError> {
    match names.iter().find(|name| !all.contains(&name.as_str())) {
        None => Ok(()),
        Some(unknown) => Err(bad(format!("there is no {what} `{unknown}`{}", facts::did_you_mean(unknown, all)))),
    }
}

fn row(happening: &Happening) -> Map<String, Value> {
    let time = |time: DateTime<Utc>| Value::from(time.to_rfc3339_opts(SecondsFormat::Secs, true));
    let service = happening.service.as_deref();
    let (title, text) = match happening.kind.as_str() {
        "deployment" => {
            let what = match happening.sort.as_deref() {
                Some("rollback") => "rolled back",
                Some("hotfix") => "hotfix deployed",
                _ => "deployed",
            };
            let failed = happening.about.as_ref().map(|how| format!(", which failed ({how})")).unwrap_or_default();
            (format!("{} {what}", service.unwrap_or_default()), format!("deployment {}{failed}", happening.id))
        }
        "incident" => {
            let title = happening.about.clone().unwrap_or_else(|| format!("incident {}", happening.id));
            let state = if happening.ended_at.is_some() { "resolved" } else { "not resolved" };
            (title, format!("incident {}, {state}", happening.id))
        }
        _ => {
            let whose = match (service, happening.team.as_deref()) {
                (Some(service), _) => format!("reached {service}"),
                (None, Some(team)) => format!("reached {team}"),
                (None, None) => "announced".to_owned(),
            };
            (happening.about.clone().unwrap_or_default(), whose)
        }
    };
    let is_failed = happening.kind == "deployment" && happening.about.is_some();
    let tags = [
        Some(happening.kind.as_str()),
        is_failed.then_some("failed"),
        happening.environment.as_deref(),
        happening.sort.as_deref().filter(|_| happening.kind == "incident"),
        happening.team.as_deref(),
        service,
    ];
    // A comma parts the tags, so none may hold one.
    let tags: Vec<String> = tags.into_iter().flatten().map(|tag| tag.replace(',', " ")).collect();
    let cells = [
        time(happening.began_at),
        happening.ended_at.map_or(Value::Null, time),
        title.into(),
        text.into(),
        tags.join(",").into(),
        happening.kind.clone().into(),
        happening.team.clone().into(),
        happening.service.clone().into(),
        happening.environment.clone().into(),
        happening.url.clone().into(),
    ];
    COLUMNS.into_iter().map(String::from).zip(cells).collect()
}

/// The address of the next page. The cursor keeps the window.
fn link(asked: &Parameters, limit: usize, next: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let named = [
        ("kind", &asked.kind),
        ("team", &asked.team),
        ("service", &asked.service),
        ("environment", &asked.environment),
        ("format", &asked.format),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    query.append_pair("limit", &limit.to_string()).append_pair("cursor", next);
    format!("</v1/annotations?{}>; rel=\"next\"", query.finish())
}
