//! The whole product, driven from outside.
mod support;
mod store;
mod demo_organisation;
mod import_reading;
mod metrics;
mod git_collecting;
mod house_rules;
mod command_line;
mod server;
