//! The improvements that arrived within the time of a chart, where the figures of the chart are from: what may have moved them.

use analytics::{AnalyticsError, Engine, people};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use store::Value;

use crate::address::{segment, with};
use crate::dates;
use crate::filters::Filters;

/// More marks than this make a chart no clearer.
const MOST: usize = 9;

/// An improvement on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    /// Its name.
    pub name: String,
    /// When it first arrived.
    pub first_at: DateTime<Utc>,
    /// When it last did, by the end of the chart.
    pub last_at: DateTime<Utc>,
    /// How many teams it reached.
    pub n_teams: u64,
    /// How many services it reached.
    pub n_services: u64,
}

/// Those of a chart.
pub struct Arrivals {
    /// Those that arrived in its time, the latest of them, in the order in which they came.
    pub marked: Vec<Arrival>,
    /// How many came earlier in its time, and are not marked.
    n_further: usize,
    /// Those that were there before.
    before: Vec<Arrival>,
}

/// What reached a team reached its services. An announcement, which names neither team nor service, is no arrival; it stands
/// for an improvement that arrived nowhere.
const ARRIVALS: &str = "
    with told as (
        select told.name, told.\"at\" as arrived_at, told.team, told.service, owner.name as owner
        from facts.improvement as told
        left join marts.service_history as history
            on history.service = told.service and history.valid_from <= told.\"at\" and history.valid_until > told.\"at\"
        left join marts.name as owner on owner.key = history.team_key
    ), of_whom as (
        select * from told
        where arrived_at < $1::timestamp and case
            when team is null and service is null
                then name not in (select name from told where team is not null or service is not null)
            else ($2::varchar is null or $2 in (team, owner))
                and ($3::varchar is null or service = $3 or (service is null and team = (
                    select any_value(name.name)
                    from marts.service_history as history join marts.name as name on name.key = history.team_key
                    where history.service = $3 and history.valid_from <= arrived_at and history.valid_until > arrived_at
                )))
        end
    )
    select
        name, min(arrived_at), max(arrived_at), count(distinct team) filter (where service is null),
        count(distinct service)
    from of_whom group by name order by min(arrived_at), name";

/// Those that arrived in the time that a page shows, at whom it is of.
pub fn arrivals(engine: &Engine, filters: &Filters) -> Result<Arrivals, AnalyticsError> {
    let micros = |time: DateTime<Utc>| Value::Time(time.timestamp_micros());
    let name = |name: &Option<String>| name.clone().map_or(Value::Null, Value::Text);
    let parameters = [micros(filters.shown.to), name(&filters.team), name(&filters.service)];
    let time = |micros: i64| DateTime::from_timestamp_micros(micros).unwrap_or_default();
    let read = |row: Vec<Value>| match &row[..] {
        [Value::Text(name), Value::Time(first), Value::Time(last), Value::Integer(teams), Value::Integer(services)] => {
            Some(Arrival {
                name: name.clone(),
                first_at: time(*first),
                last_at: time(*last),
                n_teams: teams.unsigned_abs(),
                n_services: services.unsigned_abs(),
            })
        }
        _ => None,
    };
    let all = engine.store().query(ARRIVALS, &parameters)?.rows.into_iter().filter_map(read);
    let (mut before, mut marked): (Vec<Arrival>, Vec<Arrival>) = all.partition(|one| one.last_at < filters.shown.from);
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

fn whom(one: &Arrival) -> String {
    let many = |n: u64, what: &str| match n {
        0 => None,
        1 => Some(format!("1 {what}")),
        n => Some(format!("{} {what}s", people::count(n))),
    };
    let reached: Vec<String> =
        [many(one.n_teams, "team"), many(one.n_services, "service")].into_iter().flatten().collect();
    if reached.is_empty() { "announced".to_owned() } else { format!("at {}", reached.join(" and ")) }
}

fn when(filters: &Filters, one: &Arrival) -> String {
    let [first, last] = [one.first_at, one.last_at].map(|time| dates::day(filters.zone, time));
    if first == last { first } else { format!("from {first} to {last}") }
}
