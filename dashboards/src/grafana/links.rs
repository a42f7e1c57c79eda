//! Where panels lead: to a metric's page, and to the rows behind what is clicked on.

use analytics::Metric;
use serde_json::{Value, json};

use super::look::Look;
use super::question::{FILTERS, Question};

/// The page of a metric: its definition, trend, coverage and rows.
pub fn page(metric: &Metric) -> Value {
    json!({
        "type": "link", "title": "Definition, coverage and rows", "icon": "external link", "tooltip": "",
        "tags": [], "asDropdown": false, "targetBlank": true, "includeVars": false, "keepTime": false,
        "url": format!("${{cairn}}/m/{}?from=${{__from:date:iso}}&to=${{__to:date:iso}}", metric.name),
    })
}

/// The rows behind what is clicked on.
pub fn rows(metric: &Metric, question: &Question, look: Look) -> Option<Value> {
    if !metric.has_rows() {
        return None;
    }
    let group = |by: &str| match look {
        Look::Lines | Look::Stacked | Look::Band => format!("${{__field.labels.{by}:percentencode}}"),
        _ => format!("${{__data.fields.{by}:percentencode}}"),
    };
    let variables = FILTERS.into_iter().filter(|name| metric.has_dimension(name) && !question.by.contains(name));
    let filters: Vec<String> = variables
        .map(|name| format!("{name}=${{{name}:csv}}"))
        .chain(question.by.iter().map(|by| format!("{by}={}", group(by))))
        .chain(question.only.map(str::to_owned))
        .collect();
    let filters = if filters.is_empty() { String::new() } else { format!("&where={}", filters.join(";")) };
    Some(json!({
        "title": "Rows behind this",
        "url": format!(
            "${{cairn}}/v1/metrics/{}/observations?from=${{__from:date:iso}}&to=${{__to:date:iso}}{filters}",
            metric.name
        ),
        "targetBlank": true,
    }))
}
