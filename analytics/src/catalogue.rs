//! The catalogue: every metric's file, read into its header and its query.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ask::{DIMENSIONS, OWN_DIMENSIONS};
use crate::error::AnalyticsError;
use crate::metric_file::parse;

/// Whether a figure is better high or low.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
}

/// What an observation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// It happens at an instant (`observed_at`).
    Event,
    /// It holds for a time (`held_from`, `held_until`); what counts is what held at the end of a bucket.
    State,
}

/// How observations become a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Aggregate {
    /// Their number per day, with the exact Poisson interval.
    Rate,
    /// The share of those whose value is true, with Wilson's interval.
    Share,
    /// The median of their durations, with its interval by order statistics; 75 % and 90 % points beside it.
    Median,
    /// The median of durations of which some are still open (`is_open`): Kaplan and Meier's.
    Survival,
    /// How many hold (states only), and the age of the oldest.
    Count,
    /// The sum of their values. Of all that happened, not of a sample, so it has no interval.
    Sum,
    /// The sum of their `numerator`s / the sum of their `denominator`s, without an interval for the same reason.
    Ratio,
    /// The mean of their values: for scores that people gave.
    Mean,
    /// What a published cell of a survey says, by `cell`. One figure is one cell: they are never added.
    Cell,
    /// Made from other metrics, in Rust.
    Composed,
}

/// How the answers that a published cell counts become a figure. Its column `counts` says how many people answered 0, 1, 2
/// and so on, `invited` how many were asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CellFigure {
    /// The mean answer, with a bootstrap interval over people that is corrected for how many of those asked answered.
    Mean,
    /// The share of 1 among 0 and 1, with Wilson's interval.
    Share,
    /// On a scale of 0 to 10, those of 9 and 10 minus those of 0 to 6, in points of 100.
    Net,
}

/// How a figure beside the main one is made of its column, over all rows in which that is not null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum BesideAggregate {
    /// The share of those that are true.
    Share,
    /// How many are true.
    Count,
    /// Their sum.
    Sum,
    /// The sum of the column with `_numerator` after its name / the sum of that with `_denominator`.
    Ratio,
    /// Their median.
    Median,
    /// The least of them.
    Least,
    /// The median time from their instants to the end of the bucket.
    Age,
}

/// A figure beside the main one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// Its name, and that of its column.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Its unit.
    pub unit: String,
    /// How it is made.
    pub aggregate: BesideAggregate,
}

/// A dimension over which values are never added: a figure over several of its names is not known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Apart {
    /// The dimension.
    pub dimension: String,
    /// The name that is meant where a question asks for none; the answer names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefer: Option<String>,
}

/// From where on a figure is good, and from where on poor: goals that the metric's source states, not those of a team.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// From here on it is good.
    pub good: f64,
    /// From here on it is poor.
    pub poor: f64,
}

/// The header of a metric's file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// The metric's name; that of its file.
    pub name: String,
    /// What people call it. `{lead_time_start}` stands for the configured start of a lead time.
    pub title: String,
    /// Where it belongs in the catalogue: delivery, experience, platform health or business.
    pub group: String,
    /// The definition's version; a changed definition is a new one.
    pub version: u32,
    /// The unit of its value. `seconds` are shown to people as durations, a `share` as per cent.
    pub unit: String,
    /// Which way is better.
    pub better: Better,
    /// What one observation is.
    pub shape: Shape,
    /// How observations become a figure.
    pub aggregate: Aggregate,
    /// The definition.
    pub definition: String,
    /// Where the definition comes from.
    pub source: String,
    /// The marts it reads.
    #[serde(default)]
    pub reads: Vec<String>,
    /// Its figures may lie below 0, as hours saved do where more were lost; else none is expected there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signed: bool,
    /// The kind of fact it counts: outside the time its sources tell of that kind, the count is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<String>,
    /// Kinds of fact without which its figures hide something: while no source tells of them, that is said beside each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// The column that says since when something has been open, of which the oldest is told beside a count; unless said, since
    /// it has held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest: Option<String>,
    /// What it can be grouped by and filtered on.
    #[serde(default = "usual_dimensions")]
    pub dimensions: Vec<String>,
    /// The dimension over which its values are never added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apart: Option<Apart>,
    /// What a published cell says, where the aggregate is `cell`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<CellFigure>,
    /// Figures beside the main one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<Beside>,
    /// Where it is good and where poor, for metrics of which that is agreed on; dashboards colour them by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thresholds: Option<Thresholds>,
    /// Per how many days a rate is given.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub per_days: u32,
    /// Columns with parts of the value, each a duration of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<String>,
    /// Reasons for which an observation does not count at all; their number is still shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// How some observations were concluded rather than told (`is_estimated`); their number is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimates: Option<String>,
    /// For how many days after its time a figure may still change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisional_days: Option<i64>,
    /// Its column `because` says in words why a row's value is what it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub explained: bool,
    /// The mart that gives a `subject` its name, where the observations carry only a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subjects: Option<String>,
    /// `subject` and `value` are lists: a row stands for as many observations as they hold, of one time and group.
    #[serde(default, skip_serializing)]
    #[schema(ignore)]
    pub bundled: bool,
    /// The query that yields the observations.
    #[serde(skip)]
    #[schema(ignore)]
    pub query: String,
    /// The file's line on which the query begins.
    #[serde(skip)]
    #[schema(ignore)]
    pub query_line: usize,
}

pub(crate) fn usual_dimensions() -> Vec<String> {
    DIMENSIONS.map(String::from).to_vec()
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
fn is_one(days: &u32) -> bool {
    *days == 1
}

impl Metric {
    /// The same metric, or the same without its stages.
    pub(crate) fn with_stages(&self, has_stages: bool) -> Cow<'_, Metric> {
        match has_stages || self.stages.is_empty() {
            true => Cow::Borrowed(self),
            false => Cow::Owned(Metric { stages: Vec::new(), ..self.clone() }),
        }
    }

    /// Whether it can be grouped by a dimension.
    pub fn has_dimension(&self, dimension: &str) -> bool {
        self.dimensions.iter().any(|known| known == dimension)
    }

    /// Whether each of its observations is about one person.
    pub fn observes_people(&self) -> bool {
        self.reads.iter().any(|mart| mart == "engineer_start")
    }

    /// Whether its observations may be looked at one by one: a composed metric has none of its own, and nothing is told of a
    /// single person.
    pub fn has_rows(&self) -> bool {
        self.aggregate != Aggregate::Composed && !self.observes_people()
    }

    /// Those of its dimensions that are not the usual ones.
    pub fn own_dimensions(&self) -> impl Iterator<Item = &'static str> {
        OWN_DIMENSIONS.into_iter().filter(|dimension| self.has_dimension(dimension))
    }
}

/// All metrics, by name.
#[derive(Debug, Clone)]
pub struct Catalogue {
    metrics: BTreeMap<String, Metric>,
}

/// The marts that a metric may read, each with the kinds of fact that it is made of.
pub const MARTS: [(&str, &[&str]); 21] = [
    ("change_delivery", &["change", "deployment"]),
    ("commit_bundle", &["commit", "deployment"]),
    ("commit_delivery", &["commit", "deployment"]),
    ("component_availability", &["availability"]),
    ("deployment_outcome", &["deployment", "incident"]),
    ("engineer_start", &["engineer", "deployment"]),
    ("exemption_request", &["exemption"]),
    ("incident_outcome", &["incident"]),
    ("open_exemption", &["exemption", "policy_result"]),
    ("platform_expense", &["cost"]),
    ("policy_state", &["policy_result"]),
    ("policy_stop", &["policy_block"]),
    ("provisioning_request", &["provisioning"]),
    ("quota_state", &["quota"]),
    ("service_state", &["service"]),
    ("support_ticket", &["ticket"]),
    ("survey_cell", &[]),
    ("team_state", &["team"]),
    ("template_use", &["service"]),
    ("ticket_exposure", &["team"]),
    ("time_saved", &["time_saving"]),
];

/// The parts of the catalogue, in the order in which they are listed.
pub const GROUPS: [&str; 4] = ["delivery", "experience", "platform health", "business"];

impl Catalogue {
    /// Reads metric files: the name and text of each. The composed metrics are added.
    pub fn read(files: &[(&str, &str)]) -> Result<Catalogue, AnalyticsError> {
        let composed = [crate::dora_score::metric(), crate::value::metric::metric()];
        let metrics = composed.into_iter().map(|metric| (metric.name.clone(), metric)).collect();
        let mut catalogue = Catalogue { metrics };
        catalogue.add(files)?;
        Ok(catalogue)
    }

    /// Adds metric files to those that are known. A name that is taken is refused.
    pub fn add(&mut self, files: &[(&str, &str)]) -> Result<(), AnalyticsError> {
        for (file, text) in files {
            let metric = parse(file, text)?;
            if self.metrics.contains_key(&metric.name) {
                let message = format!("there is a metric `{}` already; choose another name", metric.name);
                let line = text.lines().position(|line| line.starts_with("-- name")).map(|line| line + 1);
                return Err(AnalyticsError::BadMetricFile { file: (*file).to_owned(), line, message });
            }
            self.metrics.insert(metric.name.clone(), metric);
        }
        Ok(())
    }

    /// All metrics in the order in which they are listed: by group, then by name.
    pub fn grouped(&self) -> Vec<&Metric> {
        let mut metrics: Vec<&Metric> = self.metrics.values().collect();
        metrics.sort_by_key(|metric| GROUPS.iter().position(|group| *group == metric.group));
        metrics
    }

    /// All metrics, by name.
    pub fn metrics(&self) -> impl Iterator<Item = &Metric> {
        self.metrics.values()
    }

    /// The metric of a name; the error names the nearest.
    pub fn get(&self, name: &str) -> Result<&Metric, AnalyticsError> {
        self.metrics.get(name).ok_or_else(|| {
            let names: Vec<&str> = self.metrics.keys().map(String::as_str).collect();
            let hint = facts::did_you_mean(name, &names);
            AnalyticsError::UnknownMetric(format!("there is no metric `{name}`{hint}; `cairn metrics` lists them"))
        })
    }
}
