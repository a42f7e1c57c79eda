//! What happened: deployments that reached production, incidents and improvements, latest first.

use analytics::{AnalyticsError, Window};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use store::{Store, Value};

/// The kinds of what happened.
pub(crate) const KINDS: [&str; 3] = ["deployment", "incident", "improvement"];

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Happening {
    /// One of [`KINDS`].
    pub kind: String,
    /// Its hash among the facts.
    pub hash: u64,
    /// Its identifier at its source.
    pub id: String,
    /// When it happened or began.
    pub began_at: DateTime<Utc>,
    /// When it was over, where it lasted.
    pub ended_at: Option<DateTime<Utc>>,
    /// The team that owned it then.
    pub team: Option<String>,
    /// The service.
    pub service: Option<String>,
    /// The environment of a deployment.
    pub environment: Option<String>,
    /// The kind of a deployment, the severity of an incident.
    pub sort: Option<String>,
    /// How a deployment failed; the title of an incident; the name of an improvement.
    pub about: Option<String>,
    /// The evidence.
    pub url: Option<String>,
}

/// What is asked for. Empty lists mean all.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub window: Window,
    pub kinds: Vec<String>,
    pub teams: Vec<String>,
    pub services: Vec<String>,
    pub environments: Vec<String>,
    /// Only what comes after this.
    pub after: Option<Last>,
    pub limit: usize,
}

/// The last of a page, by which the next is found. It keeps the window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Last {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub began_at: DateTime<Utc>,
    pub kind: String,
    pub hash: u64,
}

const DEPLOYMENTS: &str = "
    select
        'deployment' as kind, deployment_hash as hash, finished_at as began_at, null::timestamp as ended_at,
        team.name as team, service.name as service, environment.name as environment, outcome.kind as sort,
        if(is_failed, failure, null) as about,
    from marts.deployment_outcome as outcome
    left join marts.name as team on team.key = team_key
    join marts.name as service on service.key = service_key
    join marts.name as environment on environment.key = environment_key
    where is_production and is_live and finished_at >= make_timestamp($1) and finished_at < make_timestamp($2)";

const INCIDENTS: &str = "
    select
        'incident', outcome.incident_hash, outcome.opened_at, outcome.resolved_at,
        team.name, told.service, null, told.severity, told.title,
    from marts.incident_outcome as outcome
    join facts.incident as told on told.fact_hash = outcome.incident_hash
    left join marts.name as team on team.key = outcome.team_key
    where
        outcome.opened_at < make_timestamp($2)
        and (outcome.opened_at >= make_timestamp($1) or outcome.resolved_at >= make_timestamp($1))";

const IMPROVEMENTS: &str = "
    select
        'improvement', told.fact_hash, told.\"at\", null,
        coalesce(told.team, team.name), told.service, null, null, told.name,
    from facts.improvement as told
    left join marts.service_history as history
        on history.service = told.service and history.valid_from <= told.\"at\" and history.valid_until > told.\"at\"
    left join marts.name as team on team.key = history.team_key
    where told.\"at\" >= make_timestamp($1) and told.\"at\" < make_timestamp($2)";

/// Identifiers are looked up for the rows of the page only.
const NAMED: &str = "
    select
        page.kind, hash::varchar, coalesce(deployment.id, incident.id, improvement.id), began_at, ended_at, page.team,
        page.service, page.environment, page.sort, about, coalesce(deployment.url, incident.url, improvement.url),
    from page
    left join facts.deployment as deployment on page.kind = 'deployment' and deployment.fact_hash = hash
    left join facts.incident as incident on page.kind = 'incident' and incident.fact_hash = hash
    left join facts.improvement as improvement on page.kind = 'improvement' and improvement.fact_hash = hash
    order by began_at desc, page.kind desc, hash desc";

/// What happened, latest first, one more than asked for where there are more.
pub(crate) fn happened(store: &Store, wanted: &Wanted) -> Result<Vec<Happening>, AnalyticsError> {
    let micros = |time: DateTime<Utc>| Value::Integer(time.timestamp_micros());
    let mut parameters = vec![micros(wanted.window.from), micros(wanted.window.to)];
    let mut bind = |value: Value| {
        parameters.push(value);
        format!("${}", parameters.len())
    };
    let parts = KINDS.into_iter().zip([DEPLOYMENTS, INCIDENTS, IMPROVEMENTS]);
    let is_wanted = |kind: &str| wanted.kinds.is_empty() || wanted.kinds.iter().any(|wanted| wanted == kind);
    // The first part names the columns, so it stays, and is filtered below like the others.
    let parts: Vec<&str> =
        parts.filter(|(kind, _)| *kind == KINDS[0] || is_wanted(kind)).map(|(_, part)| part).collect();
    let mut conditions = Vec::new();
    if !is_wanted(KINDS[0]) {
        conditions.push(format!("kind <> '{}'", KINDS[0]));
    }
    let columns = [("team", &wanted.teams), ("service", &wanted.services), ("environment", &wanted.environments)];
    for (column, names) in columns {
        if names.is_empty() {
            continue;
        }
        let names: Vec<String> = names.iter().map(|name| bind(Value::Text(name.clone()))).collect();
        // An improvement that names nobody is everybody's; and only deployments tell an environment.
        let beside = match column {
            "environment" => "kind <> 'deployment'",
            _ => "(kind = 'improvement' and team is null and service is null)",
        };
        conditions.push(format!("({column} in ({}) or {beside})", names.join(", ")));
    }
    if let Some(last) = &wanted.after {
        let [kind, hash] = [last.kind.clone(), last.hash.to_string()].map(|text| bind(Value::Text(text)));
        let began_at = bind(micros(last.began_at));
        conditions.push(format!("(began_at, kind, hash) < (make_timestamp({began_at}), {kind}, {hash}::ubigint)"));
    }
    let conditions = if conditions.is_empty() { "true".to_owned() } else { conditions.join(" and ") };
    let sql = format!(
        "with happening as ({}),
        page as (
            select * from happening where {conditions} order by began_at desc, kind desc, hash desc limit {}
        ) {NAMED}",
        parts.join(" union all "),
        wanted.limit + 1
    );
    Ok(store.query(&sql, &parameters)?.rows.into_iter().filter_map(read).collect())
}

fn read(row: Vec<Value>) -> Option<Happening> {
    let time = |value: &Value| match value {
        Value::Time(micros) => DateTime::from_timestamp_micros(*micros),
        _ => None,
    };
    let text = |value: &Value| match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    let [kind, hash, id, began_at, ended_at, team, service, environment, sort, about, url] = &row[..] else {
        return None;
    };
    Some(Happening {
        kind: text(kind)?,
        hash: text(hash)?.parse().ok()?,
        id: text(id)?,
        began_at: time(began_at)?,
        ended_at: time(ended_at),
        team: text(team),
        service: text(service),
        environment: text(environment),
        sort: text(sort),
        about: text(about),
        url: text(url),
    })
}
