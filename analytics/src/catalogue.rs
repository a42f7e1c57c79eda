//! The catalogue: every metric's file, read into its header and its query.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::AnalyticsError;

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
    /// Made from other metrics, in Rust.
    Composed,
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
    /// The kind of fact it counts: outside the time its sources tell of that kind, the count is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<String>,
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
    /// The mart that gives a `subject` its name, where the observations carry only a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subjects: Option<String>,
    /// The query that yields the observations.
    #[serde(skip)]
    #[schema(ignore)]
    pub query: String,
}

/// All metrics, by name.
#[derive(Debug, Clone)]
pub struct Catalogue {
    metrics: BTreeMap<String, Metric>,
}

/// The marts that a metric may read.
pub const MARTS: [&str; 4] = ["deployment_outcome", "change_delivery", "commit_delivery", "incident_outcome"];

impl Catalogue {
    /// Reads metric files: the name and text of each. The composed metrics are added.
    pub fn read(files: &[(&str, &str)]) -> Result<Catalogue, AnalyticsError> {
        let mut metrics = BTreeMap::new();
        for (file, text) in files {
            let metric = parse(file, text)?;
            metrics.insert(metric.name.clone(), metric);
        }
        for composed in [crate::dora_score::metric(), crate::value::metric::metric()] {
            metrics.insert(composed.name.clone(), composed);
        }
        Ok(Catalogue { metrics })
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

/// Reads one metric file: its header, the leading comment, is TOML; the query is the rest.
fn parse(file: &str, text: &str) -> Result<Metric, AnalyticsError> {
    let bad = |line, message: String| AnalyticsError::BadMetricFile { file: file.to_owned(), line, message };
    let mut header = String::new();
    let mut query = String::new();
    let mut is_header = true;
    for line in text.lines() {
        // The line that says what one row is ends the header: it is prose, the first that is no TOML.
        is_header &= line.starts_with("--") && !line.starts_with("-- One row");
        if is_header {
            header.push_str(line.trim_start_matches('-').strip_prefix(' ').unwrap_or_default());
            header.push('\n');
        } else {
            query.push_str(line);
            query.push('\n');
        }
    }
    let mut metric: Metric = toml::from_str(&header).map_err(|error: toml::de::Error| {
        let line = error.span().map(|span| header[..span.start].lines().count().max(1));
        bad(line, error.message().to_owned())
    })?;
    metric.query = query;
    let stem = file.trim_end_matches(".sql");
    if metric.name != stem {
        return Err(bad(None, format!("its name is `{}`, the file's is `{stem}`; they must be one", metric.name)));
    }
    if let Some(unknown) = metric.reads.iter().find(|mart| !MARTS.contains(&mart.as_str())) {
        let hint = facts::did_you_mean(unknown, &MARTS);
        return Err(bad(None, format!("reads an unknown mart `{unknown}`{hint}; there are {}", MARTS.join(", "))));
    }
    metric.definition = metric.definition.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(metric)
}
