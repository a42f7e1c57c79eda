//! A run of the value model as a table for people.

use analytics::people;
use analytics::value::{Basis, BasisFigures, Spread, ValueReport, words};
use chrono_tz::Tz;

use crate::tables;

/// Prints a run.
pub(crate) fn print(report: &ValueReport, zone: Tz) {
    let run = report.run.map_or_else(|| "not kept".to_owned(), |run| format!("run {run}"));
    println!("what the saved time is worth, {}, {run}", tables::window(report.window.from, report.window.to, zone));
    println!("by {}", report.denominator_in_words);
    println!(
        "middle of {} draws, and from where to where 80 of 100 lie; seed {}",
        tables::count(report.draws as u64),
        report.seed
    );
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
    for (basis, figures) in &report.bases {
        let (basis, missing) = (basis.as_str(), figures.missing.join(", "));
        match (figures.hours, missing.as_str()) {
            (None, "") => {
                println!("by {basis} there is no figure: no capability has such a saving in the configuration")
            }
            (None, _) => println!("by {basis} there is no figure, which is not 0; not known: {missing}"),
            (Some(_), "") => {}
            (Some(_), _) => println!("by {basis} this is not known, and so in no figure: {missing}"),
        }
    }
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
    println!(
        "\ninputs, by the grade of their evidence (A experiment, B quasi-experiment, C telemetry, D survey, E assumption)"
    );
    println!("{}", inputs(report));
    println!("not held by any figure of money: {}", report.excludes.join("; "));
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
    let money = |spread: Option<Spread>| {
        spread.map_or_else(|| people::UNKNOWN.into(), |spread| words::money_spread(&report.currency, &spread))
    };
    add("all, hours a week", &|figures| {
        let capped = figures.share_capped.filter(|share| *share > 0.0);
        let note = capped.map(|share| format!(", cut to the cap in {} of the draws", words::chance(share)));
        format!("{}{}", shown(figures.hours, words::two_figures), note.unwrap_or_default())
    });
    add("as whole engineers", &|figures| shown(figures.engineers_equivalent, words::two_figures));
    add("gross, a year", &|figures| money(figures.gross));
    add("owed to the platform", &|figures| money(figures.after_attribution));
    add("turned into useful work", &|figures| money(figures.after_recapture));
    add("cost of the platform, a year", &|figures| money(figures.platform_cost));
    add("net, a year", &|figures| money(figures.net));
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
