//! Questions as SQL, for Grafana's PostgreSQL data source. A panel reads nothing but `metric(...)` or `metric_figure(...)`,
//! which ask the engine, or one of the published tables as it is.

use analytics::Metric;
use serde_json::{Value, json};

use super::Way;
use super::question::{Question, Step};

/// The figures that `metric(...)` has as columns; others are rows of `metric_figure(...)`.
const COLUMNS: [&str; 5] = ["value", "n", "low", "high", "coverage"];

/// The statement of a question, with its filter as the API writes it.
fn statement(metric: &Metric, question: &Question, filter: &str) -> String {
    let has_columns = question.figures.iter().all(|figure| COLUMNS.contains(&figure.as_str()));
    let function = if has_columns { "metric" } else { "metric_figure" };
    let mut selected: Vec<String> = question.groups().map(str::to_owned).collect();
    selected.extend(question.figures.iter().map(|figure| if has_columns { figure.clone() } else { picked(figure) }));
    let complete = if question.step == Step::Chosen { " where is_complete" } else { "" };
    let groups: Vec<&str> = question.groups().collect();
    let grouped = match has_columns || groups.is_empty() {
        true => String::new(),
        false => format!(" group by {}", groups.join(", ")),
    };
    let order = match (question.step, question.by.is_empty()) {
        (Step::Whole, true) => String::new(),
        (Step::Whole, false) => format!(" order by {} desc nulls last", question.figures[0]),
        _ => " order by time".to_owned(),
    };
    let wanted = if has_columns { String::new() } else { format!(", '{}'", rows(question).join(",")) };
    format!(
        "select {} from {function}('{}', '{}', '{}', $__timeFrom(), $__timeTo(), '{filter}'{wanted}){complete}{grouped}{order}",
        selected.join(", "),
        metric.name,
        question.grain(),
        question.by.join(","),
    )
}

/// A figure among the rows of `metric_figure(...)`, of which there is one for each bucket and group.
fn picked(figure: &str) -> String {
    let column = if COLUMNS.contains(&figure) { figure } else { "value" };
    format!("max({column}) filter (where figure = '{}') as {figure}", row(figure))
}

/// Which of these rows it stands in. Stages go by their names alone there.
fn row(figure: &str) -> &str {
    if COLUMNS.contains(&figure) { "value" } else { figure.strip_suffix("_value").unwrap_or(figure) }
}

/// All rows that a question needs: others need not be made.
fn rows(question: &Question) -> Vec<&str> {
    let mut rows: Vec<&str> = Vec::new();
    for row in question.figures.iter().map(|figure| row(figure)) {
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    rows
}

/// The target of a panel.
pub fn target(metric: &Metric, question: &Question) -> Value {
    let format = if question.step == Step::Whole { "table" } else { "time_series" };
    raw(&statement(metric, question, &question.filter(metric)), format)
}

/// The same without the dashboard's variables, for an alert rule.
pub fn unfiltered(metric: &Metric, question: &Question) -> Value {
    let format = if question.step == Step::Whole { "table" } else { "time_series" };
    raw(&statement(metric, question, question.only.unwrap_or_default()), format)
}

/// A target of a statement.
pub fn raw(statement: &str, format: &str) -> Value {
    json!({
        "refId": "A",
        "datasource": { "type": Way::PostgreSql.plugin(), "uid": "${ds}" },
        "editorMode": "code",
        "rawQuery": true,
        "rawSql": statement,
        "format": format,
    })
}
