//! `cairn check`: connects to each source, says what may be read and what is missing, and shows a few facts without storing
//! them.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use anyhow::Context as _;
use collectors::hooks::{Sort, is_proven_by_head};
use collectors::pull::{Answer, AnySource, Next, Note, Probe, Transport, refusal};
use facts::{AnyFact, Kind};
use serde_json::Value;

use crate::cli::Check;
use crate::context::Context;
use crate::sources::{self, Configured, in_words};
use crate::tables;

/// Of so many facts, notes and repositories of a sort there is something shown.
const SHOWN: usize = 3;
/// The first page that has facts, or the fifth of a list, is enough to see whether names come out right. A part may have
/// many lists (a cluster's kinds of constraints), and each may be refused.
const PAGES: usize = 5;
const MOST_PAGES: usize = 50;

pub(crate) fn run(context: &Context, asked: &Check) -> anyhow::Result<ExitCode> {
    let configuration = match &context.config.read_from {
        Some(file) => file.display().to_string(),
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
            println!("\n{} ({})", source.name, source.kind);
            let (is_pushed, is_read) = (check_pushes(source), check_reading(context, source).await);
            is_good &= is_pushed && is_read;
        }
        is_good
    });
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Says whether pushes are taken, and by what they are believed.
fn check_pushes(source: &Configured) -> bool {
    let sort = Sort::of_kind(&source.kind);
    match (source.secret(), sort) {
        (Ok(None), _) if source.is_read() => {}
        (Ok(None), _) => {
            println!("  pushes: REFUSED, since no secret_file (or secret) is set");
            return false;
        }
        (Err(error), Some(_)) => {
            println!("  pushes: REFUSED: {error:#}");
            return false;
        }
        (_, None) => {
            println!("  pushes: none, since kind {} is only read; its secret is of no use", source.kind)
        }
        (Ok(Some(_)), Some(sort)) => {
            let proof = if is_proven_by_head(sort) {
                "with the header `Authorization: Bearer` and the secret"
            } else {
                "if signed with the secret"
            };
            println!("  pushes: taken at POST /v1/hooks/{}, {proof}", source.name);
        }
    }
    true
}

async fn check_reading(context: &Context, source: &Configured) -> bool {
    if let Some(schedule) = &source.schedule {
        println!("  read by cairn serve: at {}", schedule.shown(crate::now()));
    } else if source.is_read() {
        println!(
            "  read by cairn serve: when asked to; schedule = \"*/15 * * * *\" would read it every quarter of an hour"
        );
    }
    if let Some(files) = &source.files {
        return check_files(context, source, files).await;
    }
    let Some(reader) = &source.reader else {
        println!("  reading: no, {}", source.why_not_read());
        return true;
    };
    if source.kind == "github" && !reader.has_credential() {
        println!(
            "  MAY NOT read: changes, commits, deployments and issues come by GitHub's GraphQL, which needs a token: set token_file (or token), or app_id, installation_id and private_key_file of a GitHub App"
        );
        return false;
    }
    let transport = match reader.transport() {
        Ok(transport) => transport,
        Err(error) => {
            println!("  cannot be asked: {error:#}");
            return false;
        }
    };
    println!("  address: {}", transport.base());
    let system = System { name: &source.name, source: &*reader.source, transport };
    let begin = reader.source.begin(None, Some(crate::now() - chrono::Duration::days(30)), crate::now());
    let Some(begin) = system.listed(begin).await else { return false };
    let mut is_good = true;
    for probe in reader.source.probes(&begin) {
        match system.tried(&probe).await {
            Tried::Given(_) => println!("  may read: {}", probe.purpose),
            Tried::ForTheSource => {}
            Tried::Refused => is_good = false,
            Tried::Silent => return false,
        }
    }
    is_good && system.show_examples(&begin).await
}

/// A system that is asked, and what its answers mean.
struct System<'a> {
    name: &'a str,
    source: &'a dyn AnySource,
    transport: Transport,
}

/// How a request went.
enum Tried {
    Given(Answer),
    /// It is for the source to say what its status means, where it is read.
    ForTheSource,
    /// Told.
    Refused,
    /// Told: nobody answers, or not as a system that works.
    Silent,
}

impl System<'_> {
    /// Where a run begins once what there is was listed, or the first pages of that; none where it may not be.
    async fn listed(&self, mut begin: Value) -> Option<Value> {
        let mut told = BTreeSet::new();
        for _ in 0..PAGES {
            let Some(probe) = self.source.listing(&begin) else { break };
            let Tried::Given(answer) = self.tried(&probe).await else { return None };
            let page = match self.transport.read(self.source, &begin, &answer) {
                Ok(page) => page,
                Err(error) => {
                    println!("  MAY NOT read: {}: the answer cannot be read: {error}", probe.purpose);
                    return None;
                }
            };
            let denied: Vec<Note> = page.notes.into_iter().filter(|note| matches!(note, Note::Denied(_))).collect();
            denied.iter().for_each(|note| println!("  MAY NOT read: {}", in_words(self.name, note, 1)));
            if !denied.is_empty() {
                return None;
            }
            if told.insert(probe.purpose) {
                println!("  may read: {}", probe.purpose);
            }
            let (Next::Ask(next) | Next::Done(next)) = page.next;
            begin = next;
        }
        Some(begin)
    }

    async fn tried(&self, Probe { purpose, needs, ask }: &Probe) -> Tried {
        // What is wrong with an answer is told with a part of it.
        let answer = match self.transport.send(ask).await.map(|answer| self.transport.shown(answer)) {
            Ok(answer) => answer,
            Err(error) => {
                println!("  cannot be asked: {error}");
                return Tried::Silent;
            }
        };
        let said = match answer.status {
            200..300 => match graphql_errors(&answer) {
                // A log-in page is answered with 200 too.
                None => answer.json::<Value>().map(|_| ()).map_err(|error| error.to_string()),
                Some(said) => Err(format!("{said}; it needs {needs}")),
            },
            status if ask.is_read(status) => return Tried::ForTheSource,
            status @ 500.. => {
                println!("  cannot be asked: {purpose}: {status} {}", refusal(self.source, &answer));
                return Tried::Silent;
            }
            status => Err(format!("{status} {}; it needs {needs}", refusal(self.source, &answer))),
        };
        match said {
            Ok(()) => Tried::Given(answer),
            Err(reason) => {
                println!("  MAY NOT read: {purpose}: {reason}");
                Tried::Refused
            }
        }
    }

    /// Shows three facts, of every kind that there is one first, what may not be read, and what could not be mapped on the way.
    async fn show_examples(&self, begin: &Value) -> bool {
        let (mut examples, mut refused) = (Vec::new(), BTreeSet::new());
        let mut notes: BTreeSet<Note> = self.source.foreseen(begin).into_iter().collect();
        for sample in self.source.samples(begin) {
            let mut position = sample;
            let mut pages: BTreeMap<String, usize> = BTreeMap::new();
            for _ in 0..MOST_PAGES {
                let page = match self.source.ask(&position) {
                    Ok(ask) => {
                        let n_pages = pages.entry(ask.place().to_owned()).or_default();
                        *n_pages += 1;
                        if *n_pages > PAGES {
                            break;
                        }
                        match self.transport.send(&ask).await {
                            Ok(answer) if !ask.is_read(answer.status) && !ask.at_last.contains(&answer.status) => {
                                let what = if answer.status < 500 { "MAY NOT read" } else { "cannot be asked" };
                                let reason = refusal(self.source, &answer);
                                refused.insert(format!("{what}: {}: {} {reason}", ask.place(), answer.status));
                                break;
                            }
                            Ok(answer) => self.transport.read(self.source, &position, &answer),
                            Err(error) => {
                                println!("  cannot be asked: {error}");
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
                        Note::Denied(part) => _ = refused.insert(format!("MAY NOT read: {part}")),
                        note => _ = notes.insert(note),
                    }
                }
                examples.extend(few_of_each(&page.facts));
                match page.next {
                    Next::Ask(next) if page.facts.is_empty() => position = next,
                    _ => break,
                }
            }
        }
        refused.iter().for_each(|part| println!("  {part}"));
        // How often says nothing here: parts may lead on to the same pages.
        notes.iter().for_each(|note| println!("  note: {}", in_words(self.name, note, 1)));
        match (examples.is_empty(), notes.is_empty()) {
            (false, _) => {}
            (true, true) => println!("  examples: nothing in the last 30 days on the first pages"),
            (true, false) => println!("  examples: none; what the first pages hold is left out for the reasons above"),
        }
        chosen(examples).iter().for_each(|example| println!("  example: {example}"));
        refused.is_empty()
    }
}

/// The first facts of each kind, as lines.
fn few_of_each(facts: &[AnyFact]) -> Vec<(Kind, String)> {
    let mut n_of: BTreeMap<Kind, usize> = BTreeMap::new();
    let few = facts.iter().filter(|fact| {
        let n = n_of.entry(fact.kind()).or_default();
        *n += 1;
        *n <= SHOWN
    });
    few.map(|fact| (fact.kind(), example(fact))).collect()
}

/// Three examples, one of each kind first: those that tell of a service and its environment before others, commits last.
fn chosen(mut examples: Vec<(Kind, String)>) -> Vec<String> {
    // A part that has none leads on to the next, which then shows the same.
    let mut seen = BTreeSet::new();
    examples.retain(|(_, example)| seen.insert(example.clone()));
    let mut n_of: BTreeMap<Kind, usize> = BTreeMap::new();
    let mut ranked: Vec<(usize, usize, String)> = examples
        .into_iter()
        .map(|(kind, example)| {
            let n = n_of.entry(kind).or_default();
            *n += 1;
            let rank = match kind {
                Kind::Deployment => 0,
                Kind::Incident => 1,
                Kind::Commit | Kind::DeployedCommit => 3,
                _ => 2,
            };
            (*n, rank, example)
        })
        .collect();
    ranked.sort_by_key(|(n, rank, _)| (*n, *rank));
    ranked.into_iter().take(SHOWN).map(|(_, _, example)| example).collect()
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
            let n = checked.n_files;
            let tried = match checked.tried.len() {
                n_tried if n_tried < n => format!("; the newest {n_tried} were looked at"),
                _ => String::new(),
            };
            println!("  may read: {} of facts{tried}", tables::things(n as u64, "file", "files"));
            for (name, taken) in &checked.tried {
                match taken {
                    Ok(()) => println!("  may take: {name}"),
                    Err(error) => println!("  MAY NOT take: {name}: {error:#}"),
                }
            }
            let notes = checked.notes.iter().take(SHOWN);
            notes.for_each(|note| println!("  note: {}", in_words(&source.name, note, 1)));
            chosen(checked.examples).iter().for_each(|example| println!("  example: {example}"));
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
fn graphql_errors(answer: &Answer) -> Option<String> {
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
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
