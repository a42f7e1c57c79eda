//! `cairn value`: what the saved time is worth, from hours to net money.

use std::process::ExitCode;

use analytics::value::{self, Basis, BasisFigures, Span, Spread, ValueError, ValueReport, words};
use analytics::people;

use crate::cli::{OutputFormat, Value};
use crate::context::Context;
use crate::tables;

/// Runs the command.
pub(crate) fn run(context: &Context, asked: &Value) -> anyhow::Result<ExitCode> {
    let store = context.open_store()?;
    if asked.runs {
        runs(&store, asked.format)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(run) = asked.run {
        show(&value::kept(&store, run)?, context, asked.format)?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(model) = context.config.value_model()? else {
        eprintln!("cairn: {}; it follows, for cairn.toml:\n", ValueError::NotConfigured);
        // Standard output is for figures, of which there are none.
        eprint!("{}", value::EXAMPLE);
        return Ok(ExitCode::FAILURE);
    };
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
        OutputFormat::Table => table(report, context),
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

fn table(report: &ValueReport, context: &Context) {
    let day = |time: chrono::DateTime<chrono::Utc>| time.with_timezone(&context.zone).format("%Y-%m-%d").to_string();
    let run = report.run.map_or_else(|| "not kept".to_owned(), |run| format!("run {run}"));
    println!(
        "what the saved time is worth, from {} to {} ({}), {run}",
        day(report.window.from),
        day(report.window.to),
        context.zone
    );
    println!("by {}", report.denominator_in_words);
    println!("middle of {} draws, and from where to where 80 of 100 lie; seed {}", report.draws, report.seed);
    if let Some(stage) = &report.stage {
        let (name, leads_with) = (stage.stage.as_str(), stage.stage.leads_with());
        println!("\na platform of the stage `{name}` leads with {leads_with}:");
        let mut table = tables::table(&["metric", "figure", "95 % interval", "n"]);
        for figure in &stage.headline {
            table.add_row([
                figure.title.clone(),
                figure.value.map_or_else(|| people::UNKNOWN.into(), |value| people::value(&figure.unit, value)),
                people::interval(&figure.unit, figure.low, figure.high),
                tables::count(figure.n),
            ]);
        }
        println!("{table}");
    }
    println!();
    println!("{}", chain(report));
    println!("what tools tell and what people tell is of the same hours: the two are never added");
    if let Some(incidents) = &report.incidents {
        let hours = shown(incidents.hours, words::two_figures);
        let blocked = shown(incidents.blocked, words::two_figures);
        println!(
            "\nincidents prevented: {hours} engineer-hours in the whole window, once each ({blocked} violations stopped); in no figure above"
        );
    }
    for (basis, figures) in &report.bases {
        drivers(*basis, figures, &report.currency);
    }
    println!("\ninputs, by the grade of their evidence (A experiment, B quasi-experiment, C telemetry, D survey, E assumption)");
    println!("{}", inputs(report));
    for note in &report.notes {
        println!("note: {note}");
    }
}

fn shown(spread: Option<Spread>, word: impl Fn(f64) -> String) -> String {
    spread.map_or_else(|| people::UNKNOWN.into(), |spread| words::spread(&spread, word))
}

fn chain(report: &ValueReport) -> comfy_table::Table {
    let mut table = tables::table(&["", "telemetry", "survey"]);
    for capability in &report.capabilities {
        let hours = |spread| shown(spread, words::two_figures);
        table.add_row([
            format!("{}, hours a week", capability.name),
            hours(capability.telemetry),
            hours(capability.survey),
        ]);
    }
    let both = |get: &dyn Fn(&BasisFigures) -> String| Basis::ALL.map(|basis| get(&report.bases[&basis]));
    let mut add = |label: &str, get: &dyn Fn(&BasisFigures) -> String| {
        let [telemetry, survey] = both(get);
        table.add_row([label.to_owned(), telemetry, survey]);
    };
    let money = |value: f64| words::money(&report.currency, value);
    add("all, hours a week", &|figures| {
        let capped = figures.share_capped.filter(|share| *share > 0.0);
        let note = capped.map(|share| format!(", cut to the cap in {} of the draws", words::chance(share)));
        format!("{}{}", shown(figures.hours, words::two_figures), note.unwrap_or_default())
    });
    add("as whole engineers", &|figures| shown(figures.engineers_equivalent, words::two_figures));
    add("gross, a year", &|figures| shown(figures.gross, money));
    add("owed to the platform", &|figures| shown(figures.after_attribution, money));
    add("turned into useful work", &|figures| shown(figures.after_recapture, money));
    add("cost of the platform, a year", &|figures| shown(figures.platform_cost, money));
    add("net, a year", &|figures| shown(figures.net, money));
    add("chance that net is above zero", &|figures| {
        figures.chance_net_above_zero.map_or_else(|| people::UNKNOWN.into(), words::chance)
    });
    table
}

fn drivers(basis: Basis, figures: &BasisFigures, currency: &str) {
    const SHOWN: usize = 8;
    if figures.drivers.is_empty() {
        return;
    }
    println!("\nwhat moves the net by {}, one input at a time from its 10 % to its 90 % point:", basis.as_str());
    let mut table = tables::table(&["input", "from", "to", "net from", "net to", "swing"]);
    for driver in figures.drivers.iter().take(SHOWN) {
        table.add_row([
            driver.input.clone(),
            words::two_figures(driver.p10),
            words::two_figures(driver.p90),
            words::money(currency, driver.net_at_p10),
            words::money(currency, driver.net_at_p90),
            words::money(currency, driver.swing),
        ]);
    }
    println!("{table}");
}

fn inputs(report: &ValueReport) -> comfy_table::Table {
    let mut table = tables::table(&["input", "figure", "unit", "grade", "of", "owner", "source"]);
    for (name, input) in &report.inputs {
        let figure = input.distribution.map_or_else(
            || people::UNKNOWN.to_owned(),
            |distribution| {
                let at = |p| distribution.quantile(p);
                words::spread(&Spread { p10: at(0.1), p50: at(0.5), p90: at(0.9) }, words::two_figures)
            },
        );
        let told = input.remark.as_ref().map(|remark| format!(" ({remark})")).unwrap_or_default();
        table.add_row([
            name.clone(),
            figure,
            input.quantity.unit().to_owned(),
            input.provenance.grade.letter().to_owned(),
            input.provenance.date.to_string(),
            input.provenance.owner.clone(),
            format!("{}{told}", input.provenance.source),
        ]);
    }
    table
}
