//! The subcommands, one file each.

mod check;
mod collect;
mod compare;
mod demo;
mod doctor;
mod figures;
mod import;
mod inbox;
pub(crate) mod log;
mod metrics;
mod rebuild;
mod serve;
mod sources;
mod token;
mod value;
mod value_table;

use std::process::ExitCode;

pub(crate) use import::{Intake, IntakeReport, Refusal};

use crate::cli::{Cli, Command};
use crate::context::Context;

/// Runs a subcommand.
pub(crate) fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let global = cli.global;
    if let Command::Demo(demo) = cli.command {
        return demo::run(&demo, global.config.as_deref(), global.store);
    }
    if let Command::Bench(bench) = cli.command {
        return crate::bench::run(&crate::bench::Options {
            scale: bench.scale,
            json: bench.json,
            folder: bench.folder,
            parts: if bench.only.is_empty() { crate::bench::ALL_PARTS.to_vec() } else { bench.only },
            is_query_process: bench.query_process,
        });
    }
    if let Command::Value(crate::cli::Value { example: true, .. }) = cli.command {
        // Printed whatever the configuration says: it may be there because of a mistake in it.
        print!("{}", analytics::value::EXAMPLE);
        return Ok(ExitCode::SUCCESS);
    }
    if let Command::Import(asked) = &cli.command
        && asked.columns
    {
        return import::show_columns(asked);
    }
    let context = Context::read(global.config.as_deref(), global.store)?;
    match cli.command {
        Command::Serve(serve) => serve::run(&context, serve.listen.as_deref()),
        Command::Import(import) => import::run(&context, &import),
        Command::Collect(collect) => collect::run(&context, &collect),
        Command::Check(check) => check::run(&context, &check),
        Command::Inbox(inbox) => inbox::run(&context, &inbox),
        Command::Metrics(metrics) => metrics::run(&context, &metrics),
        Command::Value(value) => value::run(&context, &value),
        Command::Compare(compare) => compare::run(&context, &compare),
        Command::Doctor(crate::cli::Doctor::Data(data)) => doctor::run(&context, &data),
        Command::Rebuild => rebuild::run(&context),
        Command::Token(token) => token::run(&context, &token),
        Command::Demo(_) | Command::Bench(_) => unreachable!("both were run above, they make their own context"),
    }
}
