//! All checks at once: what they found, worst first, and what that means for each metric.

use chrono::{DateTime, Utc};
use store::Value;

use super::check::{Check, Checks};
use super::finding::{DataQuality, Finding, MetricState};
use super::measure::count;
use super::rows;
use crate::engine::Engine;
use crate::error::AnalyticsError;
use crate::spans::kinds_behind;

/// How many rows a finding shows.
const EXAMPLES: u64 = 5;

const NOTHING_TOLD: &str = "nothing was told yet, so no metric has a figure; begin with `cairn collect git PATH` or \
    `cairn import KIND FILE`, or look at `cairn demo`";

const REMARKS: [&str; 1] =
    ["no check looks at surveys: the metric `survey_response_rate` says how many of those asked have answered"];

/// What became of one check.
enum Outcome {
    /// It had nothing to look at, or it does not concern the metric that was asked for.
    Silent,
    Well,
    Found(Box<Finding>),
}

/// Runs the checks; where a metric is named, tells only what that metric suffers by.
pub fn report(
    engine: &Engine,
    checks: &Checks,
    metric: Option<&str>,
    now: DateTime<Utc>,
) -> Result<DataQuality, AnalyticsError> {
    if let Some(name) = metric {
        engine.catalogue().get(name)?;
    }
    let (mut findings, mut well) = (Vec::new(), Vec::new());
    for check in checks.iter() {
        match outcome(engine, check, metric, now)? {
            Outcome::Silent => {}
            Outcome::Well => well.push(check.name.clone()),
            Outcome::Found(found) => findings.push(*found),
        }
    }
    findings.sort_by(|one, other| other.severity.total_cmp(&one.severity).then_with(|| one.check.cmp(&other.check)));
    let is_empty = is_empty(engine)?;
    let mut metrics: Vec<MetricState> = engine
        .catalogue()
        .grouped()
        .into_iter()
        .filter(|known| metric.is_none_or(|name| name == known.name))
        .map(|known| state(&known.name, engine.title(known), &findings, is_empty))
        .collect();
    metrics.sort_by(|one, other| other.lost.total_cmp(&one.lost));
    let says = match (is_empty, findings.len()) {
        (true, _) => NOTHING_TOLD.to_owned(),
        (false, 0) => "nothing is missing".to_owned(),
        (false, 1) => "1 check found something".to_owned(),
        (false, n) => format!("{n} checks found something, worst first"),
    };
    Ok(DataQuality { says, is_empty, findings, well, metrics, remarks: REMARKS.map(String::from).to_vec() })
}

fn outcome(
    engine: &Engine,
    check: &Check,
    metric: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Outcome, AnalyticsError> {
    // What cannot concern the metric is not even counted.
    if metric.is_some_and(|name| !check.suffers_by_kind && !check.suffers.iter().any(|suffers| suffers == name)) {
        return Ok(Outcome::Silent);
    }
    // Of a check by kind only what is about the facts that the metric is made of.
    let kinds = metric.map(|name| engine.catalogue().get(name)).transpose()?.map(kinds_behind);
    let counted = count(engine.store(), check, kinds.as_ref(), now)?;
    if counted.n_rows == 0 {
        return Ok(if counted.relevant > 0 { Outcome::Well } else { Outcome::Silent });
    }
    let metrics = check.metrics(&counted.kinds, engine.catalogue());
    if metric.is_some_and(|name| !metrics.iter().any(|suffers| suffers == name)) {
        return Ok(Outcome::Silent);
    }
    let share = if counted.relevant == 0 { 0.0 } else { counted.n as f64 / counted.relevant as f64 };
    let mut by_source = counted.by_source;
    by_source.retain(|source| source.n > 0);
    Ok(Outcome::Found(Box::new(Finding {
        check: check.name.clone(),
        title: check.title.clone(),
        // A source that never told anything yet is not known to harm any metric, and is no lesser matter for it.
        severity: share * metrics.len().max(1) as f64,
        n: counted.n,
        relevant: counted.relevant,
        share,
        n_rows: counted.n_rows,
        metrics,
        fix: check.fix.clone(),
        by_source,
        examples: rows::read(engine.store(), check, kinds.as_ref(), (EXAMPLES, 0), now)?,
    })))
}

fn state(name: &str, title: String, findings: &[Finding], is_empty: bool) -> MetricState {
    let own: Vec<&Finding> =
        findings.iter().filter(|found| found.metrics.iter().any(|metric| metric == name)).collect();
    let says = match (is_empty, own.len()) {
        (true, _) => "nothing was told yet".to_owned(),
        (false, 0) => "nothing is missing".to_owned(),
        (false, 1) => "1 check found something".to_owned(),
        (false, n) => format!("{n} checks found something"),
    };
    MetricState {
        metric: name.to_owned(),
        title,
        says,
        lost: own.iter().map(|found| found.share).sum(),
        checks: own.iter().map(|found| found.check.clone()).collect(),
    }
}

fn is_empty(engine: &Engine) -> Result<bool, AnalyticsError> {
    let found = engine.store().query("select count(*) from meta.source_span", &[])?;
    Ok(matches!(found.rows.first().map(Vec::as_slice), Some([Value::Integer(0)])))
}
