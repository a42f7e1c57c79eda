//! Measuring: the inputs that are not written down are asked of the engine and of the facts.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::distribution::Distribution;
use super::facts_of::Facts;
use super::figure::{Figure, MetricQuestion, Origin};
use super::inputs::{Input, Inputs};
use super::model::Model;
use super::quantity::Quantity;
use super::stage::{self, Stage};
use super::{DRAWS, MODEL_VERSION, ValueError, told};
use crate::ask::Question;
use crate::catalogue::Shape;
use crate::engine::Engine;
use crate::error::AnalyticsError;
use crate::window::{Grain, Window};

/// With fewer observations a figure is said to rest on little.
const THIN: u64 = 10;
const HOUR: f64 = 3_600.0;

/// Measures a model's inputs over a window.
pub fn measure(
    model: &Model,
    stage: Option<Stage>,
    engine: &Engine,
    window: Window,
    now: DateTime<Utc>,
) -> Result<Inputs, ValueError> {
    if window.to > now {
        let message = "the window ends after the present, and weeks that have not been would count as weeks without savings; leave the end out, or choose an earlier one";
        return Err(AnalyticsError::BadQuestion(message.into()).into());
    }
    let zone = engine.options().zone;
    let days = window.buckets(Grain::All, zone, now)?.first().map_or(0.0, |bucket| bucket.days);
    // Taken before anything is asked: what comes in meanwhile shows as a later version.
    let data_version = engine.store().data_version();
    let facts = Facts::read(engine.store(), window, zone, days, &model.currency)?;
    let mut notes = Vec::new();
    let mut figures = BTreeMap::new();
    for (name, figure) in &model.figures {
        let measured = match &figure.origin {
            Origin::Written(distribution) => Measured { distribution: Some(*distribution), ..Measured::default() },
            Origin::Facts(question) => facts.answer(question),
            Origin::Metric(question) => ask(engine, name, figure, question, window, days, now)?,
        };
        notes.extend(remarks(name, figure, &measured, window.to));
        let input = Input {
            quantity: figure.quantity,
            distribution: measured.distribution,
            n: measured.n,
            remark: measured.remark,
            provenance: figure.provenance.clone(),
        };
        figures.insert(name.clone(), input);
    }
    notes.extend(facts.left_over(model));
    notes.extend(told::notes(engine.store(), model, window)?);
    let stage = stage.map(|stage| stage::figures(engine, stage, window, now)).transpose()?;
    Ok(Inputs {
        model_version: MODEL_VERSION,
        window,
        weeks: days / 7.0,
        data_version,
        currency: model.currency.clone(),
        denominator: model.denominator,
        seed: model.seed,
        draws: DRAWS,
        migration_years: model.migration_years,
        capabilities: model.capabilities.clone(),
        figures,
        stage,
        notes,
    })
}

/// What was found for an input.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    /// What it is; none where the data does not tell.
    pub distribution: Option<Distribution>,
    /// By how many observations or facts.
    pub n: Option<u64>,
    /// By what, or why it is not known.
    pub remark: Option<String>,
}

impl Measured {
    /// A figure that was counted.
    pub fn counted(value: f64, n: u64, remark: String) -> Measured {
        Measured { distribution: Some(Distribution::Fixed { value }), n: Some(n), remark: Some(remark) }
    }

    /// A figure that the data does not tell, and why.
    pub fn unknown(reason: impl Into<String>) -> Measured {
        Measured { distribution: None, n: Some(0), remark: Some(reason.into()) }
    }
}

/// What must be said of an input beside its figure.
fn remarks(name: &str, figure: &Figure, measured: &Measured, end: DateTime<Utc>) -> Vec<String> {
    let mut notes = Vec::new();
    let remark = measured.remark.as_deref().unwrap_or("the data does not tell");
    match (measured.distribution, measured.n) {
        (None, _) => notes.push(format!("{name} is not known: {remark}")),
        (Some(_), Some(n)) if n < THIN => notes.push(format!("{name} rests on {n} only ({remark})")),
        _ => {}
    }
    let date = figure.provenance.date;
    if date < (end - TimeDelta::days(366)).date_naive() {
        notes.push(format!("{name} is of {date}, more than a year before the window's end"));
    } else if date > end.date_naive() {
        notes.push(format!("{name} is of {date}, after the window's end"));
    }
    notes
}

/// Asks the engine: how often an event happened, or how long it took.
fn ask(
    engine: &Engine,
    name: &str,
    figure: &Figure,
    asked: &MetricQuestion,
    window: Window,
    days: f64,
    now: DateTime<Utc>,
) -> Result<Measured, ValueError> {
    let place = format!("value.{name}");
    let metric = engine.catalogue().get(&asked.metric).map_err(|error| ValueError::at(&place, error.to_string()))?;
    let is_count = figure.quantity == Quantity::TimesAWeek;
    if is_count && metric.shape != Shape::Event {
        let message =
            format!("`{}` tells what holds, not what happens; occurrences need a metric of events", metric.name);
        return Err(ValueError::at(&place, message));
    }
    if !is_count && metric.unit != "seconds" {
        let message =
            format!("`{}` is measured in {}; this figure needs a metric of durations", metric.name, metric.unit);
        return Err(ValueError::at(&place, message));
    }
    if is_count && (asked.from.is_some() || asked.to.is_some()) {
        let message = "occurrences are those of the window; leave `from` and `to` to the baseline";
        return Err(ValueError::at(&place, message.into()));
    }
    let question = Question {
        metric: asked.metric.clone(),
        from: asked.from.clone().or_else(|| Some(window.from.to_rfc3339())),
        to: asked.to.clone().or_else(|| Some(window.to.to_rfc3339())),
        grain: Some("all".into()),
        by: Vec::new(),
        filters: asked.filters.clone(),
    };
    let ask = question.read(engine.options().zone, now).map_err(|error| ValueError::at(&place, error.to_string()))?;
    let answer = match engine.answer(&ask, now) {
        Ok(answer) => answer,
        // A name that the data does not know (yet) makes the figure unknown, not the whole answer.
        Err(AnalyticsError::BadQuestion(reason)) => return Ok(Measured::unknown(reason)),
        Err(error) => return Err(error.into()),
    };
    let filters: String = asked.filters.iter().map(|filter| format!(" with {filter}")).collect();
    let what = format!("{}{filters}", asked.metric);
    let Some(row) = answer.rows.first().filter(|row| row.estimate.n > 0) else {
        return Ok(Measured::unknown(format!("nothing was observed by {what}")));
    };
    let estimate = row.estimate;
    if is_count {
        return Ok(Measured::counted(estimate.n as f64 * 7.0 / days, estimate.n, format!("counted by {what}")));
    }
    let hours = |seconds: f64| seconds / HOUR;
    Ok(match estimate.value {
        None => Measured::unknown(format!("fewer than half of those of {what} are over")),
        Some(median) => Measured {
            distribution: Some(Distribution::of_interval(
                hours(median),
                estimate.low.map(hours),
                estimate.high.map(hours),
            )),
            n: Some(estimate.n),
            remark: Some(format!("median of {what} and its 95 % interval")),
        },
    })
}
