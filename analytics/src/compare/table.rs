//! Comparisons as a table: what each design found of each improvement and metric, one flat row each.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{Comparison, DesignAnswer};
use super::ask::CompareQuestion;
use super::improvements::{Improvement, comparable, improvements};
use super::words::amount;
use crate::engine::Engine;
use crate::error::AnalyticsError;

/// What one design found of one improvement and one metric.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ComparisonRow {
    /// When the improvement first arrived anywhere.
    pub time: Option<DateTime<Utc>>,
    /// The improvement.
    pub improvement: String,
    /// The metric.
    pub metric: String,
    /// Its title.
    pub title: String,
    /// How figures were set against each other.
    pub design: &'static str,
    /// Whether it is the design that allows the strongest word.
    pub is_strongest: bool,
    /// The strongest word that it allows: "effect of", "associated with" or "after"; null means too little to tell.
    pub verb: Option<&'static str>,
    /// The effect in words: `38 % shorter`.
    pub effect: Option<String>,
    /// The interval's lower end in words.
    pub effect_from: Option<String>,
    /// Its upper end in words.
    pub effect_to: Option<String>,
    /// How value, low and high are measured: as a ratio, where 1 is no change, or as a difference, where 0 is.
    pub measure: Option<&'static str>,
    /// The unit of a difference.
    pub unit: String,
    /// The effect.
    pub value: Option<f64>,
    /// The lower end of its 95 % interval.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// Whether no change lies outside the interval.
    pub is_clear: Option<bool>,
    /// The observations that it rests on.
    pub n: u64,
    /// The services that these are of.
    pub services: u64,
    /// The teams that these are of.
    pub teams: u64,
    /// The finding in one sentence.
    pub says: String,
}

/// The columns, in the order in which CSV has them.
pub const COLUMNS: [&str; 20] = [
    "time",
    "improvement",
    "metric",
    "title",
    "design",
    "is_strongest",
    "verb",
    "effect",
    "effect_from",
    "effect_to",
    "measure",
    "unit",
    "value",
    "low",
    "high",
    "is_clear",
    "n",
    "services",
    "teams",
    "says",
];

impl Engine {
    /// Compares metrics before and after improvements, all of which are taken where none is named. What cannot be compared,
    /// since nothing was observed of it before or after, has no row.
    pub fn comparisons(
        &self,
        metrics: &[String],
        named: &[String],
        now: DateTime<Utc>,
    ) -> Result<Vec<ComparisonRow>, AnalyticsError> {
        let known = improvements(self.store())?;
        if let Some(name) = named.iter().find(|name| known.iter().all(|one| one.name != **name)) {
            let names: Vec<&str> = known.iter().map(|one| one.name.as_str()).collect();
            let hint = facts::did_you_mean(name, &names);
            return Err(AnalyticsError::UnknownImprovement(format!("there is no improvement `{name}`{hint}")));
        }
        let all = || comparable(self.catalogue()).into_iter().map(|metric| metric.name.clone()).collect();
        let metrics: Vec<String> = if metrics.is_empty() { all() } else { metrics.to_vec() };
        // What is no metric, or none that can be compared, is told; that an improvement has no before is not.
        for metric in &metrics {
            super::ask::compared(self.catalogue(), metric)?;
        }
        let mut rows = Vec::new();
        for one in known.iter().filter(|one| named.is_empty() || named.contains(&one.name)) {
            for metric in &metrics {
                let question = CompareQuestion {
                    metric: metric.clone(),
                    improvement: one.name.clone(),
                    ..CompareQuestion::default()
                };
                match self.compare(&question, now) {
                    Ok(found) => rows.extend(rows_of(one, &found)),
                    Err(AnalyticsError::BadQuestion(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(rows)
    }
}

fn rows_of(improvement: &Improvement, found: &Comparison) -> Vec<ComparisonRow> {
    let designs = found.designs.iter().enumerate();
    designs.map(|(place, design)| row(improvement, found, design, place == 0)).collect()
}

/// The row of a design: of its effects the first, which its sentence is of.
fn row(improvement: &Improvement, found: &Comparison, design: &DesignAnswer, is_strongest: bool) -> ComparisonRow {
    let effect = design.effects.first();
    let say = |value: f64| effect.map(|effect| amount(&found.unit, effect.measure, value));
    ComparisonRow {
        time: improvement.first_at,
        improvement: found.improvement.clone(),
        metric: found.metric.clone(),
        title: found.title.clone(),
        design: design.design.title(),
        is_strongest,
        verb: design.verb.map(|verb| verb.as_str()),
        effect: effect.and_then(|effect| say(effect.value)),
        effect_from: effect.and_then(|effect| say(effect.low)),
        effect_to: effect.and_then(|effect| say(effect.high)),
        measure: effect.map(|effect| effect.measure.as_str()),
        unit: found.unit.clone(),
        value: effect.map(|effect| effect.value),
        low: effect.map(|effect| effect.low),
        high: effect.map(|effect| effect.high),
        is_clear: effect.map(|effect| effect.is_clear()),
        n: design.n.observations as u64,
        services: design.n.services as u64,
        teams: design.n.teams as u64,
        says: design.says.clone(),
    }
}
