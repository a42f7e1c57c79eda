//! What the facts of a window tell of the inputs.

use std::collections::{BTreeMap, BTreeSet};

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

/// What the facts of a window tell.
pub(crate) struct Facts {
    days: f64,
    currency: String,
    product_engineers: Option<f64>,
    platform_engineers: Option<f64>,
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
        let (product_engineers, platform_engineers) = match first(HEAD_COUNT)?.as_slice() {
            [product, platform] => (real(product), real(platform)),
            _ => (None, None),
        };
        let blocks = match first(POLICY_BLOCK)?.as_slice() {
            [blocked, ever] => (count(blocked), count(ever) > 0),
            _ => (0, false),
        };
        let (begin, end) = (window.from.timestamp_micros(), (window.to - SLACK).timestamp_micros());
        let savings = store.query(TIME_SAVING, &times)?.rows.into_iter().filter_map(|row| match row.as_slice() {
            [Value::Text(capability), basis, hours, n, Value::Time(first), last] => {
                let basis = Basis::ALL.into_iter().find(|known| *basis == Value::Text(known.as_str().into()));
                let is_told_at_end = matches!(last, Value::Time(last) if *last >= end);
                Some(SavingRow {
                    capability: capability.clone(),
                    basis,
                    hours: real(hours).unwrap_or_default(),
                    n: count(n),
                    is_none_a_count: basis == Some(Basis::Telemetry) && *first < begin && is_told_at_end,
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
        Ok(Facts { days, currency: currency.to_owned(), product_engineers, platform_engineers, blocks, savings, costs })
    }

    /// What they tell of an input.
    pub fn answer(&self, question: &FactsQuestion) -> Measured {
        match question {
            FactsQuestion::HeadCount(TeamSort::Product) => head_count("product", self.product_engineers),
            FactsQuestion::HeadCount(TeamSort::Platform) => head_count("platform", self.platform_engineers),
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
        Measured::counted(hours * 7.0 / self.days, n, format!("time_saving facts, basis {}", basis.as_str()))
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

/// A head count is told by the teams, however few they are: it is no sample, and has no `n`.
fn head_count(sort: &str, engineers: Option<f64>) -> Measured {
    match engineers {
        Some(engineers) => Measured {
            n: None,
            ..Measured::counted(engineers, 0, format!("team facts: engineers of {sort} teams, on average"))
        },
        None => Measured::unknown(format!(
            "no team fact says how many engineers a {sort} team has in the window; import some (cairn import team), or write the figure"
        )),
    }
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
