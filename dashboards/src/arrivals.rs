//! The improvements that arrived within the time of a chart, where the figures of the chart are from: what may have moved them.

use analytics::compare::{self, Arrived};
use analytics::{AnalyticsError, Engine, people};
use maud::{Markup, html};

use crate::address::{segment, with};
use crate::dates;
use crate::filters::Filters;

/// More marks than this make a chart no clearer.
const MOST: usize = 9;

/// Those of a chart.
pub struct Arrivals {
    /// Those that arrived in its time, the latest of them, in the order in which they came.
    pub marked: Vec<Arrived>,
    /// How many came earlier in its time, and are not marked.
    n_further: usize,
    /// Those that were there before.
    before: Vec<Arrived>,
}

/// Those that arrived in the time that a page shows, at whom it is of.
pub fn arrivals(engine: &Engine, filters: &Filters) -> Result<Arrivals, AnalyticsError> {
    let (team, service) = (filters.team.as_deref(), filters.service.as_deref());
    let all = compare::arrived(engine.store(), filters.shown.to, team, service)?;
    let (mut before, mut marked): (Vec<Arrived>, Vec<Arrived>) =
        all.into_iter().partition(|one| one.last_at < filters.shown.from);
    let n_further = marked.len().saturating_sub(MOST);
    before.drain(..before.len().saturating_sub(MOST));
    Ok(Arrivals { marked: marked.split_off(n_further), n_further, before })
}

impl Arrivals {
    /// What the numbers of the marks stand for, each leading to what the improvement did to a metric.
    pub fn list(&self, filters: &Filters, metric: &str, is_comparable: bool) -> Markup {
        let leading = |name: &str| {
            let path = format!("/improvements/{}", segment(name));
            with(&path, &[("metric", Some(metric).filter(|_| is_comparable))])
        };
        html! {
            @if !self.marked.is_empty() {
                p.small #arrived { "Improvements that arrived, by the numbers of their marks:" }
                ol.small.arrived aria-labelledby="arrived" {
                    @for one in &self.marked {
                        li { a href=(leading(&one.name)) { (one.name) } ": " (whom(one)) ", " (when(filters, one)) }
                    }
                }
                @if self.n_further > 0 {
                    p.small { a href="/improvements" { (self.n_further) " earlier ones" } " are not marked." }
                }
            }
            @if !self.before.is_empty() {
                p.small {
                    "Improvements that had arrived before: "
                    @for (place, one) in self.before.iter().enumerate() {
                        @if place > 0 { "; " }
                        a href=(leading(&one.name)) { (one.name) } " (" (whom(one)) ", " (when(filters, one)) ")"
                    }
                    "."
                }
            }
        }
    }
}

fn whom(one: &Arrived) -> String {
    let many = |n: u64, what: &str| match n {
        0 => None,
        1 => Some(format!("1 {what}")),
        n => Some(format!("{} {what}s", people::count(n))),
    };
    let reached: Vec<String> =
        [many(one.n_teams, "team"), many(one.n_services, "service")].into_iter().flatten().collect();
    if reached.is_empty() { "announced".to_owned() } else { format!("at {}", reached.join(" and ")) }
}

fn when(filters: &Filters, one: &Arrived) -> String {
    let [first, last] = [one.first_at, one.last_at].map(|time| dates::day(filters.zone, time));
    if first == last { first } else { format!("from {first} to {last}") }
}
