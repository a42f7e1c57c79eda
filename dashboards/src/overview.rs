//! The overview: how delivery goes, by which teams, and what the figures rest on.

use std::collections::BTreeMap;
use std::sync::Arc;

use analytics::{AnalyticsError, Answer, Ask, Engine, Grain, Shape, Window};
use maud::{Markup, html};

use crate::cards;
use crate::data;
use crate::dates;
use crate::dora::Score;
use crate::figure::Figure;
use crate::filter_form;
use crate::filters::Filters;
use crate::group_table::{self, GroupTable};
use crate::layout::{self, Place};
use crate::owner_pages::{self, PageFigure};
use crate::words;

/// The five delivery metrics: throughput, then instability.
pub const DELIVERY: [&str; 5] = [
    "change_lead_time",
    "deployment_frequency",
    "failed_deployment_recovery_time",
    "change_fail_rate",
    "deployment_rework_rate",
];

/// What stands below them.
const BESIDE: [&str; 3] = ["undeployed_changes", "commit_lead_time", "time_to_restore"];

/// The page.
pub fn page(engine: &Engine, filters: &Filters) -> Result<Markup, AnalyticsError> {
    ask_ahead(engine, filters);
    let read = |names: &[&str]| -> Result<Vec<Figure>, AnalyticsError> {
        names.iter().map(|name| Figure::read(engine, filters, name)).collect()
    };
    let (delivery, beside) = (read(&DELIVERY)?, read(&BESIDE)?);
    let answers: Vec<Arc<Answer>> = delivery.iter().chain(&beside).map(|figure| Arc::clone(&figure.whole)).collect();
    let sources = data::sources(&answers);
    let score = Score::read(engine, filters)?;
    // What waits is a state: it holds whatever the window.
    let events = delivery.iter().chain(&beside).filter(|figure| figure.metric.shape == Shape::Event);
    let leads = engine.stage().map_or(&[][..], |stage| stage.headline());
    let is_below = |figure: &&Figure| !leads.contains(&figure.metric.name.as_str());
    let is_empty = events.map(|figure| &figure.whole.coverage).all(|coverage| coverage.relevant == 0);
    let main = html! {
        (head(filters))
        @if sources.is_empty() {
            (data::how_to_begin())
        } @else {
            (filter_form::form(engine, filters, None, "/")?)
            @if is_empty { (empty_window(filters)) } @else { (data::silence(filters, &sources)) }
            (headline(engine, filters)?)
            section aria-labelledby="delivery" {
                h2 #delivery { "Delivery" }
                div.cards {
                    @for figure in delivery.iter().filter(is_below) { (cards::card(filters, figure)) }
                    @if !leads.contains(&"dora_score") { (score.card()) }
                }
            }
            (score.section(engine)?)
            (by_group(engine, filters)?)
            section aria-labelledby="beside" {
                h2 #beside { "Further figures" }
                div.cards { @for figure in beside.iter().filter(is_below) { (cards::card(filters, figure)) } }
            }
            section aria-labelledby="data" {
                h2 #data { "What the figures rest on" }
                h3 { "Sources" }
                (data::freshness(filters, &sources))
                h3 { "Coverage" }
                (data::coverage(&answers))
            }
        }
        (all_metrics(engine, filters))
        (layout::also_figures(filters, "", None))
    };
    Ok(layout::page("Overview", Place::Overview, &main))
}

/// Asks for everything that the page shows at once.
fn ask_ahead(engine: &Engine, filters: &Filters) {
    let leads = engine.stage().map_or(&[][..], |stage| stage.headline());
    let names = DELIVERY.iter().chain(&BESIDE).chain(leads);
    // What is wrong with one is said where it is read.
    let mut asks: Vec<Ask> = names.filter_map(|name| Figure::asks(engine, filters, name).ok()).flatten().collect();
    asks.extend(GroupTable::asks(filters, &DELIVERY));
    // The score rests on the answers of others, which are among them.
    asks.retain(|ask| ask.metric != "dora_score");
    engine.answer_ahead(asks, filters.now);
}

/// All its figures.
pub fn figures(engine: &Engine, filters: &Filters) -> Result<Vec<PageFigure>, AnalyticsError> {
    let leads = engine.stage().map_or(&[][..], |stage| stage.headline());
    let mut names: Vec<&str> = Vec::new();
    for name in leads.iter().chain(&DELIVERY).chain(&["dora_score"]).chain(&BESIDE) {
        let metric = engine.catalogue().get(name)?;
        // Those of the headline that have no dimension that is filtered by are not on the page either.
        if !names.contains(name) && filters.fitting(metric).1.is_empty() {
            names.push(name);
        }
    }
    owner_pages::figures(engine, filters, &names)
}

fn head(filters: &Filters) -> Markup {
    html! {
        h1 { "How delivery goes" }
        p.lead {
            (words::of_what(filters)) " As of "
            time datetime=(dates::machine(filters.now)) { (dates::instant(filters.zone, filters.now)) } "."
        }
    }
}

/// What a platform of the configured stage leads with.
fn headline(engine: &Engine, filters: &Filters) -> Result<Markup, AnalyticsError> {
    let Some(stage) = engine.stage() else { return Ok(html! {}) };
    let (mut figures, mut whole_only) = (Vec::new(), Vec::new());
    for metric in stage.headline().iter().filter_map(|name| engine.catalogue().get(name).ok()) {
        match Figure::read(engine, filters, &metric.name) {
            Ok(figure) => figures.push(figure),
            // It has no dimension that is filtered by.
            Err(AnalyticsError::BadQuestion(_)) => whole_only.push(engine.title(metric)),
            Err(error) => return Err(error),
        }
    }
    Ok(html! {
        section aria-labelledby="headline" {
            h2 #headline { "Headline" }
            p.small { "A platform of the stage " strong { (stage.as_str()) } " leads with " (stage.leads_with()) "." }
            div.cards { @for figure in &figures { (cards::card(filters, figure)) } }
            @if !whole_only.is_empty() {
                p.small { "Not with these filters: " (whole_only.join(", ")) "." }
            }
        }
    })
}

fn empty_window(filters: &Filters) -> Markup {
    let week = Filters { weeks: None, window: running(filters), grain: Grain::Day, ..filters.clone() };
    let year = Filters { weeks: Some(52), ..filters.clone() };
    html! {
        div.notice {
            h2 { "Nothing was observed in this window" }
            p {
                "There are facts, but none within this window and these filters. "
                a href=(year.link("/")) { "Look at the last 52 weeks" }
                @if week.window.from < week.window.to {
                    ", or at " a href=(week.link("/")) { "the running week, day by day" }
                }
                ". When each source last told of something stands " a href="#data" { "below" } "."
            }
        }
    }
}

/// From the end of the window up to now.
fn running(filters: &Filters) -> Window {
    Window { from: filters.window.to, to: filters.now }
}

fn by_group(engine: &Engine, filters: &Filters) -> Result<Markup, AnalyticsError> {
    let table = GroupTable::read(engine, filters, &DELIVERY)?;
    Ok(html! {
        section aria-labelledby="by-group" {
            h2 #by-group { "By " (group_table::dimension(filters)) }
            p.small {
                "Each with its 95 % interval. Data is called thin below " (words::THIN)
                " observations. In alphabetical order: teams have different work, so this is no ranking."
            }
            @if table.dimension() == "team" {
                (table.leading(|team| owner_pages::of_team(filters, team)))
            } @else {
                (table.leading(|service| owner_pages::of_service(filters, service)))
            }
        }
    })
}

fn all_metrics(engine: &Engine, filters: &Filters) -> Markup {
    let mut groups: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for metric in engine.catalogue().metrics() {
        groups.entry(&metric.group).or_default().push(metric);
    }
    html! {
        section aria-labelledby="all-metrics" {
            h2 #all-metrics { "All metrics" }
            @for (group, metrics) in groups {
                h3.group { (group) }
                ul.columns {
                    @for metric in metrics {
                        li { a href=(filters.link(&format!("/m/{}", metric.name))) { (engine.title(metric)) } }
                    }
                }
            }
        }
    }
}
