//! How figures look: their unit, and the colours of what is good and what is poor.

use analytics::{Better, Metric};
use serde_json::{Value, json};

/// Grafana's unit for one of ours.
pub fn unit(unit: &str) -> &'static str {
    match unit {
        "seconds" => "s",
        "share" => "percentunit",
        "hours" => "h",
        "days" => "d",
        _ => "short",
    }
}

/// Our unit in words, where Grafana has none for it.
pub fn words(unit: &str) -> Option<&str> {
    match unit {
        "seconds" | "share" | "hours" | "days" | "" => None,
        unit => Some(unit),
    }
}

/// The unit of one of a metric's figures.
pub fn unit_of<'a>(metric: &'a Metric, figure: &str) -> &'a str {
    if let Some(beside) = metric.beside.iter().find(|beside| beside.name == figure) {
        return &beside.unit;
    }
    match figure {
        "oldest_seconds" => "seconds",
        "deployment_days_per_week" => "days per week",
        "coverage" => "share",
        "n" | "n_open" => "",
        _ => &metric.unit,
    }
}

/// What people call one of a metric's figures.
pub fn title_of(metric: &Metric, figure: &str) -> String {
    if let Some(beside) = metric.beside.iter().find(|beside| beside.name == figure) {
        return beside.title.clone();
    }
    if let Some(stage) = figure.strip_suffix("_value") {
        return stage.to_owned();
    }
    match figure {
        "value" => title(metric),
        "p75" => "75 %".into(),
        "p90" => "90 %".into(),
        "low" => "95 % interval, low".into(),
        "high" => "95 % interval, high".into(),
        "n" => "Observations".into(),
        "oldest_seconds" => "Oldest".into(),
        "coverage" => "Coverage".into(),
        other => other.replace('_', " "),
    }
}

/// A metric's title. Where a lead time starts is configured, so the title of a file leaves it open.
pub fn title(metric: &Metric) -> String {
    metric.title.replace(" ({lead_time_start})", "")
}

/// The colours by what the metric's header says; one neutral colour where it says nothing.
pub fn thresholds(metric: &Metric) -> Value {
    let step = |colour: &str, value: Option<f64>| json!({ "color": colour, "value": value });
    let steps = match (metric.thresholds, metric.better) {
        (None, _) => vec![step("text", None)],
        (Some(at), Better::Higher) => {
            vec![step("red", None), step("orange", Some(at.poor)), step("green", Some(at.good))]
        }
        (Some(at), Better::Lower) => {
            vec![step("green", None), step("orange", Some(at.good)), step("red", Some(at.poor))]
        }
    };
    json!({ "mode": "absolute", "steps": steps })
}
