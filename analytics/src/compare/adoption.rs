//! Where an improvement arrived, and when.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use store::{Store, Value};

use crate::error::AnalyticsError;

/// What an improvement arrives at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Arrival {
    /// Teams.
    Team,
    /// Services.
    Service,
}

impl Arrival {
    /// Its name, which is the dimension's.
    pub fn as_str(self) -> &'static str {
        match self {
            Arrival::Team => "team",
            Arrival::Service => "service",
        }
    }
}

/// The arrivals of an improvement.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Adoption {
    /// When it was announced, if that was told.
    pub announced_at: Option<DateTime<Utc>>,
    /// What it arrives at.
    pub arrival: Arrival,
    /// The first arrival at each team or service.
    pub arrived_at: BTreeMap<String, DateTime<Utc>>,
}

/// Reads the arrivals of an improvement. The errors say what is missing and how to add it.
pub(super) fn read(store: &Store, name: &str) -> Result<Adoption, AnalyticsError> {
    let found = store.query(
        "select team, service, min(\"at\") from facts.improvement where name = ? group by all order by all",
        &[Value::Text(name.to_owned())],
    )?;
    if found.rows.is_empty() {
        return Err(unknown(store, name)?);
    }
    let (mut announced_at, mut at_teams, mut at_services) = (None, BTreeMap::new(), BTreeMap::new());
    for row in &found.rows {
        let [team, service, Value::Time(micros)] = &row[..] else { continue };
        let Some(at) = DateTime::from_timestamp_micros(*micros) else { continue };
        match (team, service) {
            // A row that names both is about the service; the team only says whose it is.
            (_, Value::Text(service)) => keep_first(&mut at_services, service, at),
            (Value::Text(team), _) => keep_first(&mut at_teams, team, at),
            _ => announced_at = Some(announced_at.map_or(at, |first: DateTime<Utc>| first.min(at))),
        }
    }
    let (arrival, arrived_at) = match (at_teams.is_empty(), at_services.is_empty()) {
        (false, true) => (Arrival::Team, at_teams),
        (true, false) => (Arrival::Service, at_services),
        (true, true) => {
            let when = announced_at.map_or_else(String::new, |at| format!(" on {}", at.format("%Y-%m-%d")));
            return Err(AnalyticsError::BadQuestion(format!(
                "{name} was announced{when}, and has arrived at no team or service yet; add a fact of kind improvement \
                 with `team` or `service` for each arrival (if it reached all at once, one for each with the same time)"
            )));
        }
        (false, false) => {
            return Err(AnalyticsError::BadQuestion(format!(
                "{name} arrived at {} teams and at {} services; a comparison needs one or the other: give the two kinds \
                 of arrival names of their own",
                at_teams.len(),
                at_services.len()
            )));
        }
    };
    Ok(Adoption { announced_at, arrival, arrived_at })
}

fn keep_first(arrivals: &mut BTreeMap<String, DateTime<Utc>>, name: &str, at: DateTime<Utc>) {
    let first = arrivals.entry(name.to_owned()).or_insert(at);
    *first = at.min(*first);
}

fn unknown(store: &Store, name: &str) -> Result<AnalyticsError, AnalyticsError> {
    let found = store.query("select distinct name from facts.improvement order by name", &[])?;
    let known: Vec<String> = (found.rows.into_iter())
        .filter_map(|mut row| match row.pop() {
            Some(Value::Text(name)) => Some(name),
            _ => None,
        })
        .collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let hint = facts::did_you_mean(name, &known);
    let others = match known[..] {
        [] => "no improvement is known yet; they are facts of kind improvement".to_owned(),
        _ => format!("known are {}", known.join(", ")),
    };
    Ok(AnalyticsError::UnknownImprovement(format!("there is no improvement `{name}`{hint}; {others}")))
}
