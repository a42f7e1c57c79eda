//! The improvements that are known, and what they can be compared by.

use chrono::{DateTime, Utc};
use serde::Serialize;
use store::{Store, Value};
use utoipa::ToSchema;

use super::ask;
use crate::catalogue::{Catalogue, Metric};
use crate::error::AnalyticsError;

/// An improvement and where it arrived.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Improvement {
    /// Its name.
    pub name: String,
    /// When it was announced: the earliest fact that names neither team nor service.
    pub announced_at: Option<DateTime<Utc>>,
    /// When it first arrived at a team or service.
    pub first_at: Option<DateTime<Utc>>,
    /// When it last did.
    pub last_at: Option<DateTime<Utc>>,
    /// The teams at which it arrived.
    pub teams: u64,
    /// The services at which it arrived.
    pub services: u64,
}

const IMPROVEMENTS: &str = "
select
    name,
    min(\"at\") filter (where team is null and service is null),
    min(\"at\") filter (where team is not null or service is not null),
    max(\"at\") filter (where team is not null or service is not null),
    count(distinct team) filter (where service is null),
    count(distinct service),
from facts.improvement
group by name
order by coalesce(min(\"at\") filter (where team is not null or service is not null), min(\"at\")) desc, name";

/// All improvements, the latest first.
pub fn improvements(store: &Store) -> Result<Vec<Improvement>, AnalyticsError> {
    let time = |value: &Value| match value {
        Value::Time(micros) => DateTime::from_timestamp_micros(*micros),
        _ => None,
    };
    let read = |row: Vec<Value>| match &row[..] {
        [Value::Text(name), announced_at, first_at, last_at, Value::Integer(teams), Value::Integer(services)] => {
            Some(Improvement {
                name: name.clone(),
                announced_at: time(announced_at),
                first_at: time(first_at),
                last_at: time(last_at),
                teams: teams.unsigned_abs(),
                services: services.unsigned_abs(),
            })
        }
        _ => None,
    };
    Ok(store.query(IMPROVEMENTS, &[])?.rows.into_iter().filter_map(read).collect())
}

/// A team or service at which an improvement arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Adopter {
    /// The team.
    pub team: Option<String>,
    /// The service, where it arrived at that alone.
    pub service: Option<String>,
    /// When it first did.
    pub at: DateTime<Utc>,
}

const ADOPTERS: &str = "
select team, service, min(\"at\")
from facts.improvement
where name = $1 and \"at\" <= $2::timestamp and (team is not null or service is not null)
group by all order by min(\"at\"), team, service";

/// Where an improvement has arrived by now, the first first.
pub fn adopters(store: &Store, name: &str, now: DateTime<Utc>) -> Result<Vec<Adopter>, AnalyticsError> {
    let text = |value: &Value| match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    let read = |row: Vec<Value>| match &row[..] {
        [team, service, Value::Time(micros)] => {
            let at = DateTime::from_timestamp_micros(*micros)?;
            Some(Adopter { team: text(team), service: text(service), at })
        }
        _ => None,
    };
    let parameters = [Value::Text(name.to_owned()), Value::Time(now.timestamp_micros())];
    Ok(store.query(ADOPTERS, &parameters)?.rows.into_iter().filter_map(read).collect())
}

/// An improvement and when it arrived at some teams and services.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrived {
    /// Its name.
    pub name: String,
    /// When it first arrived, or was announced where it arrived nowhere.
    pub first_at: DateTime<Utc>,
    /// When it last did.
    pub last_at: DateTime<Utc>,
    /// How many teams it reached.
    pub n_teams: u64,
    /// How many services it reached.
    pub n_services: u64,
}

/// What reached a team reached its services. An announcement, which names neither team nor service, is no arrival; it stands
/// for an improvement that arrived nowhere.
const ARRIVED: &str = "
    with told as (
        select told.name, told.\"at\" as arrived_at, told.team, told.service, owner.name as owner
        from facts.improvement as told
        left join marts.service_history as history
            on history.service = told.service and history.valid_from <= told.\"at\" and history.valid_until > told.\"at\"
        left join marts.name as owner on owner.key = history.team_key
    ), of_whom as (
        select * from told
        where arrived_at < $1::timestamp and case
            when team is null and service is null
                then name not in (select name from told where team is not null or service is not null)
            else ($2::varchar is null or $2 in (team, owner))
                and ($3::varchar is null or service = $3 or (service is null and team = (
                    select any_value(name.name)
                    from marts.service_history as history join marts.name as name on name.key = history.team_key
                    where history.service = $3 and history.valid_from <= arrived_at and history.valid_until > arrived_at
                )))
        end
    )
    select
        name, min(arrived_at), max(arrived_at), count(distinct team) filter (where service is null),
        count(distinct service)
    from of_whom group by name order by min(arrived_at), name";

/// What arrived before a time at a team, a service, or anybody, the first first.
pub fn arrived(
    store: &Store,
    before: DateTime<Utc>,
    team: Option<&str>,
    service: Option<&str>,
) -> Result<Vec<Arrived>, AnalyticsError> {
    let name = |name: Option<&str>| name.map_or(Value::Null, |name| Value::Text(name.to_owned()));
    let parameters = [Value::Time(before.timestamp_micros()), name(team), name(service)];
    let read = |row: Vec<Value>| match &row[..] {
        [Value::Text(name), Value::Time(first), Value::Time(last), Value::Integer(teams), Value::Integer(services)] => {
            Some(Arrived {
                name: name.clone(),
                first_at: DateTime::from_timestamp_micros(*first)?,
                last_at: DateTime::from_timestamp_micros(*last)?,
                n_teams: teams.unsigned_abs(),
                n_services: services.unsigned_abs(),
            })
        }
        _ => None,
    };
    Ok(store.query(ARRIVED, &parameters)?.rows.into_iter().filter_map(read).collect())
}

/// The metrics that a comparison can be made of, in the order in which they are listed.
pub fn comparable(catalogue: &Catalogue) -> Vec<&Metric> {
    catalogue.grouped().into_iter().filter(|metric| ask::figure(metric).is_some()).collect()
}
