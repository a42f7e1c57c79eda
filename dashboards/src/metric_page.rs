//! One metric: its figure, its course, its groups, its definition, and what it rests on.

use std::sync::Arc;

use analytics::compare;
use analytics::people::{self, UNKNOWN};
use analytics::{Aggregate, AnalyticsError, Ask, Bucket, Engine, Grain, Metric, Row, Window, Wording};
use maud::{Markup, html};

use crate::arrivals;
use crate::cards;
use crate::chart;
use crate::data;
use crate::dates;
use crate::distribution;
use crate::dora;
use crate::figure::{Figure, has_intervals};
use crate::filter_form;
use crate::filters::Filters;
use crate::group_table::{self, GroupTable};
use crate::layout::{self, Place};
use crate::words;

/// The page.
pub fn page(engine: &Engine, filters: &Filters, name: &str) -> Result<Markup, AnalyticsError> {
    let metric = engine.catalogue().get(name)?;
    let asked_grain = filters.grain;
    let (filters, dropped) = &filters.fitting(metric);
    // Values that are never added have a figure for one name only; the tables below have all of them.
    let filters = &filters.one_of(engine, metric)?;
    // With its stages: the same without them is at hand then.
    let whole = Ask { stages: true, ..filters.ask(name, filters.of_figure(metric).window, Grain::All, None) };
    ask_ahead(engine, filters, metric, &whole);
    let whole = engine.answer(&whole, filters.now)?;
    let figure = Figure::read(engine, filters, name)?;
    let answers = [Arc::clone(&figure.whole)];
    let sources = data::sources(&answers);
    // Surveys come from people, not from sources.
    // The score has five figures to rest on also where none of them is known.
    let is_relevant = figure.buckets.coverage.relevant + figure.previous.coverage.relevant > 0;
    let has_facts = !sources.is_empty() || (is_relevant && name != "dora_score");
    let main = html! {
        nav.crumbs aria-label="Where this is" { a href=(filters.of_no_metric().link("/")) { "Overview" } " / " (figure.whole.title) }
        h1 { (figure.whole.title) }
        p.lead { (words::of_what(filters)) }
        @if !dropped.is_empty() {
            div.notice { p { "This metric is not told by " (dropped.join(" or ")) ": its figures are of all." } }
        }
        @if filters.grain != asked_grain {
            div.notice { p { "Each figure of this metric takes a simulation of its own, so so many are not made at once: shown by " (filters.grain.as_str()) ", not by " (asked_grain.as_str()) "." } }
        }
        @if !has_facts && metric.aggregate == Aggregate::Cell {
            div.notice { p { "No wave of a survey has closed in this time or before it: its figures are published when it closes." } }
        } @else if !has_facts {
            (data::how_to_begin_with(engine, metric)?)
        } @else {
            (filter_form::form(engine, filters, Some(metric), &format!("/m/{name}"))?)
            (data::silence(filters, &sources))
            div.cards.single { (cards::summary(filters, &figure)) }
            @if name == "dora_score" { (dora::parts(engine, figure.row())?) }
            (course(engine, &figure, filters)?)
            @if !metric.stages.is_empty() {
                @for row in &whole.rows { (stages(row)) }
            }
            @let tables = side_by_side(engine, filters, &figure)?;
            @for (dimension, table) in &tables {
                section aria-labelledby={ "by-" (dimension) } {
                    h2 id={ "by-" (dimension) } { "By " (group_table::in_words(dimension)) }
                    @if let Some(n) = table.of_how_many() {
                        @let all = filters.json_link(name, figure.span, Grain::All);
                        p.small {
                            "The " (group_table::MOST_GROUPS) " of " (people::count(n as u64)) " of which most was observed, the most first. "
                            a href={ (all) "&by=" (dimension) "&format=csv" } { "All of them as CSV" } "."
                        }
                    }
                    (table.html(filters, &format!("/m/{name}")))
                }
            }
            (distribution::section(engine, filters, &figure, &tables)?)
        }
        (definition(&figure, filters))
        @if has_facts {
            section aria-labelledby="data" {
                h2 #data { "What it rests on" }
                (words::coverage(if metric.aggregate == Aggregate::Cell { &figure.buckets.coverage } else { &figure.whole.coverage }))
                @if !sources.is_empty() { (data::freshness(filters, &sources)) }
            }
        }
        @let json = filters.json_link(name, filters.shown, filters.grain);
        (layout::also(&json, &format!("{json}&format=csv")))
    };
    Ok(layout::page(&figure.whole.title, Place::Metric, &main))
}

/// Asks for everything that the page shows at once.
fn ask_ahead(engine: &Engine, filters: &Filters, metric: &Metric, whole: &Ask) {
    // What is wrong with one is said where it is read. Of cells it shows first which wave is the latest.
    let mut asks = Figure::asks(engine, filters, &metric.name).unwrap_or_default();
    asks.retain(|ask| Ask { stages: true, ..ask.clone() } != *whole);
    asks.insert(0, whole.clone());
    if metric.aggregate != Aggregate::Cell {
        let by = |dimension| GroupTable::ask(&filters.without(dimension), metric, dimension);
        asks.extend(dimensions(metric, filters).into_iter().map(by));
    }
    if metric.aggregate != Aggregate::Composed {
        engine.answer_ahead(asks, filters.now);
    }
}

/// Of published cells, which are never added, the bucket in which the latest were: the tables side by side are of that.
fn latest_wave(figure: &Figure, filters: &Filters) -> Result<Option<Window>, AnalyticsError> {
    if figure.metric.aggregate != Aggregate::Cell {
        return Ok(None);
    }
    let buckets = filters.shown.buckets(filters.grain, filters.zone, filters.now)?;
    let latest = buckets.into_iter().find(|bucket| bucket.time == figure.row().time);
    Ok(latest.map(|bucket| Window { from: bucket.from, to: bucket.to }))
}

/// The figure for each team or service, and for each name that the metric has of its own: also those beside the one that the
/// page is of, since values that are never added have a figure for one name only.
fn side_by_side(
    engine: &Engine,
    filters: &Filters,
    figure: &Figure,
) -> Result<Vec<(&'static str, GroupTable)>, AnalyticsError> {
    let wave = latest_wave(figure, filters)?;
    let filters = wave.map_or_else(|| filters.clone(), |wave| filters.over(wave));
    let mut tables = Vec::new();
    for dimension in dimensions(&figure.metric, &filters) {
        let table = GroupTable::by(engine, &filters.without(dimension), &figure.metric, dimension)?;
        // Of a wave's cells the only name there is says what the figure says.
        let is_of_cells = figure.metric.aggregate == Aggregate::Cell && dimension != "team";
        if !is_of_cells || table.has_groups() || filters.name_in(dimension).is_some() {
            tables.push((dimension, table));
        }
    }
    Ok(tables)
}

/// What the figure is set side by side for: teams and services, of a chosen team its services, and whatever else the metric has
/// of its own.
fn dimensions(metric: &Metric, filters: &Filters) -> Vec<&'static str> {
    let teams = Some("team").filter(|_| filters.team.is_none() && filters.service.is_none());
    let usual = teams.into_iter().chain(["service"]).filter(|usual| metric.has_dimension(usual));
    usual.chain(metric.own_dimensions()).collect()
}

/// The figure bucket by bucket, drawn and as a table.
fn course(engine: &Engine, figure: &Figure, filters: &Filters) -> Result<Markup, AnalyticsError> {
    let grain = filters.grain;
    let buckets = filters.shown.buckets(grain, filters.zone, filters.now)?;
    let rows: Vec<&Row> = figure.buckets.rows.iter().collect();
    let window = filters.shown;
    let wording = figure.wording().for_rows(rows.iter().copied());
    let defined_at = figure.whole.defined_at.filter(|at| window.from < *at && *at < window.to);
    let arrivals = arrivals::arrivals(engine, filters)?;
    let marked = match arrivals.marked.len() {
        0 => String::new(),
        1 => " A mark says when an improvement arrived, which stands in the list below.".to_owned(),
        n => format!(" Marks say when {n} improvements arrived, which stand in the list below."),
    };
    let description = format!(
        "{} by {}, {} {}{}.{marked} The table below has every value.",
        figure.whole.title,
        grain.as_str(),
        rows.len(),
        grain.as_str(),
        if rows.len() == 1 { "" } else { "s" }
    );
    let over = chart::Course { grain, zone: filters.zone, window, defined_at, arrivals: &arrivals.marked };
    let is_comparable = compare::comparable(engine.catalogue()).iter().any(|known| known.name == figure.metric.name);
    Ok(html! {
        section aria-labelledby="course" {
            h2 #course { "By " (grain.as_str()) }
            @if rows.iter().any(|row| row.estimate.value.is_some() || row.more("more_than").is_some()) {
                figure {
                    div.scroll.latest role="region" aria-label="Chart" tabindex="0" {
                        (chart::chart(&wording, &figure.metric, &over, &rows, &description))
                    }
                    figcaption {
                        // Only what is to be seen is explained.
                        @if rows.iter().any(|row| row.estimate.low.is_some()) {
                            "The band is the 95 % interval; where it is wider than the chart it is cut off. "
                        }
                        @if rows.iter().any(|row| !row.is_complete) {
                            "A hollow dot is a " (grain.as_str()) " that is not complete. "
                        }
                        @if rows.iter().any(|row| row.more("more_than").is_some()) { "A triangle says “more than”. " }
                        @if rows.iter().any(|row| row.estimate.value.is_none()) { "Gaps are not known." }
                        @if rows.iter().any(|row| row.expected.is_some_and(|expected| expected.range.is_some())) {
                            " What lies beyond the dashed lines, which are cut off likewise, is unusual after the twelve " (grain.as_str()) "s before it"
                            @if has_intervals(figure.metric.aggregate) {
                                "; it is called better or worse only where its own interval, too, lies beyond the middle of those twelve"
                            }
                            "."
                        }
                        @if defined_at.is_some() {
                            " The upright line is where version " (figure.metric.version) " of the definition came into force: "
                            "figures published before that were of another. Here all are of this one."
                        }
                        @if !arrivals.marked.is_empty() {
                            " Numbers above the chart are improvements, from their first arrival to their last so far."
                        }
                    }
                }
            }
            (arrivals.list(filters, &figure.metric.name, is_comparable))
            (table(figure, &wording, filters, &buckets))
        }
    })
}

/// Latest first, since that is what one looks for.
fn table(figure: &Figure, wording: &Wording, filters: &Filters, buckets: &[Bucket]) -> Markup {
    let metric = &figure.metric;
    let has_rows = metric.has_rows();
    // Sums of money are long, and may take two lines.
    let class = metric.unit.ends_with(" a year").then_some("money");
    let has_interval = figure.buckets.rows.iter().any(|row| row.estimate.low.is_some());
    // Between two waves of a survey there is nothing that could be known.
    let is_shown = |row: &&Row| metric.aggregate != Aggregate::Cell || row.relevant > 0;
    let (first, is_nothing_before) = first_listed(&figure.buckets.rows);
    let is_judged = figure.buckets.rows.iter().any(|row| row.expected.is_some());
    let further: Vec<(&str, &str, &str)> = FURTHER
        .into_iter()
        .filter(|(name, ..)| figure.buckets.rows.iter().any(|row| row.more(name).is_some()))
        .collect();
    html! {
        div.scroll role="region" aria-label="Figures over time" tabindex="0" {
            table {
                thead {
                    tr {
                        th scope="col" { "Time" }
                        th scope="col" { "Figure" }
                        @if has_interval { th scope="col" { "95 % interval" } }
                        th scope="col" { i { "n" } }
                        @if is_judged {
                            th scope="col" { "To be expected" }
                            th scope="col" { "Verdict" }
                        }
                        @for (_, title, _) in &further { th scope="col" { (title) } }
                        @for beside in &metric.beside { th scope="col" { (beside.title) } }
                        th scope="col" { "To keep in mind" }
                        @if has_rows { th scope="col" { "Evidence" } }
                    }
                }
                tbody {
                    @for row in figure.buckets.rows[first..].iter().rev().filter(is_shown) {
                        @let time = dates::bucket(filters.grain, filters.zone, row.time);
                        tr {
                            th scope="row" class="time" { (time) }
                            td class=[class] { (words::figure(wording, row)) }
                            @if has_interval { td { (wording.row_interval(row)) } }
                            td { (words::n_of(row)) }
                            @if is_judged {
                                td class=[class] { (wording.row_expected(row)) }
                                td { (row.expected.map_or_else(|| html! { (UNKNOWN) }, |expected| words::verdict(metric.better, expected.verdict))) }
                            }
                            @for (name, _, unit) in &further {
                                td class=[class] { (row.more(name).map_or_else(|| UNKNOWN.to_owned(), |value| people::value(unit_of(metric, name, unit), value))) }
                            }
                            @for beside in &metric.beside { td { (words::beside(beside, row)) } }
                            td { (marks(row)) }
                            @if let Some(bucket) = buckets.iter().find(|bucket| bucket.time == row.time).filter(|_| has_rows) {
                                @let span = analytics::Window { from: bucket.from, to: bucket.to };
                                td { a href=(filters.rows_link(&metric.name, span, 0)) { "rows" span.hidden { " of " (time) } } }
                            }
                        }
                    }
                }
            }
        }
        @if first > 0 {
            p.small {
                (people::count(first as u64)) " earlier " (filters.grain.as_str()) "s are not listed"
                @if is_nothing_before { ": nothing is known of them" }
                "."
            }
        }
    }
}

/// The first bucket that is listed, and whether nothing is known of those before it: neither what lies before all that is known is
/// listed one by one, nor more than anybody would read.
fn first_listed(rows: &[Row]) -> (usize, bool) {
    const MANY_EMPTY: usize = 12;
    const MOST_ROWS: usize = 400;
    let is_nothing = |row: &&Row| row.estimate.value.is_none() && row.relevant == 0 && !row.is_withheld;
    let n_nothing = rows.iter().take_while(is_nothing).count();
    let first_known = if n_nothing > MANY_EMPTY { n_nothing } else { 0 };
    let first = first_known.max(rows.len().saturating_sub(MOST_ROWS));
    (first, first == first_known)
}

/// Points of a distribution are in the unit of the metric itself.
fn unit_of<'a>(metric: &'a Metric, name: &str, unit: &'a str) -> &'a str {
    if ["p75", "p90", "net_p10", "net_p50", "net_p90", "survey_net"].contains(&name) { &metric.unit } else { unit }
}

/// Further figures of a row: name, heading and unit.
const FURTHER: [(&str, &str, &str); 12] = [
    ("net_p10", "10 % of draws below", ""),
    ("net_p50", "50 % of draws below", ""),
    ("net_p90", "90 % of draws below", ""),
    ("chance_above_zero", "Chance above 0", "share"),
    ("survey_net", "By what people tell", ""),
    ("p75", "75 % within", "seconds"),
    ("p90", "90 % within", "seconds"),
    ("n_open", "Still open", ""),
    ("deployment_days_per_week", "Days with deployments", "days per week"),
    ("oldest_seconds", "Oldest", "seconds"),
    ("throughput", "Throughput", ""),
    ("stability", "Stability", ""),
];

fn marks(row: &Row) -> Markup {
    let mut marks = Vec::new();
    if !row.is_complete {
        marks.push("incomplete");
    }
    if row.is_provisional && row.estimate.n > 0 {
        marks.push("provisional");
    }
    if words::is_thin(row) {
        marks.push("thin data");
    }
    html! { @for mark in marks { span.tag { (mark) } " " } }
}

fn stages(row: &Row) -> Markup {
    html! {
        section aria-labelledby="stages" {
            h2 #stages { "Its stages" }
            p.small { "Each is a median of its own, over what is known of it: they do not add up to the median of the whole." }
            div.scroll.fit role="region" aria-label="Stages" tabindex="0" {
                table {
                    thead {
                        tr {
                            th scope="col" { "Stage" }
                            th scope="col" { "Median" }
                            th scope="col" { "95 % interval" }
                            th scope="col" { "75 % within" }
                            th scope="col" { "90 % within" }
                            th scope="col" { i { "n" } }
                        }
                    }
                    tbody {
                        @for (name, stage) in &row.stages {
                            @let duration = |seconds: Option<f64>| seconds.map_or_else(|| UNKNOWN.to_owned(), people::duration);
                            tr {
                                th scope="row" { (name) }
                                td { (duration(stage.median.value)) }
                                td { (people::interval("seconds", stage.median.low, stage.median.high)) }
                                td { (duration(stage.p75)) }
                                td { (duration(stage.p90)) }
                                td { (people::count(stage.median.n)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn definition(figure: &Figure, filters: &Filters) -> Markup {
    let metric = &figure.metric;
    html! {
        section aria-labelledby="definition" {
            h2 #definition { "Definition" }
            p.definition { (metric.definition) }
            dl.facts {
                div { dt { "Name" } dd { code { (metric.name) } } }
                div {
                    dt { "Version" }
                    dd {
                        (metric.version)
                        @if let Some(at) = figure.whole.defined_at {
                            " since " (dates::instant(filters.zone, at)) "; figures published before that were of another"
                        }
                    }
                }
                div {
                    dt { "Unit" }
                    dd {
                        @match &*metric.unit {
                            "seconds" => "a duration; seconds in JSON and CSV",
                            "share" => "a share in per cent; from 0 to 1 in JSON and CSV",
                            "" => "a number",
                            unit => (unit),
                        }
                    }
                }
                div {
                    dt { "Better" }
                    dd { @match metric.better { analytics::Better::Higher => "higher", analytics::Better::Lower => "lower" } }
                }
                @if let Some(days) = metric.provisional_days { div { dt { "Provisional for" } dd { (days) " days" } } }
                div { dt { "Source" } dd { a href=(metric.source) { (metric.source) } } }
            }
        }
    }
}
