//! The inputs of a run, measured and written down: all that its figures depend on, and what is kept of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Basis;
use super::config::Denominator;
use super::distribution::Distribution;
use super::provenance::Provenance;
use super::quantity::Quantity;
use super::stage::StageFigures;
use crate::window::Window;

/// All that the figures of a run depend on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    /// The version of the calculation: another one may give other figures for the same inputs.
    pub model_version: u32,
    /// The span that was measured.
    pub window: Window,
    /// Its length in weeks.
    pub weeks: f64,
    /// The version of the data it was measured in.
    pub data_version: i64,
    /// The currency of all money.
    pub currency: String,
    /// What hours are a share of.
    pub denominator: Denominator,
    /// The same draws for the same number.
    pub seed: u64,
    /// The number of draws.
    pub draws: usize,
    /// Over how many years the migration's cost is spread.
    pub migration_years: f64,
    /// The capabilities.
    pub capabilities: Vec<Capability>,
    /// The inputs, by name.
    pub figures: BTreeMap<String, Input>,
    /// The stage of the platform with its headline.
    pub stage: Option<StageFigures>,
    /// What must be said beside the figures.
    pub notes: Vec<String>,
}

/// A capability, and in which form its savings are told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Capability {
    /// Its name.
    pub name: String,
    /// What it replaces.
    pub replaces: Option<String>,
    /// Whether it has an attribution of its own.
    pub has_attribution: bool,
    /// What tools tell.
    pub telemetry: Option<Saving>,
    /// What people tell.
    pub survey: Option<Saving>,
}

impl Capability {
    /// What a basis tells of it.
    pub fn saving(&self, basis: Basis) -> Option<&Saving> {
        match basis {
            Basis::Telemetry => self.telemetry.as_ref(),
            Basis::Survey => self.survey.as_ref(),
        }
    }

    /// The name of an input of it.
    pub(crate) fn part(&self, basis: Basis, key: &str) -> String {
        format!("capability.{}.{}.{key}", self.name, basis.as_str())
    }
}

/// How a saving is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum Saving {
    /// Hours a week, perhaps times a factor.
    Told {
        /// Whether there is a factor.
        has_factor: bool,
    },
    /// Occurrences a week x (baseline - observed), perhaps times an active share.
    PerOccurrence {
        /// Whether there is an active share.
        has_active_share: bool,
    },
    /// Hours of each engineer and week x engineers.
    PerEngineer,
}

/// An input of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Input {
    /// What it measures.
    pub quantity: Quantity,
    /// What it is; none where the data does not tell.
    pub distribution: Option<Distribution>,
    /// How many observations or facts it was measured by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<u64>,
    /// What it was measured by, or why it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// Who says so.
    pub provenance: Provenance,
}
