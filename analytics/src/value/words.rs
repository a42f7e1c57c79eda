//! Figures of the value model in the words of people: two significant figures, since more would promise what no such
//! model can hold. Machine formats are exact.

use super::config::Denominator;
use super::report::Spread;
use crate::people::{UNKNOWN, in_thousands};

impl Denominator {
    /// What it divides by, in words.
    pub fn words(self) -> &'static str {
        match self {
            Denominator::WorkingWeek => {
                "share of the working week: hours a week / hours of a working week x loaded cost of a year"
            }
            Denominator::PaidHours => {
                "paid hours: hours a week x working weeks of a year x loaded cost of a year / paid hours of a year"
            }
        }
    }
}

/// A number with two significant figures and its thousands apart: `1 200`, `34`, `5.6`, `0.078`.
pub fn two_figures(value: f64) -> String {
    if !value.is_finite() {
        return UNKNOWN.to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let rounded = round(value);
    let decimals = usize::try_from(1 - magnitude(rounded)).unwrap_or_default();
    let text = format!("{:.decimals$}", rounded.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let grouped = in_thousands(whole);
    let sign = if rounded < 0.0 { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped}.{fraction}") }
}

/// Money with two significant figures: `USD 3.0 million`, `USD 620 000`.
pub fn money(currency: &str, value: f64) -> String {
    format!("{currency} {}", sum(value))
}

/// A spread of money, its currency once: `USD 2.2 million (2.1 million to 2.4 million)`.
pub fn money_spread(currency: &str, money: &Spread) -> String {
    format!("{currency} {}", spread(money, sum))
}

/// The number of a sum of money: `2.2 million`.
pub fn sum(value: f64) -> String {
    let rounded = round(value);
    let (scaled, word) = match rounded.abs() {
        size if size >= 1e9 => (rounded / 1e9, " billion"),
        size if size >= 1e6 => (rounded / 1e6, " million"),
        _ => (rounded, ""),
    };
    format!("{}{word}", two_figures(scaled))
}

/// A spread: its middle, and its ends beside it where they differ.
pub fn spread(spread: &Spread, word: impl Fn(f64) -> String) -> String {
    let (low, middle, high) = (word(spread.p10), word(spread.p50), word(spread.p90));
    if low == high { middle } else { format!("{middle} ({low} to {high})") }
}

/// A chance in per cent with two significant figures; never 0 or 100 unless every draw says so.
pub fn chance(share: f64) -> String {
    match share * 100.0 {
        percent if percent > 0.0 && percent < 1.0 => "below 1 %".to_owned(),
        percent if percent > 99.0 && percent < 100.0 => "above 99 %".to_owned(),
        percent => format!("{percent:.0} %"),
    }
}

/// To two significant figures.
fn round(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let step = 10_f64.powi(magnitude(value) - 1);
    (value / step).round() * step
}

/// The power of ten of a number's first figure.
fn magnitude(value: f64) -> i32 {
    value.abs().log10().floor() as i32
}
