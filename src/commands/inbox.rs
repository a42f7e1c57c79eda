//! `cairn inbox`: pushes that could not be turned into facts.

use std::process::ExitCode;

use anyhow::bail;
use store::Store;

use crate::cli::Inbox;
use crate::context::{Context, or_ask};
use crate::tables;

const SHOWN: usize = 1_000;

/// Runs the command.
pub(crate) fn run(context: &Context, inbox: &Inbox) -> anyhow::Result<ExitCode> {
    let store = or_ask(
        context.open_store_with_facts(),
        match inbox {
            Inbox::List => "GET /v1/inbox",
            Inbox::Replay { .. } => "POST /v1/inbox/replay",
            Inbox::Drop { .. } => "POST /v1/inbox/drop",
        },
    )?;
    match inbox {
        Inbox::List => {
            let dead = store.dead_letters(SHOWN)?;
            if dead.is_empty() {
                println!("every push was turned into facts, or waits for the server to do so");
                return Ok(ExitCode::SUCCESS);
            }
            let mut table = tables::table(&["number", "source", "received (UTC)", "bytes", "why"]);
            for letter in &dead {
                table.add_row([
                    letter.number.to_string(),
                    letter.source.clone(),
                    letter.received_at.format("%Y-%m-%d %H:%M:%S").to_string(),
                    tables::count(letter.bytes),
                    letter.reason.clone(),
                ]);
            }
            println!("{table}");
            if dead.len() == SHOWN {
                println!("these are the oldest {SHOWN}");
            }
        }
        Inbox::Replay { numbers } => {
            must_be_there(&store, numbers)?;
            let n = store.replay(numbers)?;
            println!("{} will be tried again when the server runs", tables::things(n as u64, "push", "pushes"));
        }
        Inbox::Drop { numbers, all } => {
            must_be_there(&store, numbers)?;
            let n = store.drop_dead(if *all { &[] } else { numbers })?;
            println!("{} dropped", tables::things(n as u64, "push", "pushes"));
            if n == 0 {
                println!(
                    "none in the inbox is one that could not be read; what is to be tried again (cairn inbox replay) waits for the server, and is listed anew if it fails again"
                );
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Refuses numbers that no dead letter has: a slip of the hand would else look like work done.
fn must_be_there(store: &Store, numbers: &[i64]) -> anyhow::Result<()> {
    let known = store.dead_numbers()?;
    let unknown: Vec<String> =
        numbers.iter().filter(|number| !known.contains(number)).map(ToString::to_string).collect();
    if !unknown.is_empty() {
        bail!(
            "no push in the inbox that could not be read has the number {}; nothing was changed (cairn inbox list shows them)",
            unknown.join(", ")
        );
    }
    Ok(())
}
