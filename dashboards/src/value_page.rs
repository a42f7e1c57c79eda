//! What the saved time is worth: from hours to net money, what moves it, and whose word each input is.

use analytics::people::{self, UNKNOWN};
use analytics::value::words::{chance, money, money_spread, spread, two_figures};
use analytics::value::{self, Basis, BasisFigures, Input, Span, Spread, StageFigures, ValueError, ValueReport};
use analytics::{AnalyticsError, Engine};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde::Deserialize;

use crate::address::with;
use crate::dates;
use crate::group_table::{capital, in_words};
use crate::layout::{self, Place};
use crate::table_file::{TableFile, number};
use crate::value_charts;
use crate::words::with_code;

/// The window, as it stands in the address.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// Its begin: twelve months before the end unless said.
    from: Option<String>,
    /// Its end, not included: the last midnight unless said.
    to: Option<String>,
    /// A run that was kept, by its number, instead.
    run: Option<i64>,
}

/// The page.
pub fn page(engine: &Engine, asked: &Parameters, now: DateTime<Utc>) -> Result<Markup, AnalyticsError> {
    let main = match computed(engine, asked, now)? {
        Ok(report) => whole(engine, asked, &report),
        Err(why) => html! {
            h1 { "Value of time saved" }
            div.notice {
                p { (with_code(&capital(&why.to_string()))) "." }
                p { code { "cairn value --example >> cairn.toml" } }
            }
        },
    };
    Ok(layout::page("Value of time saved", Place::At("/value"), &main))
}

/// The chain and the inputs as a file.
pub fn file(engine: &Engine, asked: &Parameters, now: DateTime<Utc>) -> Result<TableFile, AnalyticsError> {
    let columns = &["part", "basis", "name", "unit", "p10", "p50", "p90", "grade", "date", "owner", "source", "remark"];
    let mut file = TableFile::of(columns);
    let report = match computed(engine, asked, now)? {
        Ok(report) => report,
        Err(why) => return Err(AnalyticsError::BadQuestion(why.to_string())),
    };
    let points = |spread: Option<Spread>| {
        [spread.map(|spread| spread.p10), spread.map(|spread| spread.p50), spread.map(|spread| spread.p90)].map(number)
    };
    let mut put =
        |part: &str, basis: &str, name: &str, unit: String, points: [Option<String>; 3], of: [Option<String>; 5]| {
            let head = [part.to_owned(), basis.to_owned(), name.to_owned(), unit].map(Some);
            file.push(head.into_iter().chain(points).chain(of).collect());
        };
    let none = || [None, None, None, None, None];
    for (basis, figures) in &report.bases {
        for (step, spread) in figures.steps() {
            let unit = match step {
                "hours" => "hours a week".to_owned(),
                "engineers_equivalent" => "engineers".to_owned(),
                _ => format!("{} a year", report.currency),
            };
            put("chain", basis.as_str(), step, unit, points(spread), none());
        }
        let sure = number(figures.chance_net_above_zero);
        put("chain", basis.as_str(), "chance_net_above_zero", "share".into(), [None, sure, None], none());
    }
    for one in &report.capabilities {
        for (basis, spread) in [("telemetry", one.telemetry), ("survey", one.survey)] {
            put("capability", basis, &one.name, "hours a week".into(), points(spread), none());
        }
    }
    if let Some(incidents) = &report.incidents {
        put("incidents_prevented", "", "hours_once", "hours".into(), points(incidents.hours), none());
    }
    for (name, input) in &report.inputs {
        let of = &input.provenance;
        let told = [
            Some(of.grade.letter().to_owned()),
            Some(of.date.to_string()),
            Some(of.owner.clone()),
            Some(of.source.clone()),
            input.remark.clone(),
        ];
        put("input", "", name, input.quantity.unit().to_owned(), points(of_input(input)), told);
    }
    Ok(file)
}

/// The report; where there is none because of the configuration or the window, why.
fn computed(
    engine: &Engine,
    asked: &Parameters,
    now: DateTime<Utc>,
) -> Result<Result<ValueReport, ValueError>, AnalyticsError> {
    if let Some(run) = asked.run {
        if asked.from.is_some() || asked.to.is_some() {
            let message = "a run that was kept has its own window; ask for `run` alone".to_owned();
            return Err(AnalyticsError::BadQuestion(message));
        }
        return match value::kept(engine.store(), run) {
            Err(ValueError::Analytics(error)) => Err(error),
            Err(ValueError::UnknownRun(message)) => Err(AnalyticsError::UnknownName(message)),
            kept => Ok(kept),
        };
    }
    let Some(model) = engine.value_model() else { return Ok(Err(ValueError::NotConfigured)) };
    let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let span = Span { from: said(&asked.from), to: said(&asked.to) };
    match value::compute(engine, model, engine.stage(), &span, now) {
        Err(ValueError::Analytics(error)) => Err(error),
        computed => Ok(computed),
    }
}

fn whole(engine: &Engine, asked: &Parameters, report: &ValueReport) -> Markup {
    let zone = engine.options().zone;
    let run = asked.run.map(|run| run.to_string());
    let ends = match &run {
        Some(run) => vec![("run", Some(run.as_str()))],
        None => vec![("from", asked.from.as_deref()), ("to", asked.to.as_deref())],
    };
    // What a field for days can hold.
    let day = |time| Some(dates::for_address(zone, time)).filter(|text| text.len() == "2026-01-01".len());
    let drivers_scale = value_charts::tornado_scale(report.bases.values());
    let scale = value_charts::chain_scale(report.bases.values());
    html! {
        h1 { "Value of time saved" @if let Some(run) = &run { ", run " (run) } }
        p.lead {
            (dates::window(zone, report.window)) " (" (zone.name()) "), in " strong { (report.currency) } " a year. By the "
            (report.denominator_in_words) ". Each figure is the middle of " (count(report.draws)) " draws, in brackets from where to where 80 of 100 lie."
        }
        form.filters method="get" action="/value" aria-label="Which time" {
            div { label for="from" { "From" } input #from type="date" name="from" value=[day(report.window.from)]; }
            div { label for="to" { "Up to, not included" } input #to type="date" name="to" value=[day(report.window.to)]; }
            button type="submit" { "Show" }
        }
        @if let Some(stage) = &report.stage { (headline(stage)) }
        section aria-labelledby="from-gross-to-net" {
            h2 #from-gross-to-net { "From gross to net" }
            p { "What tools tell and what people tell is of the same hours: the two stand side by side and are never added." }
            (chain(report))
            @for (basis, figures) in &report.bases {
                @if let Some(missing) = missing(*basis, figures) { div.notice { p { (missing) } } }
                @if figures.net.is_some() { (value_charts::chain(*basis, figures, &report.currency, scale)) }
            }
        }
        (capabilities(report))
        @for (basis, figures) in report.bases.iter().filter(|(_, figures)| !figures.drivers.is_empty()) {
            section aria-labelledby={ "drivers-" (basis.as_str()) } {
                h2 id={ "drivers-" (basis.as_str()) } { "What moves the net, by " (basis.as_str()) }
                (value_charts::tornado(*basis, figures, &report.currency, drivers_scale))
                (drivers(*basis, figures, &report.currency))
            }
        }
        (inputs(report))
        section aria-labelledby="keep-in-mind" {
            h2 #keep-in-mind { "To keep in mind" }
            ul {
                @for note in &report.notes { li { (with_code(&capital(note))) "." } }
                @for excluded in report.excludes { li { "No figure of money holds " (excluded) "." } }
            }
        }
        (layout::also(&with("/v1/value", &ends), &with("/value.csv", &ends)))
    }
}

/// What a platform of the configured stage leads with, over the same window.
fn headline(stage: &StageFigures) -> Markup {
    html! {
        section aria-labelledby="headline" {
            h2 #headline { "Headline of a platform of the stage " (stage.stage.as_str()) }
            p.small { "It leads with " (stage.stage.leads_with()) "." }
            div.scroll.fit role="region" aria-label="Headline" tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { "Metric" }
                        th scope="col" { "Figure" }
                        th scope="col" { "95 % interval" }
                        th scope="col" { "Observations" }
                    } }
                    tbody {
                        @for one in &stage.headline {
                            tr {
                                th scope="row" { a href={ "/m/" (one.metric) } { (one.title) } }
                                td { (one.value.map_or_else(|| UNKNOWN.to_owned(), |value| people::value(&one.unit, value))) }
                                td { (people::interval(&one.unit, one.low, one.high)) }
                                td { (people::count(one.n)) }
                            }
                        }
                    }
                }
            }
            @if stage.headline.iter().any(|one| one.metric == "incidents_prevented") {
                p.small {
                    "Hours of prevented incidents are here by " code { "[incidents_prevented]" } " of cairn.toml: unless it says less, every violation would have become an incident, which is an upper bound. The incidents below are by "
                    code { "[value.incidents]" } ", with their uncertainty."
                }
            }
        }
    }
}

fn count(n: usize) -> String {
    analytics::people::count(n as u64)
}

fn missing(basis: Basis, figures: &BasisFigures) -> Option<String> {
    let (basis, missing) = (basis.as_str(), figures.missing.join(", "));
    match (figures.hours, missing.as_str()) {
        (None, "") => {
            Some(format!("By {basis} there is no figure: no capability of the configuration has such a saving."))
        }
        (None, _) => Some(format!("By {basis} there is no figure, which is not 0. Not known: {missing}.")),
        (Some(_), "") => None,
        (Some(_), _) => Some(format!("By {basis} this is not known, and so in no figure: {missing}.")),
    }
}

/// What a step of the chain says of a basis.
type Say<'a> = Box<dyn Fn(&BasisFigures) -> String + 'a>;

fn chain(report: &ValueReport) -> Markup {
    let shown =
        |spread: Option<Spread>| spread.map_or_else(|| UNKNOWN.to_owned(), |one| self::spread(&one, two_figures));
    let money =
        |spread: Option<Spread>| spread.map_or_else(|| UNKNOWN.to_owned(), |one| money_spread(&report.currency, &one));
    let steps: [(&str, Say<'_>); 8] = [
        (
            "Hours a week",
            Box::new(|figures| {
                let capped = figures.share_capped.filter(|share| *share > 0.0);
                let note = capped.map(|share| format!(", cut to the cap in {} of the draws", chance(share)));
                format!("{}{}", shown(figures.hours), note.unwrap_or_default())
            }),
        ),
        ("As whole engineers", Box::new(|figures| shown(figures.engineers_equivalent))),
        ("Gross", Box::new(|figures| money(figures.gross))),
        ("Owed to the platform", Box::new(|figures| money(figures.after_attribution))),
        ("Turned into useful work", Box::new(|figures| money(figures.after_recapture))),
        ("Cost of the platform", Box::new(|figures| money(figures.platform_cost))),
        ("Net", Box::new(|figures| money(figures.net))),
        (
            "Chance that net is above 0",
            Box::new(|figures| figures.chance_net_above_zero.map_or_else(|| UNKNOWN.to_owned(), chance)),
        ),
    ];
    html! {
        div.scroll.fit role="region" aria-label="Steps from gross to net" tabindex="0" {
            table {
                thead { tr {
                    th scope="col" { "Step" }
                    @for basis in report.bases.keys() { th scope="col" { "By " (basis.as_str()) } }
                } }
                tbody {
                    @for (label, say) in &steps {
                        tr {
                            th scope="row" { (label) }
                            @for figures in report.bases.values() { td { (say(figures)) } }
                        }
                    }
                }
            }
        }
    }
}

fn capabilities(report: &ValueReport) -> Markup {
    let hours =
        |spread: Option<Spread>| spread.map_or_else(|| UNKNOWN.to_owned(), |one| self::spread(&one, two_figures));
    html! {
        section aria-labelledby="capabilities" {
            h2 #capabilities { "Hours a week, by capability" }
            div.scroll.fit role="region" aria-label="Hours by capability" tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { "Capability" }
                        th scope="col" { "Replaces" }
                        th scope="col" { "By telemetry" }
                        th scope="col" { "By survey" }
                    } }
                    tbody {
                        @for one in &report.capabilities {
                            tr {
                                th scope="row" { (one.name) }
                                td.words { (one.replaces.as_deref().unwrap_or(UNKNOWN)) }
                                td { (hours(one.telemetry)) }
                                td { (hours(one.survey)) }
                            }
                        }
                    }
                }
            }
            @if let Some(incidents) = &report.incidents {
                p {
                    "Incidents prevented: " (hours(incidents.hours)) " engineer-hours in the whole window, once each ("
                    (hours(incidents.blocked)) " violations stopped). They are in no figure above."
                }
            }
        }
    }
}

fn drivers(basis: Basis, figures: &BasisFigures, currency: &str) -> Markup {
    html! {
        div.scroll.fit role="region" aria-label={ "What moves the net by " (basis.as_str()) } tabindex="0" {
            table {
                thead { tr {
                    th scope="col" { "Input" }
                    th scope="col" { "From" }
                    th scope="col" { "To" }
                    th scope="col" { "Net from" }
                    th scope="col" { "Net to" }
                } }
                tbody {
                    @for driver in &figures.drivers {
                        tr {
                            th scope="row" { (name(&driver.input)) }
                            td { (two_figures(driver.p10)) }
                            td { (two_figures(driver.p90)) }
                            td { (money(currency, driver.net_at_p10)) }
                            td { (money(currency, driver.net_at_p90)) }
                        }
                    }
                }
            }
        }
    }
}

/// The place of an input in the configuration, as people read it.
pub fn name(input: &str) -> String {
    in_words(input.strip_prefix("capability.").unwrap_or(input)).replace('.', ", ")
}

fn of_input(input: &Input) -> Option<Spread> {
    let at = |p| input.distribution.map(|distribution| distribution.quantile(p));
    Some(Spread { p10: at(0.1)?, p50: at(0.5)?, p90: at(0.9)? })
}

fn inputs(report: &ValueReport) -> Markup {
    html! {
        section aria-labelledby="inputs" {
            h2 #inputs { "The inputs, and whose word they are" }
            p.small { "Grades of evidence: A experiment, B quasi-experiment, C telemetry, D survey, E assumption." }
            div.scroll role="region" aria-label="Inputs" tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { "Input" }
                        th scope="col" { "Figure" }
                        th scope="col" { "Unit" }
                        th scope="col" { "Grade" }
                        th scope="col" { "Of" }
                        th scope="col" { "Owner" }
                        th scope="col" { "Source" }
                    } }
                    tbody {
                        @for (place, input) in &report.inputs {
                            @let of = &input.provenance;
                            tr {
                                th scope="row" { (name(place)) }
                                td { (of_input(input).map_or_else(|| UNKNOWN.to_owned(), |one| spread(&one, two_figures))) }
                                td { (input.quantity.unit()) }
                                td { (of.grade.letter()) " " (of.grade.words()) }
                                td { (of.date.format("%-d %b %Y")) }
                                td { (of.owner) }
                                td.story {
                                    (of.source)
                                    @if let Some(remark) = &input.remark { span.small { (remark) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
