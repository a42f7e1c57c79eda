//! Reading a metric file: its header, and what is wrong with it, by line.

use facts::Kind;

use crate::ask::all_dimensions;
use crate::catalogue::{Aggregate, Better, GROUPS, MARTS, Metric, Shape};
use crate::error::AnalyticsError;

/// A figure of ten years ago does not change any more.
const MOST_PROVISIONAL_DAYS: i64 = 3_650;

/// Reads one metric file: its header, the leading comment, is TOML; the query is the rest.
pub(crate) fn parse(file: &str, text: &str) -> Result<Metric, AnalyticsError> {
    let bad = |line, message: String| AnalyticsError::BadMetricFile { file: file.to_owned(), line, message };
    // Some editors put a mark before the first letter, which is none of the header.
    let (header, query, query_line) = header_and_query(text.trim_start_matches('\u{feff}'));
    let mut metric: Metric = toml::from_str(&header).map_err(|error: toml::de::Error| {
        let line = error.span().map(|span| header[..span.start].matches('\n').count() + 1);
        let missing = if error.message().starts_with("missing field") {
            format!("; the header, which ends where a line is no comment, ends before line {query_line}")
        } else {
            String::new()
        };
        bad(line, told(error.message()) + &missing)
    })?;
    metric.query = query;
    metric.query_line = query_line;
    let stem = file.rsplit(['/', '\\']).next().unwrap_or(file).trim_end_matches(".sql");
    let line_of = |key: &str| header.lines().position(|line| line.starts_with(key)).map(|line| line + 1);
    if metric.name != stem {
        let message = format!("its name is `{}`, the file's is `{stem}`; they must be one", metric.name);
        return Err(bad(line_of("name"), message));
    }
    if metric.version == 0 {
        return Err(bad(line_of("version"), "a definition's first version is 1".into()));
    }
    if let Some(days) = metric.provisional_days.filter(|days| !(0..=MOST_PROVISIONAL_DAYS).contains(days)) {
        let message = format!("a figure cannot change for {days} days; write 0 to {MOST_PROVISIONAL_DAYS}");
        return Err(bad(line_of("provisional_days"), message));
    }
    for (key, kind) in
        metric.counts.iter().map(|kind| ("counts", kind)).chain(metric.needs.iter().map(|kind| ("needs", kind)))
    {
        if let Err(error) = Kind::parse(kind) {
            return Err(bad(line_of(key), format!("`{key}` names a kind of fact: {error}")));
        }
    }
    if metric.aggregate == Aggregate::Composed {
        let message =
            "a file cannot be `composed`: composed metrics are part of the program, so none can rest on itself";
        return Err(bad(line_of("aggregate"), message.into()));
    }
    if metric.aggregate == Aggregate::Count && metric.shape == Shape::Event {
        return Err(bad(line_of("aggregate"), "`count` is for states; events are counted by `rate` or `sum`".into()));
    }
    if metric.aggregate == Aggregate::Rate && (metric.shape == Shape::State || metric.per_days == 0) {
        return Err(bad(line_of("aggregate"), "`rate` is for events, per one day or more".into()));
    }
    if (metric.aggregate == Aggregate::Cell) != metric.cell.is_some() {
        let message = "`aggregate = \"cell\"` and `cell` (mean, share or net) go together".to_owned();
        return Err(bad(line_of("aggregate"), message));
    }
    if metric.aggregate == Aggregate::Cell && metric.shape == Shape::State {
        return Err(bad(line_of("shape"), "a published cell is an `event`: the closing of its wave".into()));
    }
    if metric.reads.iter().any(|mart| mart == "survey_cell") && metric.aggregate != Aggregate::Cell {
        let message = "cells of surveys are never added; a metric that reads survey_cell has `aggregate = \"cell\"`";
        return Err(bad(line_of("aggregate"), message.into()));
    }
    if !GROUPS.contains(&metric.group.as_str()) {
        let hint = facts::did_you_mean(&metric.group, &GROUPS);
        let message = format!("there is no group `{}`{hint}; the groups are {}", metric.group, GROUPS.join(", "));
        return Err(bad(line_of("group"), message));
    }
    let marts = MARTS.map(|(name, _)| name);
    if let Some(unknown) = metric.reads.iter().find(|mart| !marts.contains(&mart.as_str())) {
        let hint = facts::did_you_mean(unknown, &marts);
        let message = format!("reads an unknown mart `{unknown}`{hint}; there are {}", marts.join(", "));
        return Err(bad(line_of("reads"), message));
    }
    let known: Vec<&str> = all_dimensions().collect();
    if let Some(unknown) = metric.dimensions.iter().find(|name| !known.contains(&name.as_str())) {
        let hint = facts::did_you_mean(unknown, &known);
        let message = format!("there is no dimension `{unknown}`{hint}; the dimensions are {}", known.join(", "));
        return Err(bad(line_of("dimensions"), message));
    }
    if let Some(apart) = &metric.apart
        && !metric.own_dimensions().any(|dimension| dimension == apart.dimension)
    {
        let message = format!("`apart` names `{}`, which is none of its own dimensions", apart.dimension);
        return Err(bad(line_of("apart"), message));
    }
    if let Some(thresholds) = metric.thresholds
        && (thresholds.good > thresholds.poor) != (metric.better == Better::Higher)
    {
        let message = "`good` and `poor` stand the wrong way round for what is `better`".to_owned();
        return Err(bad(line_of("thresholds"), message));
    }
    if metric.bundled
        && (metric.aggregate != Aggregate::Median || !metric.stages.is_empty() || !metric.beside.is_empty())
    {
        let message = "`bundled` is for medians of one value: without `stages` and `beside`".to_owned();
        return Err(bad(line_of("bundled"), message));
    }
    let names = || metric.beside.iter().map(|beside| &beside.name).chain(&metric.stages).chain(&metric.oldest);
    if let Some(name) = names().find(|name| !is_column_name(name)) {
        let message = format!("`{name}` is no name of a column; write it in lower case letters, digits and `_`");
        return Err(bad(None, message));
    }
    metric.definition = metric.definition.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(metric)
}

/// Names become part of the statement, so they are nothing but words.
fn is_column_name(name: &str) -> bool {
    name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

/// What is wrong with a header, with the nearest known key where one is not known.
fn told(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match quoted.as_slice() {
        [unknown, known @ ..] if message.starts_with("unknown") => {
            format!("{message}{}", facts::did_you_mean(unknown, known))
        }
        _ => message.to_owned(),
    }
}

/// A file's header, its query, and the line on which that begins. The header is the leading comment; the line that says
/// what one row is ends it: it is prose, the first that is no TOML.
pub(crate) fn header_and_query(text: &str) -> (String, String, usize) {
    let mut header = String::new();
    let mut query = String::new();
    let mut query_line = 1;
    for (number, line) in text.lines().enumerate() {
        if query.is_empty() && line.starts_with("--") && !line.starts_with("-- One row") {
            header.push_str(line.trim_start_matches('-').strip_prefix(' ').unwrap_or_default());
            header.push('\n');
            query_line = number + 2;
        } else {
            query.push_str(line);
            query.push('\n');
        }
    }
    (header, query, query_line)
}
