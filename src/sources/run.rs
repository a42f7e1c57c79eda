//! Reading the configured sources, all at once, each by itself: one that fails does not stop the others.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use collectors::pull::{Note, Outcome, Pace, Sink, Stopped, TransportError, collect};
use facts::{Kind, PersonKey};
use store::{SourceNote, SourceRun, Store};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::files;
use super::sink::{Refused, Written};
use super::{Configured, StoreSink};
use crate::progress::Progress;

/// How the run of one source went.
pub(crate) struct Report {
    /// The source's name.
    pub source: String,
    /// What the run did.
    pub outcome: Outcome,
    /// What it wrote, by kind.
    pub written: BTreeMap<facts::Kind, store::KindSummary>,
    /// Facts that were refused, by reason.
    pub refused: Refused,
}

/// Reads sources into the store, and keeps how each run went.
pub(crate) async fn read_into(
    store: &Store,
    key: &PersonKey,
    sources: Vec<Configured>,
    since: Option<DateTime<Utc>>,
    pace: Pace,
    cancel: &watch::Receiver<bool>,
) -> anyhow::Result<Vec<Report>> {
    let mut runs = JoinSet::new();
    let mut names = BTreeMap::new();
    for source in sources {
        let (name, kind) = (source.name.clone(), source.kind.clone());
        if let Some(files) = source.files.clone() {
            let credentials = source.credentials();
            let (store, key, cancel) = (store.clone(), key.clone(), cancel.clone());
            let run = runs.spawn(async move {
                let began_at = crate::now();
                let credentials = match credentials {
                    Ok(credentials) => credentials,
                    Err(error) => return not_begun(&store, &source.name, &source.kind, &error).await,
                };
                let run = files::Run {
                    store: &store,
                    key: &key,
                    source: &source.name,
                    credentials,
                    since,
                    is_dry_run: false,
                };
                let (outcome, written) = files::read(&files, &run, &cancel).await;
                let refused = Refused::new();
                note(&store, kept(&source.name, &source.kind, began_at, &outcome, &refused)).await;
                Report { source: source.name, outcome, written, refused }
            });
            names.insert(run.id(), (name, kind));
            continue;
        }
        let Some(reader) = source.reader else { continue };
        let transport = match reader.transport() {
            Ok(transport) => transport,
            Err(error) => {
                let store = store.clone();
                let run = runs.spawn(async move { not_begun(&store, &source.name, &source.kind, &error).await });
                names.insert(run.id(), (name, kind));
                continue;
            }
        };
        let progress = Progress::of_things(&format!("{}: facts", source.name));
        let sink = Arc::new(
            StoreSink::new(store.clone(), key.clone(), &source.name, progress).filling(reader.source.tells_in_part()),
        );
        let (store, cancel) = (store.clone(), cancel.clone());
        let run = runs.spawn(async move {
            let began_at = crate::now();
            let target: Arc<dyn Sink> = Arc::clone(&sink) as Arc<dyn Sink>;
            let mut outcome = collect(&*reader.source, &transport, target, pace, since, crate::now, cancel).await;
            let Written { summary, refused, in_future } = sink.written();
            outcome.notes.extend(in_future.into_iter().map(|(kind, n)| (Note::InFuture(kind), n)));
            note(&store, kept(&source.name, &source.kind, began_at, &outcome, &refused)).await;
            Report { source: source.name, outcome, written: summary, refused }
        });
        names.insert(run.id(), (name, kind));
    }
    let mut reports = Vec::new();
    while let Some(ended) = runs.join_next_with_id().await {
        reports.push(match ended {
            Ok((_, report)) => report,
            // Whatever one of them does, the others have their reports.
            Err(error) => {
                let (name, kind) = names.remove(&error.id()).unwrap_or_default();
                not_begun(store, &name, &kind, &anyhow::anyhow!("a fault in Cairn ended the run: {error}")).await
            }
        });
    }
    reports.sort_by(|one, other| one.source.cmp(&other.source));
    Ok(reports)
}

/// The report of a source that could not even be asked: its credentials cannot be had, say.
async fn not_begun(store: &Store, source: &str, kind: &str, error: &anyhow::Error) -> Report {
    let stopped = Some(Stopped::Transport(TransportError::Setting(format!("{error:#}"))));
    let outcome = Outcome { stopped, ..Outcome::default() };
    note(store, kept(source, kind, crate::now(), &outcome, &Refused::new())).await;
    Report { source: source.to_owned(), outcome, written: BTreeMap::new(), refused: Refused::new() }
}

/// Keeps how a run went.
async fn note(store: &Store, run: SourceRun) {
    let (own, source) = (store.clone(), run.source.clone());
    if let Ok(Err(error)) = web::off_the_async_threads(move || own.note_run(&run)).await {
        tracing::warn!(source, %error, "how the run went could not be kept");
    }
}

fn kept(source: &str, kind: &str, began_at: DateTime<Utc>, outcome: &Outcome, refused: &Refused) -> SourceRun {
    let mut notes: Vec<SourceNote> = outcome.notes.iter().map(|(note, n)| kept_note(note, *n)).collect();
    notes.extend(refused.iter().map(|(reason, n)| SourceNote {
        sort: "refused",
        what: String::new(),
        subject: reason.clone(),
        n: *n,
    }));
    SourceRun {
        source: source.to_owned(),
        kind: kind.to_owned(),
        began_at,
        ended_at: crate::now(),
        requests: outcome.requests,
        retries: outcome.retries,
        facts: outcome.facts,
        error: outcome.stopped.as_ref().map(ToString::to_string),
        rate: outcome.head_room.map(|room| (room.limit, room.remaining, room.resets_at)),
        notes,
    }
}

/// A note as it is kept.
pub(super) fn kept_note(note: &Note, n: u64) -> SourceNote {
    let (sort, what, subject) = match note {
        Note::Unmapped { what, subject } => ("unmapped", (*what).to_owned(), subject.clone()),
        Note::UnknownWord { field, word } => ("unknown_word", (*field).to_owned(), word.clone()),
        Note::LeftOut(reason) => ("left_out", String::new(), reason.clone()),
        Note::OfNoUse(what) => ("of_no_use", String::new(), what.clone()),
        Note::InFuture(kind) => ("in_future", kind.to_string(), String::new()),
        Note::Denied(part) => ("denied", String::new(), part.clone()),
    };
    SourceNote { sort, what, subject, n }
}

/// Whether a run that stopped early is a failure to tell by the exit status: being asked to stop is none.
pub(crate) fn is_failure(outcome: &Outcome) -> bool {
    !matches!(outcome.stopped, None | Some(Stopped::Cancelled))
}

/// A note of a source in words, with the line that mends it.
pub(crate) fn in_words(source: &str, note: &Note, n: u64) -> String {
    let times = if n == 1 { String::new() } else { format!(" ({} times)", crate::tables::count(n)) };
    match note {
        Note::Unmapped { what, subject } => format!(
            "no line of {what}s matches `{subject}`{times}; put {{ match = \"{subject}\", name = \"...\" }} into the list `{what}s` of [[source]] {source}"
        ),
        Note::UnknownWord { field, word } if word.is_empty() => {
            format!("the {field} is missing{times}; nothing is told by it")
        }
        Note::UnknownWord { field, word } => {
            format!(
                "`{word}` is not a known {field}{times}; it is kept as text where there is a place for it, and nothing is told by it"
            )
        }
        Note::InFuture(kind) => {
            let several = match kind {
                Kind::Availability => "availabilities".to_owned(),
                _ => format!("{kind}s"),
            };
            let n = crate::tables::things(n, &format!("{kind} is"), &format!("{several} are"));
            format!("{n} of a time later than now, kept and not counted until then; is a clock wrong?")
        }
        Note::OfNoUse(what) => format!("events of the sort {what} tell nothing that is kept{times}"),
        Note::LeftOut(reason) | Note::Denied(reason) => format!("{reason}{times}"),
    }
}
