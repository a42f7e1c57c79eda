//! Why there is no figure, and other things said about figures in words.

use std::borrow::Cow;

use analytics::expected::Verdict;
use analytics::people::{self, Trend};
use analytics::value::words::chance;
use analytics::{Aggregate, Beside, Better, Coverage, Metric, Row, Wording};
use maud::{Markup, html};

use crate::dates;
use crate::figure::Figure;
use crate::filters::Filters;
use crate::group_table::in_words;
use crate::owner_pages;

/// Fewer observations than this are called thin.
pub const THIN: u64 = 10;

/// Which time a page is of: `12 complete weeks, 13 Oct 2025 to 4 Jan 2026 (UTC).`
pub fn of_time(filters: &Filters) -> String {
    format!("{} ({}).{}", dates::window_in_words(filters), filters.zone.name(), ahead(filters))
}

/// That nothing can be known of a window that has not begun.
fn ahead(filters: &Filters) -> &'static str {
    if filters.window.from < filters.now {
        ""
    } else {
        " This window lies ahead: nothing can have been observed in it yet."
    }
}

/// Which time a page is of, and of whom: `12 complete weeks, 13 Oct 2025 to 4 Jan 2026 (UTC), team payments.`
pub fn of_what(filters: &Filters) -> Markup {
    html! {
        (dates::window_in_words(filters)) " (" (filters.zone.name()) ")"
        @if let Some(team) = &filters.team { ", team " strong { a href=(owner_pages::of_team(filters, team)) { (team) } } }
        @if let Some(service) = &filters.service { ", service " strong { a href=(owner_pages::of_service(filters, service)) { (service) } } }
        @for (dimension, name) in &filters.own { ", " (in_words(dimension)) " " strong { (name) } }
        "." (ahead(filters))
    }
}

/// Why a card's figure is not known: nobody would have told of an end, or nothing was told.
pub fn why_unknown(figure: &Figure) -> Cow<'static, str> {
    match &figure.whole.untold[..] {
        [kind, ..] if figure.metric.aggregate == Aggregate::Survival => people::untold(kind).into(),
        _ => why_without_value(&figure.metric, figure.row()).into(),
    }
}

fn why_without_value(metric: &Metric, row: &Row) -> &'static str {
    if row.is_withheld {
        return "withheld: it would speak of too few people";
    }
    if row.more("more_than").is_some() {
        return match metric.name.as_str() {
            "failed_deployment_recovery_time" | "time_to_restore" => {
                "fewer than half have recovered so far: the median lies beyond all that was seen"
            }
            _ => "fewer than half have got there so far: the median lies beyond all that was seen",
        };
    }
    if row.relevant > row.usable {
        return "what there is cannot be used; the coverage says why";
    }
    match metric.name.as_str() {
        "failed_deployment_recovery_time" => {
            "no failed deployments in this time: there is no recovery time, which is not 0"
        }
        "time_to_restore" => "no incidents in this time: there is no time to restore, which is not 0",
        "change_lead_time" => "no change reached production in this time",
        "commit_lead_time" => "no commit is known to have reached production in this time",
        "deployment_frequency" => "no source told of deployments in this time: the number is not known, which is not 0",
        "change_fail_rate" | "deployment_rework_rate" => "no production deployments in this time",
        "undeployed_changes" => "no source told of changes in this time: the number is not known, which is not 0",
        "value_of_time_saved" => {
            "the value model is not configured, or its inputs are not known; `cairn value` says which"
        }
        "dora_score" => "one of its five figures is not known, so neither is the score",
        _ if matches!(metric.aggregate, Aggregate::Rate | Aggregate::Count | Aggregate::Sum) => {
            "no source told of this in this time: the number is not known, which is not 0"
        }
        _ => "nothing was observed in this time",
    }
}

/// A figure beside the main one.
pub fn beside(beside: &Beside, row: &Row) -> String {
    row.beside(&beside.name).map_or_else(|| people::UNKNOWN.to_owned(), |value| people::value(&beside.unit, value))
}

/// The figure of a row, or that it is not told.
pub fn figure(wording: &Wording, row: &Row) -> Markup {
    html! {
        @if row.is_withheld { span.tag { "withheld" } } @else { (wording.row_value(row)) }
    }
}

/// The number of what a row rests on. Of what is withheld it is not told either.
pub fn n_of(row: &Row) -> String {
    if row.is_withheld { people::UNKNOWN.to_owned() } else { people::count(row.estimate.n) }
}

/// `n`, with a word where it is thin.
pub fn n(row: &Row) -> Markup {
    html! {
        span.keep { i { "n" } " = " (n_of(row)) }
        @if is_thin(row) { " " span.tag { "thin data" } }
    }
}

/// Whether a figure rests on little. Nothing at all is not thin: there is no figure then. Nor is a count of what holds, of which
/// the oldest is told: it rests on all there is.
pub fn is_thin(row: &Row) -> bool {
    let is_count = row.more.iter().any(|(name, _)| *name == "oldest_seconds");
    (1..THIN).contains(&row.estimate.n) && !is_count
}

/// What a trend says, with a sign that shows its direction in shape, not in colour only.
pub fn trend(better: Better, trend: Trend) -> Markup {
    let went_up = matches!((better, trend), (Better::Higher, Trend::Better) | (Better::Lower, Trend::Worse));
    let (class, sign) = match trend {
        Trend::Better => ("trend better", if went_up { "▲" } else { "▼" }),
        Trend::Worse => ("trend worse", if went_up { "▲" } else { "▼" }),
        Trend::NoClearChange | Trend::TooLittle => ("trend", ""),
    };
    signed(class, sign, trend.as_str())
}

/// What a figure is against what was to be expected of it, with a sign likewise.
pub fn verdict(better: Better, verdict: Verdict) -> Markup {
    let went_up = matches!((better, verdict), (Better::Higher, Verdict::Better) | (Better::Lower, Verdict::Worse));
    let (class, sign) = match verdict {
        Verdict::Better => ("trend better", if went_up { "▲" } else { "▼" }),
        Verdict::Worse => ("trend worse", if went_up { "▲" } else { "▼" }),
        Verdict::NoClearChange | Verdict::TooLittleData => ("trend", ""),
    };
    signed(class, sign, verdict.as_str())
}

fn signed(class: &str, sign: &str, words: &str) -> Markup {
    html! {
        span class=(class) {
            @if !sign.is_empty() { span aria-hidden="true" { (sign) " " } }
            (words)
        }
    }
}

/// `75 % within 4 d, 90 % within 9 d`, where these are known.
pub fn upper_quantiles(metric: &Metric, row: &Row) -> Option<String> {
    let known = [("75 %", "p75"), ("90 %", "p90")].map(|(share, name)| {
        row.more(name).map(|value| format!("{share} within {}", people::value(&metric.unit, value)))
    });
    let known: Vec<String> = known.into_iter().flatten().collect();
    (!known.is_empty()).then(|| known.join(", "))
}

/// Of a figure that is the middle of many draws, between what most of them lie, and the chance that something remains.
pub fn draws(metric: &Metric, row: &Row) -> Option<String> {
    let value = |name: &str| row.more(name).map(|value| people::value(&metric.unit, value));
    let (low, middle, high) = (value("net_p10")?, value("net_p50")?, value("net_p90")?);
    let chance = row.more("chance_above_zero").map(chance).unwrap_or_default();
    Some(format!("10 of 100 draws lie below {low}, 50 below {middle}, 90 below {high}; above 0 in {chance}"))
}

/// Prose in which words to be typed stand in backticks, as the command line has it.
pub fn with_code(text: &str) -> Markup {
    html! {
        @for (place, part) in text.split('`').enumerate() {
            @if place % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// How much could be used, and why not the rest.
pub fn coverage(coverage: &Coverage) -> Markup {
    let share = (coverage.relevant > 0).then(|| coverage.usable as f64 / coverage.relevant as f64);
    html! {
        @match share {
            Some(share) => p {
                strong { (people::value("share", share)) }
                " of what counts could be used: " (people::count(coverage.usable)) " of " (people::count(coverage.relevant)) "."
            },
            None => p { "There was nothing to use in this time." },
        }
        @if !coverage.reasons.is_empty() {
            p { "Not used, or left out by rule:" }
            ul {
                @for (reason, n) in &coverage.reasons { li { (reason) ": " (people::count(*n)) } }
            }
        }
        @if let Some(estimated) = &coverage.estimated {
            p { (people::count(estimated.n)) " of them " (estimated.how) "." }
        }
    }
}
