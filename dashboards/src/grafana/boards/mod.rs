//! The dashboards, each described in a file.

mod adoption;
mod compliance;
mod data_quality;
mod delivery;
mod experience;
mod improvements;
mod overview;
mod self_service;
mod value;

use super::dashboard::{Board, Section};
use super::panel::Panel;

/// All of them.
pub fn all() -> Vec<Board> {
    vec![
        overview::board(),
        delivery::board(),
        adoption::board(),
        compliance::board(),
        self_service::board(),
        experience::board(),
        value::board(),
        improvements::board(),
        data_quality::board(),
    ]
}

fn section(title: impl Into<String>, panels: Vec<Panel>) -> Section {
    Section { title: title.into(), panels }
}
