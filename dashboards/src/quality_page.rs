//! What the data lack: which checks found something, worst first, and the rows behind each.

use std::collections::BTreeMap;

use analytics::people::{self, UNKNOWN};
use analytics::quality::{self, BadRow, Checks, DataQuality, Finding};
use analytics::{AnalyticsError, Engine};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};
use serde::Deserialize;

use crate::address::with;
use crate::dates;
use crate::group_table::capital;
use crate::layout::{self, Place};
use crate::rows_page::web_link;
use crate::table_file::{TableFile, number};
use crate::words::with_code;

const ROWS_ON_A_PAGE: u64 = 100;
/// A file of a check's rows ends here; who wants more pages through the API.
const ROWS_IN_A_FILE: u64 = 1_000;

/// Which rows, as it stands in the address.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// Rows to skip.
    offset: Option<u64>,
}

/// All findings.
pub fn page(engine: &Engine, checks: &Checks, now: DateTime<Utc>) -> Result<Markup, AnalyticsError> {
    let found = quality::report(engine, checks, None, now)?;
    let main = html! {
        h1 { "Data quality" }
        p.lead { (capital(&found.says)) "." }
        @if !found.findings.is_empty() { (overview(&found)) }
        @for finding in &found.findings { (self::finding(engine, finding)) }
        (metrics(&found))
        @if !found.well.is_empty() {
            section aria-labelledby="well" {
                h2 #well { "Checks that found nothing" }
                ul.columns { @for name in &found.well { li { (checks.get(name)?.title) } } }
            }
        }
        @for remark in &found.remarks { p.small { (with_code(&capital(remark))) "." } }
        (layout::also("/v1/data-quality", "/data-quality.csv"))
    };
    Ok(layout::page("Data quality", Place::At("/data-quality"), &main))
}

/// All findings as a file.
pub fn file(engine: &Engine, checks: &Checks, now: DateTime<Utc>) -> Result<TableFile, AnalyticsError> {
    let columns = &["check", "title", "severity", "share", "n", "relevant", "rows", "metrics", "fix"];
    let mut file = TableFile::of(columns);
    for finding in quality::report(engine, checks, None, now)?.findings {
        file.push(vec![
            Some(finding.check),
            Some(finding.title),
            number(Some(finding.severity)),
            number(Some(finding.share)),
            Some(finding.n.to_string()),
            Some(finding.relevant.to_string()),
            Some(finding.n_rows.to_string()),
            Some(finding.metrics.join(" ")),
            Some(finding.fix),
        ]);
    }
    Ok(file)
}

/// The rows of one check.
pub fn rows(
    engine: &Engine,
    checks: &Checks,
    name: &str,
    asked: &Parameters,
    now: DateTime<Utc>,
) -> Result<Markup, AnalyticsError> {
    let offset = asked.offset.unwrap_or_default();
    let found = quality::page(engine.store(), checks.get(name)?, ROWS_ON_A_PAGE, offset, now)?;
    let path = format!("/data-quality/{name}");
    let at = |offset: u64| with(&path, &[("offset", (offset > 0).then(|| offset.to_string()).as_deref())]);
    let main = html! {
        nav.crumbs aria-label="Where this is" { a href="/data-quality" { "Data quality" } " / " (found.title) }
        h1 { (capital(&found.title)) }
        p.lead { "What would mend it: " (with_code(&found.fix)) }
        @if found.rows.is_empty() {
            p { "There are no such rows" @if offset > 0 { " this far on" } "." }
        } @else {
            (table(engine.options().zone, &found.rows, "Rows"))
            nav.turn aria-label="Pages of rows" {
                @if offset > 0 { a rel="prev" href=(at(offset.saturating_sub(ROWS_ON_A_PAGE))) { "← Rows before" } }
                span { "rows " (people::count(offset + 1)) " to " (people::count(offset + found.rows.len() as u64)) }
                @if let Some(next) = found.next { a rel="next" href=(at(next)) { "Rows after →" } }
            }
        }
        (layout::also(&with("/v1/data-quality", &[("check", Some(name))]), &format!("{path}/rows.csv")))
    };
    Ok(layout::page(&found.title, Place::At("/data-quality"), &main))
}

/// The first rows of one check as a file.
pub fn rows_file(
    engine: &Engine,
    checks: &Checks,
    name: &str,
    now: DateTime<Utc>,
) -> Result<TableFile, AnalyticsError> {
    let mut file = TableFile::of(&["subject", "source", "detail", "at", "n", "url"]);
    for row in quality::page(engine.store(), checks.get(name)?, ROWS_IN_A_FILE, 0, now)?.rows {
        let at = row.at.map(dates::machine);
        file.push(vec![row.subject, row.source, row.detail, at, Some(row.n.to_string()), row.url]);
    }
    Ok(file)
}

/// All findings in one table, so that the worst is seen at once.
fn overview(found: &DataQuality) -> Markup {
    html! {
        div.scroll role="region" aria-label="Findings, worst first" tabindex="0" {
            table {
                thead { tr {
                    th scope="col" { "Finding, worst first" }
                    th scope="col" { "Lost or wrong" }
                    th scope="col" { "Share" }
                    th scope="col" { "Metrics that suffer" }
                } }
                tbody {
                    @for finding in &found.findings {
                        tr {
                            th scope="row" { a href={ "#" (finding.check) } { (capital(&finding.title)) } }
                            td { (people::count(finding.n)) " of " (people::count(finding.relevant)) }
                            td { (people::value("share", finding.share)) }
                            td { (finding.metrics.len()) }
                        }
                    }
                }
            }
        }
    }
}

fn finding(engine: &Engine, finding: &Finding) -> Markup {
    let title =
        |name: &str| engine.catalogue().get(name).map_or_else(|_| name.to_owned(), |metric| engine.title(metric));
    html! {
        section aria-labelledby=(finding.check) {
            h2 id=(finding.check) { (capital(&finding.title)) }
            p {
                strong { (people::count(finding.n)) " of " (people::count(finding.relevant)) }
                " (" (people::value("share", finding.share)) "). What would mend it: " (with_code(&finding.fix))
            }
            @if !finding.metrics.is_empty() {
                p.small {
                    "Suffer by it: "
                    @for (place, name) in finding.metrics.iter().enumerate() {
                        @if place > 0 { ", " }
                        a href={ "/m/" (name) } { (title(name)) }
                    }
                    "."
                }
            }
            @if finding.by_source.len() > 1 {
                p.small {
                    "By source: "
                    @for (place, one) in finding.by_source.iter().enumerate() {
                        @if place > 0 { ", " }
                        (one.source.as_deref().unwrap_or("no source")) " " (people::count(one.n)) " of " (people::count(one.relevant))
                    }
                    "."
                }
            }
            (table(engine.options().zone, &finding.examples, &format!("First rows of {}", finding.title)))
            @if finding.n_rows > finding.examples.len() as u64 {
                p { a href={ "/data-quality/" (finding.check) } { "All " (people::count(finding.n_rows)) " rows" span.hidden { " of " (finding.title) } } }
            }
        }
    }
}

fn table(zone: Tz, rows: &[BadRow], label: &str) -> Markup {
    let known = |text: &Option<String>| text.clone().unwrap_or_else(|| UNKNOWN.to_owned());
    html! {
        div.scroll role="region" aria-label=(label) tabindex="0" {
            table {
                thead { tr {
                    th scope="col" { "What" }
                    th scope="col" { "Source" }
                    th scope="col" { "What is wrong" }
                    th scope="col" { "When" }
                    th scope="col" { "Stands for" }
                } }
                tbody {
                    @for row in rows {
                        tr {
                            th scope="row" { (web_link(row.subject.as_deref(), row.url.as_deref())) }
                            td { (known(&row.source)) }
                            td.words { (known(&row.detail)) }
                            td { @match row.at { Some(at) => time datetime=(dates::machine(at)) { (dates::instant(zone, at)) }, None => (UNKNOWN) } }
                            td { (people::count(row.n)) }
                        }
                    }
                }
            }
        }
    }
}

/// Those that lack something in a table; of the others their names are enough.
fn metrics(found: &DataQuality) -> Markup {
    let (lacking, others): (Vec<_>, Vec<_>) = found.metrics.iter().partition(|metric| !metric.checks.is_empty());
    let mut by_words: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for metric in others {
        by_words.entry(&metric.says).or_default().push(metric);
    }
    html! {
        section aria-labelledby="metrics" {
            h2 #metrics { "By metric" }
            @if !lacking.is_empty() { div.scroll.fit role="region" aria-label="What each metric lacks" tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { "Metric" }
                        th scope="col" { "What it lacks" }
                    } }
                    tbody {
                        @for metric in &lacking {
                            tr {
                                th scope="row" { a href={ "/m/" (metric.metric) } { (metric.title) } }
                                td.words {
                                    (metric.says)
                                    @for (place, check) in metric.checks.iter().enumerate() {
                                        @if place == 0 { ": " } @else { ", " }
                                        a href={ "#" (check) } { (title(found, check)) }
                                    }
                                }
                            }
                        }
                    }
                }
            } }
            @for (says, metrics) in &by_words {
                h3 { (capital(says)) }
                ul.columns { @for metric in metrics { li { a href={ "/m/" (metric.metric) } { (metric.title) } } } }
            }
        }
    }
}

fn title<'a>(found: &'a DataQuality, check: &'a str) -> &'a str {
    found.findings.iter().find(|finding| finding.check == check).map_or(check, |finding| &finding.title)
}
