//! The delivery figures side by side, for each team, or for each service of one team.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use analytics::people;
use analytics::{AnalyticsError, Answer, Ask, Engine, Grain, Metric, Row, Wording};
use maud::{Markup, html};

use crate::figure::has_intervals;
use crate::filters::Filters;
use crate::words;

/// What figures are set side by side for: services once a team or service was chosen, teams before.
pub fn dimension(filters: &Filters) -> &'static str {
    if filters.team.is_some() || filters.service.is_some() { "service" } else { "team" }
}

/// More groups than these are not read one by one.
pub const MOST_GROUPS: usize = 50;

/// The figures of some metrics for each group.
pub struct GroupTable {
    dimension: &'static str,
    answers: Vec<Arc<Answer>>,
}

impl GroupTable {
    /// What it asks the engine for, in the order of the metrics.
    pub fn asks(filters: &Filters, metrics: &[&str]) -> Vec<Ask> {
        let dimension = dimension(filters);
        metrics.iter().map(|name| filters.ask(name, filters.window, Grain::All, Some(dimension))).collect()
    }

    /// Asks the engine.
    pub fn read(engine: &Engine, filters: &Filters, metrics: &[&str]) -> Result<GroupTable, AnalyticsError> {
        let asks = GroupTable::asks(filters, metrics);
        let answers = asks.iter().map(|ask| engine.answer(ask, filters.now)).collect::<Result<_, _>>()?;
        Ok(GroupTable { dimension: dimension(filters), answers })
    }

    /// Asks the engine for one metric by one of its dimensions.
    pub fn by(
        engine: &Engine,
        filters: &Filters,
        metric: &Metric,
        dimension: &'static str,
    ) -> Result<GroupTable, AnalyticsError> {
        let ask = GroupTable::ask(filters, metric, dimension);
        Ok(GroupTable { dimension, answers: vec![engine.answer(&ask, filters.now)?] })
    }

    /// What it then asks the engine for.
    pub fn ask(filters: &Filters, metric: &Metric, dimension: &'static str) -> Ask {
        filters.ask(&metric.name, filters.of_figure(metric).window, Grain::All, Some(dimension))
    }

    /// The rows of all groups.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.answers.iter().flat_map(|answer| &answer.rows)
    }

    /// How the figures of a table of one metric are written.
    pub fn wording(&self) -> Wording {
        Wording::of_rows(&self.answers[0].unit, &self.answers[0].rows)
    }

    /// The groups that a table of services shows: of so many that nobody reads all of them, those of which most was observed.
    fn shown(&self) -> Vec<Option<&str>> {
        let mut groups = self.groups();
        if !self.is_of_one_metric() || groups.len() <= MOST_GROUPS {
            return groups;
        }
        let n_of: HashMap<Option<&str>, u64> = self.rows().map(|row| (group(row), row.estimate.n)).collect();
        groups.sort_by_key(|name| std::cmp::Reverse(n_of.get(name).copied()));
        groups.truncate(MOST_GROUPS);
        groups
    }

    /// How many groups there are, where the table shows only some of them.
    pub fn of_how_many(&self) -> Option<usize> {
        Some(self.groups().len()).filter(|n| self.is_of_one_metric() && *n > MOST_GROUPS)
    }

    /// The names of all groups; unknown ones last.
    fn groups(&self) -> Vec<Option<&str>> {
        let names: BTreeSet<Option<&str>> = self.rows().map(group).collect();
        let (known, unknown): (Vec<_>, Vec<_>) = names.into_iter().partition(Option::is_some);
        [known, unknown].concat()
    }

    /// The table. The names of groups lead to the page at a path, of that name.
    pub fn html(&self, filters: &Filters, path: &str) -> Markup {
        self.leading(|name| {
            let chosen = match self.dimension {
                "team" => filters.of_team(name),
                "service" => filters.of_service(name),
                dimension => filters.of_own(dimension, name),
            };
            chosen.link(path)
        })
    }

    /// What its rows are.
    pub fn dimension(&self) -> &'static str {
        self.dimension
    }

    /// Whether there is anything to set side by side.
    pub fn has_groups(&self) -> bool {
        self.groups().len() > 1
    }

    /// The table. The names of groups lead to where they are told to.
    pub fn leading(&self, to: impl Fn(&str) -> String) -> Markup {
        self.table(&|name| match name {
            Some(name) => html! { a href=(to(name)) { (name) } },
            None => html! { "no " (in_words(self.dimension)) " known" },
        })
    }

    fn table(&self, label: &dyn Fn(Option<&str>) -> Markup) -> Markup {
        let groups = self.shown();
        if groups.is_empty() {
            return html! { p { "There is nothing to set side by side in this time." } };
        }
        // One unit and one number of digits in a column.
        let columns: Vec<(&Answer, Wording)> =
            self.answers.iter().map(|answer| (&**answer, Wording::of_rows(&answer.unit, &answer.rows))).collect();
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
                                @for (answer, wording) in &columns {
                                    @let row = answer.rows.iter().find(|row| group(row) == *name);
                                    @if self.is_of_one_metric() { (cells(wording, row)) } @else { td { (cell(answer, wording, row)) } }
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
}

/// A figure with its interval and what it rests on. Groups stand for names, so the row of a group that a metric has
/// nothing of is not there at all.
fn cell(answer: &Answer, wording: &Wording, row: Option<&Row>) -> Markup {
    let Some(row) = row else { return html! { (people::UNKNOWN) } };
    let has_interval = row.estimate.low.is_some() || row.estimate.high.is_some();
    html! {
        (words::figure(wording, row))
        @if row.estimate.n > 0 {
            span.small {
                @if has_interval { (wording.row_interval(row)) }
                @else if has_intervals(answer.aggregate) { "too few for an interval" }
                @else { "no interval known" }
            }
            span.small { (words::n(row)) }
        }
    }
}

/// The same in cells of their own, where one metric has the table for itself.
fn cells(wording: &Wording, row: Option<&Row>) -> Markup {
    html! {
        @match row {
            Some(row) => {
                td { (words::figure(wording, row)) }
                td { (wording.row_interval(row)) }
                td {
                    (words::n_of(row))
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

/// A word at the head of something. What is called so and not otherwise, such as a file, stays as it is.
pub fn capital(word: &str) -> String {
    let first = word.split(' ').next().unwrap_or_default();
    if first.trim_end_matches('.').contains(['.', '_']) {
        return word.to_owned();
    }
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
