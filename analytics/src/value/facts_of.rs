//! What the facts of a window tell of the inputs.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use store::{Store, StoreError, Value};

use super::Basis;
use super::figure::{FactsQuestion, TeamSort};
use super::measure::Measured;
use super::told::SLACK;
use super::words::money;
use crate::window::Window;

const HEAD_COUNT: &str = include_str!("../../../sql/value/head_count.sql");
const TIME_SAVING: &str = include_str!("../../../sql/value/time_saving.sql");
const POLICY_BLOCK: &str = include_str!("../../../sql/value/policy_block.sql");
const COST: &str = include_str!("../../../sql/value/cost.sql");

const DAYS_A_YEAR: f64 = 365.0;
/// With fewer days of which people spoke, a rate would rest on too little; of a short window half of it is asked for.
const FEWEST_DAYS_SAID: f64 = 28.0;

/// What the facts of a window tell.
pub(crate) struct Facts {
    days: f64,
    currency: String,
    product_engineers: Option<f64>,
    platform_engineers: Option<f64>,
    /// From when on teams say how many they are, where that is later than the window's begin.
    teams_told_from: Option<DateTime<Utc>>,
    /// Violations of the window, and whether any was ever told of.
    blocks: (u64, bool),
    pub(super) savings: Vec<SavingRow>,
    costs: Vec<CostRow>,
}

/// What a capability saved, by one basis.
pub(super) struct SavingRow {
    pub capability: String,
    /// None where a fact does not say what it rests on.
    pub basis: Option<Basis>,
    pub hours: f64,
    pub n: u64,
    /// Whether tools told of it before the window, and of something at its end: none in the window is then a count of 0.
    is_none_a_count: bool,
    /// Of how many of the window's days people spoke, and the last of which they ever did. Tools are taken to be connected
    /// throughout (see [`super::told`]).
    said: Option<(f64, NaiveDate)>,
}

struct CostRow {
    team: String,
    resource: String,
    currency: String,
    is_platform: bool,
    amount: f64,
    n: u64,
}

impl Facts {
    /// Reads what a window's facts tell.
    pub fn read(store: &Store, window: Window, zone: Tz, days: f64, currency: &str) -> Result<Facts, StoreError> {
        let times = [window.from, window.to].map(|time| Value::Time(time.timestamp_micros()));
        let dates = [window.from, window.to]
            .map(|time| Value::Text(time.with_timezone(&zone).date_naive().format("%Y-%m-%d").to_string()));
        let first =
            |sql: &str| Ok::<_, StoreError>(store.query(sql, &times)?.rows.into_iter().next().unwrap_or_default());
        let (product_engineers, platform_engineers, teams_told_from) = match first(HEAD_COUNT)?.as_slice() {
            [product, platform, Value::Time(told_from)] => {
                let told_from = DateTime::from_timestamp_micros(*told_from).unwrap_or_default();
                (real(product), real(platform), Some(told_from).filter(|told_from| *told_from > window.from))
            }
            _ => (None, None, None),
        };
        let blocks = match first(POLICY_BLOCK)?.as_slice() {
            [blocked, ever] => (count(blocked), count(ever) > 0),
            _ => (0, false),
        };
        let (begin, end) = (window.from.timestamp_micros(), (window.to - SLACK).timestamp_micros());
        let savings = store.query(TIME_SAVING, &times)?.rows.into_iter().filter_map(|row| match row.as_slice() {
            [
                Value::Text(capability),
                basis,
                hours,
                n,
                Value::Time(first),
                last,
                Value::Time(told_from),
                Value::Time(told_to),
            ] => {
                let basis = Basis::ALL.into_iter().find(|known| *basis == Value::Text(known.as_str().into()));
                let is_told_at_end = matches!(last, Value::Time(last) if *last >= end);
                Some(SavingRow {
                    capability: capability.clone(),
                    basis,
                    hours: real(hours).unwrap_or_default(),
                    n: count(n),
                    is_none_a_count: basis == Some(Basis::Telemetry) && *first < begin && is_told_at_end,
                    said: (basis == Some(Basis::Survey)).then(|| said(*told_from, *told_to, window, zone)).flatten(),
                })
            }
            _ => None,
        });
        let costs = store.query(COST, &dates)?.rows.into_iter().filter_map(|row| match row.as_slice() {
            [Value::Text(team), Value::Text(resource), Value::Text(currency), is_platform, amount, n] => {
                Some(CostRow {
                    team: team.clone(),
                    resource: resource.clone(),
                    currency: currency.clone(),
                    is_platform: *is_platform == Value::Boolean(true),
                    amount: real(amount)?,
                    n: count(n),
                })
            }
            _ => None,
        });
        let (savings, costs) = (savings.collect(), costs.collect());
        Ok(Facts {
            days,
            currency: currency.to_owned(),
            product_engineers,
            platform_engineers,
            teams_told_from,
            blocks,
            savings,
            costs,
        })
    }

    /// What they tell of an input.
    pub fn answer(&self, question: &FactsQuestion) -> Measured {
        match question {
            FactsQuestion::HeadCount(TeamSort::Product) => self.head_count("product", self.product_engineers),
            FactsQuestion::HeadCount(TeamSort::Platform) => self.head_count("platform", self.platform_engineers),
            FactsQuestion::Blocks => match self.blocks {
                (_, false) => Measured::unknown("no policy_block fact was ever told; import some, or write the figure"),
                (n, true) => {
                    Measured { n: None, ..Measured::counted(n as f64, n, "policy_block facts, each once".into()) }
                }
            },
            FactsQuestion::TimeSaving { capabilities, basis } => self.hours(capabilities, *basis),
            FactsQuestion::Cost { teams, resources } => self.cost(teams, resources),
        }
    }

    /// A head count is told by the teams, however few they are: it is no sample, and has no `n`.
    fn head_count(&self, sort: &str, engineers: Option<f64>) -> Measured {
        let Some(engineers) = engineers else {
            return Measured::unknown(format!(
                "no team fact says how many engineers a {sort} team has in the window; import some (cairn import team), or write the figure"
            ));
        };
        let before = self.teams_told_from.map(|told_from| {
            format!("; told from {} on, and taken to have been so before", told_from.format("%Y-%m-%d"))
        });
        let remark = format!("team facts: engineers of {sort} teams, on average{}", before.unwrap_or_default());
        Measured { n: None, ..Measured::counted(engineers, 0, remark) }
    }

    fn hours(&self, capabilities: &[String], basis: Basis) -> Measured {
        let own =
            || self.savings.iter().filter(|row| row.basis == Some(basis) && capabilities.contains(&row.capability));
        let n: u64 = own().map(|row| row.n).sum();
        if n == 0 && own().any(|row| row.is_none_a_count) {
            let remark = "time_saving facts, basis telemetry: told of before, and not once in the window";
            return Measured { n: None, ..Measured::counted(0.0, 0, remark.into()) };
        }
        if n == 0 {
            let known: BTreeSet<&str> =
                self.savings.iter().filter(|row| row.basis == Some(basis)).map(|row| &*row.capability).collect();
            let known: Vec<&str> = known.into_iter().collect();
            let hint: String = capabilities.iter().map(|name| facts::did_you_mean(name, &known)).collect();
            let names = capabilities.join("`, `");
            return Measured::unknown(format!(
                "no time_saving fact with basis {} tells of `{names}` in the window{hint}; import some (cairn import time_saving), or write the figure",
                basis.as_str()
            ));
        }
        let hours: f64 = own().map(|row| row.hours).sum();
        let said = own().find_map(|row| row.said).filter(|(days, _)| *days < self.days);
        let Some((days, last)) = said else {
            return Measured::counted(
                hours * 7.0 / self.days,
                n,
                format!("time_saving facts, basis {}", basis.as_str()),
            );
        };
        let told = format!("people spoke of {days} of the {} days of the window, {last} the last", self.days);
        // A day that happens to reach into a month says nothing of the month.
        if days < FEWEST_DAYS_SAID.min(self.days / 2.0) {
            return Measured::unknown(format!(
                "{told}, which is too little; ask for the time they spoke of, with from and to"
            ));
        }
        Measured::counted(hours * 7.0 / days, n, format!("time_saving facts, basis {}; {told}", basis.as_str()))
    }

    /// Where people spoke of a part of the window only: a week's hours are those of that part.
    pub(super) fn partly_said(&self) -> Option<String> {
        let (days, last) = self.savings.iter().filter(|row| row.n > 0).find_map(|row| row.said)?;
        (days < self.days).then(|| {
            format!(
                "people spoke of {days} of the {} days of the window, {last} the last: what the survey gives for a week is of those days",
                self.days
            )
        })
    }

    pub(super) fn cost(&self, teams: &[String], resources: &[String]) -> Measured {
        let own: Vec<&CostRow> = self
            .costs
            .iter()
            .filter(|row| if teams.is_empty() { row.is_platform } else { teams.contains(&row.team) })
            .filter(|row| resources.is_empty() || resources.contains(&row.resource))
            .collect();
        let (same, other): (Vec<_>, Vec<_>) = own.into_iter().partition(|row| row.currency == self.currency);
        let mut abroad: BTreeMap<&str, f64> = BTreeMap::new();
        for row in &other {
            *abroad.entry(&row.currency).or_default() += row.amount;
        }
        let left_out: String = abroad
            .iter()
            .map(|(currency, amount)| {
                format!("; left out: {}, since the model is in {}", money(currency, *amount), self.currency)
            })
            .collect();
        if same.is_empty() {
            return Measured::unknown(format!("no cost fact in {} is of the window{left_out}", self.currency));
        }
        let amount: f64 = same.iter().map(|row| row.amount).sum();
        let n = same.iter().map(|row| row.n).sum();
        let remark = format!("cost facts, {} in {} days{left_out}", money(&self.currency, amount), self.days);
        Measured::counted(amount * DAYS_A_YEAR / self.days, n, remark)
    }
}

/// How many days of a window lie between two days, these included, and the last of them.
fn said(first_us: i64, last_us: i64, window: Window, zone: Tz) -> Option<(f64, NaiveDate)> {
    let date = |micros| Some(DateTime::<Utc>::from_timestamp_micros(micros)?.date_naive());
    let (first, last) = (date(first_us)?, date(last_us)?);
    let day = |time: DateTime<Utc>| time.with_timezone(&zone).date_naive();
    let begin = first.max(day(window.from));
    // The end is not included: at midnight the last day is the one before.
    let end = last.min(day(window.to - TimeDelta::microseconds(1)));
    let days = (end - begin).num_days() + 1;
    Some((days.max(0) as f64, last))
}

fn real(value: &Value) -> Option<f64> {
    match value {
        Value::Real(number) => Some(*number),
        Value::Integer(number) => Some(*number as f64),
        _ => None,
    }
}

fn count(value: &Value) -> u64 {
    match value {
        Value::Integer(number) => u64::try_from(*number).unwrap_or_default(),
        _ => 0,
    }
}
