//! `[value]` of `cairn.toml`, as it is written. What it must hold beyond its form is checked in `model`.

use serde::{Deserialize, Serialize};

/// `[value]`: what the platform saves, and what it costs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueConfig {
    /// The currency of all money, as three letters: `USD`.
    pub(crate) currency: Option<String>,
    /// What saved hours are a share of.
    #[serde(default)]
    pub(crate) denominator: Denominator,
    /// The same draws for the same number.
    pub(crate) seed: Option<i64>,
    /// Engineers who use the platform.
    pub(crate) engineers: Option<FigureConfig>,
    /// The most hours a week that one person can be said to save, over all capabilities.
    pub(crate) cap: Option<FigureConfig>,
    /// Hours of a working week; for `denominator = "working_week"`.
    pub(crate) hours_per_week: Option<FigureConfig>,
    /// Working weeks of a year; for `denominator = "paid_hours"`.
    pub(crate) weeks_per_year: Option<FigureConfig>,
    /// Hours paid for in a year; for `denominator = "paid_hours"`.
    pub(crate) paid_hours: Option<FigureConfig>,
    /// What an engineer costs in a year, all told.
    pub(crate) loaded_cost: Option<FigureConfig>,
    /// The share of the saving that is owed to the platform and to nothing else.
    pub(crate) attribution: Option<FigureConfig>,
    /// The share of the freed time that becomes useful work.
    pub(crate) recapture: Option<FigureConfig>,
    /// What the platform costs.
    pub(crate) platform: Option<PlatformConfig>,
    /// Incidents that policies prevented.
    pub(crate) incidents: Option<IncidentsConfig>,
    /// What saves time.
    #[serde(default)]
    pub(crate) capability: Vec<CapabilityConfig>,
}

/// What saved hours are a share of. The two give different figures for the same hours and are never mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Denominator {
    /// The working week: hours saved a week / hours of a working week x loaded cost of a year.
    #[default]
    WorkingWeek,
    /// The hours paid for: hours saved a week x working weeks of a year x loaded cost of a year / paid hours of a year.
    PaidHours,
}

/// `[value.platform]`: what the platform costs. Each part is written here, or taken from `cost` facts; never both.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlatformConfig {
    /// Engineers who work on the platform.
    pub engineers: Option<FigureConfig>,
    /// What one of them costs in a year; `loaded_cost` where nothing is said.
    pub engineer_cost: Option<FigureConfig>,
    /// Licences of a year.
    pub licences: Option<FigureConfig>,
    /// Infrastructure of a year.
    pub infrastructure: Option<FigureConfig>,
    /// What moving onto the platform costs, once.
    pub migration: Option<FigureConfig>,
    /// Over how many years that is spread; one unless said, so that a single year bears all of it.
    pub migration_years: Option<f64>,
}

/// `[value.incidents]`: hours that prevented incidents would have taken.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IncidentsConfig {
    /// Violations that were stopped.
    pub blocked: Option<FigureConfig>,
    /// The share of them that would have become incidents.
    pub share: Option<FigureConfig>,
    /// Engineer-hours that one incident takes.
    pub hours: Option<FigureConfig>,
}

/// `[[value.capability]]`: something of the platform that saves time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CapabilityConfig {
    /// Its name.
    pub name: String,
    /// What it replaces: no two capabilities save the time that the same thing took.
    pub replaces: Option<String>,
    /// The share owed to the platform, where it is another than that of all.
    pub attribution: Option<FigureConfig>,
    /// What tools tell of it.
    pub telemetry: Option<SavingConfig>,
    /// What people tell of it.
    pub survey: Option<SavingConfig>,
}

/// What a capability saves: `hours`; or `occurrences`, `baseline` and `observed`; or `hours_per_engineer_week`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavingConfig {
    /// Hours a week, of all engineers.
    pub hours: Option<FigureConfig>,
    /// What those hours are to be multiplied by, since people round up and tools guess.
    pub factor: Option<FigureConfig>,
    /// How often a week.
    pub occurrences: Option<FigureConfig>,
    /// Hours that one took before.
    pub baseline: Option<FigureConfig>,
    /// Hours that one takes now.
    pub observed: Option<FigureConfig>,
    /// The share of those hours in which somebody is kept from other work.
    pub active_share: Option<FigureConfig>,
    /// Hours a week, of each engineer.
    pub hours_per_engineer_week: Option<FigureConfig>,
}

/// One input: what it is, and who says so since when on what evidence.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FigureConfig {
    /// One value.
    pub value: Option<f64>,
    /// uniform, triangular, pert, normal or log_normal.
    pub distribution: Option<String>,
    /// The lower end.
    pub min: Option<f64>,
    /// The most likely value.
    pub mode: Option<f64>,
    /// The upper end.
    pub max: Option<f64>,
    /// The mean of a normal distribution.
    pub mean: Option<f64>,
    /// Its standard deviation.
    pub sd: Option<f64>,
    /// The median of a log-normal distribution.
    pub median: Option<f64>,
    /// The standard deviation of its natural logarithm.
    pub sigma: Option<f64>,
    /// Below this lie ten of a hundred.
    pub p10: Option<f64>,
    /// Above this lie ten of a hundred.
    pub p90: Option<f64>,
    /// A metric that the figure is asked of.
    pub metric: Option<String>,
    /// What the metric is filtered by: `team=payments`.
    #[serde(default)]
    pub r#where: Vec<String>,
    /// Begin of a window of its own for the metric, as a baseline has.
    pub from: Option<String>,
    /// End of that window, not included.
    pub to: Option<String>,
    /// The kind of fact that the figure is taken from.
    pub facts: Option<String>,
    /// Of `time_saving` facts: the capabilities as the facts name them; the capability's own name unless said.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// Of `cost` facts: the teams; platform teams unless said.
    #[serde(default)]
    pub teams: Vec<String>,
    /// Of `cost` facts: the resources; all unless said.
    #[serde(default)]
    pub resources: Vec<String>,
    /// Where the figure comes from.
    pub source: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Of which day it is.
    pub date: Option<toml::Value>,
    /// What evidence it rests on: A to E.
    pub grade: Option<String>,
}
