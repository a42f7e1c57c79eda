//! The files for Grafana: that they are what the catalogue makes of them, that Grafana would take them, and that everything
//! they ask is answered. No Grafana runs here: what it does with a question and its answer is done by [`interpolation`],
//! [`macros`] and [`frame`].

mod alerts;
mod command_line;
mod comparisons;
mod files;
mod frame;
mod interpolation;
mod json_targets;
mod links;
mod macros;
mod npm;
pub mod organisation;
mod over_the_wire;
mod shipped;
mod sql_targets;
