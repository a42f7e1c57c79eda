//! The answer to a comparison, as every reader gets it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::Estimated;
use super::adoption::Arrival;
use crate::catalogue::Better;
use crate::window::Window;

/// The strongest word that a design allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub enum Verb {
    /// It was so after the improvement; no more is said.
    #[serde(rename = "after")]
    After,
    /// Adjusted for time and for how each stood before; that the improvement is the cause is not said.
    #[serde(rename = "associated with")]
    AssociatedWith,
    /// It came of the improvement, as far as numbers can tell.
    #[serde(rename = "effect of")]
    EffectOf,
}

impl Verb {
    /// The words.
    pub fn as_str(self) -> &'static str {
        match self {
            Verb::After => "after",
            Verb::AssociatedWith => "associated with",
            Verb::EffectOf => "effect of",
        }
    }
}

/// How figures were set against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Design {
    /// Rolled out over time: each group against those not yet reached.
    StaggeredDifferences,
    /// One date, with others that were not reached.
    Differences,
    /// How adopters changed against how the others did, by rank.
    AdoptersAgainstOthers,
    /// One date and no control: the series before and after.
    InterruptedSeries,
    /// Adopters before against adopters after.
    BeforeAndAfter,
}

impl Design {
    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Design::StaggeredDifferences => "staggered difference-in-differences",
            Design::Differences => "difference-in-differences, one date",
            Design::AdoptersAgainstOthers => "adopters against not-yet adopters",
            Design::InterruptedSeries => "interrupted time series",
            Design::BeforeAndAfter => "before and after",
        }
    }
}

/// How an effect is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// With it over without it; 1 is no change.
    Ratio,
    /// With it less without it, in the metric's unit; 0 is no change.
    Difference,
    /// The factor by which the slope changed, per week; 1 is no change.
    SlopeRatio,
    /// The change of the slope, in the metric's unit per week; 0 is no change.
    SlopeDifference,
}

impl Measure {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Measure::Ratio => "ratio",
            Measure::Difference => "difference",
            Measure::SlopeRatio => "slope_ratio",
            Measure::SlopeDifference => "slope_difference",
        }
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Measure::Ratio => "with it over without it",
            Measure::Difference => "with it less without it",
            Measure::SlopeRatio => "change of the slope, as a factor",
            Measure::SlopeDifference => "change of the slope",
        }
    }

    /// The value that stands for no change.
    pub fn none(self) -> f64 {
        match self {
            Measure::Ratio | Measure::SlopeRatio => 1.0,
            Measure::Difference | Measure::SlopeDifference => 0.0,
        }
    }
}

/// An effect with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Effect {
    /// How it is measured.
    pub measure: Measure,
    /// The figure.
    pub value: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
}

impl Effect {
    pub(super) fn of(measure: Measure, estimated: Estimated) -> Effect {
        Effect { measure, value: estimated.value, low: estimated.low, high: estimated.high }
    }

    /// Whether no change lies outside the interval.
    pub fn is_clear(&self) -> bool {
        !(self.low..=self.high).contains(&self.measure.none())
    }
}

/// What a comparison rests on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Counts {
    /// Observations.
    pub observations: usize,
    /// Services that they are of.
    pub services: usize,
    /// Teams that they are of.
    pub teams: usize,
}

/// What must be so for the comparison to mean what it says.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Assumption {
    /// What must be so.
    pub says: String,
    /// Whether it is; none where data cannot tell.
    pub holds: Option<bool>,
    /// By which number that was decided, or why no number can.
    pub because: String,
}

/// The effect at some time before or after the arrival.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EventTimeEffect {
    /// Periods since the one in which it arrived: -1 is the last before, with which the others are compared.
    pub since: isize,
    /// The effect, measured as the design's first effect is.
    pub value: f64,
    /// The interval's lower end; none at -1.
    pub low: Option<f64>,
    /// The interval's upper end; none at -1.
    pub high: Option<f64>,
    /// Adopters that it rests on.
    pub n: usize,
}

/// What one design found.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DesignAnswer {
    /// The design.
    pub design: Design,
    /// The method, with its source.
    pub method: String,
    /// The word it allows; none where there is too little to tell.
    pub verb: Option<Verb>,
    /// The finding in one sentence.
    pub says: String,
    /// The effects.
    pub effects: Vec<Effect>,
    /// Two-sided, of no shift; of comparisons by rank only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p: Option<f64>,
    /// What it rests on.
    pub n: Counts,
    /// What must be so, and whether it is.
    pub assumptions: Vec<Assumption>,
    /// Where there is too little to tell: what would be enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enough: Option<String>,
    /// The effects before and after the arrival, of designs that have them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub event_times: Vec<EventTimeEffect>,
}

/// Where the improvement arrived.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Adopters {
    /// What it arrives at.
    pub arrival: Arrival,
    /// When it was announced.
    pub announced_at: Option<DateTime<Utc>>,
    /// Adopters with observations before and after.
    pub n_adopters: usize,
    /// Those with observations at which it had not arrived by the end of the window.
    pub n_not_yet: usize,
    /// Adopters left out, since nothing was observed before the arrival.
    pub n_without_before: usize,
    /// Arrivals at teams or services of which nothing was observed.
    pub n_unseen: usize,
    /// The first arrival within the window.
    pub first_at: Option<DateTime<Utc>>,
    /// The last arrival within the window.
    pub last_at: Option<DateTime<Utc>>,
}

/// The answer to a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Comparison {
    /// The metric, with the stage where one was asked for.
    pub metric: String,
    /// Its title.
    pub title: String,
    /// The unit of its values.
    pub unit: String,
    /// Which way is better.
    pub better: Better,
    /// The version of its definition.
    pub definition_version: u32,
    /// The improvement.
    pub improvement: String,
    /// The answer in one sentence: that of the strongest design.
    pub says: String,
    /// The strongest word that may be used; none means too little to tell.
    pub verb: Option<Verb>,
    /// The span of time.
    pub window: Window,
    /// The length of a period of the panel, in weeks.
    pub period_weeks: usize,
    /// Where it arrived.
    pub adopters: Adopters,
    /// The designs, the strongest first.
    pub designs: Vec<DesignAnswer>,
    /// Usable observations of relevant ones.
    pub n_usable: u64,
    /// Observations that should count.
    pub n_relevant: u64,
}
