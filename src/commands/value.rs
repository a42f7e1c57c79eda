//! `cairn value`: what the saved time is worth, from hours to net money.

use std::process::ExitCode;

use analytics::value::{self, Span, Spread, ValueError, ValueReport};

use crate::cli::{OutputFormat, Value};
use crate::commands::value_table;
use crate::context::{Context, or_ask};
use crate::tables;

/// Runs the command.
pub(crate) fn run(context: &Context, asked: &Value) -> anyhow::Result<ExitCode> {
    let model = context.config.value_model()?;
    if model.is_none() && !asked.runs && asked.run.is_none() {
        // Standard output is for figures, of which there are none.
        eprintln!("cairn: {}", ValueError::NotConfigured);
        return Ok(ExitCode::FAILURE);
    }
    let store = or_ask(context.open_store_with_facts(), "GET /v1/value")?;
    if asked.runs {
        runs(&store, asked.format)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(run) = asked.run {
        show(&value::kept(&store, run)?, context, asked.format)?;
        return Ok(ExitCode::SUCCESS);
    }
    let model = model.expect("without a model only runs that were kept are shown");
    let model = match asked.seed {
        Some(seed) => model.with_seed(seed.into()),
        None => model,
    };
    let (engine, now) = (context.engine(store)?, crate::now());
    let span = Span { from: asked.from.clone(), to: asked.to.clone() };
    let make = if asked.no_keep { value::compute } else { value::keep };
    show(&make(&engine, &model, context.config.platform.stage, &span, now)?, context, asked.format)?;
    Ok(ExitCode::SUCCESS)
}

fn runs(store: &store::Store, format: OutputFormat) -> anyhow::Result<()> {
    let runs = value::runs(store)?;
    if format == OutputFormat::Json {
        println!("{}", serde_json::to_string_pretty(&runs)?);
        return Ok(());
    }
    let columns = ["run", "made_at", "from", "to", "seed", "data_version", "model_version"];
    let time = |time: chrono::DateTime<chrono::Utc>| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let rows = runs.iter().map(|run| {
        vec![
            run.run.to_string(),
            time(run.made_at),
            time(run.window.from),
            time(run.window.to),
            run.seed.to_string(),
            run.data_version.to_string(),
            run.model_version.to_string(),
        ]
    });
    match format {
        OutputFormat::Csv => print!("{}", tables::csv(&columns, rows)?),
        _ if runs.is_empty() => println!("no run was kept yet; `cairn value` makes one"),
        _ => {
            let mut table = tables::table(&columns);
            rows.for_each(|row| {
                table.add_row(row);
            });
            println!("{table}");
        }
    }
    Ok(())
}

fn show(report: &ValueReport, context: &Context, format: OutputFormat) -> anyhow::Result<()> {
    match format {
        OutputFormat::Json => println!("{}", serde_json::to_string_pretty(report)?),
        OutputFormat::Csv => print!("{}", csv(report)?),
        OutputFormat::Table => value_table::print(report, context.zone),
    }
    Ok(())
}

fn csv(report: &ValueReport) -> anyhow::Result<String> {
    let mut rows = Vec::new();
    let mut put = |basis: &str, part: &str, unit: &str, spread: Option<Spread>| {
        let cell = |get: fn(&Spread) -> f64| spread.as_ref().map(|spread| get(spread).to_string()).unwrap_or_default();
        let ends = [cell(|spread| spread.p10), cell(|spread| spread.p50), cell(|spread| spread.p90)];
        rows.push([basis, part, unit].map(String::from).into_iter().chain(ends).collect());
    };
    for (basis, figures) in &report.bases {
        for (step, spread) in figures.steps() {
            put(basis.as_str(), step, &unit(step, &report.currency), spread);
        }
        let chance = figures.chance_net_above_zero.map(|chance| Spread { p10: chance, p50: chance, p90: chance });
        put(basis.as_str(), "chance_net_above_zero", "share", chance);
    }
    for capability in &report.capabilities {
        let part = format!("capability.{}", capability.name);
        put("telemetry", &part, "hours a week", capability.telemetry);
        put("survey", &part, "hours a week", capability.survey);
    }
    if let Some(incidents) = &report.incidents {
        put("incidents", "hours_once", "hours", incidents.hours);
    }
    tables::csv(&["basis", "figure", "unit", "p10", "p50", "p90"], rows.into_iter())
}

/// The unit of a step of the chain.
fn unit(step: &str, currency: &str) -> String {
    match step {
        "hours" => "hours a week".into(),
        "engineers_equivalent" => "engineers".into(),
        _ => format!("{currency} a year"),
    }
}
