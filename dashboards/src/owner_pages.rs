//! The page of a team, and that of a service: what it is, how its delivery goes, and the latest of what it rests on.

use analytics::people::UNKNOWN;
use analytics::portrait::{self, ServicePortrait, TeamPortrait};
use analytics::{AnalyticsError, Engine, Grain, Window};
use maud::{Markup, html};
use serde::Serialize;

use crate::address::segment;
use crate::cards;
use crate::dates;
use crate::figure::Figure;
use crate::filter_form;
use crate::filters::Filters;
use crate::group_table::GroupTable;
use crate::layout::{self, Place};
use crate::overview::DELIVERY;
use crate::rows_page;
use crate::table_file::{TableFile, number};
use crate::words;

/// What a team's page shows of its standing beside delivery.
const OF_TEAM: [&str; 6] = [
    "undeployed_changes",
    "time_to_restore",
    "template_adoption",
    "pipeline_compliance",
    "policy_compliance",
    "platform_ticket_volume",
];
/// The latest rows shown of each sort.
const LATEST: u64 = 10;

/// The address of a team's page.
pub fn of_team(filters: &Filters, team: &str) -> String {
    filters.of_all_names().link(&format!("/teams/{}", segment(team)))
}

/// The address of a service's page.
pub fn of_service(filters: &Filters, service: &str) -> String {
    filters.of_all_names().link(&format!("/services/{}", segment(service)))
}

/// The page of a team.
pub fn team(engine: &Engine, filters: &Filters, name: &str) -> Result<Markup, AnalyticsError> {
    let portrait = portrait::team(engine.store(), name, filters.now)?;
    let filters = &Filters { team: Some(name.to_owned()), service: None, ..filters.clone() };
    let delivery = read(engine, filters, &DELIVERY)?;
    let others = read(engine, filters, &OF_TEAM)?;
    let by_service = GroupTable::read(engine, filters, &DELIVERY)?;
    let path = format!("/teams/{}", segment(name));
    let main = html! {
        nav.crumbs aria-label="Where this is" { a href=(filters.of_all_names().link("/teams")) { "Teams" } " / " (name) }
        h1 { (name) }
        p.lead { (team_in_words(&portrait)) " Figures of " (words::of_time(filters)) }
        (filter_form::of_time(filters, &path))
        section aria-labelledby="delivery" {
            h2 #delivery { "Delivery" }
            div.cards { @for figure in &delivery { (cards::card(filters, figure)) } }
        }
        section aria-labelledby="by-service" {
            h2 #by-service { "By service" }
            (by_service.leading(|service| of_service(filters, service)))
        }
        section aria-labelledby="standing" {
            h2 #standing { "Platform and standards" }
            div.cards { @for figure in &others { (cards::card(filters, figure)) } }
        }
        section aria-labelledby="services" {
            h2 #services { "Services it owns" }
            @if portrait.services.is_empty() { p { "No service is known to be its own." } }
            ul.columns { @for service in &portrait.services { li { a href=(of_service(filters, service)) { (service) } } } }
        }
        (layout::also_figures(&filters.of_all_names(), &path, Some(&format!("/v1/teams/{}", segment(name)))))
    };
    Ok(layout::page(&format!("Team {name}"), Place::At("/teams"), &main))
}

/// The figures of a team's page.
pub fn team_figures(engine: &Engine, filters: &Filters, name: &str) -> Result<Vec<PageFigure>, AnalyticsError> {
    portrait::team(engine.store(), name, filters.now)?;
    let filters = Filters { team: Some(name.to_owned()), service: None, ..filters.clone() };
    figures(engine, &filters, &[&DELIVERY[..], &OF_TEAM].concat())
}

/// The page of a service.
pub fn service(engine: &Engine, filters: &Filters, name: &str) -> Result<Markup, AnalyticsError> {
    let portrait = portrait::service(engine.store(), name, filters.now)?;
    let filters = &Filters { service: Some(name.to_owned()), team: None, ..filters.clone() };
    let delivery = read(engine, filters, &DELIVERY)?;
    let path = format!("/services/{}", segment(name));
    let rows = [
        ("deployments", "Deployments", "change_fail_rate"),
        ("changes", "Changes", "change_lead_time"),
        ("incidents", "Incidents", "time_to_restore"),
        ("policies", "Policies", "policy_compliance"),
    ];
    let mut latest = Vec::new();
    for (id, title, metric) in rows {
        latest.push((id, title, self::latest(engine, filters, metric, title)?));
    }
    let main = html! {
        nav.crumbs aria-label="Where this is" {
            a href=(filters.of_all_names().link("/")) { "Overview" }
            @if let Some(team) = &portrait.team { " / " a href=(of_team(filters, team)) { "Team " (team) } }
            " / Service " (name)
        }
        h1 { (name) }
        p.lead { "Figures of " (words::of_time(filters)) }
        (filter_form::of_time(filters, &path))
        section aria-labelledby="what" {
            h2 #what { "What it is" }
            (service_in_words(filters, &portrait))
        }
        section aria-labelledby="delivery" {
            h2 #delivery { "Delivery" }
            div.cards { @for figure in &delivery { (cards::card(filters, figure)) } }
        }
        @for (id, title, rows) in &latest {
            section aria-labelledby=(id) { h2 id=(id) { (title) } (rows) }
        }
        (layout::also_figures(&filters.of_all_names(), &path, Some(&format!("/v1/services/{}", segment(name)))))
    };
    Ok(layout::page(&format!("Service {name}"), Place::At("/teams"), &main))
}

/// The figures of a service's page.
pub fn service_figures(engine: &Engine, filters: &Filters, name: &str) -> Result<Vec<PageFigure>, AnalyticsError> {
    portrait::service(engine.store(), name, filters.now)?;
    let filters = Filters { service: Some(name.to_owned()), team: None, ..filters.clone() };
    figures(engine, &filters, &DELIVERY)
}

fn read(engine: &Engine, filters: &Filters, names: &[&str]) -> Result<Vec<Figure>, AnalyticsError> {
    names.iter().map(|name| Figure::read(engine, filters, name)).collect()
}

/// The latest rows of a metric, and the way to the others.
fn latest(engine: &Engine, filters: &Filters, name: &str, label: &str) -> Result<Markup, AnalyticsError> {
    let metric = engine.catalogue().get(name)?;
    let is_state = metric.shape == analytics::Shape::State;
    let window = Window { from: filters.shown.from, to: if is_state { filters.now } else { filters.shown.to } };
    let found = engine.observations(&filters.ask(name, window, Grain::All, None), 0, LATEST, filters.now)?;
    Ok(html! {
        @if found.observations.is_empty() {
            p { "There are none in this time." }
        } @else {
            // The section bears the name itself; two parts of a page need two names.
            (rows_page::table(metric, filters, &found, &format!("Latest {}", label.to_lowercase())))
            @if found.next.is_some() {
                p { a href=(filters.rows_link(name, window, 0)) { "All rows of " (engine.title(metric)) } }
            }
        }
    })
}

/// Figures over the window, bucket by bucket, one row each.
pub fn figures(engine: &Engine, filters: &Filters, names: &[&str]) -> Result<Vec<PageFigure>, AnalyticsError> {
    let mut figures = Vec::new();
    for name in names {
        let figure = Figure::read(engine, filters, name)?;
        for answer in [&figure.whole, &figure.buckets] {
            figures.extend(answer.rows.iter().map(|row| PageFigure {
                metric: answer.metric.clone(),
                unit: answer.unit.clone(),
                grain: answer.grain.as_str(),
                time: dates::machine(row.time),
                value: row.estimate.value,
                low: row.estimate.low,
                high: row.estimate.high,
                n: row.estimate.n,
                coverage: row.coverage(),
                is_complete: row.is_complete,
                is_provisional: row.is_provisional,
            }));
        }
    }
    Ok(figures)
}

/// A figure of a page, for programs and spreadsheets: that of the whole window (`all`), then those over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PageFigure {
    metric: String,
    unit: String,
    grain: &'static str,
    time: String,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    n: u64,
    coverage: Option<f64>,
    is_complete: bool,
    is_provisional: bool,
}

impl PageFigure {
    /// Figures as a table.
    pub fn table(figures: Vec<PageFigure>) -> TableFile {
        let mut file = TableFile::of(&[
            "metric",
            "unit",
            "grain",
            "time",
            "value",
            "low",
            "high",
            "n",
            "coverage",
            "is_complete",
            "is_provisional",
        ]);
        for figure in figures {
            file.push(vec![
                Some(figure.metric),
                Some(figure.unit),
                Some(figure.grain.to_owned()),
                Some(figure.time),
                number(figure.value),
                number(figure.low),
                number(figure.high),
                Some(figure.n.to_string()),
                number(figure.coverage),
                Some(figure.is_complete.to_string()),
                Some(figure.is_provisional.to_string()),
            ]);
        }
        file
    }
}

fn team_in_words(portrait: &TeamPortrait) -> String {
    let kind = portrait.kind.as_deref().map_or_else(|| "A team".to_owned(), |kind| format!("A {kind} team"));
    let engineers = portrait.engineers.map(|n| format!(" of {n} engineers")).unwrap_or_default();
    let parent = portrait.parent.as_deref().map(|parent| format!(", part of {parent}")).unwrap_or_default();
    format!("{kind}{engineers}{parent}, with {} services of its own.", portrait.services.len())
}

fn service_in_words(filters: &Filters, portrait: &ServicePortrait) -> Markup {
    let known = |text: &Option<String>| text.clone().unwrap_or_else(|| UNKNOWN.to_owned());
    let versioned = |name: &Option<String>, version: &Option<String>| match (name, version) {
        (Some(name), Some(version)) => format!("{name} {version}"),
        (Some(name), None) => name.clone(),
        (None, _) => "none known".to_owned(),
    };
    if portrait.is_retired {
        return html! { p { "The catalogue does not have it as a live service: it was retired, or only deployments and incidents name it." } };
    }
    html! {
        dl.facts {
            div {
                dt { "Team" }
                dd { @match &portrait.team { Some(team) => a href=(of_team(filters, team)) { (team) }, None => "no team known" } }
            }
            div { dt { "System" } dd { (known(&portrait.system)) } }
            div { dt { "Kind" } dd { (known(&portrait.kind)) } }
            div { dt { "Lifecycle" } dd { (known(&portrait.lifecycle)) } }
            div {
                dt { "Template" }
                dd {
                    (versioned(&portrait.template, &portrait.template_version))
                    @match portrait.versions_behind {
                        Some(0) => ", the newest",
                        Some(1) => ", one version behind",
                        Some(n) => { ", " (n) " versions behind" },
                        None => {},
                    }
                }
            }
            div {
                dt { "Pipeline" }
                dd {
                    (versioned(&portrait.pipeline, &portrait.pipeline_version))
                    @if portrait.pipeline.is_some() {
                        @if portrait.is_on_approved_pipeline { ", approved" } @else { ", not an approved one" }
                    }
                }
            }
            div { dt { "Repository" } dd { (known(&portrait.repository)) } }
            @if let Some(since) = portrait.since { div { dt { "As it is since" } dd { (dates::day(filters.zone, since)) } } }
        }
    }
}
