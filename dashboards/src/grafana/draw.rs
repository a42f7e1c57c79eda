//! Panels as Grafana reads them.

use analytics::{Catalogue, Metric};
use serde_json::{Value, json};

use super::look::Look;
use super::panel::{Content, Other, Panel};
use super::question::Question;
use super::{Way, json as api, links, sql, style};

/// The JSON of a panel, without its place.
pub fn panel(catalogue: &Catalogue, way: Way, panel: &Panel) -> Value {
    let mut written = match &panel.content {
        Content::Figures(question) => figures(known(catalogue, question.metric), question, panel.look, way),
        Content::Rows(metric) => rows(known(catalogue, metric)),
        Content::Other(content) => other(content, way),
    };
    if let Some(title) = panel.title {
        written["title"] = title.into();
    }
    written["datasource"] = json!({ "type": way.plugin(), "uid": "${ds}" });
    written
}

fn known<'a>(catalogue: &'a Catalogue, name: &str) -> &'a Metric {
    catalogue.get(name).expect("the metrics of the boards are those of the catalogue, which a test makes sure of")
}

fn figures(metric: &Metric, question: &Question, look: Look, way: Way) -> Value {
    let target = match way {
        Way::PostgreSql => sql::target(metric, question),
        Way::Infinity => api::target(metric, question),
    };
    let units = style::words(&metric.unit).map(|unit| format!(" ({unit})")).unwrap_or_default();
    json!({
        "type": look.plugin(),
        "title": format!("{}{units}", style::title(metric)),
        "description": metric.definition,
        "targets": [target],
        "fieldConfig": { "defaults": defaults(metric, question, look), "overrides": overrides(metric, question, look) },
        "options": look.options(question),
        "links": [links::page(metric)],
    })
}

fn defaults(metric: &Metric, question: &Question, look: Look) -> Value {
    let has_thresholds = metric.thresholds.is_some() && question.figures[0] == "value";
    let mut defaults = json!({
        "unit": style::unit(style::unit_of(metric, &question.figures[0])),
        "thresholds": style::thresholds(metric),
        "color": { "mode": if look == Look::Stat || (look == Look::Bars && has_thresholds) { "thresholds" } else { "palette-classic" } },
        "noValue": "not known",
        "custom": look.custom(has_thresholds),
    });
    if let Some(link) = links::rows(metric, question, look) {
        defaults["links"] = json!([link]);
    }
    if let ([by], [_], Look::Lines | Look::Stacked) = (&question.by[..], &question.figures[..], look) {
        defaults["displayName"] = format!("${{__field.labels.{by}}}").into();
    }
    defaults
}

/// Each figure's name and unit, where a panel shows several or the only one has another name than its column.
fn overrides(metric: &Metric, question: &Question, look: Look) -> Vec<Value> {
    if !question.by.is_empty() && matches!(look, Look::Lines | Look::Stacked) {
        return Vec::new();
    }
    let mut overrides: Vec<Value> = Vec::new();
    for figure in &question.figures {
        let mut properties = vec![
            json!({ "id": "displayName", "value": style::title_of(metric, figure) }),
            json!({ "id": "unit", "value": style::unit(style::unit_of(metric, figure)) }),
        ];
        if look == Look::Band && figure != "value" {
            properties.push(json!({ "id": "custom.lineWidth", "value": 0 }));
            properties
                .push(json!({ "id": "custom.hideFrom", "value": { "legend": true, "tooltip": false, "viz": false } }));
            properties.push(json!({ "id": "color", "value": { "mode": "fixed", "fixedColor": "semi-dark-blue" } }));
        }
        if look == Look::Band && figure == "high" {
            let low = style::title_of(metric, "low");
            properties.push(json!({ "id": "custom.fillBelowTo", "value": low }));
            properties.push(json!({ "id": "custom.fillOpacity", "value": 15 }));
        }
        overrides.push(json!({ "matcher": { "id": "byName", "options": figure }, "properties": properties }));
    }
    overrides
}

fn rows(metric: &Metric) -> Value {
    let filter = Question::whole("").filter(metric);
    let mut parameters: Vec<(&str, String)> = api::RANGE.map(|(name, value)| (name, value.to_owned())).to_vec();
    if !filter.is_empty() {
        parameters.push(("where", filter));
    }
    parameters.push(("limit", "200".into()));
    let columns = [
        ("time", "timestamp"),
        ("subject", "string"),
        ("value", "number"),
        ("team", "string"),
        ("service", "string"),
        ("environment", "string"),
        ("reason", "string"),
        ("url", "string"),
    ];
    let path = format!("/v1/metrics/{}/observations", metric.name);
    let value = json!({
        "matcher": { "id": "byName", "options": "value" },
        "properties": [{ "id": "unit", "value": style::unit(&metric.unit) }],
    });
    let evidence = json!({
        "matcher": { "id": "byName", "options": "url" },
        "properties": [{ "id": "links", "value": [{ "title": "Evidence", "url": "${__value.raw}", "targetBlank": true }] }],
    });
    json!({
        "type": Look::Table.plugin(),
        "title": format!("Rows behind it: {}", style::title(metric)),
        "description": format!("The observations that the figure is made of, latest first. {}", metric.definition),
        "targets": [api::request(&path, &parameters, "observations", &columns, "table")],
        "fieldConfig": { "defaults": { "custom": Look::Table.custom(false) }, "overrides": [value, evidence] },
        "options": Look::Table.options(&Question::whole("")),
        "links": [links::page(metric)],
    })
}

fn other(other: &Other, way: Way) -> Value {
    let target = match (way, other.statement) {
        (Way::PostgreSql, Some(statement)) => sql::raw(statement, "table"),
        _ => {
            let parameters: Vec<(&str, String)> =
                other.parameters.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
            api::request(other.path, &parameters, other.root, other.columns, "table")
        }
    };
    json!({
        "type": Look::Table.plugin(),
        "description": other.about,
        "targets": [target],
        "fieldConfig": { "defaults": { "custom": Look::Table.custom(false) }, "overrides": [] },
        "options": Look::Table.options(&Question::whole("")),
        "links": [],
    })
}
