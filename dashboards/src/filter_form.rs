//! The form that chooses window, grain, team and service. It is sent as the page's address, so that what one sees can
//! be kept as a bookmark and sent to somebody else.

use analytics::{AnalyticsError, Engine, Metric};
use maud::{Markup, html};

use crate::dates;
use crate::filters::{Filters, WEEKS_OFFERED};

const GRAINS: [(&str, &str); 4] = [("day", "days"), ("week", "weeks"), ("month", "months"), ("quarter", "quarters")];

/// The form of a page at a path. On the page of a metric it offers what that metric is told by.
pub fn form(engine: &Engine, filters: &Filters, metric: Option<&Metric>, path: &str) -> Result<Markup, AnalyticsError> {
    let has = |dimension: &str| metric.is_none_or(|metric| metric.has_dimension(dimension));
    let teams = engine.names_of("team")?;
    let services = engine.names_of("service")?;
    Ok(html! {
        form.filters method="get" action=(path) aria-label="What to show" {
            (window(filters))
            (grain(filters))
            @if has("team") { (names("team", "Team", "all teams", &teams, filters.team.as_deref())) }
            @if has("service") { (names("service", "Service", "all services", &services, filters.service.as_deref())) }
            button type="submit" { "Show" }
            @if filters.team.is_some() || filters.service.is_some() || filters.weeks.is_none() {
                a.reset href=(path) { "Show everything" }
            }
        }
    })
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

fn names(name: &str, label: &str, all: &str, known: &[String], chosen: Option<&str>) -> Markup {
    html! {
        div {
            label for=(name) { (label) }
            select id=(name) name=(name) {
                option value="" { (all) }
                @for known in known {
                    option value=(known) selected[chosen == Some(known.as_str())] { (known) }
                }
            }
        }
    }
}
