//! The delivery figures side by side, for each team, or for each service of one team.

use std::collections::BTreeSet;
use std::sync::Arc;

use analytics::people;
use analytics::{AnalyticsError, Answer, Engine, Grain, Metric, Row, Shape};
use maud::{Markup, html};

use crate::filters::Filters;
use crate::words;

/// What figures are set side by side for: services once a team or service was chosen, teams before.
pub fn dimension(filters: &Filters) -> &'static str {
    if filters.team.is_some() || filters.service.is_some() { "service" } else { "team" }
}

/// The figures of some metrics for each group.
pub struct GroupTable {
    dimension: &'static str,
    answers: Vec<Arc<Answer>>,
}

impl GroupTable {
    /// Asks the engine.
    pub fn read(engine: &Engine, filters: &Filters, metrics: &[&str]) -> Result<GroupTable, AnalyticsError> {
        let dimension = dimension(filters);
        let ask =
            |name: &&str| engine.answer(&filters.ask(name, filters.window, Grain::All, Some(dimension)), filters.now);
        Ok(GroupTable { dimension, answers: metrics.iter().map(ask).collect::<Result<_, _>>()? })
    }

    /// Asks the engine for one metric by one of its dimensions.
    pub fn by(
        engine: &Engine,
        filters: &Filters,
        metric: &Metric,
        dimension: &'static str,
    ) -> Result<GroupTable, AnalyticsError> {
        let window = if metric.shape == Shape::State { filters.shown } else { filters.window };
        let ask = filters.ask(&metric.name, window, Grain::All, Some(dimension));
        Ok(GroupTable { dimension, answers: vec![engine.answer(&ask, filters.now)?] })
    }

    /// The names of all groups; unknown ones last.
    fn groups(&self) -> Vec<Option<&str>> {
        let rows = self.answers.iter().flat_map(|answer| &answer.rows);
        let names: BTreeSet<Option<&str>> = rows.map(group).collect();
        let (known, unknown): (Vec<_>, Vec<_>) = names.into_iter().partition(Option::is_some);
        [known, unknown].concat()
    }

    /// The table. The names of groups lead to the page at a path.
    pub fn html(&self, filters: &Filters, path: &str) -> Markup {
        self.table(&|name| self.label(filters, name, path))
    }

    /// The table. The names of groups lead to where they are told to.
    pub fn leading(&self, to: impl Fn(&str) -> String) -> Markup {
        self.table(&|name| match name {
            Some(name) => html! { a href=(to(name)) { (name) } },
            None => html! { "no " (in_words(self.dimension)) " known" },
        })
    }

    fn table(&self, label: &dyn Fn(Option<&str>) -> Markup) -> Markup {
        let groups = self.groups();
        if groups.is_empty() {
            return html! { p { "There is nothing to set side by side in this time." } };
        }
        html! {
            div.scroll.fit[self.is_of_one_metric()] role="region" aria-label={ "Figures by " (in_words(self.dimension)) } tabindex="0" {
                table {
                    thead {
                        tr {
                            th scope="col" { (capital(&in_words(self.dimension))) }
                            @if self.is_of_one_metric() {
                                th scope="col" { "Figure" }
                                th scope="col" { "95 % interval" }
                                th scope="col" { i { "n" } }
                            } @else {
                                @for answer in &self.answers { th scope="col" { (answer.title) } }
                            }
                        }
                    }
                    tbody {
                        @for name in &groups {
                            tr {
                                th scope="row" { (label(*name)) }
                                @for answer in &self.answers {
                                    @let row = answer.rows.iter().find(|row| group(row) == *name);
                                    @if self.is_of_one_metric() { (cells(answer, row)) } @else { td { (cell(answer, row)) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn is_of_one_metric(&self) -> bool {
        self.answers.len() == 1
    }

    fn label(&self, filters: &Filters, name: Option<&str>, path: &str) -> Markup {
        let Some(name) = name else { return html! { "no " (in_words(self.dimension)) " known" } };
        if !["team", "service"].contains(&self.dimension) {
            return html! { (name) };
        }
        let chosen = if self.dimension == "team" { filters.of_team(name) } else { filters.of_service(name) };
        html! { a href=(chosen.link(path)) { (name) } }
    }
}

/// A figure with its interval and what it rests on. Groups stand for names, so the row of a group that a metric has
/// nothing of is not there at all.
fn cell(answer: &Answer, row: Option<&Row>) -> Markup {
    let Some(row) = row else { return html! { (people::UNKNOWN) } };
    let has_interval = row.estimate.low.is_some() || row.estimate.high.is_some();
    html! {
        (people::row_value(&answer.unit, row))
        @if row.estimate.n > 0 {
            span.small { @if has_interval { (people::row_interval(&answer.unit, row)) } @else { "too few for an interval" } }
            span.small { (words::n(row)) }
        }
    }
}

/// The same in cells of their own, where one metric has the table for itself.
fn cells(answer: &Answer, row: Option<&Row>) -> Markup {
    html! {
        @match row {
            Some(row) => {
                td { (people::row_value(&answer.unit, row)) }
                td { (people::row_interval(&answer.unit, row)) }
                td {
                    (people::count(row.estimate.n))
                    @if words::is_thin(row) { " " span.tag { "thin data" } }
                }
            },
            None => { td { (people::UNKNOWN) } td { (people::UNKNOWN) } td { "0" } },
        }
    }
}

fn group(row: &Row) -> Option<&str> {
    row.group.first().and_then(|(_, name)| name.as_deref())
}

/// `template_version` as people write it.
pub fn in_words(dimension: &str) -> String {
    dimension.replace('_', " ")
}

/// A word at the head of something.
pub fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
