//! The figures of a run, as every reader gets them. The same inputs give the same figures, to the last digit.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::Basis;
use super::config::Denominator;
use super::drivers::Driver;
use super::inputs::Input;
use super::stage::StageFigures;
use crate::answer::number;
use crate::window::Window;

/// The figures of a run.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ValueReport {
    /// The number by which the run is had again; none where it was not kept.
    pub run: Option<i64>,
    /// The version of the calculation.
    pub model_version: u32,
    /// The span that was measured.
    pub window: Window,
    /// Its length in weeks.
    pub weeks: f64,
    /// The version of the data it was measured in.
    pub data_version: i64,
    /// The seed of the draws.
    pub seed: u64,
    /// The number of draws.
    pub draws: usize,
    /// The stage of the platform with its headline.
    pub stage: Option<StageFigures>,
    /// The currency of all money, which is that of a year.
    pub currency: String,
    /// What saved hours are a share of.
    pub denominator: Denominator,
    /// The same in words.
    pub denominator_in_words: &'static str,
    /// The money by what tools tell, and by what people tell. They tell of the same hours and are never added.
    #[schema(value_type = Object)]
    pub bases: BTreeMap<Basis, BasisFigures>,
    /// Hours a week of each capability, by both bases.
    pub capabilities: Vec<CapabilityFigures>,
    /// Incidents prevented, in hours of the window, once; part of no other figure.
    pub incidents: Option<IncidentFigures>,
    /// What no figure holds.
    pub excludes: [&'static str; 4],
    /// What must be said beside the figures.
    pub notes: Vec<String>,
    /// The inputs, by name.
    #[schema(value_type = Object)]
    pub inputs: BTreeMap<String, Input>,
}

/// What no figure of the model holds, whatever is configured.
pub(crate) const EXCLUDES: [&str; 4] = [
    "incidents prevented, which stand apart and in hours",
    "what earlier delivery earns",
    "what people who stay, or come, because of the platform are worth",
    "savings that no capability of the configuration names",
];

/// Three points of a distribution: ten, fifty and ninety of a hundred draws lie below.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Spread {
    /// Ten of a hundred draws lie below.
    #[serde(serialize_with = "plain")]
    pub p10: f64,
    /// The median.
    #[serde(serialize_with = "plain")]
    pub p50: f64,
    /// Ninety of a hundred draws lie below.
    #[serde(serialize_with = "plain")]
    pub p90: f64,
}

/// The chain by one basis; none where what it needs is not known.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct BasisFigures {
    /// Hours a week of all capabilities, as claimed.
    pub hours_claimed: Option<Spread>,
    /// Hours a week of all capabilities, after the cap per person.
    pub hours: Option<Spread>,
    /// In what share of the draws the cap held.
    pub share_capped: Option<f64>,
    /// Engineers whose whole work those hours make up; by the working week only.
    pub engineers_equivalent: Option<Spread>,
    /// Money of a year: the hours at what engineers cost.
    pub gross: Option<Spread>,
    /// Of that, what is owed to the platform.
    pub after_attribution: Option<Spread>,
    /// Of that, what becomes useful work.
    pub after_recapture: Option<Spread>,
    /// What the platform costs in a year.
    pub platform_cost: Option<Spread>,
    /// What remains.
    pub net: Option<Spread>,
    /// The share of the draws in which more than nothing remains.
    pub chance_net_above_zero: Option<f64>,
    /// What the net depends on, one input at a time, the strongest first.
    pub drivers: Vec<Driver>,
    /// Inputs that are not known, for which some figure is none.
    pub missing: Vec<String>,
}

/// What a capability saves in a week.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CapabilityFigures {
    /// Its name.
    pub name: String,
    /// What it replaces.
    pub replaces: Option<String>,
    /// Hours a week, as tools tell.
    pub telemetry: Option<Spread>,
    /// Hours a week, as people tell.
    pub survey: Option<Spread>,
}

/// Incidents prevented.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct IncidentFigures {
    /// Violations stopped in the window.
    pub blocked: Option<Spread>,
    /// Engineer-hours that the incidents would have taken, once.
    pub hours: Option<Spread>,
}

impl BasisFigures {
    pub(crate) fn unknown() -> BasisFigures {
        BasisFigures {
            hours_claimed: None,
            hours: None,
            share_capped: None,
            engineers_equivalent: None,
            gross: None,
            after_attribution: None,
            after_recapture: None,
            platform_cost: None,
            net: None,
            chance_net_above_zero: None,
            drivers: Vec::new(),
            missing: Vec::new(),
        }
    }

    /// The steps of the chain in their order, by name.
    pub fn steps(&self) -> [(&'static str, Option<Spread>); 7] {
        [
            ("hours", self.hours),
            ("engineers_equivalent", self.engineers_equivalent),
            ("gross", self.gross),
            ("after_attribution", self.after_attribution),
            ("after_recapture", self.after_recapture),
            ("platform_cost", self.platform_cost),
            ("net", self.net),
        ]
    }
}

fn plain<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    number(Some(*value)).serialize(serializer)
}
