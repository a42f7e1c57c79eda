//! Hours and money: what the platform's saved time is worth, with its uncertainty.
//!
//! A configuration ([`ValueConfig`]) is read into a [`Model`], whose inputs each name their evidence. [`measure`] asks the
//! engine and the facts for those that are measured, and gives [`Inputs`]: all that a run depends on. [`report`] is
//! pure: the same inputs give the same [`ValueReport`], so a run is had again from its inputs alone.
//!
//! Absent on purpose: sums of what tools tell and what people tell, and money for prevented incidents.

mod chain;
mod claims;
mod config;
mod currency;
mod distribution;
mod draws;
mod drivers;
mod error;
mod facts_of;
mod figure;
mod inputs;
mod left_over;
mod measure;
pub(crate) mod metric;
mod model;
mod provenance;
mod quantity;
mod report;
mod runs;
mod shape;
mod simulate;
mod stage;
mod told;
pub mod words;

use serde::{Deserialize, Serialize};

pub use config::{Denominator, ValueConfig};
pub use distribution::Distribution;
pub use drivers::Driver;
pub use error::ValueError;
pub use inputs::{Input, Inputs};
pub use measure::measure;
pub use model::Model;
pub use provenance::{Grade, Provenance};
pub use quantity::Quantity;
pub use report::{BasisFigures, CapabilityFigures, IncidentFigures, Spread, ValueReport};
pub use runs::{KeptRun, Span, compute, keep, kept, runs};
pub use simulate::report;
pub use stage::{Headline, Stage, StageFigures};

/// The version of the calculation. It changes when the same inputs would give other figures.
pub const MODEL_VERSION: u32 = 1;

/// The draws of a run.
pub const DRAWS: usize = 10_000;

/// A commented configuration to begin with, which is valid as it stands.
pub const EXAMPLE: &str = include_str!("example.toml");

/// What a saving rests on. The two tell of the same hours, so they stand side by side and are never added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// What tools measure.
    Telemetry,
    /// What people say.
    Survey,
}

impl Basis {
    /// Both.
    pub const ALL: [Basis; 2] = [Basis::Telemetry, Basis::Survey];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Basis::Telemetry => "telemetry",
            Basis::Survey => "survey",
        }
    }
}
