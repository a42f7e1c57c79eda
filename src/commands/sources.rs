//! `cairn collect [SOURCE...]`: the sources of the configuration, read.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use collectors::pull::{Note, Outcome, Pace, Sink, collect};
use tokio::sync::watch;

use crate::cli::Collect;
use crate::context::{Context, or_ask, quoted};
use crate::progress::Progress;
use crate::sources::{self, Configured, Refused, StoreSink, in_words, is_failure};
use crate::tables;

/// Reads the sources named, or all.
pub(crate) fn run(context: &Context, asked: &Collect) -> anyhow::Result<ExitCode> {
    let sources = sources::readable(&context.config, &asked.sources)?;
    let since = asked.since.as_deref().map(sources::instant).transpose().context("--since")?;
    let runtime = tokio::runtime::Runtime::new().context("starting threads")?;
    let (stop, cancel) = watch::channel(false);
    let opened = if asked.dry_run { context.open_store_or_none() } else { context.open_store() };
    let store = or_ask(opened, "POST /v1/collections")?;
    let key = if asked.dry_run { context.passing_person_key()? } else { context.person_key()? };
    store.be_frugal();
    runtime.block_on(async {
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                eprintln!("stopping; what was read is kept");
                // Nobody listens any more when the reading is over.
                let _ = stop.send(true);
            }
        });
        if asked.dry_run {
            return try_out(&store, &key, sources, since, &cancel).await;
        }
        let reports = sources::read_into(&store, &key, sources, since, Pace::default(), &cancel).await?;
        let mut has_failed = false;
        for report in reports {
            println!("{}: {}", report.source, read_line(&report.outcome));
            print!("{}", tables::summaries(&report.written));
            tell(&report.source, &report.outcome);
            tell_refused(&report.refused);
            if report.outcome.notes.keys().any(|note| matches!(note, Note::Unmapped { .. })) {
                let command = context.proposed(&format!("collect {} --since DAY", quoted(&report.source)));
                println!("  when the lines are there: {command} reads again what was left out");
            }
            has_failed |= is_failure(&report.outcome);
        }
        Ok(if has_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    })
}

/// Reads and stores nothing.
async fn try_out(
    store: &store::Store,
    key: &facts::PersonKey,
    sources: Vec<Configured>,
    since: Option<chrono::DateTime<chrono::Utc>>,
    cancel: &watch::Receiver<bool>,
) -> anyhow::Result<ExitCode> {
    let mut has_failed = false;
    for source in sources {
        match try_one(store, key, &source, since, cancel).await {
            Ok(outcome) => {
                tell(&source.name, &outcome);
                has_failed |= is_failure(&outcome);
            }
            Err(error) => {
                println!("{}: cannot be asked: {error:#}", source.name);
                has_failed = true;
            }
        }
    }
    Ok(if has_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Reads one source and says what it would give; the error is that its credentials cannot be had.
async fn try_one(
    store: &store::Store,
    key: &facts::PersonKey,
    source: &Configured,
    since: Option<chrono::DateTime<chrono::Utc>>,
    cancel: &watch::Receiver<bool>,
) -> anyhow::Result<Outcome> {
    let read = |outcome: &Outcome| println!("{}: {} (dry run, nothing stored)", source.name, read_line(outcome));
    if let Some(files) = &source.files {
        let credentials = source.credentials()?;
        let run = sources::Run { store, key, source: &source.name, credentials, since, is_dry_run: true };
        let (outcome, written) = sources::read_files(files, &run, cancel).await;
        read(&outcome);
        print!("{}", tables::summaries(&written));
        return Ok(outcome);
    }
    let Some(reader) = &source.reader else { return Ok(Outcome::default()) };
    let transport = reader.transport()?;
    let progress = Progress::of_things(&format!("{}: facts", source.name));
    let sink = Arc::new(
        StoreSink::new(store.clone(), key.clone(), &source.name, progress).filling(reader.source.tells_in_part()).dry(),
    );
    let target: Arc<dyn Sink> = Arc::clone(&sink) as Arc<dyn Sink>;
    let pace = Pace::default();
    let outcome = collect(&*reader.source, &transport, target, pace, since, crate::now, cancel.clone()).await;
    read(&outcome);
    let written = sink.written();
    print!("{}", tables::summaries(&written.summary));
    tell_refused(&written.refused);
    Ok(outcome)
}

fn read_line(outcome: &Outcome) -> String {
    let retries = match outcome.retries {
        0 => String::new(),
        n => format!(", {} of them tried again", tables::count(n)),
    };
    let room = outcome.head_room.map_or(String::new(), |room| {
        format!("; {} of {} requests left", tables::count(room.remaining.max(0) as u64), room.limit)
    });
    format!(
        "{} read with {}{retries}{room}",
        tables::things(outcome.facts, "fact", "facts"),
        tables::things(outcome.requests, "request", "requests")
    )
}

fn tell_refused(refused: &Refused) {
    for (reason, n) in refused {
        println!("  refused: {reason} ({})", tables::things(*n, "time", "times"));
    }
}

fn tell(source: &str, outcome: &Outcome) {
    const SHOWN: usize = 10;
    for (note, n) in outcome.notes.iter().take(SHOWN) {
        println!("  note: {}", in_words(source, note, *n));
    }
    if outcome.notes.len() > SHOWN {
        let more = tables::things((outcome.notes.len() - SHOWN) as u64, "note", "notes");
        println!("  and {more} more (GET /v1/sources has all)");
    }
    if let Some(stopped) = &outcome.stopped {
        println!("  stopped: {stopped}");
    }
}
