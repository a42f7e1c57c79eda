//! `cairn rebuild`: all marts anew from the facts.

use std::process::ExitCode;

use crate::context::Context;
use crate::progress::Progress;

/// Runs the command.
pub(crate) fn run(context: &Context) -> anyhow::Result<ExitCode> {
    let store = context.open_store_with_facts()?;
    let mut progress = Progress::of_things("making the marts anew");
    progress.at(0);
    let begun = std::time::Instant::now();
    store.rebuild()?;
    drop(progress);
    println!("made the marts of {} anew in {:.1} s", context.config.store.display(), begun.elapsed().as_secs_f64());
    Ok(ExitCode::SUCCESS)
}
