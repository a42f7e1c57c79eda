//! What the figures rest on: which sources told of what and when, and how much of it could be used.

use std::collections::BTreeMap;
use std::sync::Arc;

use analytics::{Answer, Freshness};
use maud::{Markup, html};

use crate::dates;
use crate::filters::Filters;
use crate::words;

/// The sources behind some answers, each once.
pub fn sources(answers: &[Arc<Answer>]) -> Vec<&Freshness> {
    let known = answers.iter().flat_map(|answer| &answer.freshness);
    let once: BTreeMap<(&str, &str), &Freshness> =
        known.map(|source| ((source.source.as_str(), source.kind.as_str()), source)).collect();
    once.into_values().collect()
}

/// A table of sources.
pub fn freshness(filters: &Filters, sources: &[&Freshness]) -> Markup {
    if sources.is_empty() {
        return html! { p { "No source has told of anything yet." } };
    }
    let time = |time| {
        html! {
            time datetime=(dates::machine(time)) { (dates::instant(filters.zone, time)) }
            span.small { (dates::ago(filters.now, time)) }
        }
    };
    html! {
        div.scroll role="region" aria-label="Sources and how fresh they are" tabindex="0" {
            table {
                thead {
                    tr {
                        th scope="col" { "Source" }
                        th scope="col" { "Kind of fact" }
                        th scope="col" { "Last told of" }
                        th scope="col" { "Last written" }
                    }
                }
                tbody {
                    @for source in sources {
                        tr {
                            th scope="row" { (source.source) }
                            td { (source.kind) }
                            td { (time(source.last_at)) }
                            td { (time(source.written_at)) }
                        }
                    }
                }
            }
        }
    }
}

/// The coverage of some answers, one after the other.
pub fn coverage(answers: &[Arc<Answer>]) -> Markup {
    html! {
        dl.coverage {
            @for answer in answers {
                div {
                    dt { (answer.title) }
                    dd { (words::coverage(&answer.coverage)) }
                }
            }
        }
    }
}

/// What to do when there is nothing at all.
pub fn how_to_begin() -> Markup {
    html! {
        div.notice {
            h2 { "There are no facts yet" }
            p { "Figures appear here as soon as Cairn knows of deployments, changes or incidents. Three ways to bring some:" }
            dl.commands {
                div { dt { code { "cairn demo" } } dd { "a made-up organisation, to look around in" } }
                div { dt { code { "cairn collect git PATH" } } dd { "the history of a repository on this machine" } }
                div { dt { code { "cairn import deployment FILE" } } dd { "your own deployments, as CSV, JSON or Parquet" } }
            }
        }
    }
}
