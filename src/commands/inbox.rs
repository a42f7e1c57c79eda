//! `cairn inbox`: pushes that could not be turned into facts.

use std::process::ExitCode;

use crate::cli::Inbox;
use crate::context::Context;
use crate::tables;

const SHOWN: usize = 1_000;

/// Runs the command.
pub(crate) fn run(context: &Context, inbox: &Inbox) -> anyhow::Result<ExitCode> {
    let store = context.open_store()?;
    match inbox {
        Inbox::List => {
            let dead = store.dead_letters(SHOWN)?;
            if dead.is_empty() {
                println!("every push was turned into facts, or waits for the server to do so");
                return Ok(ExitCode::SUCCESS);
            }
            let mut table = tables::table(&["number", "source", "received (UTC)", "bytes", "why"]);
            for waiting in &dead {
                table.add_row([
                    waiting.number.to_string(),
                    waiting.push.source.clone(),
                    waiting.push.received_at.format("%Y-%m-%d %H:%M:%S").to_string(),
                    tables::count(waiting.push.body.len() as u64),
                    waiting.reason.clone().unwrap_or_default(),
                ]);
            }
            println!("{table}");
            if dead.len() == SHOWN {
                println!("these are the oldest {SHOWN}");
            }
        }
        Inbox::Replay { numbers } => {
            let n = store.replay(numbers)?;
            println!("{n} will be tried again when the server runs");
        }
        Inbox::Drop { numbers, all } => {
            let n = store.drop_dead(if *all { &[] } else { numbers })?;
            println!("{n} dropped");
        }
    }
    Ok(ExitCode::SUCCESS)
}
