//! Questions as SQL, for Grafana's PostgreSQL data source. A panel reads nothing but `metric(...)`, which asks the engine,
//! or one of the published tables as it is.

use analytics::Metric;
use serde_json::{Value, json};

use super::Way;
use super::question::{Question, Step};

/// The statement of a question, with its filter as the API writes it.
fn statement(metric: &Metric, question: &Question, filter: &str) -> String {
    let complete = if question.step == Step::Chosen { " where is_complete" } else { "" };
    let order = match (question.step, question.by.is_empty()) {
        (Step::Whole, true) => String::new(),
        (Step::Whole, false) => format!(" order by {} desc nulls last", question.figures[0]),
        _ => " order by time".to_owned(),
    };
    format!(
        "select {} from metric('{}', '{}', '{}', '{}', $__timeFrom(), $__timeTo()){complete}{order}",
        question.columns().join(", "),
        metric.name,
        question.grain(),
        question.by.join(","),
        filter,
    )
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
