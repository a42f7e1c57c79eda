//! Questions as requests to the API, for the Infinity data source.

use analytics::Metric;
use serde_json::{Value, json};

use super::Way;
use super::question::{Question, Step};

/// Parameters of a request that follow the dashboard's range of time.
pub const RANGE: [(&str, &str); 2] = [("from", "${__from:date:iso}"), ("to", "${__to:date:iso}")];

/// The target of a panel.
pub fn target(metric: &Metric, question: &Question) -> Value {
    asked(metric, question, question.filter(metric))
}

/// The same without the dashboard's variables, for an alert rule.
pub fn unfiltered(metric: &Metric, question: &Question) -> Value {
    asked(metric, question, question.only.unwrap_or_default().to_owned())
}

fn asked(metric: &Metric, question: &Question, filter: String) -> Value {
    let mut parameters = vec![("format", "rows".to_owned()), ("grain", question.grain().to_owned())];
    parameters.extend(RANGE.map(|(name, value)| (name, value.to_owned())));
    if !question.by.is_empty() {
        parameters.push(("by", question.by.join(",")));
    }
    if !filter.is_empty() {
        parameters.push(("where", filter));
    }
    if question.step == Step::Chosen {
        parameters.push(("buckets", "complete".into()));
    }
    let columns: Vec<Column<'_>> = question.columns().into_iter().map(|name| of_metric(question, name)).collect();
    let format = if question.step == Step::Whole { "table" } else { "timeseries" };
    request(&format!("/v1/metrics/{}", metric.name), &parameters, "", &columns, format)
}

/// A column of an answer: where it stands in a row, and what it holds.
pub type Column<'a> = (&'a str, &'static str);

fn of_metric<'a>(question: &Question, name: &'a str) -> Column<'a> {
    let kind = match name {
        "time" => "timestamp",
        name if question.by.contains(&name) => "string",
        _ => "number",
    };
    (name, kind)
}

/// A target that sends a request.
pub fn request(path: &str, parameters: &[(&str, String)], root: &str, columns: &[Column<'_>], format: &str) -> Value {
    let parameters: Vec<Value> = parameters.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
    let columns: Vec<Value> =
        columns.iter().map(|(name, kind)| json!({ "selector": name, "text": name, "type": kind })).collect();
    json!({
        "refId": "A",
        "datasource": { "type": Way::Infinity.plugin(), "uid": "${ds}" },
        "type": "json",
        "source": "url",
        "parser": "backend",
        "format": format,
        "url": path,
        "url_options": { "method": "GET", "params": parameters },
        "root_selector": root,
        "columns": columns,
    })
}
