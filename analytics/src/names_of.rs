//! The names that a dimension takes, for lists to choose from.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use store::Value;

use crate::ask::DIMENSIONS;
use crate::catalogue::{Aggregate, Metric, Shape};
use crate::dora_score::PUBLISHED_MEANS;
use crate::engine::Engine;
use crate::error::AnalyticsError;
use crate::statement::{ONLY_BESIDE, filled_in, instant};

impl Engine {
    /// The names known of a dimension (one of [`DIMENSIONS`]), in alphabetical order: those of services' histories and
    /// those that a deployment, change or incident has. Read once until the data changes.
    pub fn names_of(&self, dimension: &str) -> Result<Arc<Vec<String>>, AnalyticsError> {
        if let Some(names) = self.kept().names_of.get(dimension) {
            return Ok(Arc::clone(names));
        }
        if !DIMENSIONS.contains(&dimension) {
            let hint = facts::did_you_mean(dimension, &DIMENSIONS);
            return Err(AnalyticsError::BadQuestion(format!("there is no dimension `{dimension}`{hint}")));
        }
        let data_version = self.store().data_version();
        let histories = match dimension {
            // A service's history knows nothing of where it runs.
            "environment" => String::new(),
            _ => format!("select {dimension}_key as key from marts.service_history union"),
        };
        let found = self.store().query(
            &format!(
                "with used as (
                    {histories}
                    select {dimension}_key as key from marts.deployment_outcome union
                    select {dimension}_key as key from marts.change_delivery union
                    select {dimension}_key as key from marts.incident_outcome
                )
                select name from marts.name where key in (select key from used) order by lower(name), name"
            ),
            &[],
        )?;
        let names = found.rows.into_iter().filter_map(|mut row| match row.pop() {
            Some(Value::Text(name)) => Some(name),
            _ => None,
        });
        let names: Arc<Vec<String>> = Arc::new(names.collect());
        self.keep(data_version, |kept| _ = kept.names_of.insert(dimension.to_owned(), Arc::clone(&names)));
        Ok(names)
    }

    /// The names that a metric's own observations have in one of its dimensions, in alphabetical order. Read once until
    /// the data changes.
    pub fn names_in(
        &self,
        metric: &Metric,
        dimension: &str,
        now: DateTime<Utc>,
    ) -> Result<Arc<Vec<String>>, AnalyticsError> {
        let kept_as = format!("{}.{dimension}", metric.name);
        if let Some(names) = self.kept().names_of.get(&kept_as) {
            return Ok(Arc::clone(names));
        }
        if !metric.has_dimension(dimension) {
            return Ok(Arc::default());
        }
        let data_version = self.store().data_version();
        let query = filled_in(metric, self.options(), now);
        let sql = if DIMENSIONS.contains(&dimension) {
            format!(
                "with metric as (\n{query})
                select name from marts.name where key in (select {dimension}_key from metric) order by lower(name), name"
            )
        } else {
            format!(
                "with metric as (\n{query})
                select distinct {dimension}::varchar as name from metric where name is not null order by lower(name), name"
            )
        };
        let names = self.store().query(&sql, &[])?.rows.into_iter().filter_map(|mut row| match row.pop() {
            Some(Value::Text(name)) => Some(name),
            _ => None,
        });
        let names: Arc<Vec<String>> = Arc::new(names.collect());
        self.keep(data_version, |kept| _ = kept.names_of.insert(kept_as, Arc::clone(&names)));
        Ok(names)
    }

    /// The groups that the figures of a metric by one of its dimensions have: the names in it, and none where something was
    /// observed of what has no name there. They are those of all that was observed so far. Read once until the data changes.
    pub fn groups_in(
        &self,
        metric: &Metric,
        dimension: &str,
        now: DateTime<Utc>,
    ) -> Result<Arc<Vec<Option<String>>>, AnalyticsError> {
        let kept_as = format!("{}.{dimension}", metric.name);
        if let Some(groups) = self.kept().groups_of.get(&kept_as) {
            return Ok(Arc::clone(groups));
        }
        let data_version = self.store().data_version();
        let groups = match metric.aggregate {
            _ if !metric.has_dimension(dimension) => BTreeSet::new(),
            Aggregate::Composed => {
                let mut all = BTreeSet::new();
                for (part, _) in PUBLISHED_MEANS {
                    all.extend(self.groups_in(self.catalogue().get(part)?, dimension, now)?.iter().cloned());
                }
                all
            }
            _ => self.groups_observed(metric, dimension, now)?,
        };
        let groups: Arc<Vec<Option<String>>> = Arc::new(groups.into_iter().collect());
        self.keep(data_version, |kept| _ = kept.groups_of.insert(kept_as, Arc::clone(&groups)));
        Ok(groups)
    }

    fn groups_observed(
        &self,
        metric: &Metric,
        dimension: &str,
        now: DateTime<Utc>,
    ) -> Result<BTreeSet<Option<String>>, AnalyticsError> {
        let query = filled_in(metric, self.options(), now);
        let is_usual = DIMENSIONS.contains(&dimension);
        let column = if is_usual { format!("{dimension}_key") } else { format!("{dimension}::varchar") };
        let begun = match metric.shape {
            Shape::Event => "observed_at",
            Shape::State => "held_from",
        };
        let cells = match (metric.aggregate, dimension) {
            (Aggregate::Cell, "team") => " and team_key is not null",
            (Aggregate::Cell, _) => " and team_key is null",
            _ => "",
        };
        let name =
            if is_usual { "(select named.name from marts.name as named where named.key = label)" } else { "label" };
        let sql = format!(
            "with metric as (\n{query}),
            observed as (
                select distinct {column} as label from metric
                where {begun} <= {}{cells} and ({column} is not null or reason::varchar is distinct from '{ONLY_BESIDE}')
            )
            select {name} from observed",
            instant(now)
        );
        let groups = self.store().query(&sql, &[])?.rows.into_iter().filter_map(|mut row| match row.pop() {
            Some(Value::Text(name)) => Some(Some(name)),
            Some(Value::Null) => Some(None),
            _ => None,
        });
        Ok(groups.collect())
    }
}
