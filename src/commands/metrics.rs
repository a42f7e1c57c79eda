//! `cairn metrics`: the catalogue, a metric's figures, or the rows behind them.

use std::process::ExitCode;

use analytics::expected::Verdict;
use analytics::{Aggregate, Answer, Ask, Better, Engine, Metric, Question, Row, people};
use anyhow::bail;

use crate::cli::{Metrics, OutputFormat};
use crate::context::{Context, or_ask};
use crate::progress::Progress;
use crate::tables;

/// Runs the command.
pub(crate) fn run(context: &Context, asked: &Metrics) -> anyhow::Result<ExitCode> {
    let questions = asked.questions();
    if asked.name.is_none() && !questions.is_empty() {
        let given = questions.join(" ");
        bail!("{given} needs the name of a metric: cairn metrics NAME {given}; without a name all are listed");
    }
    // The list is of use before there are facts; a figure is not.
    let (store, route) = match &asked.name {
        Some(name) if asked.rows => (context.open_store_with_facts(), format!("GET /v1/metrics/{name}/observations")),
        Some(name) => (context.open_store_with_facts(), format!("GET /v1/metrics/{name}")),
        None => (context.open_store_or_none(), "GET /v1/metrics".to_owned()),
    };
    let engine = context.engine(or_ask(store, &route)?)?;
    let Some(name) = &asked.name else {
        list(&engine, asked.format)?;
        return Ok(ExitCode::SUCCESS);
    };
    let now = crate::now();
    let question = Question {
        metric: name.clone(),
        from: asked.from.clone(),
        to: asked.to.clone(),
        grain: asked.grain.clone(),
        by: asked.by.clone(),
        filters: asked.filters.clone(),
    };
    engine.catalogue().get(name)?;
    let (engine, now) = at_time(&engine, asked.as_of.as_deref(), now)?;
    let ask = question.read(context.zone, now)?;
    if asked.rows {
        rows(&engine, &ask, asked.format, now)?;
        return Ok(ExitCode::SUCCESS);
    }
    let answer = engine.answer(&ask, now)?;
    match asked.format {
        OutputFormat::Table => table(&engine, &ask, &answer)?,
        OutputFormat::Json => println!("{}", serde_json::to_string_pretty(&*answer)?),
        OutputFormat::Csv => {
            let rows = answer.flat().map_err(|error| anyhow::anyhow!(error.message().to_owned()))?;
            print!("{}", rows.csv_text());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The engine to ask and its present. Putting together what was known takes a while, which is said.
pub(crate) fn at_time(
    engine: &Engine,
    as_of: Option<&str>,
    now: chrono::DateTime<chrono::Utc>,
) -> anyhow::Result<(Engine, chrono::DateTime<chrono::Utc>)> {
    let progress = as_of.map(|_| {
        let mut progress = Progress::of_things("putting together what was known then");
        progress.say("putting together what was known then");
        progress
    });
    let found = engine.at_time(as_of, now);
    drop(progress);
    Ok(found?)
}

fn list(engine: &Engine, format: OutputFormat) -> anyhow::Result<()> {
    let metrics = engine.catalogue().grouped();
    match format {
        OutputFormat::Json => println!("{}", serde_json::to_string_pretty(&metrics)?),
        OutputFormat::Csv => {
            let rows = metrics.iter().map(|metric| {
                vec![
                    metric.name.clone(),
                    engine.title(metric),
                    metric.group.clone(),
                    metric.unit.clone(),
                    metric.version.to_string(),
                    metric.dimensions.join(" "),
                    metric.definition.clone(),
                ]
            });
            print!(
                "{}",
                tables::csv(&["name", "title", "group", "unit", "version", "dimensions", "definition"], rows)?
            );
        }
        OutputFormat::Table => {
            let mut group = "";
            for metric in metrics {
                if metric.group != group {
                    group = &metric.group;
                    println!("{}\n", group.to_uppercase());
                }
                println!("{}: {} ({})", metric.name, engine.title(metric), metric.unit);
                println!("{}", tables::wrapped(&metric.definition));
                if !metric.dimensions.is_empty() {
                    println!("{}", tables::wrapped(&format!("By {}.", metric.dimensions.join(", "))));
                }
                println!();
            }
        }
    }
    Ok(())
}

fn table(engine: &Engine, ask: &Ask, answer: &Answer) -> anyhow::Result<()> {
    let zone = engine.options().zone;
    // Durations and shares carry their units in every cell.
    let unit = match answer.unit.as_str() {
        "seconds" | "share" => String::new(),
        unit => format!(" ({unit})"),
    };
    println!(
        "{}{unit}, by {} in {zone}, version {} of its definition",
        answer.title,
        if answer.grain == analytics::Grain::All { "the whole window" } else { answer.grain.as_str() },
        answer.definition_version
    );
    println!("{}", tables::window(answer.window.from, answer.window.to, zone));
    let time = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string();
    if let Some(on) = &answer.rests_on {
        println!("of {} {} only: those of several are never added", on.dimension, on.name);
    }
    if let Some(defined_at) = answer.defined_at {
        println!("this version holds since {}; figures published before that were of another", time(defined_at));
    }
    if let Some(as_of) = answer.as_of {
        println!("as of {}: what was known then, by today's definition", time(as_of));
    }
    let mut columns = vec!["time".to_owned()];
    columns.extend(answer.by.iter().cloned());
    columns.extend(["figure", "95 % interval", "n"].map(String::from));
    let metric = engine.catalogue().get(&answer.metric)?;
    let more = more_columns(answer);
    columns.extend(more.iter().map(|(title, _)| (*title).to_owned()));
    columns.extend(metric.beside.iter().map(|beside| beside.title.clone()));
    let stages: Vec<String> =
        answer.rows.first().map(|row| row.stages.iter().map(|(name, _)| name.clone()).collect()).unwrap_or_default();
    columns.extend(stages);
    let is_judged = answer.rows.iter().any(|row| row.expected.is_some());
    columns.extend(if is_judged { &["expected", "verdict"][..] } else { &["trend"] }.iter().copied().map(String::from));
    let mut table = tables::table(&columns.iter().map(String::as_str).collect::<Vec<_>>());
    for (position, row) in answer.rows.iter().enumerate() {
        let earlier =
            answer.rows[..position].iter().rev().find(|earlier| earlier.group == row.group && earlier.time < row.time);
        let mut cells = vec![row.time.with_timezone(&zone).format("%Y-%m-%d").to_string()];
        cells.extend(row.group.iter().map(|(_, name)| name.clone().unwrap_or_else(|| "(not known)".into())));
        cells.push(people::row_value(&answer.unit, row));
        cells.push(people::row_interval(&answer.unit, row));
        cells.push(tables::count(row.estimate.n));
        cells.extend(more.iter().map(|(_, show)| show(row)));
        cells.extend(metric.beside.iter().map(|beside| {
            row.beside(&beside.name).map_or_else(|| people::UNKNOWN.into(), |value| people::value(&beside.unit, value))
        }));
        cells.extend(
            row.stages.iter().map(|(_, stage)| stage.median.value.map_or_else(|| "–".into(), people::duration)),
        );
        if is_judged {
            cells.extend([people::row_expected(&answer.unit, row), verdict(answer.better, row)]);
        } else {
            cells.push(trend(answer, earlier, row));
        }
        table.add_row(tables::printable(cells));
    }
    println!("{table}");
    let coverage = &answer.coverage;
    if coverage.relevant > 0 {
        println!("coverage: {} of {} usable", tables::count(coverage.usable), tables::count(coverage.relevant));
    }
    for (reason, n) in &coverage.reasons {
        println!("  {} not counted: {reason}", tables::count(*n));
    }
    if let Some(estimated) = &coverage.estimated {
        println!("  {} {}", tables::count(estimated.n), estimated.how);
    }
    for kind in &answer.untold {
        println!("{}", people::untold(kind));
    }
    for source in &answer.freshness {
        println!(
            "source {} told of {}s up to {}",
            source.source,
            source.kind,
            source.last_at.with_timezone(&zone).format("%Y-%m-%d %H:%M %Z")
        );
    }
    let is_never_added = coverage.reasons.keys().any(|reason| reason.contains("never added together"));
    match answer.rows.iter().all(|row| row.estimate.n == 0) {
        _ if is_never_added => println!("{}", by_name(metric, ask)),
        true if coverage.relevant > 0 && coverage.usable == 0 => {
            println!("there is no figure: nothing of what was observed in this window counts, for the reasons above");
        }
        true => println!("nothing was observed in this window; see `cairn metrics` for what each metric counts"),
        false => {}
    }
    if answer.metric == "dora_score" {
        let means: Vec<String> =
            analytics::PUBLISHED_MEANS.iter().map(|(name, mean)| format!("{name} {mean}")).collect();
        println!(
            "published means of {}, for context and not as a goal: {}",
            analytics::PUBLISHED_YEAR,
            means.join(", ")
        );
    }
    Ok(())
}

/// How to ask for figures that are there, and of several names that are never added together.
fn by_name(metric: &Metric, ask: &Ask) -> String {
    let is_one = |dimension: &str| {
        ask.by.contains(&dimension)
            || ask.filters.iter().any(|(filtered, names)| *filtered == dimension && names.len() == 1)
    };
    // Waves of a survey fall into one bucket only where that is long.
    let waves = (metric.aggregate == Aggregate::Cell && metric.has_dimension("wave")).then_some("wave");
    let apart = metric.apart.as_ref().map(|apart| apart.dimension.as_str());
    let wanted = [apart, waves.filter(|_| apart.is_none() || ask.grain == analytics::Grain::All)];
    let mut wanted: Vec<&str> = wanted.into_iter().flatten().filter(|dimension| !is_one(dimension)).collect();
    if wanted.is_empty() {
        wanted.extend(metric.dimensions.iter().map(String::as_str).find(|dimension| !is_one(dimension)));
    }
    let Some(first) = wanted.first() else { return "some figures are of several names, which are never added".into() };
    let by: Vec<&str> = ask.by.iter().copied().chain(wanted.iter().copied()).collect();
    format!(
        "where no figure stands there are several, which differ by {} and are never added: ask with --by {}, or for one of them with --where {first}=NAME",
        wanted.join(" and "),
        by.join(",")
    )
}

/// A further column of the table: its title and what it shows of a row.
type MoreColumn = (&'static str, Box<dyn Fn(&Row) -> String>);

/// What stands beside the figure, by the way it was made.
fn more_columns(answer: &Answer) -> Vec<MoreColumn> {
    fn column(title: &'static str, name: &'static str, show: impl Fn(f64) -> String + 'static) -> MoreColumn {
        (title, Box::new(move |row| row.more(name).map_or_else(|| people::UNKNOWN.into(), &show)))
    }
    let quantile = |title, name| {
        let unit = answer.unit.clone();
        column(title, name, move |value| people::value(&unit, value))
    };
    let money = |title, name| column(title, name, analytics::value::words::two_figures);
    let points = |title, name| column(title, name, |points| format!("{points:.1}"));
    match answer.aggregate {
        Aggregate::Rate if answer.rows.iter().any(|row| row.more("deployment_days_per_week").is_some()) => {
            vec![points("days a week", "deployment_days_per_week")]
        }
        Aggregate::Rate | Aggregate::Share | Aggregate::Sum | Aggregate::Ratio | Aggregate::Mean | Aggregate::Cell => {
            Vec::new()
        }
        Aggregate::Median => vec![quantile("75 %", "p75"), quantile("90 %", "p90")],
        Aggregate::Survival => {
            vec![quantile("75 %", "p75"), quantile("90 %", "p90"), column("open", "n_open", |open| open.to_string())]
        }
        Aggregate::Count => vec![column("oldest", "oldest_seconds", people::duration)],
        Aggregate::Composed if answer.metric == "value_of_time_saved" => vec![
            quantile("10 %", "net_p10"),
            quantile("90 %", "net_p90"),
            money("gross", "gross"),
            money("platform", "platform_cost"),
            money("net by survey", "survey_net"),
        ],
        Aggregate::Composed => vec![
            points("lead", "lead_points"),
            points("frequency", "frequency_points"),
            points("recovery", "recovery_points"),
            points("fail", "fail_points"),
            points("rework", "rework_points"),
            points("throughput", "throughput"),
            points("stability", "stability"),
        ],
    }
}

/// What the figure is against what was to be expected of it; a bucket that is not complete is not judged. As on the pages,
/// the sign is where the value went, and the word says whether that is better.
fn verdict(better: Better, row: &Row) -> String {
    let Some(expected) = row.expected else { return "incomplete".into() };
    let sign = match expected.verdict {
        Verdict::Better => sign(better == Better::Higher),
        Verdict::Worse => sign(better == Better::Lower),
        Verdict::NoClearChange | Verdict::TooLittleData => "",
    };
    let note = if row.is_provisional { ", provisional" } else { "" };
    format!("{sign}{}{note}", expected.verdict.as_str())
}

fn sign(went_up: bool) -> &'static str {
    if went_up { "▲ " } else { "▼ " }
}

/// The trend, only where the intervals say so; a bucket that is not complete takes no part.
fn trend(answer: &Answer, earlier: Option<&analytics::Row>, row: &analytics::Row) -> String {
    let note = match (row.is_complete, row.is_provisional) {
        (false, _) => return "incomplete".into(),
        (true, true) => " provisional",
        (true, false) => "",
    };
    let Some(earlier) = earlier.filter(|earlier| earlier.is_complete) else { return note.trim().to_owned() };
    let arrow = match people::trend(answer.better, earlier, row) {
        people::Trend::Better => format!("{}better", sign(answer.better == Better::Higher)),
        people::Trend::Worse => format!("{}worse", sign(answer.better == Better::Lower)),
        people::Trend::NoClearChange | people::Trend::TooLittle => String::new(),
    };
    format!("{arrow}{note}").trim().to_owned()
}

fn rows(
    engine: &Engine,
    ask: &analytics::Ask,
    format: OutputFormat,
    now: chrono::DateTime<chrono::Utc>,
) -> anyhow::Result<()> {
    const PAGE: u64 = 100;
    // CSV is for other programs, which are given all; a table and a JSON page are looked at.
    const CSV_PAGE: u64 = 10_000;
    let metric = engine.catalogue().get(&ask.metric)?;
    let n_wanted = if format == OutputFormat::Csv { CSV_PAGE } else { PAGE };
    let mut page = engine.observations(ask, 0, n_wanted, now)?;
    while let (OutputFormat::Csv, Some(next)) = (format, page.next) {
        let more = engine.observations(ask, next, CSV_PAGE, now)?;
        page.observations.extend(more.observations);
        page.next = more.next;
    }
    if format == OutputFormat::Json {
        println!("{}", serde_json::to_string_pretty(&page)?);
        return Ok(());
    }
    let own: Vec<&str> = metric.own_dimensions().collect();
    let usual: Vec<&str> = ["team", "service", "environment", "repository"]
        .into_iter()
        .filter(|name| metric.has_dimension(name))
        .collect();
    let columns = [&["time", "subject", "value"], &usual[..], &own[..], &["remark", "url"]].concat();
    let exact = format == OutputFormat::Csv;
    let rows = page.observations.iter().map(|row| {
        let value = match row.value {
            None => String::new(),
            Some(value) if exact => value.to_string(),
            Some(value) if metric.aggregate == Aggregate::Share => people::yes_or_no(value).to_owned(),
            Some(value) => people::value(&metric.unit, value),
        };
        let open = row.is_open.filter(|open| *open).map(|_| "still open".to_owned());
        let told = || row.because.clone().into_iter().chain(open).collect::<Vec<_>>().join("; ");
        let remark = row.reason.clone().unwrap_or_else(told);
        let mut cells = vec![
            row.time.map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)).unwrap_or_default(),
            row.subject.clone().unwrap_or_default(),
            value,
        ];
        cells.extend(usual.iter().map(|name| {
            let name = match *name {
                "team" => &row.team,
                "service" => &row.service,
                "environment" => &row.environment,
                _ => &row.repository,
            };
            name.clone().unwrap_or_default()
        }));
        cells.extend(own.iter().map(|name| row.dimensions.get(*name).cloned().unwrap_or_default()));
        cells.extend([remark, row.url.clone().unwrap_or_default()]);
        cells
    });
    if exact {
        print!("{}", tables::csv(&columns, rows)?);
    } else {
        let mut table = tables::table(&columns);
        rows.for_each(|row| {
            table.add_row(tables::printable(row));
        });
        println!("{table}");
    }
    if page.next.is_some() {
        eprintln!(
            "these are the latest {PAGE}; --format csv gives all, and the API pages through them: GET /v1/metrics/{}/observations",
            ask.metric
        );
    }
    Ok(())
}
