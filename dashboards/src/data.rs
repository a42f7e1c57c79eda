//! What the figures rest on: which sources told of what and when, and how much of it could be used.

use std::collections::BTreeMap;
use std::sync::Arc;

use analytics::{AnalyticsError, Answer, Engine, Freshness, Metric};
use chrono::{DateTime, TimeDelta, Utc};
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

/// What to do when there is nothing of what a metric is made of.
pub fn how_to_begin_with(engine: &Engine, metric: &Metric) -> Result<Markup, AnalyticsError> {
    let untold = match engine.untold_kinds(metric)? {
        Some(untold) if !untold.is_empty() => untold,
        _ => return Ok(how_to_begin()),
    };
    Ok(html! {
        div.notice {
            h2 { "Nothing tells of this yet" }
            p { "This metric is made of facts that no source has told of. Configure a source that does, or import them from a file:" }
            dl.commands {
                @for kind in untold {
                    div { dt { code { "cairn import " (kind) " FILE" } } dd { code { "cairn import " (kind) " --columns" } " shows what stands in it" } }
                }
            }
        }
    })
}

/// That the sources fell silent before the window ended, which its figures do not show.
pub fn silence(filters: &Filters, sources: &[&Freshness]) -> Markup {
    let end = filters.window.to.min(filters.now);
    let Some(latest) = latest(sources.iter().copied()).filter(|latest| is_silent(*latest, end)) else {
        return html! {};
    };
    html! {
        div.notice {
            h2 { "Nothing was told since " (dates::day(filters.zone, latest)) }
            p {
                "The window goes on to " (dates::instant(filters.zone, end)) ", and nobody knows of the time between: whether nothing happened or the sources fell silent. "
                a href="/sources" { "How each source fares" } "."
            }
        }
    }
}

/// Up to when any of some sources told of something, or was last read.
pub fn latest<'a>(sources: impl IntoIterator<Item = &'a Freshness>) -> Option<DateTime<Utc>> {
    sources.into_iter().map(|source| source.last_at.max(source.collected_at.unwrap_or(source.last_at))).max()
}

/// Whether sources that told up to one time have been silent by another for so long that it is said.
pub fn is_silent(latest: DateTime<Utc>, at: DateTime<Utc>) -> bool {
    /// Longer than the three days for which the engine takes a source to be connected: not every quiet week needs a notice.
    const DAYS: i64 = 7;
    latest + TimeDelta::days(DAYS) < at
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
