//! What is wrong or missing in the data, for each metric, and what would mend it. A check is one file of `sql/checks/`: a
//! TOML header and a query with one row per thing that is looked at, of which `is_bad` says whether it is as it should be.

mod check;
pub mod http;

use chrono::{DateTime, Utc};
use serde::Serialize;
use store::{Store, Value};

pub use check::{Check, Checks};

use crate::error::AnalyticsError;

/// Rows shown with a finding unless more are asked for.
pub const EXAMPLES: u64 = 5;
/// Rows of a check in one page at most.
pub const MOST_ROWS: u64 = 1_000;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Finding {
    /// The check.
    pub check: String,
    /// What is wrong.
    pub title: String,
    /// How many are not as they should be.
    pub n: u64,
    /// Of how many that were looked at.
    pub relevant: u64,
    /// `n` / `relevant`.
    pub share: f64,
    /// The metrics that are worse for it.
    pub metrics: Vec<String>,
    /// What would mend it.
    pub fix: String,
    /// Some of the rows, the latest first.
    pub rows: Vec<BadRow>,
}

/// A row that is not as it should be.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct BadRow {
    /// The source that told it, where one did.
    pub source: Option<String>,
    /// What it is about: an identifier or a name.
    pub subject: String,
    /// Its time.
    pub at: Option<DateTime<Utc>>,
    /// What is wrong with it.
    pub detail: String,
}

/// The state of the data.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Quality {
    /// Whether there are any facts at all.
    pub has_facts: bool,
    /// What was found, worst first: by the share that is wrong and the number of metrics that suffer.
    pub findings: Vec<Finding>,
    /// The checks that found nothing wrong.
    pub well: Vec<String>,
}

/// Which checks, and which of their rows.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Only what this metric suffers from.
    pub metric: Option<String>,
    /// Only this check.
    pub check: Option<String>,
    /// Rows of each; a few unless said.
    pub limit: Option<u64>,
    /// Rows to leave out before them.
    pub offset: u64,
}

/// Looks the data over.
pub fn look(store: &Store, checks: &Checks, asked: &Asked, now: DateTime<Utc>) -> Result<Quality, AnalyticsError> {
    let limit = asked.limit.unwrap_or(EXAMPLES).min(MOST_ROWS);
    let mut quality = Quality { has_facts: has_facts(store)?, findings: Vec::new(), well: Vec::new() };
    for check in checks.asked(asked.metric.as_deref(), asked.check.as_deref())? {
        let Some((n, relevant)) = counted(store, check, now)? else { continue };
        if n == 0 {
            quality.well.push(check.name.clone());
            continue;
        }
        quality.findings.push(Finding {
            check: check.name.clone(),
            title: check.title.clone(),
            n,
            relevant,
            share: n as f64 / relevant as f64,
            metrics: check.metrics.clone(),
            fix: check.fix.clone(),
            rows: rows(store, check, limit, asked.offset, now)?,
        });
    }
    let weight = |finding: &Finding| finding.share * finding.metrics.len() as f64;
    quality.findings.sort_by(|one, other| weight(other).total_cmp(&weight(one)).then(one.check.cmp(&other.check)));
    Ok(quality)
}

fn has_facts(store: &Store) -> Result<bool, AnalyticsError> {
    Ok(!store.query("select 1 from meta.source_span limit 1", &[])?.rows.is_empty())
}

/// How many rows are bad, and how many there are; none where nothing was looked at.
fn counted(store: &Store, check: &Check, now: DateTime<Utc>) -> Result<Option<(u64, u64)>, AnalyticsError> {
    let sql = format!("with looked_at as (\n{}) select count_if(is_bad), count(*) from looked_at", check.query(now));
    let found = store.query(&sql, &[])?;
    Ok(match found.rows.first().map(Vec::as_slice) {
        Some([bad, Value::Integer(relevant)]) if *relevant > 0 => {
            let n = match bad {
                Value::Integer(n) => u64::try_from(*n).unwrap_or(0),
                Value::Real(n) => *n as u64,
                _ => 0,
            };
            Some((n, u64::try_from(*relevant).unwrap_or(0)))
        }
        _ => None,
    })
}

fn rows(
    store: &Store,
    check: &Check,
    limit: u64,
    offset: u64,
    now: DateTime<Utc>,
) -> Result<Vec<BadRow>, AnalyticsError> {
    let sql = format!(
        "with looked_at as (\n{})
        select source, subject, \"at\", detail
        from looked_at
        where is_bad
        order by \"at\" desc nulls last, subject, detail
        limit ? offset ?",
        check.query(now)
    );
    let page = [limit, offset].map(|number| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX)));
    let text = |value: &Value| if let Value::Text(text) = value { Some(text.clone()) } else { None };
    let found = store.query(&sql, &page)?;
    Ok(found
        .rows
        .iter()
        .filter_map(|row| match &row[..] {
            [source, subject, at, detail] => Some(BadRow {
                source: text(source),
                subject: text(subject).unwrap_or_default(),
                at: if let Value::Time(at) = at { DateTime::from_timestamp_micros(*at) } else { None },
                detail: text(detail).unwrap_or_default(),
            }),
            _ => None,
        })
        .collect())
}
