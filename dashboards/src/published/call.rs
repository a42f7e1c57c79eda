//! `metric(...)` and its like: functions that stand for tables, and what their arguments mean.

use std::collections::BTreeSet;

use analytics::{Answer, Ask, DIMENSIONS, Engine, Grain, OWN_DIMENSIONS, Question, Window};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::Value as Json;

use super::figures::{self, FigureRow};
use super::refusal::Refusal;
use super::relation::{ColumnKind, FIGURE, RelationColumn};
use super::rewrite;

/// Functions that stand for tables.
pub(super) const FUNCTIONS: [&str; 2] = ["metric", OF_ALL_FIGURES];
/// The one that gives not only the main figure.
pub(super) const OF_ALL_FIGURES: &str = "metric_figure";

/// The arguments, in their order.
const ARGUMENTS: [&str; 7] = ["name", "grain", "by", "from", "to", "where", "figures"];

/// Stands behind the arguments where the groups are a parameter.
const ANY_GROUPS: &str = "any groups";

fn is_parameter(node: &Json) -> bool {
    node["class"] == "PARAMETER" || (node["class"] == "CAST" && is_parameter(&node["child"]))
}

/// Puts arguments into their order, those that were named too, with nulls where one is missing.
pub(super) fn in_order(function: &str, children: Vec<Json>) -> Result<Vec<Json>, Refusal> {
    let figures = if function == OF_ALL_FIGURES { ", 'figures'" } else { "" };
    let usage =
        || format!("{function}('name', 'grain', 'by', from, to, 'where'{figures}); all but the name may be left out");
    let n_arguments = ARGUMENTS.len() - usize::from(figures.is_empty());
    let mut found: Vec<Option<Json>> = vec![None; ARGUMENTS.len()];
    for (place, mut child) in children.into_iter().enumerate() {
        // The parser keeps the name of a named argument as its alias.
        let name = child["alias"].as_str().unwrap_or_default().to_ascii_lowercase();
        let place = match name.is_empty() {
            true => Some(place),
            false => ARGUMENTS.iter().position(|known| *known == name || format!("\"{known}\"") == name),
        };
        let place = place.filter(|place| *place < n_arguments);
        child["alias"] = "".into();
        match place.and_then(|place| found.get_mut(place)) {
            Some(empty @ None) => *empty = Some(child),
            Some(Some(_)) => {
                return Err(Refusal::new("42725", format!("the argument {name} stands twice")).hint(usage()));
            }
            None if name.is_empty() => {
                return Err(Refusal::new(
                    "42883",
                    format!("{function} has {n_arguments} arguments, and here are more"),
                )
                .hint(format!("{}; the figures that are wanted are told to {OF_ALL_FIGURES}", usage())));
            }
            None => return Err(Refusal::new("42883", format!("{function} has no such argument {name}")).hint(usage())),
        }
    }
    if found[0].is_none() {
        return Err(Refusal::new("42883", format!("{function} needs the name of a metric")).hint(usage()));
    }
    // Groups say which columns there are. Those of a parameter are known only when it runs, so there are all then.
    let is_any = match &found[2] {
        Some(by) if is_parameter(by) => true,
        Some(by) if !rewrite::is_constant(by) => {
            return Err(Refusal::unsupported(format!(
                "the groups of {function} say which columns it has, so they are written out, or given as a parameter"
            )));
        }
        _ => false,
    };
    let mut all: Vec<Json> = found.into_iter().map(|child| child.unwrap_or_else(|| rewrite::text(None))).collect();
    if is_any {
        all.push(rewrite::text(Some(ANY_GROUPS)));
    }
    Ok(all)
}

/// The function and its arguments as JSON, once the parameters are filled in. Whatever is no constant is refused: the engine is asked once,
/// not for each row.
pub(super) fn arguments(function: &str, children: &[Json]) -> Result<String, Refusal> {
    let mut texts = vec![Some(function.to_owned())];
    for (child, name) in children.iter().zip(ARGUMENTS.into_iter().chain([ANY_GROUPS])) {
        if !rewrite::is_constant(child) {
            return Err(Refusal::unsupported(format!(
                "the argument {name} of {function} is no constant; write it out, or give it as a parameter"
            )));
        }
        let text = rewrite::text_of(child);
        // Of an instant that is made a day the day counts.
        let is_day = child["class"] == "CAST" && child["cast_type"]["id"] == "DATE";
        texts.push(match text.as_deref().and_then(|text| text.get(..10)) {
            Some(day) if is_day => Some(day.to_owned()),
            _ => text,
        });
    }
    Ok(Json::from(texts).to_string())
}

/// A call of the engine.
#[derive(Debug, Clone)]
pub(super) struct MetricCall {
    pub(super) question: Question,
    /// Whether all figures are asked for, not the main one alone.
    is_of_all_figures: bool,
    /// Of all figures those that are wanted; all unless said.
    figures: Option<Vec<String>>,
    /// The columns of all dimensions are there, not only those that it is grouped by.
    has_all_columns: bool,
}

impl MetricCall {
    /// Reads the arguments that [`arguments`] wrote.
    pub(super) fn read(arguments: &str) -> MetricCall {
        let mut texts: Vec<Option<String>> = serde_json::from_str(arguments).unwrap_or_default();
        let has_all_columns = texts.len() > 1 + ARGUMENTS.len();
        texts.resize(1 + ARGUMENTS.len(), None);
        let is_of_all_figures = texts[0].as_deref() == Some(OF_ALL_FIGURES);
        let mut texts = texts.into_iter().skip(1).map(|text| text.filter(|text| !text.trim().is_empty()));
        let mut next = || texts.next().flatten();
        let (metric, grain, by, from, to) = (next(), next(), next(), next(), next());
        let filters = next().unwrap_or_default();
        let names = |figures: String| figures.split(',').map(|name| name.trim().to_owned()).collect();
        let figures = next().map(names);
        let question = Question {
            metric: metric.unwrap_or_default(),
            from: from.map(|text| instant(&text)),
            to: to.map(|text| instant(&text)),
            grain: grain.filter(|grain| grain != "all time"),
            by: by.into_iter().filter(|by| by != "all").collect(),
            filters: vec![filters],
        };
        MetricCall { question, is_of_all_figures, figures, has_all_columns }
    }

    /// The question to the engine. A window that ends with the present, said or not, ends with the minute that has begun, so
    /// that the same question finds the same answer at hand for as long as that lasts.
    pub(super) fn ask(&self, engine: &Engine, now: DateTime<Utc>) -> Result<Ask, Refusal> {
        let metric = engine.catalogue().get(&self.question.metric)?;
        let mut question = self.question.clone();
        question.to.get_or_insert_with(|| whole_minute(now).to_rfc3339_opts(SecondsFormat::Secs, true));
        let mut ask = question.read(engine.options().zone, now)?;
        ask.window = on_the_minute(ask.window, now);
        // A trend is mostly looked at beside those of its stages: found together, they are read once.
        let is_trend = !self.is_of_all_figures && ask.grain != Grain::All;
        let wants_stage = self.is_of_all_figures && metric.stages.iter().any(|stage| self.wants(stage));
        ask.stages = is_trend || wants_stage;
        Ok(ask)
    }

    /// What it takes of its answer.
    pub(super) fn taken(&self) -> String {
        self.figures.as_ref().map_or_else(|| "*".to_owned(), |figures| figures.join(","))
    }

    /// Whether a figure is wanted.
    fn wants(&self, figure: &str) -> bool {
        self.figures.as_ref().is_none_or(|figures| figures.iter().any(|name| name == figure))
    }

    /// The rows of an answer.
    pub(super) fn rows(&self, engine: &Engine, answer: &Answer) -> Result<Vec<FigureRow>, Refusal> {
        if !self.is_of_all_figures {
            return Ok(figures::main(answer));
        }
        // Some figures only some rows have.
        let mut known: BTreeSet<&str> = answer.rows.iter().flat_map(figures::names).collect();
        known.insert("more_than");
        known.extend(engine.catalogue().get(&answer.metric)?.stages.iter().map(String::as_str));
        let is_unknown = |name: &&String| !answer.rows.is_empty() && !known.contains(name.as_str());
        if let Some(name) = self.figures.iter().flatten().find(is_unknown) {
            let known: Vec<&str> = known.iter().copied().collect();
            let hint = facts::did_you_mean(name, &known);
            let message = format!("{} has no figure `{name}`{hint}; it has {}", answer.metric, known.join(", "));
            return Err(Refusal::new("22023", message));
        }
        Ok(figures::further(answer, |name| self.wants(name)))
    }

    /// The columns it gives: time, groups and figure.
    pub(super) fn columns(&self, function: &str) -> Vec<RelationColumn> {
        let column = |name: &str, kind, comment: &str| RelationColumn {
            name: name.to_owned(),
            kind,
            comment: comment.to_owned(),
        };
        let mut all = vec![column("time", ColumnKind::Instant, "The begin of the bucket.")];
        let by: Vec<&str> = match self.has_all_columns {
            true => DIMENSIONS.into_iter().chain(OWN_DIMENSIONS).collect(),
            false => self.question.by.iter().flat_map(|names| names.split(',')).collect(),
        };
        for name in by.into_iter().map(str::trim).filter(|name| !name.is_empty()) {
            if !all.iter().any(|known| known.name == name) {
                all.push(column(name, ColumnKind::Text, "Of what the figure is."));
            }
        }
        if function == OF_ALL_FIGURES {
            all.push(column("figure", ColumnKind::Text, "Which figure."));
        }
        all.extend(FIGURE.iter().map(|(name, kind, comment)| column(name, *kind, comment)));
        all
    }
}

/// A window of the last days or hours, as a dashboard asks for it with the second of its reload at both ends, on whole
/// minutes; any other as it is. Clocks may differ by a minute.
fn on_the_minute(window: Window, now: DateTime<Utc>) -> Window {
    let minute = whole_minute(now);
    let since = window.to - minute;
    let is_of_now = since >= TimeDelta::zero() && since < TimeDelta::minutes(2);
    if is_of_now && minute - window.from >= TimeDelta::hours(1) {
        Window { from: whole_minute(window.from), to: minute }
    } else {
        window
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
