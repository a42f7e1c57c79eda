//! Comparisons: did an improvement change a metric, and how sure can one be of it. Each file holds one method; which of
//! them fits, and what may be said of it, is decided in `choose`.

mod adoption;
mod answer;
mod ask;
mod by_before;
mod by_rank;
mod by_rollout;
mod by_series;
mod choose;
pub mod clusters;
pub mod http;
mod improvements;
pub mod interrupted;
mod linear;
pub mod newcombe;
mod observe;
pub mod panel;
pub mod pretrend;
pub mod shift;
mod spread;
pub mod staggered;
mod study;
mod table;
pub mod words;

pub use adoption::Arrival;
pub use answer::{
    Adopters, Assumption, Comparison, Counts, Design, DesignAnswer, Effect, EventTimeEffect, Measure, Verb,
};
pub use ask::CompareQuestion;
pub use improvements::{Adopter, Arrived, Improvement, adopters, arrived, comparable, improvements};
pub use table::ComparisonRow;

/// The standard normal's 97.5 % point.
const Z: f64 = 1.959_963_984_540_054;

/// A figure and the interval it lies in with 95 % confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimated {
    /// The figure.
    pub value: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
}

impl Estimated {
    /// A figure with as much to each side.
    pub fn about(value: f64, spread: f64) -> Estimated {
        Estimated { value, low: value - spread, high: value + spread }
    }

    /// The same through a function that only grows.
    pub fn map(self, grows: impl Fn(f64) -> f64) -> Estimated {
        Estimated { value: grows(self.value), low: grows(self.low), high: grows(self.high) }
    }

    /// Whether the interval holds a number.
    pub fn holds(self, number: f64) -> bool {
        self.low <= number && number <= self.high
    }
}
