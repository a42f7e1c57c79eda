//! `cairn demo`: a whole synthetic organisation through the real intake, its figures, and its overview page.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use chrono::TimeDelta;
use store::Store;

use crate::cli::Demo;
use crate::commands::{figures, serve};
use crate::context::{Context, quoted};
use crate::demo;
use crate::progress::Progress;
use crate::server;
use crate::tables;

const DEFAULT_STORE: &str = "cairn-demo.duckdb";
const SOURCE: &str = "demo";

/// Runs the command.
pub(crate) fn run(asked: &Demo, config: Option<&Path>, store: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let path = store.unwrap_or_else(|| PathBuf::from(DEFAULT_STORE));
    let mut context = Context::read(config, Some(path.clone()))?;
    // Real sources have no place in a made-up organisation.
    context.config.source.clear();
    let listen = asked.listen.as_deref().unwrap_or(&context.config.server.listen);
    let listener = if asked.no_serve { None } else { Some(bind(&context, listen)?) };
    clear(&context, &path)?;
    let store = context.open_store()?;

    let now = crate::now();
    let end = match asked.end {
        Some(day) => analytics::midnight(context.zone, day),
        None => analytics::midnight(context.zone, now.with_timezone(&context.zone).date_naive()),
    };
    let begun = std::time::Instant::now();
    let mut progress = Progress::of_things("making up an organisation");
    let organisation =
        demo::generate(&demo::Options { seed: asked.seed, scale: asked.scale, end, time_zone: context.zone });
    progress.say("writing its facts");
    let n_facts = organisation.n_facts();
    let summary = store.write(&organisation.batches(&context.person_key()?, SOURCE, now), None, now)?;
    progress.say("asking its engineers");
    for wave in &organisation.surveys {
        demo::hold(&store, wave)?;
    }
    drop(progress);
    println!(
        "a synthetic organisation of {} facts, made and stored in {} in {:.1} s (seed {}):",
        tables::count(n_facts as u64),
        path.display(),
        begun.elapsed().as_secs_f64(),
        asked.seed
    );
    print!("{}", tables::summaries(&summary));
    for improvement in &organisation.truth.improvements {
        println!(
            "planted: {} ({}), at {} teams",
            improvement.name,
            improvement.description,
            improvement.arrivals.len()
        );
    }
    println!();
    let engine = context.engine(store.clone())?;
    figures::print(&engine, end - TimeDelta::days(84), end, &[], now.max(end))?;
    let command = context.proposed("metrics change_lead_time --by team");
    let Some(listener) = listener else {
        println!("\nlook further: {command}");
        return Ok(ExitCode::SUCCESS);
    };
    println!();
    drop(engine);
    // The server has the store to itself, so it is the one to ask.
    serve::serve(&context, store, listener, |address| {
        println!("look further: curl 'http://{address}/v1/metrics/change_lead_time?by=team&format=csv'");
        println!("or, when the server is stopped: {command}");
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Binds an address of this machine only. From others every request needs a token, and the store is yet to be made.
fn bind(context: &Context, listen: &str) -> anyhow::Result<TcpListener> {
    let listener = server::bind(listen)?;
    let address = listener.local_addr().context("asking for the address listened on")?;
    if !address.ip().is_loopback() {
        bail!(
            "{listen} is not on this machine only, so every request needs a token, and a demo that is yet to be made has none; listen on this machine with --listen 127.0.0.1:8080, or run one after the other: {}; {}; {}",
            context.proposed("demo --no-serve"),
            context.proposed("token create --name reader --scope read"),
            context.proposed(&format!("serve --listen {}", quoted(listen))),
        );
    }
    Ok(listener)
}

/// Takes an earlier demo's store away. One that holds anything else is left alone.
fn clear(context: &Context, path: &Path) -> anyhow::Result<()> {
    if !path.exists() {
        return Ok(());
    }
    refuse_what_is_not_made_up(&context.open_store()?, path)?;
    for suffix in ["", ".wal"] {
        let mut file = path.to_path_buf().into_os_string();
        file.push(suffix);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("removing the earlier demo {}", path.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Refuses a store that holds what nobody could make anew.
fn refuse_what_is_not_made_up(store: &Store, path: &Path) -> anyhow::Result<()> {
    let others = "select distinct source from meta.source_span where source != ?";
    let path = path.display();
    if !store.query(others, &[store::Value::Text(SOURCE.into())])?.rows.is_empty() {
        bail!("{path} holds facts of other sources than the demo, and was left alone; name another file with --store");
    }
    if !store.tokens()?.is_empty() {
        bail!(
            "{path} holds tokens, which would be gone with an earlier demo, and was left alone; name another file with --store, or revoke them first with cairn token revoke"
        );
    }
    Ok(())
}
