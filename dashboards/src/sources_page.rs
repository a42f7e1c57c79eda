//! The sources: how fresh each is, how its last run went, and what could not be mapped.

use std::collections::BTreeMap;

use analytics::people::{self, UNKNOWN};
use analytics::sources::{self, Source, Sources};
use analytics::{AnalyticsError, Engine};
use chrono::{DateTime, Utc};
use maud::{Markup, html};

use crate::dates;
use crate::group_table::in_words;
use crate::layout::{self, Place};
use crate::table_file::TableFile;

/// The kinds that push, as `docs/sources.md` lists them.
const PUSHED: [&str; 6] = ["github", "pagerduty", "alertmanager", "argocd", "cdevents", "gatekeeper"];

/// Notes of a source shown at most; the API has all of them.
const MOST_NOTES: usize = 20;

/// The page.
pub fn page(engine: &Engine, kinds: &BTreeMap<String, String>, now: DateTime<Utc>) -> Result<Markup, AnalyticsError> {
    let found = sources::read(engine.store(), kinds)?;
    let main = html! {
        h1 { "Sources" }
        p.lead { "Where facts come from: how fresh each source is, how it was read last, and what of it could not be understood." }
        @if found.sources.is_empty() {
            div.notice {
                p { "No source is configured, and none has told of anything yet." }
                p { code { "cairn collect git PATH" } " reads a repository; docs/sources.md has all kinds." }
            }
        } @else {
            (table(engine, &found, now))
            @for source in &found.sources { (one(engine, source, now)) }
            (layout::also("/v1/sources", "/sources.csv"))
        }
    };
    Ok(layout::page("Sources", Place::At("/sources"), &main))
}

/// The sources as a file.
pub fn file(engine: &Engine, kinds: &BTreeMap<String, String>) -> Result<TableFile, AnalyticsError> {
    let columns = &[
        "name",
        "kind",
        "told_to",
        "last_run_at",
        "requests",
        "retries",
        "facts",
        "last_error",
        "waiting",
        "dead_letters",
        "notes",
    ];
    let mut file = TableFile::of(columns);
    for source in sources::read(engine.store(), kinds)?.sources {
        let n = |n: Option<i64>| n.map(|n| n.to_string());
        let notes: i64 = source.notes.iter().map(|note| note.n).sum();
        file.push(vec![
            Some(source.name),
            source.kind,
            source.told_to,
            source.last_run_at,
            n(source.requests),
            n(source.retries),
            n(source.facts),
            source.last_error,
            n(Some(source.waiting)),
            n(Some(source.dead_letters)),
            n(Some(notes)),
        ]);
    }
    Ok(file)
}

fn time(engine: &Engine, text: Option<&str>, now: DateTime<Utc>) -> Markup {
    let time = text.and_then(|text| DateTime::parse_from_rfc3339(text).ok()).map(|time| time.to_utc());
    html! { @match time { Some(time) => (instant(engine, time, now)), None => (UNKNOWN) } }
}

fn instant(engine: &Engine, time: DateTime<Utc>, now: DateTime<Utc>) -> Markup {
    html! {
        time datetime=(dates::machine(time)) { (dates::instant(engine.options().zone, time)) }
        span.small { (dates::ago(now, time)) }
    }
}

fn table(engine: &Engine, found: &Sources, now: DateTime<Utc>) -> Markup {
    html! {
        div.scroll role="region" aria-label="Sources" tabindex="0" {
            table {
                thead { tr {
                    th scope="col" { "Source" }
                    th scope="col" { "Last run" }
                    th scope="col" { "Told of up to" }
                    th scope="col" { "Last read" }
                    th scope="col" { "Kind" }
                    th scope="col" { "Pushes waiting" }
                    th scope="col" { "Dead letters" }
                } }
                tbody {
                    @for source in &found.sources {
                        tr {
                            th scope="row" { a href={ "#" (id(&source.name)) } { (source.name) } }
                            td {
                                @match (&source.last_error, &source.last_run_at) {
                                    (Some(_), _) => { a.trend.worse href={ "#" (id(&source.name)) } { "failed" } },
                                    (None, Some(_)) => "well",
                                    (None, None) => (UNKNOWN),
                                }
                            }
                            td { (time(engine, source.told_to.as_deref(), now)) }
                            td { (time(engine, source.last_run_at.as_deref(), now)) }
                            td { (source.kind.as_deref().unwrap_or("files, or the API")) }
                            td { (count(source.waiting)) }
                            td {
                                @if source.dead_letters > 0 {
                                    a href={ "#" (id(&source.name)) } { (count(source.dead_letters)) span.hidden { " dead letters of " (source.name) } }
                                } @else { "0" }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn count(n: i64) -> String {
    people::count(n.unsigned_abs())
}

fn counted(n: i64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{} {what}s", count(n)) }
}

/// Why pushes wait that could not be turned into facts, and what is to be done.
fn dead_letters(source: &Source) -> Markup {
    html! {
        div.notice {
            p { strong { (count(source.dead_letters)) @if source.dead_letters == 1 { " push" } @else { " pushes" } " could not be turned into facts:" } }
            ul {
                @for (reason, n) in source.reasons.iter().take(MOST_NOTES) {
                    li { (reason) @if *n > 1 { ": " (count(*n)) } }
                }
                @if source.reasons.len() > MOST_NOTES { li { "and " (source.reasons.len() - MOST_NOTES) " reasons more" } }
            }
            p {
                "They wait until what is wrong is mended, in the mapping or at the sender, and they are tried again or dropped: each stands in "
                a href="/v1/inbox" { "the inbox" } ", and " code { "cairn inbox list" } " tells the same where no server runs; "
                code { "cairn inbox replay" } " tries them again."
            }
        }
    }
}

/// Names may hold anything; an id of a page may not hold blanks.
fn id(name: &str) -> String {
    format!("source-{}", crate::address::segment(name).replace('%', "."))
}

fn one(engine: &Engine, source: &Source, now: DateTime<Utc>) -> Markup {
    html! {
        section aria-labelledby=(id(&source.name)) {
            h2 id=(id(&source.name)) { (source.name) }
            @if let Some(error) = &source.last_error {
                div.notice { p { strong { "Its last run failed: " } (error) } }
            }
            @if let (Some(requests), Some(facts)) = (source.requests, source.facts) {
                p.small {
                    "In its last run " (counted(requests, "request")) ", " (count(source.retries.unwrap_or_default())) " tried again, and " (counted(facts, "fact")) "."
                    @if let (Some(left), Some(limit)) = (source.rate_remaining, source.rate_limit) {
                        " It had " (count(left)) " of " (counted(limit, "request")) " left that it is allowed."
                    }
                }
            }
            @if source.dead_letters > 0 { (dead_letters(source)) }
            @if source.told.is_empty() {
                p {
                    "It has told of nothing yet."
                    @if source.kind.as_deref().is_some_and(|kind| PUSHED.contains(&kind)) {
                        " What it pushes goes to " code { "POST /v1/hooks/" (crate::address::segment(&source.name)) } ", signed with its secret: docs/sources.md says how for each kind."
                    }
                }
            } @else {
                div.scroll.fit role="region" aria-label={ "What " (source.name) " told" } tabindex="0" {
                    table {
                        thead { tr {
                            th scope="col" { "Kind of fact" }
                            th scope="col" { "Last told of" }
                            th scope="col" { "Last written" }
                        } }
                        tbody {
                            @for told in &source.told {
                                tr {
                                    th scope="row" { (in_words(&told.kind)) }
                                    td { (instant(engine, told.last_at, now)) }
                                    td { (instant(engine, told.written_at, now)) }
                                }
                            }
                        }
                    }
                }
            }
            @if !source.notes.is_empty() { (notes(source)) }
        }
    }
}

fn notes(source: &Source) -> Markup {
    html! {
        h3 { "What it told and could not be taken as it stands" }
        div.scroll.fit role="region" aria-label={ "Notes on " (source.name) } tabindex="0" {
            table {
                thead { tr {
                    th scope="col" { "What" }
                    th scope="col" { "Sort" }
                    th scope="col" { "About" }
                    th scope="col" { "How often" }
                } }
                tbody {
                    @for note in source.notes.iter().take(MOST_NOTES) {
                        tr {
                            th scope="row" { (note.subject) }
                            td { (in_words(&note.sort)) }
                            td { (in_words(&note.what)) }
                            td { (count(note.n)) }
                        }
                    }
                }
            }
        }
        @if source.notes.len() > MOST_NOTES {
            p.small { "And " (source.notes.len() - MOST_NOTES) " more, in " a href="/v1/sources" { "JSON" span.hidden { " of all sources" } } "." }
        }
    }
}
