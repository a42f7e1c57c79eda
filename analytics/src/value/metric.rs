//! `value_of_time_saved`, the model's net as a metric: computed for each bucket as for a window of its own.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::report::{BasisFigures, Spread};
use super::simulate::report;
use super::{Basis, Model, ValueError, measure};
use crate::answer::{Answer, Row};
use crate::ask::Ask;
use crate::catalogue::{Aggregate, Better, Metric, Shape};
use crate::engine::Engine;
use crate::error::AnalyticsError;
use crate::estimate::Estimate;
use crate::window::Window;

/// The metric's name.
pub(crate) const NAME: &str = "value_of_time_saved";

/// Every bucket is a run of its own; more of them take longer than somebody waits.
const MOST_BUCKETS: usize = 60;

/// Its entry in the catalogue.
pub(crate) fn metric() -> Metric {
    Metric {
        name: NAME.into(),
        title: "Value of time saved, net".into(),
        group: "business".into(),
        version: super::MODEL_VERSION,
        unit: "money a year".into(),
        better: Better::Higher,
        shape: Shape::Event,
        aggregate: Aggregate::Composed,
        definition:
            "Hours that the platform's capabilities save in a week, as a share of working time x loaded cost of \
            the engineers: gross; of that what is owed to the platform, and of that what becomes useful work; less \
            what the platform costs: net, at the rate of a year, in the configured currency. The figure is the \
            median of 10 000 draws of the inputs, by what tools tell; what people tell stands beside it and is never \
            added. Needs [value] in cairn.toml."
                .into(),
        source: "https://tei.forrester.com/go/Cortex/IDP/".into(),
        reads: ["time_saved", "platform_expense", "team_state"].map(String::from).to_vec(),
        signed: true,
        counts: None,
        oldest: None,
        dimensions: Vec::new(),
        apart: None,
        cell: None,
        beside: Vec::new(),
        thresholds: None,
        per_days: 1,
        stages: Vec::new(),
        left_out: Vec::new(),
        estimates: None,
        provisional_days: None,
        needs: Vec::new(),
        explained: false,
        subjects: None,
        bundled: false,
        query: String::new(),
        query_line: 0,
    }
}

impl Metric {
    /// How many buckets it is computed for at most, where that is fewer than of others.
    pub fn most_buckets(&self) -> Option<usize> {
        (self.name == NAME).then_some(MOST_BUCKETS)
    }
}

/// Computes each bucket. It is a figure of the whole organisation: of a part of it nothing is known.
pub(crate) fn compose(
    engine: &Engine,
    model: Option<&Model>,
    metric: &Metric,
    ask: &Ask,
    now: DateTime<Utc>,
) -> Result<Answer, AnalyticsError> {
    let by = ask.by.iter().map(|name| (*name).to_owned()).collect();
    let mut answer = Answer::of(metric, metric.title.clone(), ask.window, ask.grain, by);
    if let Some(model) = model {
        answer.unit = format!("{} a year", model.currency);
    }
    answer.freshness = engine.freshness(metric)?;
    if !ask.by.is_empty() {
        answer.coverage.relevant = 1;
        let reason = format!("it is of the whole organisation, and was asked by {}", ask.by.join(", "));
        answer.coverage.reasons.insert(reason, 1);
        return Ok(answer);
    }
    let buckets = ask.window.buckets(ask.grain, engine.options().zone, now)?;
    if buckets.len() > MOST_BUCKETS {
        let message = format!("{NAME} is computed for {MOST_BUCKETS} buckets at most; choose a coarser grain");
        return Err(AnalyticsError::BadQuestion(message));
    }
    let mut without = |reason: &str| *answer.coverage.reasons.entry(reason.to_owned()).or_default() += 1;
    for bucket in &buckets {
        let mut row = Row { time: bucket.time, is_complete: bucket.is_complete, relevant: 1, ..Row::default() };
        let window = Window { from: bucket.from, to: bucket.to.min(now) };
        match model {
            None => without(&ValueError::NotConfigured.to_string()),
            Some(_) if !ask.filters.is_empty() => without("it is of the whole organisation, and was asked of a part"),
            Some(_) if window.from >= window.to => without("it has not been yet"),
            Some(model) => {
                let simulated = simulated(engine, model, window, now)?;
                simulated.1.iter().for_each(|note| without(note));
                row = Row { time: row.time, is_complete: row.is_complete, ..simulated.0.clone() };
            }
        }
        row.usable = u64::from(row.estimate.value.is_some());
        answer.rows.push(row);
    }
    answer.coverage.relevant = answer.rows.len() as u64;
    answer.coverage.usable = answer.rows.iter().map(|row| row.usable).sum();
    Ok(answer)
}

/// A bucket's figure, and where it is not known why. Those of whole buckets in the past are kept: each is thousands of draws.
fn simulated(
    engine: &Engine,
    model: &Model,
    window: Window,
    now: DateTime<Utc>,
) -> Result<Arc<(Row, Vec<String>)>, AnalyticsError> {
    const MOST_KEPT: usize = 10_000;
    if let Some(known) = engine.kept().values.get(&window) {
        return Ok(Arc::clone(known));
    }
    let data_version = engine.store().data_version();
    let inputs = measure(model, None, engine, window, now).map_err(|error| match error {
        ValueError::Analytics(error) => error,
        error => AnalyticsError::BadQuestion(error.to_string()),
    })?;
    let mut row = Row { relevant: 1, ..Row::default() };
    fill(&mut row, &report(&inputs, None).bases);
    row.estimate.n = inputs.figures.values().filter_map(|input| input.n).sum::<u64>().max(1);
    let is_known = row.estimate.value.is_some();
    let why = inputs.notes.into_iter().filter(|note| !is_known && note.contains("is not known")).collect();
    let simulated = Arc::new((row, why));
    if window.to < now {
        engine.keep(data_version, |kept| {
            if kept.values.len() >= MOST_KEPT {
                kept.values.clear();
            }
            kept.values.insert(window, Arc::clone(&simulated));
        });
    }
    Ok(simulated)
}

/// A figure that lacks a capability would look like a fall, so it is none.
fn fill(row: &mut Row, bases: &std::collections::BTreeMap<Basis, BasisFigures>) {
    let whole = |basis| Some(&bases[&basis]).filter(|figures: &&BasisFigures| figures.missing.is_empty());
    let (telemetry, survey) = (whole(Basis::Telemetry), whole(Basis::Survey));
    let point = |figures: Option<&BasisFigures>, step: fn(&BasisFigures) -> Option<Spread>, get: fn(&Spread) -> f64| {
        figures.and_then(step).as_ref().map(get)
    };
    let middle = |step| point(telemetry, step, |spread| spread.p50);
    row.estimate = Estimate { value: middle(|figures| figures.net), ..Estimate::default() };
    row.more = vec![
        ("net_p10", point(telemetry, |figures| figures.net, |net| net.p10)),
        ("net_p50", row.estimate.value),
        ("net_p90", point(telemetry, |figures| figures.net, |net| net.p90)),
        ("chance_above_zero", telemetry.and_then(|figures| figures.chance_net_above_zero)),
        ("hours_a_week", middle(|figures| figures.hours)),
        ("gross", middle(|figures| figures.gross)),
        ("after_attribution", middle(|figures| figures.after_attribution)),
        ("after_recapture", middle(|figures| figures.after_recapture)),
        ("platform_cost", middle(|figures| figures.platform_cost)),
        ("survey_net", point(survey, |figures| figures.net, |net| net.p50)),
    ];
}
