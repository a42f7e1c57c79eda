//! The metric and check files, embedded: name and text of each file of `metrics/`, `checks/` and
//! `published/`. Only the binary depends
//! on this crate, so that an edit to one recompiles nothing but the embedding. The schema and the marts are embedded by
//! the store.

/// Every metric file: its name and its text.
pub const METRICS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/metrics.rs"));

/// Every check of the data: its file's name and its text.
pub const CHECKS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/checks.rs"));

/// Every table that is published to SQL clients from the facts and marts: its file's name and its text.
pub const PUBLISHED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/published.rs"));
