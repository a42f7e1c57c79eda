//! The rows behind a metric's figures as a table, column by column and batch by batch, for readers who want all of them.

use std::ops::ControlFlow;

use arrow::array::RecordBatch;
use chrono::{DateTime, Utc};

use crate::ask::DIMENSIONS;
use crate::catalogue::{Aggregate, Metric, Shape};
use crate::engine::Engine;
use crate::error::AnalyticsError;
use crate::statement::{ONLY_BESIDE, Statement};
use crate::window::Window;

/// What a column of observations holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObservationType {
    /// An instant.
    Instant,
    /// Text.
    Text,
    /// A number.
    Number,
    /// A truth value.
    Truth,
}

/// A column of a metric's observations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservationColumn {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub holds: ObservationType,
    /// What it says.
    pub comment: String,
    /// How it is taken from an observation.
    expression: String,
}

impl Metric {
    /// The columns of its observations; none where it has no rows of its own, or they are about single people, or answers
    /// to a survey.
    pub fn observation_columns(&self) -> Vec<ObservationColumn> {
        const ABOUT_PEOPLE: [&str; 3] = ["engineer_start", "survey_cell", "time_saved"];
        let is_about_people = self.reads.iter().any(|mart| ABOUT_PEOPLE.contains(&mart.as_str()));
        if self.aggregate == Aggregate::Composed || is_about_people {
            return Vec::new();
        }
        let mut columns = Vec::new();
        let mut add = |name: &str, holds, comment: &str, expression: &str| {
            let sql_type = match holds {
                ObservationType::Instant => "timestamp",
                ObservationType::Text => "varchar",
                ObservationType::Number => "double",
                ObservationType::Truth => "boolean",
            };
            columns.push(ObservationColumn {
                name: name.to_owned(),
                holds,
                comment: comment.to_owned(),
                expression: format!("({expression})::{sql_type}"),
            });
        };
        use ObservationType::{Instant, Number, Text, Truth};
        match self.shape {
            Shape::Event => add("time", Instant, "When it happened.", "observation.observed_at"),
            Shape::State => {
                add("time", Instant, "From when it held.", "observation.held_from");
                add("until", Instant, "Until when it held; null where it still does.", "observation.held_until");
            }
        }
        let (subject, url) = if self.subjects.is_some() { ("named.name", "named.url") } else { SUBJECT };
        add("subject", Text, "What it is about, by its identifier.", subject);
        let value = if self.aggregate == Aggregate::Ratio {
            "observation.numerator::double / nullif(observation.denominator::double, 0)"
        } else {
            "observation.value"
        };
        add("value", Number, &format!("Its value ({}); 1 or 0 for what is counted.", self.unit), value);
        if self.aggregate == Aggregate::Survival {
            add(
                "is_open",
                Truth,
                "It is not over yet: the value is what it has come to by now.",
                "observation.is_open",
            );
        }
        add("reason", Text, "Why it does not count; null where it does.", "observation.reason");
        for stage in &self.stages {
            add(stage, Number, &format!("The stage {stage} of the value."), &format!("observation.{stage}"));
        }
        for dimension in &self.dimensions {
            let expression = match DIMENSIONS.contains(&dimension.as_str()) {
                true => format!("select name from marts.name where key = observation.{dimension}_key"),
                false => format!("observation.{dimension}"),
            };
            add(dimension, Text, &format!("Its {dimension}."), &expression);
        }
        add("url", Text, "Where the evidence can be looked at.", url);
        columns
    }
}

const SUBJECT: (&str, &str) = ("observation.subject", "observation.url");

impl Engine {
    /// Hands a metric's observations on, until `take` breaks off: of each the columns asked for, which are places in
    /// [`Metric::observation_columns`]. A window takes those that lie in it, or hold within it.
    pub fn observations_while(
        &self,
        metric: &Metric,
        columns: &[usize],
        window: Option<Window>,
        now: DateTime<Utc>,
        take: &mut dyn FnMut(RecordBatch) -> ControlFlow<()>,
    ) -> Result<(), AnalyticsError> {
        let known = metric.observation_columns();
        let asked: Vec<String> = columns
            .iter()
            .filter_map(|place| known.get(*place))
            .map(|column| format!("{} as \"{}\"", column.expression, column.name))
            .collect();
        let asked = if asked.is_empty() { "true as is_there".to_owned() } else { asked.join(", ") };
        // Names are looked up only for who asks for them.
        let naming = match &metric.subjects {
            Some(mart) if asked.contains("named.") => {
                // A revision is one commit in each repository that has it; all else is known by its hash alone.
                let within = match mart.as_str() {
                    "commit_name" => " and named.repository_hash = observation.repository_hash",
                    _ => "",
                };
                format!("left join marts.{mart} as named on named.subject = observation.subject{within}")
            }
            _ => String::new(),
        };
        let within = window.map(|window| within(metric.shape, window)).unwrap_or_default();
        let statement = Statement::observations(metric, self.options(), &[], now);
        let sql = format!(
            "{} select {asked} from observation {naming}
            where observation.reason::varchar is distinct from '{ONLY_BESIDE}' {within}",
            statement.sql
        );
        Ok(self.store().query_while(&sql, &statement.parameters, take)?)
    }
}

fn within(shape: Shape, window: Window) -> String {
    let (from, to) = (crate::statement::instant(window.from), crate::statement::instant(window.to));
    match shape {
        Shape::Event => format!("and observation.observed_at >= {from} and observation.observed_at < {to}"),
        // Whoever asks by time asks for the begin, the column that the table calls time.
        Shape::State => format!("and observation.held_from >= {from} and observation.held_from < {to}"),
    }
}
