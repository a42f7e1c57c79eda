//! The rows behind a number.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use store::Value;

use crate::ask::{Ask, DIMENSIONS};
use crate::catalogue::{Aggregate, Metric, Shape};
use crate::engine::Engine;
use crate::error::AnalyticsError;
use crate::filters::check_dimensions;
use crate::observation_rows::naming;
use crate::statement::{ONLY_BESIDE, Statement};
use crate::where_words::NO_NAME;
use crate::withheld::FEWEST_PEOPLE;

/// One observation of a metric.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Observation {
    /// When it happened, or from when it held.
    pub time: Option<DateTime<Utc>>,
    /// Until when it held, for states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// What it is about: a deployment, change, commit or incident by its identifier.
    pub subject: Option<String>,
    /// Where the evidence can be looked at.
    pub url: Option<String>,
    /// Its value: seconds for durations, 1 or 0 for what is counted.
    pub value: Option<f64>,
    /// Whether it is still open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_open: Option<bool>,
    /// Why it does not count, if it does not.
    pub reason: Option<String>,
    /// Why its value is what it is, of metrics that say so: what a deployment failed by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Of a ratio, what it adds to the sum above the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numerator: Option<f64>,
    /// Of a ratio, what it adds to the sum below the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denominator: Option<f64>,
    /// The team that owned it then.
    pub team: Option<String>,
    /// The service.
    pub service: Option<String>,
    /// The system.
    pub system: Option<String>,
    /// The environment.
    pub environment: Option<String>,
    /// The repository.
    pub repository: Option<String>,
    /// The template the service was made from.
    pub template: Option<String>,
    /// Its names in the metric's own dimensions, where it has one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub dimensions: BTreeMap<String, String>,
}

/// A page of observations.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ObservationPage {
    /// The metric.
    pub metric: String,
    /// The rows, latest first.
    pub observations: Vec<Observation>,
    /// The offset of the next page, if there is one.
    pub next: Option<u64>,
}

impl Engine {
    /// The observations behind a question's figures, latest first, a page at a time. Grain and groups do not matter.
    pub fn observations(
        &self,
        ask: &Ask,
        offset: u64,
        limit: u64,
        now: DateTime<Utc>,
    ) -> Result<ObservationPage, AnalyticsError> {
        let metric = self.catalogue().get(&ask.metric)?;
        if metric.name == crate::value::metric::NAME {
            return Err(AnalyticsError::BadQuestion(format!(
                "{} is computed from the inputs of the value model and has no rows of its own; `cairn value` and GET /v1/value list them",
                metric.name
            )));
        }
        if metric.aggregate == Aggregate::Composed {
            return Err(AnalyticsError::BadQuestion(format!(
                "{} is composed of other metrics and has no rows of its own; ask for theirs: {}",
                metric.name,
                crate::dora_score::PUBLISHED_MEANS.map(|(name, _)| name).join(", ")
            )));
        }
        if metric.observes_people() {
            return Err(AnalyticsError::BadQuestion(format!(
                "each row of {} is about one person, so they are shown to nobody; ask for its figures, which rest on {FEWEST_PEOPLE} people or more",
                metric.name
            )));
        }
        // Of values that are never added, those that the figure rests on.
        let ask = &self.narrowed(ask, self.rests_on(metric, ask, now)?.as_ref());
        // A group without a name has rows too, and they are led to by its name, which is none.
        let is_nameless = |(_, names): &&(&'static str, Vec<String>)| names.iter().any(|name| name == NO_NAME);
        let (nameless, named): (Vec<_>, Vec<_>) = ask.filters.iter().partition(is_nameless);
        check_dimensions(metric, nameless.iter().map(|(dimension, _)| dimension))?;
        let nameless: String = nameless
            .iter()
            .map(|(dimension, _)| match DIMENSIONS.contains(dimension) {
                true => format!("and {dimension}_key is null "),
                false => format!("and {dimension} is null "),
            })
            .collect();
        let named = Ask { filters: named.into_iter().cloned().collect(), ..ask.clone() };
        let filters = self.filters(metric, &named, now)?;
        let mut statement = Statement::observations(metric, self.options(), &filters, now);
        let mut bind = |value: Value| {
            statement.parameters.push(value);
            format!("${}", statement.parameters.len())
        };
        let from = bind(Value::Integer(ask.window.from.timestamp_micros()));
        let to = bind(Value::Integer(ask.window.to.timestamp_micros()));
        let page = format!(
            "limit {}::bigint offset {}::bigint",
            bind(Value::Integer(limit as i64 + 1)),
            bind(Value::Integer(offset as i64))
        );
        let (time, until, within) = match metric.shape {
            Shape::Event => {
                ("observed_at", "null::timestamp", "epoch_us(observed_at) >= {from} and epoch_us(observed_at) < {to}")
            }
            Shape::State => (
                "held_from",
                "held_until",
                "epoch_us(held_from) < {to} and (held_until is null or epoch_us(held_until) >= {to})",
            ),
        };
        let within = within.replace("{from}", &from).replace("{to}", &to);
        let value = if metric.aggregate == Aggregate::Ratio {
            "(observation.numerator::double / nullif(observation.denominator::double, 0))"
        } else {
            "observation.value::double"
        };
        let is_open = if metric.aggregate == Aggregate::Survival { "is_open" } else { "null::boolean" };
        let (numerator, denominator) = match metric.aggregate {
            Aggregate::Ratio => ("observation.numerator::double", "observation.denominator::double"),
            _ => ("null::double", "null::double"),
        };
        let because = if metric.explained { "observation.because" } else { "null::varchar" };
        let (subject, url, naming) = match naming(metric, "paged") {
            Some(naming) => ("named.name", "named.url", naming),
            None => ("observation.subject", "observation.url", String::new()),
        };
        let dimensions: String = DIMENSIONS
            .iter()
            .map(|dimension| match metric.has_dimension(dimension) {
                true => format!(", (select name from marts.name where key = observation.{dimension}_key)"),
                false => ", null::varchar".to_owned(),
            })
            .chain(metric.own_dimensions().map(|dimension| format!(", observation.{dimension}::varchar")))
            .collect();
        statement.sql += &format!(
            ", paged as (
                select * from observation
                where ({from}::bigint is not null) and {within} {nameless}
                    and reason::varchar is distinct from '{ONLY_BESIDE}'
                order by {time} desc, subject {page}
            )
            select
                observation.{time}, {until}, {subject}, {url}, {value}, {is_open}, observation.reason, {because},
                {numerator}, {denominator} {dimensions}
            from paged as observation {naming}
            order by observation.{time} desc, observation.subject"
        );
        let found = self.store().query(&statement.sql, &statement.parameters)?;
        let mut observations: Vec<Observation> = found.rows.into_iter().map(|row| read(metric, row)).collect();
        let next = (observations.len() as u64 > limit).then_some(offset + limit);
        observations.truncate(limit as usize);
        Ok(ObservationPage { metric: metric.name.clone(), observations, next })
    }
}

fn read(metric: &Metric, row: Vec<Value>) -> Observation {
    let mut cells = row.into_iter();
    let mut next = || cells.next().unwrap_or(Value::Null);
    let time = |value| match value {
        Value::Time(micros) => DateTime::from_timestamp_micros(micros),
        _ => None,
    };
    let text = |value| match value {
        Value::Text(text) => Some(text),
        _ => None,
    };
    let number = |value| match value {
        Value::Real(number) => Some(number),
        Value::Integer(number) => Some(number as f64),
        _ => None,
    };
    Observation {
        time: time(next()),
        until: time(next()),
        subject: text(next()),
        url: text(next()),
        value: number(next()),
        is_open: match next() {
            Value::Boolean(truth) => Some(truth),
            _ => None,
        },
        reason: text(next()),
        because: text(next()),
        numerator: number(next()),
        denominator: number(next()),
        team: text(next()),
        service: text(next()),
        system: text(next()),
        environment: text(next()),
        repository: text(next()),
        template: text(next()),
        dimensions: metric.own_dimensions().filter_map(|name| Some((name.to_owned(), text(next())?))).collect(),
    }
}
