//! Local clones become facts.

mod clones;
mod errors;
mod histories;
mod incremental;
mod random_histories;
mod reverts;
mod rules;
mod tags;
pub mod workshop;
