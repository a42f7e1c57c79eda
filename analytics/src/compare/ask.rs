//! A comparison asked for, and whether the metric can be compared at all.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::catalogue::{Aggregate, Catalogue, Metric, Shape};
use crate::error::AnalyticsError;
use crate::window::{Grain, Window};

/// A comparison in words, as the command line and the API bring it.
#[derive(Debug, Clone, Default)]
pub struct CompareQuestion {
    /// The metric, or one stage of it: `change_lead_time`, `change_lead_time.deploy`.
    pub metric: String,
    /// The improvement, as its facts name it.
    pub improvement: String,
    /// Begin of the window; the first observation unless said.
    pub from: Option<String>,
    /// End of the window, not included; now unless said.
    pub to: Option<String>,
}

/// How observations become the figure of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Figure {
    /// The median of durations, compared on the scale of its logarithm: improvements speed things up by a factor.
    Median,
    /// A share, compared by difference.
    Share,
    /// Events per day, compared by difference.
    Rate,
}

/// What is compared: the metric, narrowed to the column that matters.
pub(super) struct Compared<'a> {
    /// The metric without its stages.
    pub metric: Cow<'a, Metric>,
    /// The stage, where one is asked for.
    pub stage: Option<String>,
    /// How observations become figures.
    pub figure: Figure,
}

/// Of what an improvement reaches, that by which a metric is not told.
fn missing(metric: &Metric) -> Vec<&'static str> {
    ["team", "service"].into_iter().filter(|dimension| !metric.has_dimension(dimension)).collect()
}

/// Finds the metric, and refuses what no comparison can be made of.
pub(super) fn compared<'a>(catalogue: &'a Catalogue, asked: &str) -> Result<Compared<'a>, AnalyticsError> {
    let (name, stage) = asked.split_once('.').map_or((asked, None), |(name, stage)| (name, Some(stage)));
    let metric = catalogue.get(name)?;
    let refuse = |why: &str| {
        let fits = |metric: &&Metric| figure(metric).is_some() && missing(metric).is_empty();
        let others: Vec<&str> = catalogue.metrics().filter(fits).map(|metric| metric.name.as_str()).collect();
        let message = format!("{name} {why}; what can be compared is {}", others.join(", "));
        Err(AnalyticsError::BadQuestion(message))
    };
    if metric.aggregate == Aggregate::Composed {
        return refuse("is composed of other metrics, so it has no observations to compare: compare its parts");
    }
    if metric.shape == Shape::State {
        return refuse("counts what holds at a moment, not what happens, so it has no before and after");
    }
    match missing(metric)[..] {
        [] => {}
        ["service"] => {
            return refuse(
                "is told by team, not by service, and how sure one can be of before and after rests on how services differ",
            );
        }
        ref missing => {
            let missing = missing.join(" and ");
            return refuse(&format!("is not told by {missing}, so nobody knows where an improvement reached it"));
        }
    }
    let Some(figure) = figure(metric) else {
        return refuse("is neither a duration, a share nor a rate, and there is no method for it");
    };
    let stage = match stage {
        None => None,
        Some(stage) if metric.stages.iter().any(|known| known == stage) => Some(stage.to_owned()),
        Some(stage) => {
            let known: Vec<&str> = metric.stages.iter().map(String::as_str).collect();
            let hint = facts::did_you_mean(stage, &known);
            let stages = if known.is_empty() { "it has none".to_owned() } else { known.join(", ") };
            return Err(AnalyticsError::UnknownMetric(format!(
                "{name} has no stage `{stage}`{hint}; its stages: {stages}"
            )));
        }
    };
    let metric = Cow::Owned(Metric { stages: stage.iter().cloned().collect(), ..metric.clone() });
    Ok(Compared { metric, stage, figure })
}

pub(super) fn figure(metric: &Metric) -> Option<Figure> {
    if metric.shape != Shape::Event || !metric.has_dimension("team") || !metric.has_dimension("service") {
        return None;
    }
    match metric.aggregate {
        Aggregate::Median | Aggregate::Survival => Some(Figure::Median),
        Aggregate::Share => Some(Figure::Share),
        Aggregate::Rate => Some(Figure::Rate),
        // What is aggregated in another way is refused until there is a method for it.
        _ => None,
    }
}

/// The window asked for, up to now at most. Without a begin it reaches back to the first observation; what is still
/// provisional is left out, since it would make the latest figures look better than they are.
pub(super) fn window(
    question: &CompareQuestion,
    metric: &Metric,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<Window, AnalyticsError> {
    let epoch = DateTime::UNIX_EPOCH.to_rfc3339();
    let from = question.from.as_deref().unwrap_or(&epoch);
    let mut window = Window::parse(Some(from), question.to.as_deref(), Grain::All, zone, now)?;
    let settled = now - chrono::TimeDelta::days(metric.provisional_days.unwrap_or(0));
    if window.from < settled {
        window.to = window.to.min(settled);
    }
    Ok(window)
}
