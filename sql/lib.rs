//! The metric and check files, embedded: name and text of each file of `metrics/` and `checks/`. Only the binary depends
//! on this crate, so that an edit to one recompiles nothing but the embedding. The schema and the marts are embedded by
//! the store.

/// Every metric file: its name and its text.
pub const METRICS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/metrics.rs"));

/// Every check of the data: its file's name and its text.
pub const CHECKS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/checks.rs"));
