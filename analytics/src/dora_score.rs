//! The DORA score: the public Quick Check's scale of 0 to 10, composed of the five delivery metrics.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::answer::{Answer, Group, Row};
use crate::ask::Ask;
use crate::catalogue::{Aggregate, Better, Metric, Shape};
use crate::engine::Engine;
use crate::error::AnalyticsError;
use crate::estimate::Estimate;
use crate::judge::judge;

/// The year of [`PUBLISHED_MEANS`].
pub const PUBLISHED_YEAR: i32 = 2025;

/// The means published for that year: lead time, frequency, recovery, fail rate, rework.
pub const PUBLISHED_MEANS: [(&str, f64); 5] = [
    ("change_lead_time", 5.5),
    ("deployment_frequency", 4.8),
    ("failed_deployment_recovery_time", 7.4),
    ("change_fail_rate", 8.1),
    ("deployment_rework_rate", 7.8),
];

const HOUR: f64 = 3_600.0;
const DAY: f64 = 24.0 * HOUR;
const MONTH: f64 = 365.25 / 12.0 * DAY;

/// Its entry in the catalogue.
pub(crate) fn metric() -> Metric {
    Metric {
        name: "dora_score".into(),
        title: "DORA score".into(),
        group: "delivery".into(),
        version: 1,
        unit: "points of 10".into(),
        better: Better::Higher,
        shape: Shape::Event,
        aggregate: Aggregate::Composed,
        definition: "The Quick Check's scale of 0 to 10. Lead time, frequency and recovery fall into six answers, of \
            which the v-th gives (v - 1) / 5 x 10 points; a percentage gives 10 - percentage / 10. Throughput is the \
            mean of lead time, frequency and recovery, stability of fail rate and rework rate, the score of all five; \
            where one of them is not known, so is the mean."
            .into(),
        source: "https://dora.dev/quickcheck/".into(),
        reads: ["change_delivery", "deployment_outcome"].map(String::from).to_vec(),
        signed: false,
        counts: None,
        oldest: None,
        dimensions: crate::catalogue::usual_dimensions(),
        apart: None,
        cell: None,
        beside: Vec::new(),
        thresholds: None,
        per_days: 1,
        stages: Vec::new(),
        left_out: Vec::new(),
        estimates: None,
        provisional_days: Some(7),
        needs: Vec::new(),
        explained: false,
        subjects: None,
        bundled: false,
        query: String::new(),
        query_line: 0,
    }
}

/// Points for a duration in seconds: the Quick Check's answers from "more than six months" to "less than one hour".
fn duration_points(seconds: f64) -> f64 {
    let limits = [6.0 * MONTH, MONTH, 7.0 * DAY, DAY, HOUR];
    answer_points(limits.iter().filter(|limit| seconds < **limit).count())
}

/// Points for deployments per day: from "fewer than once per six months" to "more than once an hour".
fn frequency_points(per_day: f64) -> f64 {
    let limits = [DAY / (6.0 * MONTH), DAY / MONTH, 1.0 / 7.0, 1.0, 24.0];
    answer_points(limits.iter().filter(|limit| per_day >= **limit).count())
}

/// The answer at a place from 0 to 5, as points.
fn answer_points(place: usize) -> f64 {
    place as f64 / 5.0 * 10.0
}

fn share_points(share: f64) -> f64 {
    10.0 - share * 100.0 / 10.0
}

/// Composes the score for each bucket and group of the five answers.
pub(crate) fn compose(
    engine: &Engine,
    metric: &Metric,
    ask: &Ask,
    now: DateTime<Utc>,
) -> Result<Answer, AnalyticsError> {
    let parts: Vec<Arc<Answer>> = PUBLISHED_MEANS
        .iter()
        .map(|(name, _)| engine.answer(&Ask { metric: (*name).to_owned(), stages: false, ..ask.clone() }, now))
        .collect::<Result<_, _>>()?;
    let by = ask.by.iter().map(|name| (*name).to_owned()).collect();
    let mut answer = Answer::of(metric, metric.title.clone(), ask.window, ask.grain, by);
    answer.rows = scores(&parts, |part| &part.rows);
    answer.before = scores(&parts, |part| &part.before);
    judge(metric, &mut answer);
    for part in &parts {
        answer.freshness.extend(part.freshness.iter().cloned());
        answer.untold.extend(part.untold.iter().cloned());
        for (reason, n) in &part.coverage.reasons {
            *answer.coverage.reasons.entry(format!("{}: {reason}", part.metric)).or_default() += n;
        }
    }
    answer.freshness.sort_by(|a, b| (&a.source, &a.kind).cmp(&(&b.source, &b.kind)));
    answer.freshness.dedup();
    answer.untold.sort();
    answer.untold.dedup();
    answer.coverage.relevant = answer.rows.len() as u64 * 5;
    answer.coverage.usable = answer.rows.iter().map(|row| row.usable).sum();
    Ok(answer)
}

/// The scores of those rows of the parts that are asked for. All parts have them by time, then group, and so have the scores.
fn scores(parts: &[Arc<Answer>], of: fn(&Answer) -> &[Row]) -> Vec<Row> {
    let place = |row: &Row| (row.time, Arc::clone(&row.group));
    let mut parts: Vec<_> = parts.iter().map(|part| of(part).iter().peekable()).collect();
    let mut scores = Vec::new();
    while let Some((time, group)) = parts.iter_mut().filter_map(|rows| rows.peek().map(|row| place(row))).min() {
        let rows: Vec<Option<&Row>> =
            parts.iter_mut().map(|rows| rows.next_if(|row| row.time == time && row.group == group)).collect();
        scores.push(score(time, group, &rows));
    }
    scores
}

fn score(time: DateTime<Utc>, group: Group, rows: &[Option<&Row>]) -> Row {
    let points: Vec<Option<f64>> = PUBLISHED_MEANS
        .iter()
        .zip(rows)
        .map(|((name, _), row)| {
            let row = (*row)?;
            match *name {
                "deployment_frequency" => row.estimate.value.map(frequency_points),
                "change_fail_rate" | "deployment_rework_rate" => row.estimate.value.map(share_points),
                // "More than x" is enough where x alone puts it into the slowest answer.
                _ => row
                    .estimate
                    .value
                    .or(row.more("more_than").filter(|seconds| *seconds >= 6.0 * MONTH))
                    .map(duration_points),
            }
        })
        .collect();
    let mean = |positions: &[usize]| {
        let known: Option<Vec<f64>> = positions.iter().map(|position| points[*position]).collect();
        known.map(|known| known.iter().sum::<f64>() / known.len() as f64)
    };
    const POINTS: [&str; 5] = ["lead_points", "frequency_points", "recovery_points", "fail_points", "rework_points"];
    let mut more: Vec<(&'static str, Option<f64>)> = POINTS.into_iter().zip(points.iter().copied()).collect();
    more.push(("throughput", mean(&[0, 1, 2])));
    more.push(("stability", mean(&[3, 4])));
    // The deployments judged are what the score rests on.
    let n = rows[3].map_or(0, |row| row.estimate.n);
    let known: Vec<&&Row> = rows.iter().flatten().collect();
    Row {
        time,
        group,
        estimate: Estimate { value: mean(&[0, 1, 2, 3, 4]), n, ..Estimate::default() },
        usable: points.iter().flatten().count() as u64,
        relevant: 5,
        exposure: 0.0,
        is_complete: known.iter().all(|row| row.is_complete),
        is_provisional: known.iter().any(|row| row.is_provisional),
        is_withheld: false,
        expected: None,
        more,
        beside: Vec::new(),
        stages: Vec::new(),
    }
}
