//! The delivery figures, as commands print them when they are done.

use analytics::{Answer, Ask, Engine, Question, Row, people};
use chrono::{DateTime, TimeDelta, Utc};

use crate::context::{Context, quoted};
use crate::tables;

/// The metrics of the summary, in order.
const DELIVERY: [&str; 8] = [
    "deployment_frequency",
    "change_lead_time",
    "commit_lead_time",
    "undeployed_changes",
    "change_fail_rate",
    "failed_deployment_recovery_time",
    "deployment_rework_rate",
    "time_to_restore",
];

/// Prints the delivery figures of one service over the last year in which it was deployed or changed.
pub(crate) fn print_service(
    context: &Context,
    engine: &Engine,
    service: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let found = engine.store().query(
        "select greatest(
            (
                select max(finished_at) from marts.deployment_outcome
                where service_key = name.key and is_rollout and finished_at <= $2
            ),
            (select max(merged_at) from marts.change_delivery where service_key = name.key and merged_at <= $2)
        )
        from marts.name
        where name.name = $1",
        &[store::Value::Text(service.to_owned()), store::Value::Time(now.timestamp_micros())],
    )?;
    let last = match found.rows.first().and_then(|row| row.first()) {
        Some(store::Value::Time(last)) => DateTime::from_timestamp_micros(*last).unwrap_or(now),
        _ => now,
    };
    // A year that ends with the last deployment, or with what waits for one, says more of a project at rest than a year of nothing.
    let end = (last + TimeDelta::days(1)).min(now).max(last + TimeDelta::seconds(1));
    print(engine, end - TimeDelta::days(365), end, &[format!("service={service}")], now)?;
    let filter = quoted(&format!("service={service}"));
    let command = context.proposed(&format!("metrics change_lead_time --where {filter} --grain quarter"));
    println!("\nby quarter, or otherwise: {command}");
    Ok(())
}

/// Prints the delivery figures of a window.
pub(crate) fn print(
    engine: &Engine,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    filters: &[String],
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let zone = engine.options().zone;
    println!("{}", tables::window(from, to, zone));
    let mut table = tables::table(&["metric", "figure", "95 % interval", "n", "remarks"]);
    for name in DELIVERY {
        let ask: Ask = Question {
            metric: name.to_owned(),
            from: Some(from.to_rfc3339()),
            to: Some(to.to_rfc3339()),
            grain: Some("all".into()),
            by: Vec::new(),
            filters: filters.to_vec(),
        }
        .read(zone, now)?;
        let answer = engine.answer(&ask, now)?;
        let Some(row) = answer.rows.first() else { continue };
        table.add_row(vec![
            answer.title.clone(),
            people::row_value(&answer.unit, row),
            people::row_interval(&answer.unit, row),
            tables::count(row.estimate.n),
            remarks(row, &answer),
        ]);
        for (stage, figures) in row.stages.iter().filter(|(_, figures)| figures.median.n > 0) {
            table.add_row(vec![
                format!("  {stage}"),
                figures.median.value.map(people::duration).unwrap_or_default(),
                people::interval(&answer.unit, figures.median.low, figures.median.high),
                tables::count(figures.median.n),
                String::new(),
            ]);
        }
    }
    println!("{table}");
    Ok(())
}

/// What must be said beside a figure: how thin it is, what is missing, what may still change.
pub(crate) fn remarks(row: &Row, answer: &Answer) -> String {
    const THIN: u64 = 10;
    let mut remarks = Vec::new();
    if row.estimate.n > 0 && row.estimate.n < THIN {
        remarks.push(format!("rests on {} only", row.estimate.n));
    }
    if let Some(oldest) = row.more("oldest_seconds") {
        remarks.push(format!("oldest {}", people::duration(oldest)));
    }
    if let Some(open) = row.more("n_open").filter(|open| *open > 0.0) {
        remarks.push(format!("{open} still open"));
    }
    remarks.extend(answer.untold.iter().map(|kind| people::untold(kind)));
    for (reason, n) in &answer.coverage.reasons {
        remarks.push(format!("{} not counted: {reason}", tables::count(*n)));
    }
    if let Some(estimated) = &answer.coverage.estimated {
        remarks.push(format!("{} {}", tables::count(estimated.n), estimated.how));
    }
    if row.is_provisional {
        remarks.push("provisional".into());
    }
    remarks.join("; ")
}
