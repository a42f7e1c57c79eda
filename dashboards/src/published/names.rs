//! Rows of `metric_value` for a statement that asks only which names there are: none of their figures is computed.

use std::collections::BTreeSet;

use analytics::{Engine, Grain, Window};
use chrono::{DateTime, Utc};

use super::figures::{ALL, FigureRow};
use super::narrow::Narrowing;
use super::refusal::Refusal;
use super::relation::{FIGURE, Relation};

/// What is asked of the rows.
pub(super) struct Names<'a>(BTreeSet<&'a str>);

impl<'a> Names<'a> {
    /// What a statement asks, where names answer it. At which times something was observed of a name is not known without its
    /// figures; figures of everything have a row at all times.
    pub(super) fn asked(relation: &'a Relation, wanted: &[Narrowing], columns: &[usize]) -> Option<Names<'a>> {
        let asked: BTreeSet<&str> = columns.iter().map(|place| &relation.columns[*place].name[..]).collect();
        let is_name = |column: &&str| !FIGURE.iter().any(|(figure, ..)| figure == column);
        let is_of_everything = |column: &&str| ["metric", "grain", "time"].contains(column);
        let is_answered = match asked.contains("time") {
            true => asked.iter().all(is_of_everything),
            false => asked.iter().all(is_name),
        };
        (is_answered && wanted.iter().all(|narrowing| narrowing.is_distinct)).then_some(Names(asked))
    }

    /// The rows of a metric by a grouping, each once.
    pub(super) fn rows(
        &self,
        engine: &Engine,
        metric: &str,
        grain: Grain,
        grouping: &str,
        window: Window,
        now: DateTime<Utc>,
    ) -> Result<Vec<FigureRow>, Refusal> {
        let metric = engine.catalogue().get(metric)?;
        let is_at_a_time = self.0.contains("time");
        if grouping == ALL {
            let buckets = window.buckets(grain, engine.options().zone, now)?;
            let is_too_fine = metric.most_buckets().is_some_and(|most| buckets.len() > most);
            let n_rows = if is_too_fine {
                0
            } else if is_at_a_time {
                buckets.len()
            } else {
                1
            };
            return Ok(buckets.iter().take(n_rows).map(|bucket| FigureRow::named(bucket.time, None)).collect());
        }
        // By what its name is not asked for, its rows say what those of everything say.
        if is_at_a_time || !self.0.contains(grouping) && !self.0.contains("grouped_by") {
            return Ok(Vec::new());
        }
        let groups = engine.groups_in(metric, grouping, now)?;
        let row =
            |name: &Option<String>| FigureRow::named(window.from, name.as_ref().map(|name| (grouping, &name[..])));
        Ok(groups.iter().map(row).collect())
    }
}
