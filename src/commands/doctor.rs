//! `cairn doctor data`: what is wrong or missing in the data, and what would mend it.

use std::process::ExitCode;

use analytics::quality::{Asked, Checks, Finding, Quality, look};

use crate::cli::{Doctor, DoctorCommand, DoctorData, DoctorFormat};
use crate::context::Context;
use crate::tables;

/// Runs the command.
pub(crate) fn run(context: &Context, doctor: &Doctor) -> anyhow::Result<ExitCode> {
    let DoctorCommand::Data(asked) = &doctor.command;
    data(context, asked)
}

fn data(context: &Context, asked: &DoctorData) -> anyhow::Result<ExitCode> {
    let engine = context.engine(context.open_store()?)?;
    if let Some(metric) = &asked.metric {
        engine.catalogue().get(metric)?;
    }
    let limit = asked.limit.or_else(|| asked.check.is_some().then_some(100));
    let question = Asked { metric: asked.metric.clone(), check: asked.check.clone(), limit, offset: asked.offset };
    let found = look(engine.store(), &Checks::read(sql::CHECKS)?, &question, crate::now())?;
    match asked.format {
        DoctorFormat::Json => println!("{}", serde_json::to_string_pretty(&found)?),
        DoctorFormat::Table => print(&found, context.zone),
    }
    Ok(ExitCode::SUCCESS)
}

fn print(quality: &Quality, zone: chrono_tz::Tz) {
    if !quality.has_facts && quality.findings.is_empty() {
        println!("there are no facts yet; cairn collect git PATH, cairn import KIND FILE or cairn demo bring some");
        return;
    }
    if quality.findings.is_empty() {
        println!("nothing is wrong with the data that was looked at");
    }
    for finding in &quality.findings {
        print_finding(finding, zone);
    }
    if !quality.well.is_empty() {
        println!("well: {}", quality.well.join(", "));
    }
}

fn print_finding(finding: &Finding, zone: chrono_tz::Tz) {
    println!(
        "{} ({}): {} of {}, {}",
        finding.title,
        finding.check,
        tables::count(finding.n),
        tables::count(finding.relevant),
        analytics::people::value("share", finding.share)
    );
    println!("  worse for it: {}", finding.metrics.join(", "));
    println!("  to mend it: {}", finding.fix);
    for row in &finding.rows {
        let at =
            row.at.map_or_else(String::new, |at| format!("{}  ", at.with_timezone(&zone).format("%Y-%m-%d %H:%M")));
        let source = row.source.as_ref().map_or_else(String::new, |source| format!("{source}  "));
        println!("    {at}{source}{}  {}", row.subject, row.detail);
    }
    if (finding.rows.len() as u64) < finding.n {
        println!("    ... cairn doctor data --check {} shows more", finding.check);
    }
    println!();
}
