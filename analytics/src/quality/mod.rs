//! What is missing in the data, which metrics suffer by it, and what would mend it.
//!
//! A check is one file of `sql/checks/`: a header, and a query that gives a row for each thing that is relevant, with
//! `is_bad` where something is wrong with it. So what is bad and what it is a share of cannot be counted differently.

mod check;
mod finding;
pub mod http;
mod measure;
mod report;
mod rows;

pub use check::{Check, Checks};
pub use finding::{BadRow, BadRowPage, BySource, DataQuality, Finding, MetricState};
pub use report::report;
pub use rows::{MOST_ROWS, page};
