//! Whether a metric's query is one: a single `select` that reads only the marts its header names, and gives the columns
//! that its shape and its way of aggregation need.

use chrono::{DateTime, Utc};
use store::{QueryFault, Store, Unsteady};

use crate::ask::DIMENSIONS;
use crate::catalogue::{Aggregate, BesideAggregate, Catalogue, Metric, Shape};
use crate::error::AnalyticsError;
use crate::options::EngineOptions;
use crate::statement::filled_in;

/// The columns that are lists where a metric is bundled.
const BUNDLED: [&str; 2] = ["subject", "value"];

/// Functions that make rows out of nothing but what they are given.
const HARMLESS: [&str; 3] = ["generate_series", "range", "unnest"];

/// Checks a metric file against a store, without running its query.
pub fn check_file(store: &Store, options: EngineOptions, file: &str, text: &str) -> Result<(), AnalyticsError> {
    let catalogue = Catalogue::read(&[(file, text)])?;
    let composed = |metric: &&Metric| metric.aggregate != Aggregate::Composed;
    let metric = catalogue.metrics().find(composed).expect("the file was read into the catalogue");
    let bad = |line: Option<usize>, message: String| {
        // The query begins some lines into the file; what is wrong with the whole of it is told where it begins.
        let line = Some(line.unwrap_or(1) + metric.query_line - 1);
        AnalyticsError::BadMetricFile { file: file.to_owned(), line, message }
    };
    let query = filled_in(metric, options, DateTime::<Utc>::UNIX_EPOCH);
    let fault = |QueryFault { line, message }: QueryFault| bad(line, message);
    let reads = store.reads(&query)?.map_err(fault)?;
    let line_of = |word: &str| query.lines().position(|line| line.to_lowercase().contains(word)).map(|line| line + 1);
    for table in &reads.tables {
        let mart = table.strip_prefix("marts.").unwrap_or_default();
        if !metric.reads.iter().any(|read| read == mart) {
            let message = if mart.is_empty() {
                format!("reads `{table}`; a metric reads marts only, as `marts.NAME`")
            } else {
                let named: Vec<&str> = metric.reads.iter().map(String::as_str).collect();
                let hint = facts::did_you_mean(mart, &named);
                format!("reads `marts.{mart}`, which its header does not name in `reads`{hint}")
            };
            return Err(bad(line_of(table), message));
        }
    }
    if let Some(function) = reads.table_functions.iter().find(|name| !HARMLESS.contains(&name.as_str())) {
        let message = format!("takes rows from `{function}`; a metric reads marts only");
        return Err(bad(line_of(function), message));
    }
    if let Some(name) = reads.recursive.first() {
        let message = format!("`{name}` reads itself, and may never end; write it without `with recursive`");
        return Err(bad(line_of("recursive").or_else(|| line_of(name)), message));
    }
    if let Some(Unsteady { name, line }) = reads.unsteady.into_iter().next() {
        let message = format!(
            "`{name}` gives something else each time, and the same question is to have the same answer; for the present write {{now}}"
        );
        return Err(bad(line.or_else(|| line_of(&name)), message));
    }
    let columns = store.columns(&query).map_err(fault)?;
    match missing_column(metric, &columns) {
        Some((column, message)) => Err(bad(line_of(&column), message)),
        None => Ok(()),
    }
}

/// The first column that is not there, or not of its type, and what is wrong with it.
fn missing_column(metric: &Metric, columns: &[(String, String)]) -> Option<(String, String)> {
    for (name, wanted) in needed(metric) {
        let found = columns.iter().find(|(column, _)| *column == name);
        match found {
            None => {
                let names: Vec<&str> = columns.iter().map(|(column, _)| column.as_str()).collect();
                let hint = facts::did_you_mean(&name, &names);
                let message = format!("its query gives no column `{name}`{hint}; it gives {}", names.join(", "));
                return Some((name, message));
            }
            Some((_, sql_type)) => {
                let is_list = metric.bundled && BUNDLED.contains(&name.as_str());
                let word =
                    if is_list { "a list: a row of a `bundled` metric stands for several" } else { wanted.word() };
                let single = if is_list { sql_type.strip_suffix("[]") } else { Some(sql_type.as_str()) };
                if !single.is_some_and(|sql_type| wanted.holds(sql_type)) {
                    let message = format!("its column `{name}` is of type {sql_type}; it must be {word}");
                    return Some((name, message));
                }
            }
        }
    }
    None
}

/// What a column must be.
#[derive(Clone, Copy)]
enum Wanted {
    Time,
    Number,
    Truth,
    Key,
    Any,
}

impl Wanted {
    /// A column of nulls alone has DuckDB's type of a null.
    fn holds(self, sql_type: &str) -> bool {
        let is_number = || {
            let numeric = ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL"];
            !sql_type.ends_with("[]") && numeric.iter().any(|name| sql_type.trim_start_matches('U').starts_with(name))
        };
        match self {
            Wanted::Time => sql_type == "TIMESTAMP",
            Wanted::Number => is_number(),
            Wanted::Truth => sql_type == "BOOLEAN",
            Wanted::Key => sql_type == "INTEGER",
            Wanted::Any => true,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Wanted::Time => "a timestamp, in UTC",
            Wanted::Number => "a number",
            Wanted::Truth => "a boolean",
            Wanted::Key => "a key of marts.name, an integer",
            Wanted::Any => "there",
        }
    }
}

/// The columns that the engine reads of a metric.
fn needed(metric: &Metric) -> Vec<(String, Wanted)> {
    let own = |names: &[(&str, Wanted)]| names.iter().map(|(name, wanted)| ((*name).to_owned(), *wanted)).collect();
    let mut needed: Vec<(String, Wanted)> = match metric.shape {
        Shape::Event => own(&[("observed_at", Wanted::Time)]),
        Shape::State => own(&[("held_from", Wanted::Time), ("held_until", Wanted::Time)]),
    };
    needed.extend(["subject", "url", "reason"].map(|name| (name.to_owned(), Wanted::Any)));
    let of_aggregate: &[(&str, Wanted)] = match metric.aggregate {
        Aggregate::Ratio => &[("numerator", Wanted::Number), ("denominator", Wanted::Number)],
        Aggregate::Share => &[("value", Wanted::Truth)],
        Aggregate::Survival => &[("value", Wanted::Number), ("is_open", Wanted::Truth)],
        Aggregate::Cell => &[
            ("value", Wanted::Number),
            ("counts", Wanted::Any),
            ("invited", Wanted::Number),
            ("team_key", Wanted::Key),
        ],
        _ => &[("value", Wanted::Number)],
    };
    needed.extend(of_aggregate.iter().map(|(name, wanted)| ((*name).to_owned(), *wanted)));
    for dimension in &metric.dimensions {
        match DIMENSIONS.contains(&dimension.as_str()) {
            true => needed.push((format!("{dimension}_key"), Wanted::Key)),
            false => needed.push((dimension.clone(), Wanted::Any)),
        }
    }
    needed.extend(metric.stages.iter().map(|stage| (stage.clone(), Wanted::Number)));
    if metric.estimates.is_some() {
        needed.push(("is_estimated".to_owned(), Wanted::Truth));
    }
    for beside in &metric.beside {
        let name = &beside.name;
        match beside.aggregate {
            BesideAggregate::Ratio => {
                needed.push((format!("{name}_numerator"), Wanted::Number));
                needed.push((format!("{name}_denominator"), Wanted::Number));
            }
            BesideAggregate::Share | BesideAggregate::Count => needed.push((name.clone(), Wanted::Truth)),
            BesideAggregate::Age => needed.push((name.clone(), Wanted::Time)),
            BesideAggregate::Sum | BesideAggregate::Median | BesideAggregate::Least => {
                needed.push((name.clone(), Wanted::Number));
            }
        }
    }
    needed
}
