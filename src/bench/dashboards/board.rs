//! What Grafana sends for the shipped *Delivery* dashboard: its panels and the marks that are shown unless somebody turns
//! them off. Of Grafana's language only what this dashboard uses is done here; the tests hold it against all of it.

use analytics::Catalogue;
use anyhow::Context as _;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

/// The range of time that a dashboard shows.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    /// Its begin.
    pub from: DateTime<Utc>,
    /// Its end.
    pub to: DateTime<Utc>,
}

const FILE: &str = "dashboards/postgresql/delivery.json";

/// The statements of the dashboard by week, of a team or (`*`) of all.
pub fn statements(catalogue: &Catalogue, range: Range, team: &str) -> anyhow::Result<Vec<String>> {
    let files = dashboards::grafana::files(catalogue);
    let file = files.into_iter().find(|file| file.path == FILE).with_context(|| format!("there is no {FILE}"))?;
    let board: Value = serde_json::from_str(&file.text)?;
    let empty = Vec::new();
    let list = |value: &Value| -> Vec<Value> { value.as_array().unwrap_or(&empty).clone() };
    let panels = list(&board["panels"]).into_iter().flat_map(|panel| list(&panel["targets"]));
    let marks = list(&board["annotations"]["list"]).into_iter().filter(|mark| mark["enable"] == true);
    let targets: Vec<Value> = panels.chain(marks.map(|mark| mark["target"].clone())).collect();
    targets.iter().map(|target| sent(target["rawSql"].as_str().unwrap_or_default(), range, team)).collect()
}

fn sent(statement: &str, range: Range, team: &str) -> anyhow::Result<String> {
    let [from, to] = [range.from, range.to].map(|at| format!("'{}'", at.to_rfc3339_opts(SecondsFormat::AutoSi, true)));
    let within = format!("time BETWEEN {from} AND {to}");
    let filled = [
        ("${team:csv}", team),
        ("${service:csv}", "*"),
        ("${environment:csv}", "*"),
        ("${grain}", "week"),
        ("$__timeFilter(time)", within.as_str()),
        ("$__timeFrom()", from.as_str()),
        ("$__timeTo()", to.as_str()),
    ]
    .iter()
    .fold(statement.to_owned(), |text, (word, value)| text.replace(word, value));
    anyhow::ensure!(!filled.is_empty() && !filled.contains('$'), "the bench cannot fill in `{filled}`");
    Ok(filled)
}
