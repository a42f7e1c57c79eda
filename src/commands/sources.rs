//! `cairn collect [SOURCE...]` and `cairn check`: the sources of the configuration, read or tried.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use collectors::pull::{AnySource, Ask, Next, Note, Outcome, Pace, Sink, Transport, collect, refusal};
use facts::AnyFact;
use tokio::sync::watch;

use crate::cli::{Check, Collect};
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
            tell(&report.outcome);
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
                tell(&outcome);
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

fn tell(outcome: &Outcome) {
    const SHOWN: usize = 10;
    for (note, n) in outcome.notes.iter().take(SHOWN) {
        println!("  note: {}", in_words(note, *n));
    }
    if outcome.notes.len() > SHOWN {
        let more = tables::things((outcome.notes.len() - SHOWN) as u64, "note", "notes");
        println!("  and {more} more (GET /v1/sources has all)");
    }
    if let Some(stopped) = &outcome.stopped {
        println!("  stopped: {stopped}");
    }
}

/// Connects to each source, says what may be read and what is missing, and shows a few facts without storing them.
pub(crate) fn check(context: &Context, asked: &Check) -> anyhow::Result<ExitCode> {
    let configuration = match &context.config.read_from {
        Some(file) => format!("{}, which holds no mistake", file.display()),
        None => "none (there is no cairn.toml here, and --config names no other), so the defaults hold".into(),
    };
    println!("configuration: {configuration}; reporting in {}", context.config.reporting.time_zone);
    let sources = match sources::chosen(&context.config, &asked.sources) {
        Ok(sources) => sources,
        Err(error) if asked.sources.is_empty() && context.config.source.is_empty() => {
            println!("sources: {error}");
            return Ok(ExitCode::SUCCESS);
        }
        Err(error) => return Err(error),
    };
    let runtime = tokio::runtime::Runtime::new().context("starting threads")?;
    let is_good = runtime.block_on(async {
        let mut is_good = true;
        for source in &sources {
            is_good &= check_source(context, source).await;
        }
        is_good
    });
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn check_source(context: &Context, source: &Configured) -> bool {
    println!("\n{} ({})", source.name, source.kind);
    match source.secret() {
        Ok(Some(_)) => println!("  pushes: taken at POST /v1/hooks/{}, if signed with the secret", source.name),
        Ok(None) if source.reader.is_none() && source.files.is_none() => {
            println!("  pushes: REFUSED, since no secret_file (or secret) is set");
            return false;
        }
        Ok(None) => {}
        Err(error) => {
            println!("  pushes: REFUSED: {error:#}");
            return false;
        }
    }
    if let Some(schedule) = &source.schedule {
        println!("  read by cairn serve: at {}", schedule.shown(crate::now()));
    } else if source.reader.is_some() || source.files.is_some() {
        println!(
            "  read by cairn serve: when asked to; schedule = \"*/15 * * * *\" would read it every quarter of an hour"
        );
    }
    if let Some(files) = &source.files {
        return check_files(context, source, files).await;
    }
    let Some(reader) = &source.reader else {
        println!("  reading: no, it only pushes; what needs a token to be read has none here");
        return true;
    };
    let transport = match reader.transport() {
        Ok(transport) => transport,
        Err(error) => {
            println!("  cannot be asked: {error:#}");
            return false;
        }
    };
    println!("  address: {}", transport.base());
    let mut is_good = true;
    let begin = reader.source.begin(None, Some(crate::now() - chrono::Duration::days(30)), crate::now());
    for probe in reader.source.probes() {
        // What is wrong with an answer is told with a part of it.
        let told = match transport.send(&probe.ask).await.map(|answer| transport.shown(answer)) {
            Ok(answer) if (200..300).contains(&answer.status) => match graphql_errors(&answer) {
                // A log-in page is answered with 200 too.
                None => answer.json::<serde_json::Value>().map(|_| ()).map_err(|error| error.to_string()),
                Some(said) => Err(format!("{said}; it needs {}", probe.needs)),
            },
            Ok(answer) => {
                Err(format!("{} {}; it needs {}", answer.status, refusal(&*reader.source, &answer), probe.needs))
            }
            Err(error) => Err(error.to_string()),
        };
        match told {
            Ok(()) => println!("  may read: {}", probe.purpose),
            Err(reason) => {
                is_good = false;
                println!("  MAY NOT read: {}: {reason}", probe.purpose);
            }
        }
    }
    if !is_good {
        return false;
    }
    show_examples(&*reader.source, &transport, &begin).await
}

/// Shows three facts, of every part of the source that has some, what may not be read of it, and what could not be mapped
/// on the way.
async fn show_examples(source: &dyn AnySource, transport: &Transport, begin: &serde_json::Value) -> bool {
    const SHOWN: usize = 3;
    // The first page that has facts, or the fifth of a list, is enough to see whether names come out right. A part may have
    // many lists (a cluster's kinds of constraints), and each may be refused.
    const PAGES: usize = 5;
    const MOST_PAGES: usize = 50;
    let (mut examples, mut notes, mut refused) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for (part, sample) in source.samples(begin).into_iter().enumerate() {
        let mut position = sample;
        let mut pages: BTreeMap<String, usize> = BTreeMap::new();
        for _ in 0..MOST_PAGES {
            let page = match source.ask(&position) {
                Ok(ask) => {
                    let n_pages = pages.entry(list_of(&ask).to_owned()).or_default();
                    *n_pages += 1;
                    if *n_pages > PAGES {
                        break;
                    }
                    match transport.send(&ask).await {
                        Ok(answer) if !ask.is_read(answer.status) && !ask.at_last.contains(&answer.status) => {
                            let reason = refusal(source, &answer);
                            refused.insert(format!("{}: {} {reason}", list_of(&ask), answer.status));
                            break;
                        }
                        Ok(answer) => transport.read(source, &position, &answer),
                        Err(error) => {
                            println!("  examples: {error}");
                            return false;
                        }
                    }
                }
                Err(error) => Err(error),
            };
            let page = match page {
                Ok(page) => page,
                Err(error) => {
                    println!("  examples: the answer cannot be read: {error}");
                    return false;
                }
            };
            for note in page.notes {
                match note.readable() {
                    Note::Denied(part) => _ = refused.insert(part),
                    note => _ = notes.insert(note),
                }
            }
            // The second of a part is shown where other parts have none.
            examples.extend(page.facts.iter().take(SHOWN).enumerate().map(|(at, fact)| (at, part, example(fact))));
            match page.next {
                Next::Ask(next) if page.facts.is_empty() => position = next,
                _ => break,
            }
        }
    }
    refused.iter().for_each(|part| println!("  MAY NOT read: {part}"));
    // How often says nothing here: parts may lead on to the same pages.
    notes.iter().for_each(|note| println!("  note: {}", in_words(note, 1)));
    examples.sort();
    // A part that has none leads on to the next, which then shows the same.
    let mut seen = BTreeSet::new();
    examples.retain(|(_, _, example)| seen.insert(example.clone()));
    examples.iter().take(SHOWN).for_each(|(_, _, example)| println!("  example: {example}"));
    match (examples.is_empty(), notes.is_empty()) {
        (false, _) => {}
        (true, true) => println!("  examples: nothing in the last 30 days on the first pages"),
        (true, false) => println!("  examples: none; what the first pages hold is left out for the reasons above"),
    }
    refused.is_empty()
}

/// What is asked for, without the page of it.
fn list_of(ask: &Ask) -> &str {
    ask.path.split('?').next().unwrap_or_default()
}

/// Lists a folder or bucket, tries the newest files, and shows a few of their facts.
async fn check_files(context: &Context, source: &Configured, files: &sources::Files) -> bool {
    println!("  place: {}", files.shown());
    match tried(context, source, files).await {
        Err(error) => {
            println!("  MAY NOT read: {error:#}");
            false
        }
        Ok(checked) => {
            println!("  may read: {} of facts", tables::things(checked.n_files as u64, "file", "files"));
            for (name, taken) in &checked.tried {
                match taken {
                    Ok(()) => println!("  may take: {name}"),
                    Err(error) => println!("  MAY NOT take: {name}: {error:#}"),
                }
            }
            checked.notes.iter().take(3).for_each(|note| println!("  note: {}", in_words(note, 1)));
            checked.examples.iter().take(3).for_each(|example| println!("  example: {example}"));
            checked.tried.iter().all(|(_, taken)| taken.is_ok())
        }
    }
}

async fn tried(context: &Context, source: &Configured, files: &sources::Files) -> anyhow::Result<sources::Checked> {
    let (store, key) = (context.empty_store()?, context.passing_person_key()?);
    let credentials = source.credentials()?;
    let run =
        sources::Run { store: &store, key: &key, source: &source.name, credentials, since: None, is_dry_run: false };
    files.check(&run).await
}

/// What GraphQL says went wrong, which it says with status 200.
fn graphql_errors(answer: &collectors::pull::Answer) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
    let first = body.get("errors")?.as_array()?.first()?.get("message")?.as_str()?;
    Some(first.to_owned())
}

/// A fact as one line: its columns that say something. People stand for themselves only here, and only as "hashed".
fn example(fact: &AnyFact) -> String {
    let columns = fact.kind().spec().columns;
    let cells = fact.cells();
    let told = columns.iter().zip(&cells).filter(|(_, cell)| **cell != facts::Cell::Null).map(|(column, cell)| {
        if column.column_type == facts::ColumnType::Person {
            return format!("{}=(hashed)", column.name);
        }
        format!("{}={}", column.name, facts::shorten(&cell.to_string()))
    });
    format!("{} {}", fact.kind(), told.collect::<Vec<_>>().join(" "))
}
