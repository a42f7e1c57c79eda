//! The whole product, driven from outside.

#![expect(clippy::unwrap_used, reason = "a test that meets what it did not expect has failed")]

mod bench_report;
mod browser;
mod collecting;
mod command_line;
mod comparisons;
mod data_quality;
mod demo_organisation;
mod git_collecting;
mod grafana;
mod house_rules;
mod import_reading;
mod metrics;
mod overview_page;
mod packages;
mod postgres_wire;
mod real_counterparts;
mod served;
mod server;
mod store;
mod support;
mod value;
