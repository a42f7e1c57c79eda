//! The metric engine: one question, one answer, for every reader.
//!
//! A metric is a file that yields observations. The engine adds time buckets, grouping, filters, aggregation, interval
//! and coverage; nothing else computes a metric. DuckDB filters and computes the rows; they are put into
//! buckets and groups here, where the order statistics of each are taken.

mod answer;
mod apart;
mod ask;
mod catalogue;
mod cell;
mod cells;
mod check;
pub mod compare;
mod compute;
mod cores;
mod distribution;
mod dora_score;
mod engine;
mod error;
pub mod estimate;
pub mod expected;
pub mod expected_rate;
pub mod expected_share;
mod figures;
mod filters;
mod flat;
mod forms;
mod group_columns;
pub mod http;
mod judge;
mod kept;
mod kept_rows;
mod metric_file;
mod names_of;
mod observation_rows;
mod observations;
mod options;
mod parts;
pub mod people;
mod pile;
mod places;
pub mod portrait;
pub mod quality;
mod scores;
pub mod sources;
mod spans;
mod statement;
pub mod value;
mod where_words;
mod window;
mod withheld;
mod wording;

pub use answer::{Answer, Coverage, Estimated, Freshness, Row};
pub use apart::RestsOn;
pub use ask::{Ask, DIMENSIONS, OWN_DIMENSIONS, Question};
pub use catalogue::{
    Aggregate, Apart, Beside, BesideAggregate, Better, Catalogue, CellFigure, GROUPS, MARTS, Metric, Shape, Thresholds,
};
pub use check::check_file;
pub use distribution::{Bin, Distribution};
pub use dora_score::{PUBLISHED_MEANS, PUBLISHED_YEAR};
pub use engine::Engine;
pub use error::AnalyticsError;
pub use observation_rows::{ObservationColumn, ObservationType};
pub use observations::{Observation, ObservationPage};
pub use options::{EngineOptions, LeadTimeStart, Settings};
pub use where_words::quoted;
pub use window::{Bucket, Grain, Window, midnight, parse_zone};
pub use wording::Wording;
