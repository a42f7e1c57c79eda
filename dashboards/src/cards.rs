//! A metric as a card: its figure, how sure it is, whether it moved, and the ways to its definition and its rows.

use analytics::expected::Verdict;
use analytics::people::{self, Trend, UNKNOWN};
use analytics::{Aggregate, Row, Shape};
use maud::{Markup, html};

use crate::chart;
use crate::data;
use crate::dates;
use crate::figure::Figure;
use crate::filters::Filters;
use crate::words;

/// The card of a figure.
pub fn card(filters: &Filters, figure: &Figure) -> Markup {
    let metric = &figure.metric;
    let page = filters.link(&format!("/m/{}", metric.name));
    let row = figure.row();
    html! {
        article.card {
            h3 { a href=(page) { (figure.whole.title) } }
            p.figure { (figure.value()) }
            (at_what_time(filters, figure))
            @if row.estimate.value.is_none() {
                p.why { (words::why_unknown(figure)) }
            }
            (certainty(figure))
            @if metric.shape == Shape::Event { (against_previous(filters, figure)) }
            (against_expected(filters, figure))
            (marks(figure))
            (spark(figure))
            p.links {
                a href={ (page) "#definition" } { "What is this?" span.hidden { " " (figure.whole.title) } }
                " "
                @if metric.has_rows() {
                    a href=(filters.rows_link(&metric.name, figure.span, 0)) { "Rows behind it" span.hidden { ": " (figure.whole.title) } }
                    " "
                }
                a href=(filters.json_link(&metric.name, figure.span, filters.grain)) { "JSON" span.hidden { ": " (figure.whole.title) } }
            }
        }
    }
}

/// The figure at the head of its own page: the same without the ways there.
pub fn summary(filters: &Filters, figure: &Figure) -> Markup {
    let metric = &figure.metric;
    let row = figure.row();
    html! {
        div.card {
            p.figure { (figure.value()) }
            (at_what_time(filters, figure))
            @if row.estimate.value.is_none() { p.why { (words::why_unknown(figure)) } }
            (certainty(figure))
            @if metric.shape == Shape::Event { (against_previous(filters, figure)) }
            (against_expected(filters, figure))
            (marks(figure))
            p.links {
                @if metric.has_rows() {
                    a href=(filters.rows_link(&metric.name, figure.span, 0)) { "Rows behind it" }
                    " "
                }
                a href=(filters.json_link(&metric.name, figure.span, filters.grain)) { "JSON" }
            }
        }
    }
}

/// What holds is looked at as it is at one time, not over the window that the page is of.
fn at_what_time(filters: &Filters, figure: &Figure) -> Markup {
    let is_told = figure.metric.shape == Shape::State && figure.row().estimate.value.is_some();
    let at = figure.span.to.min(filters.now);
    let latest = data::latest(&figure.whole.freshness);
    html! {
        @if is_told {
            p.certainty {
                @if let Some(latest) = latest.filter(|latest| data::is_silent(*latest, at)) {
                    "as it was told up to "
                    time datetime=(dates::machine(latest)) { (dates::instant(filters.zone, latest)) }
                    ", and nothing since"
                } @else {
                    @if at == filters.now { "as it is now, " } @else { "as it was on " }
                    time datetime=(dates::machine(at)) { (dates::instant(filters.zone, at)) }
                }
            }
        }
    }
}

/// The interval, what it rests on, and further figures of the same observations.
fn certainty(figure: &Figure) -> Markup {
    let row = figure.row();
    let has_interval = row.estimate.low.is_some() || row.estimate.high.is_some();
    html! {
        // A count is itself the number of what it rests on.
        @if figure.metric.aggregate != Aggregate::Count { p.certainty {
            @if has_interval {
                span.keep { "95 %: " (figure.wording().row_interval(row)) }
                " · "
            } @else if row.estimate.n > 0 && figure.has_intervals() {
                "too few for an interval · "
            }
            (words::n(row))
            @if row.relevant > row.usable {
                " · " span.keep { (people::value("share", row.coverage().unwrap_or_default())) " covered" }
            }
        } }
        @if let Some(quantiles) = words::upper_quantiles(&figure.metric, row) {
            p.certainty { (quantiles) }
        }
        @if let Some(draws) = words::draws(&figure.metric, row) {
            p.certainty { (draws) }
        }
        @for beside in &figure.metric.beside {
            p.certainty { (beside.title) ": " (words::beside(beside, row)) }
        }
        @if let Some(days) = row.more("deployment_days_per_week") {
            p.certainty { "on " (format!("{days:.1}")) " days of a week" }
        }
        @if let Some(age) = row.more("oldest_seconds") {
            p.certainty { "the oldest has waited for " (people::duration(age)) }
        }
        @if let Some(n_open) = row.more("n_open").filter(|n_open| *n_open > 0.0) {
            p.certainty { (people::count(n_open as u64)) " still open, counted with the time so far" }
        }
    }
}

fn against_previous(filters: &Filters, figure: &Figure) -> Markup {
    if figure.metric.aggregate == Aggregate::Cell {
        // The waves of a survey stand in the table, each with its interval; windows of the same length are no waves.
        return html! {
            @if figure.row().estimate.value.is_some() {
                p.certainty { "of the wave that closed in the " (dates::bucket(filters.grain, filters.zone, figure.row().time)) }
            }
        };
    }
    let before = figure.wording().for_rows([figure.previous_row()]).row_value(figure.previous_row());
    let is_known = before != UNKNOWN;
    let trend = figure.trend();
    html! {
        p.certainty {
            @if trend == Trend::TooLittle && !is_known {
                "nothing to compare with in " (dates::previous_in_words(filters))
            } @else if !figure.has_intervals() {
                span.keep { (before) } " in " (dates::previous_in_words(filters))
                "; no interval is known of such figures, so whether it moved is not told"
            } @else if trend == Trend::TooLittle && !figure.is_previous_whole() {
                span.keep { (before) } " in " (dates::previous_in_words(filters)) ", of which only a part is known: not compared"
            } @else {
                (words::trend(figure.metric.better, trend))
                @if is_known {
                    ": " span.keep { (before) } " in " (dates::previous_in_words(filters))
                }
            }
        }
    }
}

/// The latest bucket against what those before it let expect.
fn against_expected(filters: &Filters, figure: &Figure) -> Markup {
    let Some((row, expected)) = figure.latest_judged().and_then(|row| Some((row, row.expected?))) else {
        return html! {};
    };
    let wording = figure.wording().for_rows([row]);
    let is_outside =
        expected.range.zip(row.estimate.value).is_some_and(|((low, high), value)| value < low || value > high);
    html! {
        p.certainty {
            @if figure.metric.shape == Shape::State { "at the end of the " }
            (dates::bucket(filters.grain, filters.zone, row.time)) ": "
            (words::verdict(figure.metric.better, expected.verdict))
            @if expected.range.is_some() {
                ", " span.keep { (wording.row_value(row)) } " where "
                span.keep { (wording.row_expected(row)) } " was to be expected"
                @if is_outside && expected.verdict == Verdict::NoClearChange { "; by its own interval that may be chance" }
            }
        }
    }
}

/// What is to be kept in mind about the figure.
fn marks(figure: &Figure) -> Markup {
    let row = figure.row();
    let (n_known, n_unknown) = figure.known_buckets();
    let is_known = row.estimate.value.is_some();
    html! {
        ul.marks {
            @for kind in figure.whole.untold.iter().filter(|_| is_known) { li { (people::untold(kind)) } }
            @if row.is_provisional && is_known {
                li title="What happens within seven days after a deployment still counts against it." {
                    "provisional: the last 7 days may still change"
                }
            }
            @if !row.is_complete && n_unknown == 0 && figure.metric.shape == Shape::Event { li { "incomplete: the window is not over, or not all of it was told of" } }
            @if n_unknown > 0 && is_known {
                li {
                    "incomplete: known for " (people::count(n_known as u64)) " of " (people::count((n_known + n_unknown) as u64)) " " (figure.buckets.grain.as_str()) "s, "
                    @if figure.metric.aggregate == Aggregate::Rate { "and of those alone" } @else { "so it comes out too low" }
                }
            }
        }
    }
}

/// The figure over time, complete buckets only; of what holds up to the time that the card's figure is of.
fn spark(figure: &Figure) -> Markup {
    let is_state = figure.metric.shape == Shape::State;
    let rows: Vec<&Row> = figure.buckets.rows.iter().filter(|row| row.is_complete || is_state).collect();
    let known: Vec<&&Row> = rows.iter().filter(|row| row.estimate.value.is_some()).collect();
    let grain = figure.buckets.grain.as_str();
    let (Some(first), Some(last)) = (known.first(), known.last()) else { return html! {} };
    if rows.len() < 2 {
        return html! {};
    }
    let wording = figure.wording().for_rows(rows.iter().copied());
    let n_complete = rows.iter().filter(|row| row.is_complete).count();
    let description = format!(
        "{} by {grain}, over {n_complete} complete {grain}s{}: first {}, last {}. The table on its page has every value.",
        figure.whole.title,
        if n_complete < rows.len() { " and the running one" } else { "" },
        wording.row_value(first),
        wording.row_value(last),
    );
    html! {
        figure {
            (chart::sparkline(&wording, &figure.metric, &rows, &description))
            figcaption {
                "by " (grain) ", " (chart::scale_in_words(&wording, &figure.metric, &rows))
                @if rows.last().is_some_and(|last| !last.is_complete) { "; the hollow dot is the figure above" }
            }
        }
    }
}
