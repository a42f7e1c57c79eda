//! The assembly of Cairn: command line, configuration, server. The rooms it is put together from are crates of their own.
//!
//! This is the only code that reads the environment and the clock.

pub mod bench;
mod cli;
mod clock;
mod commands;
mod config;
mod context;
pub mod demo;
mod postgres_wire;
mod progress;
pub mod schedule;
pub mod server;
mod sources;
mod store_path;
mod tables;

use std::process::ExitCode;

use clap::Parser;

pub use clock::now;
pub use config::Config;
pub use context::Context;

/// Runs the command line, and says how it went.
pub fn run() -> ExitCode {
    let cli = cli::Cli::parse();
    if !matches!(cli.command, cli::Command::Serve(_)) {
        // `cairn metrics | head` ends quietly when head has seen enough. A server must outlive its reader.
        sigpipe::reset();
    }
    commands::log::start(&cli);
    match commands::run(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("cairn: {error:#}");
            ExitCode::FAILURE
        }
    }
}
