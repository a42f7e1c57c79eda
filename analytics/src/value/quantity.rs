//! What an input measures: its unit, and what it can possibly be.

use serde::{Deserialize, Serialize};

use super::distribution::Distribution;

/// What an input measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Engineers who use the platform, or work on it.
    Engineers,
    /// Times something happens in a week.
    TimesAWeek,
    /// Violations that were stopped.
    Violations,
    /// Hours of one occurrence.
    Hours,
    /// Hours saved in a week; negative where time is lost.
    HoursAWeek,
    /// Hours of a person's week: of work, or at most to be saved.
    WeekOfAPerson,
    /// Working weeks of a year.
    WeeksAYear,
    /// Hours paid for in a year.
    PaidHours,
    /// A part of a whole.
    Share,
    /// A number to multiply by.
    Factor,
    /// Money of a year.
    MoneyAYear,
    /// Money, once.
    Money,
}

/// What share of a distribution without ends may lie beyond what is possible; its draws are put at the limit.
const MOST_BEYOND: f64 = 0.001;

/// More of anything, or more money, is a slip of the pen; and what is multiplied of such numbers soon has no end.
const MOST_COUNTED: f64 = 1e9;
const MOST_MONEY: f64 = 1e15;

impl Quantity {
    /// The unit, in words.
    pub fn unit(self) -> &'static str {
        match self {
            Quantity::Engineers => "engineers",
            Quantity::TimesAWeek => "times a week",
            Quantity::Violations => "violations",
            Quantity::Hours => "hours",
            Quantity::HoursAWeek | Quantity::WeekOfAPerson => "hours a week",
            Quantity::WeeksAYear => "weeks a year",
            Quantity::PaidHours => "hours a year",
            Quantity::Share => "share",
            Quantity::Factor => "times",
            Quantity::MoneyAYear => "a year",
            Quantity::Money => "once",
        }
    }

    /// The lowest and highest possible value.
    fn limits(self) -> (f64, f64) {
        match self {
            Quantity::HoursAWeek => (-MOST_COUNTED, MOST_COUNTED),
            Quantity::Share => (0.0, 1.0),
            Quantity::WeekOfAPerson => (0.0, 168.0),
            Quantity::WeeksAYear => (0.0, 53.0),
            Quantity::PaidHours => (0.0, 8_784.0),
            Quantity::Money | Quantity::MoneyAYear => (0.0, MOST_MONEY),
            Quantity::Engineers | Quantity::TimesAWeek | Quantity::Violations | Quantity::Hours | Quantity::Factor => {
                (0.0, MOST_COUNTED)
            }
        }
    }

    /// Whether it is divided by, or multiplies everything, so that zero makes no sense.
    fn is_positive(self) -> bool {
        matches!(self, Quantity::WeekOfAPerson | Quantity::WeeksAYear | Quantity::PaidHours)
    }

    /// A draw within what is possible.
    pub(crate) fn clamp(self, value: f64) -> f64 {
        let (low, high) = self.limits();
        // What is divided by stays above zero even in the one draw of a thousand that fell beyond.
        value.clamp(if self.is_positive() { 0.001 } else { low }, high)
    }

    /// Says what is impossible about a distribution of it.
    pub(crate) fn check(self, distribution: &Distribution) -> Result<(), String> {
        let (low, high) = self.limits();
        let (min, max) = distribution.support();
        let unit = self.unit();
        if let Some(min) = min.filter(|min| *min < low) {
            return Err(format!("{min} is below {low}, and {unit} cannot be"));
        }
        if let Some(max) = max.filter(|max| *max > high) {
            return Err(format!("{max} is above {high}, and {unit} cannot be"));
        }
        if self.is_positive() && min == Some(0.0) {
            return Err(format!("0 {unit} cannot be; write a number above 0"));
        }
        // The quantiles at the tolerated tails tell whether more than that lies beyond.
        if min.is_none() && distribution.quantile(MOST_BEYOND) < low {
            return Err(format!(
                "more than one draw in a thousand would be below {low}, which cannot be; use log_normal, triangular or pert"
            ));
        }
        if max.is_none() && distribution.quantile(1.0 - MOST_BEYOND) > high {
            return Err(format!(
                "more than one draw in a thousand would be above {high}, which cannot be; make its spread smaller, or use triangular or pert"
            ));
        }
        Ok(())
    }
}
