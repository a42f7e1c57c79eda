//! The frame of every page: head, navigation, main part and foot.

use maud::{DOCTYPE, Markup, html};

use crate::filters::Filters;

/// Where the reader stands.
pub enum Place {
    /// On the overview itself.
    Overview,
    /// On the page of one of the metrics.
    Metric,
    /// Nowhere that the navigation leads to.
    Nowhere,
    /// In the part of the navigation that has this address.
    At(&'static str),
}

/// The parts of the navigation: where they are and what they are called.
const PARTS: [(&str, &str); 7] = [
    ("/#delivery", "Delivery"),
    ("/teams", "Teams"),
    ("/#all-metrics", "All metrics"),
    ("/improvements", "Improvements"),
    ("/value", "Value"),
    ("/data-quality", "Data quality"),
    ("/sources", "Sources"),
];

/// The ways to the same figures for programs and spreadsheets.
pub fn also(json: &str, csv: &str) -> Markup {
    html! {
        p.also { "The same as " a href=(json) { "JSON" } " and " a href=(csv) { "CSV" } "." }
    }
}

/// The same of a page with many figures, and the way to what else is known of what it is about.
pub fn also_figures(filters: &Filters, path: &str, about: Option<&str>) -> Markup {
    let file = |form: &str| filters.link(&format!("{path}/figures.{form}"));
    html! {
        p.also {
            "All figures of this page, over the window and over time, as " a href=(file("json")) { "JSON" } " and " a href=(file("csv")) { "CSV" } "; "
            @if let Some(about) = about {
                "what is known beside them as " a href=(about) { "JSON" span.hidden { " of what this page is about" } } "."
            } @else {
                "what they mean as " a href="/v1/metrics" { "JSON" span.hidden { " of all metrics" } } "."
            }
        }
    }
}

/// A whole page. `title` also stands in the browser's tab.
pub fn page(title: &str, place: Place, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Cairn" }
                link rel="icon" href=(ICON);
                link rel="stylesheet" href="/assets/style.css";
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                header.top {
                    nav.wrap aria-label="Main" {
                        a.brand href="/" aria-current=[matches!(place, Place::Overview).then_some("page")] {
                            (mark())
                            "Cairn"
                        }
                        ul {
                            @for (path, name) in PARTS {
                                li { a href=(path) aria-current=[current(&place, path)] { (name) } }
                            }
                        }
                    }
                }
                main.wrap #main tabindex="-1" { (main) }
                footer { div.wrap {
                    p {
                        "Beside a figure stands " i { "n" } ", the number of observations it rests on, and its 95 % interval where one can be told: "
                        "sums, quotients of sums and what is counted at an instant have none. "
                        "What is not known is shown as “–”, never as 0."
                    }
                    p { "What each metric means, for programs: " a href="/v1/metrics" { "/v1/metrics" } "." }
                } }
            }
        }
    }
}

/// Whether a part of the navigation is the page itself, or has what stands on it.
fn current(place: &Place, path: &str) -> Option<&'static str> {
    match place {
        Place::At(here) => (*here == path).then_some("page"),
        Place::Overview => (path == "/#delivery").then_some("true"),
        Place::Metric => (path == "/#all-metrics").then_some("true"),
        Place::Nowhere => None,
    }
}

/// A pile of stones, as a data address, so that the browser asks for no further file.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='%230b5cad'%3E\
    %3Cellipse cx='12' cy='19' rx='9' ry='3.4'/%3E%3Cellipse cx='12.6' cy='12.4' rx='6.4' ry='2.8'/%3E\
    %3Cellipse cx='11.6' cy='6.6' rx='4' ry='2.4'/%3E%3C/svg%3E";

fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" focusable="false" {
            ellipse cx="12" cy="19" rx="9" ry="3.4" {}
            ellipse cx="12.6" cy="12.4" rx="6.4" ry="2.8" {}
            ellipse cx="11.6" cy="6.6" rx="4" ry="2.4" {}
        }
    }
}
