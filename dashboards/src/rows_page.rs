//! The rows behind a figure, a page at a time, each with its evidence.

use analytics::people::{self, UNKNOWN};
use analytics::{Aggregate, AnalyticsError, Engine, Grain, Metric, Observation, ObservationPage, Shape};
use maud::{Markup, html};

use crate::dates;
use crate::filters::Filters;
use crate::group_table::{capital, in_words};
use crate::layout::{self, Place};
use crate::table_file::{TableFile, number};
use crate::words;

const ROWS_ON_A_PAGE: u64 = 50;
/// A file has no more rows; who wants more pages through the API.
const ROWS_IN_A_FILE: u64 = 100_000;
/// The columns of a file of rows; of metrics that explain their values one more.
const COLUMNS: &[&str] =
    &["time", "subject", "value", "counts", "reason", "service", "team", "environment", "repository", "url"];
const EXPLAINED_COLUMNS: &[&str] =
    &["time", "subject", "value", "counts", "reason", "service", "team", "environment", "repository", "url", "because"];

/// The page.
pub fn page(engine: &Engine, filters: &Filters, name: &str) -> Result<Markup, AnalyticsError> {
    let metric = engine.catalogue().get(name)?;
    let title = engine.title(metric);
    let (asked, _) = filters.fitting(metric);
    // As the figures are: values that are never added are of one name.
    let filters = &asked.of_figure(metric).one_of(engine, metric)?;
    let ask = filters.ask(name, filters.window, Grain::All, None);
    let found = engine.observations(&ask, filters.offset, ROWS_ON_A_PAGE, filters.now)?;
    let main = html! {
        nav.crumbs aria-label="Where this is" {
            a href=(asked.of_no_metric().link("/")) { "Overview" } " / " a href=(asked.link(&format!("/m/{name}"))) { (title) } " / rows"
        }
        h1 { "Rows behind " (title) }
        p.lead { (words::of_what(filters)) " Latest first." }
        @if found.observations.is_empty() {
            div.notice {
                @if filters.offset > 0 {
                    p { "There are no rows this far on. " a href=(filters.rows_link(name, filters.window, 0)) { "Back to the first" } "." }
                } @else {
                    p { "There are no rows in this time." }
                }
            }
        } @else {
            (table(metric, filters, &found, "Rows"))
            (turn(filters, name, &found))
        }
        (layout::also(&filters.observations_link(name), &filters.rows_file_link(name)))
    };
    Ok(layout::page(&format!("Rows behind {title}"), Place::Metric, &main))
}

/// The rows as a file.
pub fn file(engine: &Engine, filters: &Filters, name: &str) -> Result<TableFile, AnalyticsError> {
    let metric = engine.catalogue().get(name)?;
    let filters = &filters.fitting(metric).0.of_figure(metric).one_of(engine, metric)?;
    let ask = filters.ask(name, filters.window, Grain::All, None);
    let found = engine.observations(&ask, 0, ROWS_IN_A_FILE, filters.now)?;
    if found.next.is_some() {
        return Err(AnalyticsError::BadQuestion(format!(
            "there are more than {} rows in this window, too many for one file; choose a shorter one, or read them page by page from /v1/metrics/{name}/observations",
            people::count(ROWS_IN_A_FILE)
        )));
    }
    let mut file = TableFile::of(if metric.explained { EXPLAINED_COLUMNS } else { COLUMNS });
    for row in found.observations {
        let counts = if row.reason.is_none() { "yes" } else { "no" };
        let mut cells = vec![
            row.time.map(dates::machine),
            row.subject,
            number(row.value),
            Some(counts.to_owned()),
            row.reason,
            row.service,
            row.team,
            row.environment,
            row.repository,
            row.url,
        ];
        cells.extend(metric.explained.then_some(row.because));
        file.push(cells);
    }
    Ok(file)
}

/// The rows as a table.
pub fn table(metric: &Metric, filters: &Filters, found: &ObservationPage, label: &str) -> Markup {
    let has_value = !matches!(metric.aggregate, Aggregate::Rate | Aggregate::Count);
    let is_state = metric.shape == Shape::State;
    let has = |dimension: &str| metric.has_dimension(dimension);
    let own: Vec<&str> = metric.own_dimensions().collect();
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| UNKNOWN.to_owned());
    html! {
        div.scroll role="region" aria-label=(label) tabindex="0" {
            table {
                thead {
                    tr {
                        th scope="col" { @if is_state { "Since" } @else { "When" } }
                        th scope="col" { "What" }
                        @if has_value { th scope="col" { (value_heading(metric)) } }
                        @if metric.explained { th scope="col" { "Because" } }
                        th scope="col" { "Counts" }
                        @if has("service") { th scope="col" { "Service" } }
                        @if has("team") { th scope="col" { "Team" } }
                        @if has("environment") { th scope="col" { "Environment" } }
                        @if has("repository") { th scope="col" { "Repository" } }
                        @for name in &own { th scope="col" { (capital(&in_words(name))) } }
                    }
                }
                tbody {
                    @for row in &found.observations {
                        tr {
                            td {
                                @if let Some(time) = row.time {
                                    time datetime=(dates::machine(time)) { (dates::instant(filters.zone, time)) }
                                } @else { (UNKNOWN) }
                            }
                            th scope="row" { (subject(row)) }
                            @if has_value { td { (value(metric, row)) } }
                            @if metric.explained { td.words { (row.because.as_deref().unwrap_or_default()) } }
                            td.words { @match &row.reason { Some(reason) => { "no: " (reason) }, None => "yes" } }
                            @if has("service") { td.name { (text(&row.service)) } }
                            @if has("team") { td.name { (row.team.clone().unwrap_or_else(|| "no team known".to_owned())) } }
                            @if has("environment") { td.name { (text(&row.environment)) } }
                            @if has("repository") { td.name { (text(&row.repository)) } }
                            @for name in &own { td.name { (text(&row.dimensions.get(*name).cloned())) } }
                        }
                    }
                }
            }
        }
    }
}

fn value_heading(metric: &Metric) -> &'static str {
    match (metric.aggregate, metric.name.as_str()) {
        (Aggregate::Share, "change_fail_rate") => "Failed",
        (Aggregate::Share, "deployment_rework_rate") => "Rework",
        (Aggregate::Share, "policy_compliance") => "Passes",
        (Aggregate::Share, _) => "Has the property",
        (Aggregate::Ratio, _) => "Adds above / below the line",
        _ => "Value",
    }
}

fn value(metric: &Metric, row: &Observation) -> String {
    match (metric.aggregate, row.value) {
        (Aggregate::Ratio, _) => {
            let side =
                |number: Option<f64>| number.map_or_else(|| UNKNOWN.to_owned(), |number| people::value("", number));
            format!("{} / {}", side(row.numerator), side(row.denominator))
        }
        (_, None) => UNKNOWN.to_owned(),
        (Aggregate::Share, Some(value)) => people::yes_or_no(value).to_owned(),
        (_, Some(value)) if row.is_open == Some(true) => format!("{} so far", people::value(&metric.unit, value)),
        (_, Some(value)) => people::value(&metric.unit, value),
    }
}

fn subject(row: &Observation) -> Markup {
    let name = row.subject.as_deref().or_else(|| row.url.as_ref().map(|_| "evidence"));
    web_link(name, row.url.as_deref())
}

/// What a row is about. Its evidence becomes a link where it lies on the web: a source may write anything into a fact's
/// address, and a `javascript:` one must not be clicked.
pub fn web_link(name: Option<&str>, url: Option<&str>) -> Markup {
    let is_on_the_web = |url: &&str| {
        let start = url.get(..8).unwrap_or(url).to_ascii_lowercase();
        start.starts_with("http://") || start.starts_with("https://")
    };
    html! {
        @match url.filter(is_on_the_web) {
            Some(url) => a href=(url) rel="noreferrer" { (name.unwrap_or("evidence")) },
            None => (name.unwrap_or(UNKNOWN)),
        }
    }
}

fn turn(filters: &Filters, name: &str, found: &ObservationPage) -> Markup {
    let first = filters.offset + 1;
    let last = filters.offset + found.observations.len() as u64;
    let link = |offset| filters.rows_link(name, filters.window, offset);
    html! {
        nav.turn aria-label="Pages of rows" {
            @if filters.offset > 0 {
                a rel="prev" href=(link(filters.offset.saturating_sub(ROWS_ON_A_PAGE))) { "← Later rows" }
            }
            span { "rows " (people::count(first)) " to " (people::count(last)) }
            @if let Some(next) = found.next { a rel="next" href=(link(next)) { "Earlier rows →" } }
        }
    }
}
