//! What is told of the data: findings, and the state of each metric.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// What is missing in the data, worst first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DataQuality {
    /// It in a sentence, with the next command where nothing was told yet.
    pub says: String,
    /// Nothing was told yet.
    pub is_empty: bool,
    /// What was found, by severity.
    pub findings: Vec<Finding>,
    /// The checks that had something to look at and found nothing wrong.
    pub well: Vec<String>,
    /// The metrics, those that suffer most first.
    pub metrics: Vec<MetricState>,
    /// What no check can see.
    pub remarks: Vec<String>,
}

/// What one check found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Finding {
    /// The check.
    pub check: String,
    /// What people call it.
    pub title: String,
    /// The share of what is relevant that is lost x the number of metrics that suffer.
    pub severity: f64,
    /// How many observations are lost or wrong.
    pub n: u64,
    /// Of how many.
    pub relevant: u64,
    /// The one by the other.
    pub share: f64,
    /// How many rows there are: one may stand for several observations.
    pub n_rows: u64,
    /// The metrics that suffer.
    pub metrics: Vec<String>,
    /// What would mend it.
    pub fix: String,
    /// The same by source, those with most of it first; a row of the catalogue has no source.
    pub by_source: Vec<BySource>,
    /// The first rows.
    pub examples: Vec<BadRow>,
}

/// What a check found in what one source told.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BySource {
    /// The source.
    pub source: Option<String>,
    /// How many observations are lost or wrong.
    pub n: u64,
    /// Of how many.
    pub relevant: u64,
}

/// One thing with which something is wrong.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BadRow {
    /// What it is: an identifier, or a name.
    pub subject: Option<String>,
    /// Where to look at it.
    pub url: Option<String>,
    /// The source that told it.
    pub source: Option<String>,
    /// What is wrong with it, or the line that mends it.
    pub detail: Option<String>,
    /// When it happened.
    pub at: Option<DateTime<Utc>>,
    /// How many observations it stands for.
    pub n: u64,
}

/// The rows of one check.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BadRowPage {
    /// The check.
    pub check: String,
    /// What people call it.
    pub title: String,
    /// What would mend it.
    pub fix: String,
    /// The rows: those that stand for most first, then the latest.
    pub rows: Vec<BadRow>,
    /// The `offset` of the next page, if there is one.
    pub next: Option<u64>,
}

/// What the data lack for one metric.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MetricState {
    /// The metric.
    pub metric: String,
    /// What people call it.
    pub title: String,
    /// It in a sentence.
    pub says: String,
    /// The checks that found something, worst first.
    pub checks: Vec<String>,
    /// The sum of the shares lost.
    pub lost: f64,
}
