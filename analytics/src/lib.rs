//! The metric engine: one question, one answer, for every reader.
//!
//! A metric is a file that yields observations. The engine adds time buckets, grouping, filters, aggregation, interval
//! and coverage; nothing else computes a metric. DuckDB filters, buckets and groups; the order statistics of each group,
//! which need ranks that depend on its size, are taken here.

mod answer;
mod ask;
mod catalogue;
mod dora_score;
mod engine;
mod error;
pub mod estimate;
pub mod http;
mod names_of;
mod observations;
pub mod people;
mod statement;
mod window;

pub use answer::{Answer, Coverage, Estimated, Freshness, Row};
pub use ask::{Ask, DIMENSIONS, Question};
pub use catalogue::{Aggregate, Better, Catalogue, Metric, Shape};
pub use dora_score::{PUBLISHED_MEANS, PUBLISHED_YEAR};
pub use engine::{Engine, EngineOptions, LeadTimeStart};
pub use error::AnalyticsError;
pub use observations::{Observation, ObservationPage};
pub use window::{Bucket, Grain, Window, midnight, parse_zone};
