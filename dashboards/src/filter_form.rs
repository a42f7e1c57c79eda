//! The form that chooses window, grain, team and service, and of a metric what else it is told by. It is sent as the page's address, so that what one sees can
//! be kept as a bookmark and sent to somebody else.

use analytics::{AnalyticsError, Engine, Metric};
use maud::{Markup, html};

use crate::dates;
use crate::filters::{Filters, WEEKS_OFFERED};
use crate::group_table::{capital, in_words};

const GRAINS: [(&str, &str); 4] = [("day", "days"), ("week", "weeks"), ("month", "months"), ("quarter", "quarters")];

/// The form of a page at a path. On the page of a metric it offers what that metric is told by.
pub fn form(engine: &Engine, filters: &Filters, metric: Option<&Metric>, path: &str) -> Result<Markup, AnalyticsError> {
    let has = |dimension: &str| metric.is_none_or(|metric| metric.has_dimension(dimension));
    let teams = engine.names_of("team")?;
    let services = engine.names_of("service")?;
    let own = metric.map_or_else(|| Ok(Vec::new()), |metric| own(engine, filters, metric))?;
    let is_apart = |dimension: &str| metric.is_some_and(|metric| is_apart(metric, dimension));
    let is_narrowed = filters.own.iter().any(|(dimension, _)| !is_apart(dimension));
    Ok(html! {
        form.filters method="get" action=(path) aria-label="What to show" {
            (window(filters))
            (grain(filters))
            @if has("team") { (names("team", "Team", Some("all teams"), &teams, filters.team.as_deref())) }
            @if has("service") { (names("service", "Service", Some("all services"), &services, filters.service.as_deref())) }
            @for (dimension, known) in &own {
                @let label = in_words(dimension);
                @let all = (!is_apart(dimension)).then(|| format!("every {label}"));
                (names(dimension, &capital(&label), all.as_deref(), known, filters.name_in(dimension)))
            }
            button type="submit" { "Show" }
            @if filters.team.is_some() || filters.service.is_some() || filters.weeks.is_none() || is_narrowed {
                a.reset href=(path) { "Show everything" }
            }
        }
    })
}

/// The dimensions that a metric has beside the usual ones, each with its names: those that leave a choice, and those that the
/// page is of already.
fn own(
    engine: &Engine,
    filters: &Filters,
    metric: &Metric,
) -> Result<Vec<(&'static str, Vec<String>)>, AnalyticsError> {
    let chosen = filters.own.iter().map(|(dimension, _)| *dimension);
    let usual = chosen.filter(|chosen| metric.own_dimensions().all(|own| own != *chosen));
    let mut offered = Vec::new();
    for dimension in usual.chain(metric.own_dimensions()) {
        let known = engine.names_in(metric, dimension, filters.now)?;
        if known.len() > 1 || filters.name_in(dimension).is_some() {
            offered.push((dimension, known.to_vec()));
        }
    }
    Ok(offered)
}

/// Whether the values of its names are never added, so that a figure is always of one of them.
fn is_apart(metric: &Metric, dimension: &str) -> bool {
    metric.apart.as_ref().is_some_and(|apart| apart.dimension == dimension)
}

/// The form of a page that is of one team or service, and of which only the time is chosen.
pub fn of_time(filters: &Filters, path: &str) -> Markup {
    html! {
        form.filters method="get" action=(path) aria-label="What to show" {
            (window(filters))
            (grain(filters))
            button type="submit" { "Show" }
        }
    }
}

/// The length of a bucket.
fn grain(filters: &Filters) -> Markup {
    html! {
        div {
            label for="grain" { "Cut into" }
            select #grain name="grain" {
                @for (name, words) in GRAINS {
                    option value=(name) selected[name == filters.grain.as_str()] { (words) }
                }
            }
        }
    }
}

/// The window's length. A window by days is kept as it is until a length is chosen.
fn window(filters: &Filters) -> Markup {
    let is_offered = |weeks: u32| WEEKS_OFFERED.contains(&weeks);
    html! {
        div {
            label for="window" { "Window" }
            select #window name="window" {
                @match filters.weeks {
                    None => option value="" selected { (dates::window(filters.zone, filters.window)) },
                    Some(weeks) if !is_offered(weeks) => option value=(weeks) selected { "last " (weeks) " weeks" },
                    Some(_) => {},
                }
                @for weeks in WEEKS_OFFERED {
                    option value=(weeks) selected[filters.weeks == Some(weeks)] { "last " (weeks) " weeks" }
                }
            }
        }
        @if filters.weeks.is_none() {
            input type="hidden" name="from" value=(dates::for_address(filters.zone, filters.window.from));
            input type="hidden" name="to" value=(dates::for_address(filters.zone, filters.window.to));
        }
    }
}

fn names(name: &str, label: &str, all: Option<&str>, known: &[String], chosen: Option<&str>) -> Markup {
    html! {
        div {
            label for=(name) { (label) }
            select id=(name) name=(name) {
                @if let Some(all) = all { option value="" { (all) } }
                @for known in known {
                    option value=(known) selected[chosen == Some(known.as_str())] { (known) }
                }
            }
        }
    }
}
