//! `metric(...)` and its like: functions that stand for tables, and what their arguments mean.

use analytics::{Ask, Engine, Question};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value as Json;

use super::refusal::Refusal;
use super::relation::{ColumnKind, FIGURE, RelationColumn};
use super::rewrite;

/// Functions that stand for tables.
pub(super) const FUNCTIONS: [&str; 2] = ["metric", "metric_figure"];

/// The arguments, in their order.
const ARGUMENTS: [&str; 6] = ["name", "grain", "by", "from", "to", "where"];

/// Puts arguments into their order, those that were named too, with nulls where one is missing.
pub(super) fn in_order(function: &str, children: Vec<Json>) -> Result<Vec<Json>, Refusal> {
    let usage = || format!("{function}('name', 'grain', 'by', from, to, 'where'); all but the name may be left out");
    let mut found: Vec<Option<Json>> = vec![None; ARGUMENTS.len()];
    for (place, mut child) in children.into_iter().enumerate() {
        // The parser keeps the name of a named argument as its alias.
        let name = child["alias"].as_str().unwrap_or_default().to_lowercase();
        let place = match name.is_empty() {
            true => Some(place),
            false => ARGUMENTS.iter().position(|known| *known == name || format!("\"{known}\"") == name),
        };
        child["alias"] = "".into();
        match place.and_then(|place| found.get_mut(place)) {
            Some(empty @ None) => *empty = Some(child),
            Some(Some(_)) => {
                return Err(Refusal::new("42725", format!("the argument {name} stands twice")).hint(usage()));
            }
            None => return Err(Refusal::new("42883", format!("{function} has no such argument {name}")).hint(usage())),
        }
    }
    if found[0].is_none() {
        return Err(Refusal::new("42883", format!("{function} needs the name of a metric")).hint(usage()));
    }
    if found[2].as_ref().is_some_and(|by| !rewrite::is_constant(by)) {
        return Err(Refusal::unsupported(format!(
            "the groups of {function} say which columns it has, so they are written out and are no parameter"
        )));
    }
    Ok(found.into_iter().map(|child| child.unwrap_or_else(|| rewrite::text(None))).collect())
}

/// The arguments as JSON, once the parameters are filled in. Whatever is no constant is refused: the engine is asked once,
/// not for each row.
pub(super) fn arguments(function: &str, children: &[Json]) -> Result<String, Refusal> {
    let mut texts = Vec::new();
    for (child, name) in children.iter().zip(ARGUMENTS) {
        if !rewrite::is_constant(child) {
            return Err(Refusal::unsupported(format!(
                "the argument {name} of {function} is no constant; write it out, or give it as a parameter"
            )));
        }
        texts.push(rewrite::text_of(child));
    }
    Ok(Json::from(texts).to_string())
}

/// A call of the engine.
#[derive(Debug, Clone)]
pub(super) struct MetricCall {
    pub(super) question: Question,
}

impl MetricCall {
    /// Reads the arguments that [`arguments`] wrote.
    pub(super) fn read(arguments: &str) -> MetricCall {
        let mut texts: Vec<Option<String>> = serde_json::from_str(arguments).unwrap_or_default();
        texts.resize(ARGUMENTS.len(), None);
        let mut texts = texts.into_iter().map(|text| text.filter(|text| !text.trim().is_empty()));
        let mut next = || texts.next().flatten();
        let (metric, grain, by, from, to) = (next(), next(), next(), next(), next());
        let filters = next().unwrap_or_default();
        let question = Question {
            metric: metric.unwrap_or_default(),
            from: from.map(|text| instant(&text)),
            to: to.map(|text| instant(&text)),
            grain: grain.filter(|grain| grain != "all time"),
            by: by.into_iter().filter(|by| by != "all").collect(),
            filters: filters.split(';').map(str::to_owned).collect(),
        };
        MetricCall { question }
    }

    /// The question to the engine. A window that says no end ends with the minute that has begun, so that the same question
    /// finds the same answer at hand for as long as that lasts.
    pub(super) fn ask(&self, engine: &Engine, now: DateTime<Utc>) -> Result<Ask, Refusal> {
        engine.catalogue().get(&self.question.metric)?;
        let mut question = self.question.clone();
        question.to.get_or_insert_with(|| whole_minute(now).to_rfc3339_opts(SecondsFormat::Secs, true));
        Ok(question.read(engine.options().zone, now)?)
    }

    /// The columns it gives: time, groups and figure.
    pub(super) fn columns(&self, function: &str) -> Vec<RelationColumn> {
        let column = |name: &str, kind, comment: &str| RelationColumn {
            name: name.to_owned(),
            kind,
            comment: comment.to_owned(),
        };
        let mut all = vec![column("time", ColumnKind::Instant, "The begin of the bucket.")];
        let by = self.question.by.iter().flat_map(|names| names.split(','));
        for name in by.map(str::trim).filter(|name| !name.is_empty()) {
            if !all.iter().any(|known| known.name == name) {
                all.push(column(name, ColumnKind::Text, "Of what the figure is."));
            }
        }
        if function == "metric_figure" {
            all.push(column("figure", ColumnKind::Text, "Which figure."));
        }
        all.extend(FIGURE.iter().map(|(name, kind, comment)| column(name, *kind, comment)));
        all
    }
}

/// The minute that has begun.
pub(super) fn whole_minute(now: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(now.timestamp() / 60 * 60, 0).unwrap_or(now)
}

/// What PostgreSQL writes as `2026-01-31 14:00:00+00` in the form that the engine reads.
fn instant(text: &str) -> String {
    let text = text.trim();
    match text.split_once(' ') {
        Some((day, time)) if day.len() == 10 => {
            let has_zone = time.contains(['+', 'Z']) || time.contains('-');
            let time = if has_zone { time.to_owned() } else { format!("{time}Z") };
            // An offset of hours alone lacks its minutes.
            let cut = time.len().saturating_sub(3);
            let is_short = time.get(cut..).is_some_and(|end| end.starts_with(['+', '-']));
            format!("{day}T{time}{}", if is_short { ":00" } else { "" })
        }
        _ => text.to_owned(),
    }
}
