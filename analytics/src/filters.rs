//! What a question filters on, looked up: dimensions that the metric has, and names that are known.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::ask::{Ask, DIMENSIONS};
use crate::catalogue::Metric;
use crate::engine::Engine;
use crate::error::AnalyticsError;
use crate::statement::Filter;
use crate::where_words::NO_NAME;

impl Engine {
    /// Looks the names of filters up; an unknown dimension or name is an error that names the nearest.
    pub(crate) fn filters(
        &self,
        metric: &Metric,
        ask: &Ask,
        now: DateTime<Utc>,
    ) -> Result<Vec<Filter>, AnalyticsError> {
        check_dimensions(metric, ask.by.iter().chain(ask.filters.iter().map(|(dimension, _)| dimension)))?;
        let names = self.names()?;
        let mut found = Vec::new();
        for (dimension, values) in &ask.filters {
            if values.iter().any(|value| value == NO_NAME) {
                return Err(AnalyticsError::BadQuestion(format!(
                    "figures of what has no {dimension} are asked for by {dimension}, where they stand under no name; `{dimension}=` alone filters rows only"
                )));
            }
            let is_usual = DIMENSIONS.contains(dimension);
            let mut known = if is_usual { self.names_of(dimension)? } else { self.names_in(metric, dimension, now)? };
            if is_usual && values.iter().any(|value| !known.contains(value)) {
                // A team may have tickets and no service.
                known = Arc::new([&known[..], &self.names_in(metric, dimension, now)?[..]].concat());
            }
            if let Some(unknown) = values.iter().find(|value| !known.contains(value)) {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let hint = facts::did_you_mean(unknown, &known);
                return Err(AnalyticsError::BadQuestion(format!("there is no {dimension} `{unknown}`{hint}")));
            }
            found.push(if is_usual {
                let keys = values.iter().filter_map(|value| names.key(value)).collect();
                Filter::Keys(dimension, keys)
            } else {
                Filter::Names(dimension, values.clone())
            });
        }
        Ok(found)
    }
}

/// Refuses dimensions that a metric does not have, naming those it has.
pub(crate) fn check_dimensions<'a>(
    metric: &Metric,
    asked: impl Iterator<Item = &'a &'static str>,
) -> Result<(), AnalyticsError> {
    let own: Vec<&str> = metric.dimensions.iter().map(String::as_str).collect();
    for dimension in asked {
        if !own.contains(dimension) {
            let hint = facts::did_you_mean(dimension, &own);
            let has = if own.is_empty() { "no dimensions".to_owned() } else { own.join(", ") };
            return Err(AnalyticsError::BadQuestion(format!(
                "{} has no dimension `{dimension}`{hint}; it has {has}",
                metric.name
            )));
        }
    }
    Ok(())
}
