//! `cairn doctor data`: what is missing in the data, and what would mend it.

use std::process::ExitCode;

use analytics::people;
use analytics::quality::{BadRow, BadRowPage, BySource, Checks, DataQuality, Finding, page, report};
use chrono_tz::Tz;

use crate::cli::{CompareFormat, DoctorData};
use crate::context::{Context, or_ask};
use crate::tables::{count, indented, table, wrapped};

/// The one metric that rests on the configuration as much as on facts.
const VALUE: &str = "value_of_time_saved";

/// Runs the command.
pub(crate) fn run(context: &Context, asked: &DoctorData) -> anyhow::Result<ExitCode> {
    let engine = context.engine(or_ask(context.open_store_with_facts(), "GET /v1/data-quality")?)?;
    let checks = Checks::read(sql::CHECKS, engine.catalogue())?;
    if let Some(name) = &asked.check {
        let found = page(engine.store(), checks.get(name)?, asked.limit, asked.offset, crate::now())?;
        match asked.format {
            CompareFormat::Json => println!("{}", serde_json::to_string_pretty(&found)?),
            CompareFormat::Table => print_page(&found, context),
        }
        return Ok(ExitCode::SUCCESS);
    }
    let found = report(&engine, &checks, asked.metric.as_deref(), crate::now())?;
    match asked.format {
        CompareFormat::Json => println!("{}", serde_json::to_string_pretty(&found)?),
        CompareFormat::Table => print(&found, context),
    }
    Ok(ExitCode::SUCCESS)
}

fn print(found: &DataQuality, context: &Context) {
    println!("{}", found.says);
    for finding in &found.findings {
        println!();
        print_finding(finding, context);
    }
    println!();
    if !found.well.is_empty() {
        println!("nothing wrong found by:\n{}\n", wrapped(&found.well.join(", ")));
    }
    let mut metrics = table(&["metric", "suffers by"]);
    let (suffering, whole): (Vec<_>, Vec<_>) = found.metrics.iter().partition(|metric| !metric.checks.is_empty());
    for metric in &suffering {
        metrics.add_row([metric.metric.clone(), metric.checks.join(", ")]);
    }
    if !suffering.is_empty() {
        println!("{metrics}");
    }
    // Without a model there is no money, and nothing in the data is to blame for it.
    let (unmodelled, whole): (Vec<_>, Vec<_>) =
        whole.into_iter().partition(|metric| metric.metric == VALUE && context.config.value.is_none());
    if !whole.is_empty() && !found.is_empty {
        let names: Vec<&str> = whole.iter().map(|metric| metric.metric.as_str()).collect();
        println!("nothing is missing for:\n{}", wrapped(&names.join(", ")));
    }
    for metric in unmodelled {
        println!("{}: {}", metric.metric, analytics::value::ValueError::NotConfigured);
    }
    for remark in &found.remarks {
        println!("{remark}");
    }
}

fn print_finding(finding: &Finding, context: &Context) {
    println!(
        "{} ({}): {} of {}, {}",
        finding.title,
        finding.check,
        count(finding.n),
        count(finding.relevant),
        people::value("share", finding.share)
    );
    if let [_, _, ..] = &finding.by_source[..] {
        let of = |BySource { source, n, relevant }: &BySource| {
            format!("{} {} of {}", source.as_deref().unwrap_or("the catalogue"), count(*n), count(*relevant))
        };
        println!(
            "{}",
            wrapped(&format!("by source: {}", finding.by_source.iter().map(of).collect::<Vec<_>>().join("; ")))
        );
    }
    if !finding.metrics.is_empty() {
        println!("{}", wrapped(&format!("suffering: {}", finding.metrics.join(", "))));
    }
    println!("{}", wrapped(&format!("to mend it: {}", finding.fix)));
    print_rows(&finding.examples, context.zone);
    let n_more = finding.n_rows - finding.examples.len() as u64;
    if n_more > 0 {
        let command = context.proposed(&format!("doctor data --check {}", finding.check));
        println!("    and {} more: {command}", count(n_more));
    }
}

fn print_page(found: &BadRowPage, context: &Context) {
    println!("{} ({})", found.title, found.check);
    if found.rows.is_empty() {
        println!("    no rows");
        return;
    }
    println!("{}", wrapped(&format!("to mend it: {}", found.fix)));
    print_rows(&found.rows, context.zone);
    if let Some(next) = found.next {
        let command = context.proposed(&format!("doctor data --check {} --offset {next}", found.check));
        println!("    the next page: {command}");
    }
}

fn print_rows(rows: &[BadRow], zone: Tz) {
    let time = |row: &BadRow| {
        row.at.map(|at| at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
    };
    // No table: an address or a long name would leave a narrow terminal with letters on top of each other.
    for row in rows {
        let source = row.source.as_ref().map_or_else(String::new, |source| format!("({source})"));
        let stands_for = if row.n > 1 { format!("stands for {}", count(row.n)) } else { String::new() };
        let subject = row.subject.clone().unwrap_or_default();
        println!("{}", indented("    ", &format!("- {} {subject} {source}", time(row))));
        let more = [row.detail.clone().unwrap_or_default(), stands_for, row.url.clone().unwrap_or_default()];
        let more: Vec<&str> = more.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        if !more.is_empty() {
            println!("{}", indented("      ", &more.join("; ")));
        }
    }
}
