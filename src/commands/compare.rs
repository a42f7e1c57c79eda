//! `cairn compare`: what an improvement did to a metric, and how sure one can be of it.

use std::process::ExitCode;

use analytics::compare::{Assumption, CompareQuestion, Comparison, DesignAnswer, words};

use crate::cli::{Compare, CompareFormat};
use crate::context::{Context, or_ask};
use crate::tables;

/// Runs the command.
pub(crate) fn run(context: &Context, asked: &Compare) -> anyhow::Result<ExitCode> {
    let engine = context.engine(or_ask(context.open_store_with_facts(), "GET /v1/comparisons")?)?;
    let question = CompareQuestion {
        metric: asked.metric.clone(),
        improvement: asked.improvement.clone(),
        from: asked.from.clone(),
        to: asked.to.clone(),
    };
    let (engine, now) = super::metrics::at_time(&engine, asked.as_of.as_deref(), crate::now())?;
    let found = engine.compare(&question, now)?;
    match asked.format {
        CompareFormat::Json => println!("{}", serde_json::to_string_pretty(&found)?),
        CompareFormat::Table => print(&found, context.zone),
    }
    Ok(ExitCode::SUCCESS)
}

fn print(found: &Comparison, zone: chrono_tz::Tz) {
    let day = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&zone).format("%Y-%m-%d").to_string();
    println!("{}\n", found.says);
    let adopters = &found.adopters;
    let what = adopters.arrival.as_str();
    let spread = match (adopters.first_at, adopters.last_at) {
        (Some(first), Some(last)) => format!(", from {} to {}", day(first), day(last)),
        _ => String::new(),
    };
    println!("{}: at {} {what}s{spread}; {} not yet", found.improvement, adopters.n_adopters, adopters.n_not_yet);
    if adopters.n_without_before > 0 {
        println!("  {} {what}s left out: nothing was observed before the arrival", adopters.n_without_before);
    }
    if adopters.n_unseen > 0 {
        println!("  {} arrivals at {what}s of which nothing was observed", adopters.n_unseen);
    }
    println!(
        "{} ({}), version {} of its definition, {}; {} of {} observations usable",
        found.title,
        found.metric,
        found.definition_version,
        tables::window(found.window.from, found.window.to, zone),
        tables::count(found.n_usable),
        tables::count(found.n_relevant)
    );
    for design in &found.designs {
        println!();
        print_design(found, design);
    }
}

fn print_design(found: &Comparison, design: &DesignAnswer) {
    let verb = design.verb.map_or("too little to tell", |verb| verb.as_str());
    println!("{} [{verb}]", design.design.title());
    if !design.method.is_empty() {
        println!("{}", tables::wrapped(&design.method));
    }
    let n = design.n;
    println!("    {} observations, {} services, {} teams", tables::count(n.observations as u64), n.services, n.teams);
    for effect in &design.effects {
        println!("    {}", words::effect(&found.unit, effect));
    }
    if let Some(p) = design.p {
        println!("    p = {p:.4} of no shift");
    }
    if let Some(enough) = &design.enough {
        println!("{}", tables::wrapped(&format!("enough would be {enough}")));
    }
    for Assumption { says, holds, because } in &design.assumptions {
        let mark = match holds {
            Some(true) => "holds",
            Some(false) => "FAILS",
            None => "not known",
        };
        println!("{}", tables::wrapped(&format!("{mark}: {says}: {because}")));
    }
    print_event_times(found, design);
}

/// The picture of the effects before and after: a line of bars, and the numbers that it stands for.
fn print_event_times(found: &Comparison, design: &DesignAnswer) {
    let Some(measure) = design.effects.first().map(|effect| effect.measure) else { return };
    if design.event_times.is_empty() {
        return;
    }
    let (before, after): (Vec<_>, Vec<_>) = design.event_times.iter().partition(|time| time.since < 0);
    let all: Vec<f64> = design.event_times.iter().map(|time| time.value).chain([measure.none()]).collect();
    let bars = |times: &[&analytics::compare::EventTimeEffect]| {
        times.iter().map(|time| words::bar(time.value, &all)).collect::<String>()
    };
    println!("    before {}|{} after, in periods of {} weeks", bars(&before), bars(&after), found.period_weeks);
    let mut table = tables::table(&["period", "effect", "95 % from", "to", "n"]);
    for time in &design.event_times {
        let end = |end: Option<f64>| end.map_or("–".to_owned(), |value| words::amount(&found.unit, measure, value));
        let value = if time.low.is_none() { "compared with".to_owned() } else { end(Some(time.value)) };
        table.add_row(vec![time.since.to_string(), value, end(time.low), end(time.high), time.n.to_string()]);
    }
    println!("{table}");
}
