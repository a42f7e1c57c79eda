//! The metric files, embedded: name and text of each file of `metrics/`. Only the binary depends on this crate, so that
//! an edit to a metric recompiles nothing but the embedding. The schema and the marts are embedded by the store.

/// Every metric file: its name and its text.
pub const METRICS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/metrics.rs"));
