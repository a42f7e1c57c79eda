//! The rows behind a metric's figures as a table, column by column and batch by batch, for readers who want all of them.

use std::ops::ControlFlow;

use arrow::array::RecordBatch;
use chrono::{DateTime, TimeDelta, Utc};

use crate::ask::DIMENSIONS;
use crate::catalogue::{Aggregate, Metric, Shape};
use crate::engine::Engine;
use crate::error::AnalyticsError;
use crate::statement::{ONLY_BESIDE, Statement, instant};
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
        if self.explained {
            add("because", Text, "Why the value is what it is.", "observation.because");
        }
        for stage in &self.stages {
            add(stage, Number, &format!("The stage {stage} of the value."), &format!("observation.{stage}"));
        }
        for dimension in &self.dimensions {
            let expression = match DIMENSIONS.contains(&dimension.as_str()) {
                true => format!("{dimension}_name.name"),
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
    /// Hands a metric's observations on, until `take` breaks off or nobody waits any more: of each the columns asked for, which are
    /// places in [`Metric::observation_columns`]. A window takes those that lie in it, or hold within it.
    pub fn observations_while(
        &self,
        metric: &Metric,
        columns: &[usize],
        window: Option<Window>,
        now: DateTime<Utc>,
        is_over: &(dyn Fn() -> bool + Sync),
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
        let is_named = asked.contains("named.");
        let mut naming = if is_named { naming(metric, "observed").unwrap_or_default() } else { String::new() };
        for dimension in DIMENSIONS.into_iter().filter(|dimension| asked.contains(&format!("{dimension}_name."))) {
            naming += &format!(
                " left join marts.name as {dimension}_name on {dimension}_name.key = observation.{dimension}_key"
            );
        }
        let statement = Statement::observations(metric, self.options(), &[], now);
        let mut is_broken_off = false;
        for slice in self.slices(metric, window, is_named)? {
            let sql = format!(
                "{}, observed as (
                    select * from observation where reason::varchar is distinct from '{ONLY_BESIDE}' {}
                )
                select {asked} from observed as observation {naming}",
                statement.sql,
                within(metric.shape, slice)
            );
            self.store().query_while(&sql, &statement.parameters, is_over, &mut |batch| {
                let flow = take(batch);
                is_broken_off = flow.is_break();
                flow
            })?;
            if is_broken_off || is_over() {
                break;
            }
        }
        Ok(())
    }

    /// The parts of a window that are read one after the other: of what has millions of names only some are gathered at a
    /// time, so that who wants to see a few rows need not wait for all of them, nor the memory hold them.
    fn slices(&self, metric: &Metric, window: Option<Window>, is_named: bool) -> Result<Vec<Slice>, AnalyticsError> {
        const N_SLICES: i32 = 24;
        let whole = (window.map(|window| window.from), window.map(|window| window.to));
        let told = self.told_within(metric)?;
        let (Some(told), true) = (told, is_named && self.reads_large_marts(metric)?) else { return Ok(vec![whole]) };
        let (first, last) = (whole.0.unwrap_or(told.from).max(told.from), whole.1.unwrap_or(told.to).min(told.to));
        let length = (last - first) / N_SLICES;
        if length < TimeDelta::seconds(1) {
            return Ok(vec![whole]);
        }
        let inner = (1..N_SLICES).map(|place| Some(first + length * place));
        let begins = [whole.0].into_iter().chain(inner.clone());
        Ok(begins.zip(inner.chain([whole.1])).collect())
    }
}

/// A span of time; what is open has no end there.
type Slice = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// Names for the subjects of some rows, which stand under a name of their own and as `observation`: only for these, since there
/// may be millions.
pub(crate) fn naming(metric: &Metric, rows: &str) -> Option<String> {
    let of_rows = format!("in (select subject from {rows})");
    Some(match metric.subjects.as_deref()? {
        // A revision is one commit in each repository that has it, of which several sources may tell; all else is known by its
        // hash alone.
        "commit_name" => format!(
            "left join (
                select revision_hash as subject, repository_hash, any_value(revision) as name, any_value(url) as url
                from facts.commit where revision_hash {of_rows} group by all
            ) as named on named.subject = observation.subject and named.repository_hash = observation.repository_hash"
        ),
        mart => format!(
            "left join (select * from marts.{mart} where subject {of_rows}) as named on named.subject = observation.subject"
        ),
    })
}

fn within(shape: Shape, (from, to): Slice) -> String {
    // Whoever asks for states by time asks for the begin, the column that the table calls time.
    let column = match shape {
        Shape::Event => "observed_at",
        Shape::State => "held_from",
    };
    let end = |sign: &str, end: Option<DateTime<Utc>>| {
        end.map(|end| format!(" and {column} {sign} {}", instant(end))).unwrap_or_default()
    };
    end(">=", from) + &end("<", to)
}
