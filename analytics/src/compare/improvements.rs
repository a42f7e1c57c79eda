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

/// The metrics that a comparison can be made of, in the order in which they are listed.
pub fn comparable(catalogue: &Catalogue) -> Vec<&Metric> {
    catalogue.grouped().into_iter().filter(|metric| ask::figure(metric).is_some()).collect()
}
