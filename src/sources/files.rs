//! Files of facts in a folder or under a prefix of an object store: each is taken once, whole or not at all, and again
//! when it changes. The kind of its facts is told by its name or its folder: `deployment-2026-01.csv`,
//! `policy_result/today.ndjson.gz`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use collectors::import::{self, DEFAULT_BATCH_ROWS};
use collectors::pull::{Note, Outcome, Stopped};
use facts::{Kind, PersonKey};
use futures_util::TryStreamExt as _;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt as _};
use serde::{Deserialize, Serialize};
use store::{CursorUpdate, KindSummary, Store};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::watch;

use super::bucket::{OneOrigin, told_once};
use super::folder;
use crate::commands::Intake;
use crate::progress::Progress;

/// What a `[[source]]` of kind `files` says beside the common keys.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Options {
    /// The folder.
    path: Option<PathBuf>,
    /// The bucket, where `url` (or Amazon's own address) leads to an object store.
    bucket: Option<String>,
    /// Its region.
    region: Option<String>,
    /// Only what lies under this.
    prefix: Option<String>,
    /// The zone of times that carry none.
    time_zone: Option<String>,
}

/// A folder or bucket that is read.
#[derive(Clone)]
pub(crate) struct Files {
    place: Place,
    prefix: Option<Path>,
    zone: Option<chrono_tz::Tz>,
}

#[derive(Clone)]
enum Place {
    Folder(PathBuf),
    Bucket { url: Option<String>, bucket: String, region: String },
}

/// Which files were taken, as they were then.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Position {
    taken: BTreeMap<String, String>,
}

/// A file that is to be taken.
struct Found {
    meta: ObjectMeta,
    kind: Kind,
}

/// How often a reason is told in full; the rest is in `cairn import --dry-run`.
const MOST_TOLD: usize = 5;

impl Files {
    /// What the options mean; the error says what is missing.
    pub fn new(options: Options, url: Option<String>) -> anyhow::Result<Files> {
        let place = match (options.path, options.bucket) {
            (Some(path), None) if url.is_none() && options.region.is_none() => Place::Folder(path),
            (None, Some(bucket)) => {
                Place::Bucket { url, bucket, region: options.region.unwrap_or_else(|| "us-east-1".into()) }
            }
            _ => anyhow::bail!(
                "give either path, the folder with the files, or bucket (with url for an object store other than Amazon's)"
            ),
        };
        let prefix =
            options.prefix.map(|prefix| Path::parse(prefix.trim_matches('/'))).transpose().context("prefix")?;
        let zone = options.time_zone.as_deref().map(analytics::parse_zone).transpose().context("time_zone")?;
        Ok(Files { place, prefix, zone })
    }

    /// Where it is, for people.
    pub fn shown(&self) -> String {
        let prefix = self.prefix.as_ref().map_or(String::new(), |prefix| format!("/{prefix}"));
        match &self.place {
            Place::Folder(path) => format!("{}{prefix}", path.display()),
            Place::Bucket { url, bucket, .. } => {
                format!("{} bucket {bucket}{prefix}", url.as_deref().unwrap_or("Amazon S3,"))
            }
        }
    }

    /// The way there, with the credentials.
    fn open(&self, user: Option<&str>, secret: Option<&str>) -> anyhow::Result<Arc<dyn ObjectStore>> {
        Ok(match &self.place {
            Place::Folder(path) => Arc::new(
                LocalFileSystem::new_with_prefix(path)
                    .with_context(|| format!("{} cannot be read; does the folder exist?", whole(path).display()))?,
            ),
            Place::Bucket { url, bucket, region } => {
                let mut builder =
                    AmazonS3Builder::new().with_bucket_name(bucket).with_region(region).with_http_connector(OneOrigin);
                if let Some(url) = url {
                    builder = builder.with_endpoint(url).with_allow_http(url.starts_with("http://"));
                }
                builder = match (user, secret) {
                    (Some(user), Some(secret)) => builder.with_access_key_id(user).with_secret_access_key(secret),
                    (None, None) => builder.with_skip_signature(true),
                    _ => anyhow::bail!("user (the access key's id) and token (its secret) belong together"),
                };
                Arc::new(builder.build()?)
            }
        })
    }

    /// The files there that tell of a kind of fact, by the time of their last change, and what is strange about the others.
    async fn list(&self, place: &dyn ObjectStore) -> anyhow::Result<(Vec<Found>, Vec<Note>)> {
        let (mut all, mut notes) = match &self.place {
            Place::Folder(path) => folder::list(place, path, self.prefix.as_ref())
                .await
                .with_context(|| format!("listing {}", self.shown()))?,
            Place::Bucket { .. } => {
                let listed = place.list(self.prefix.as_ref()).try_collect().await.map_err(told_once);
                (listed.with_context(|| format!("listing {}", self.shown()))?, Vec::new())
            }
        };
        // What was written later corrects what was written before.
        all.sort_by(|one, other| (one.last_modified, &one.location).cmp(&(other.last_modified, &other.location)));
        let mut found = Vec::new();
        for meta in all {
            let name = meta.location.filename().unwrap_or_default();
            // What is still being written is called so until it is whole; what was refused is left beside what was read.
            let is_refused =
                name.ends_with(".ndjson") && [".rejected.", ".rejected-"].iter().any(|part| name.contains(part));
            if name.starts_with('.') || name.ends_with(".part") || name.ends_with(".tmp") || is_refused {
                continue;
            }
            match kind_of(&meta.location) {
                Some(kind) => found.push(Found { meta, kind }),
                None => notes.push(Note::LeftOut(format!(
                    "{}: neither its name nor its folder begins with a kind of fact, such as deployment-2026-01.csv",
                    meta.location
                ))),
            }
        }
        Ok((found, notes))
    }

    /// Says whether the place can be read, and what lies there: how many files of facts, what is strange about others, and of the
    /// newest what is in them. These are taken into an empty store that is gone afterwards.
    pub async fn check(&self, run: &Run<'_>) -> anyhow::Result<Checked> {
        let place = self.open(run.credentials.0.as_deref(), run.credentials.1.as_deref())?;
        let (found, notes) = self.list(&*place).await?;
        let mut tried = Vec::new();
        for file in found.iter().rev().take(TRIED) {
            let brought = bring(self, &*place, file).await;
            let taken = take(self, run, brought, file, &Position::default()).await;
            tried.push((format!("{} ({})", file.meta.location, file.kind), taken.map(|_| ())));
        }
        let mut examples = Vec::new();
        for kind in found.iter().rev().take(TRIED).map(|file| file.kind).collect::<BTreeSet<_>>() {
            examples.extend(examples_of(run.store, kind)?);
        }
        Ok(Checked { n_files: found.len(), notes, tried, examples })
    }
}

/// A path from the root on: which folder a relative one is taken from depends on where the command was started.
fn whole(path: &std::path::Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Files that are tried.
const TRIED: usize = 3;

/// What lies in a place.
pub(crate) struct Checked {
    /// How many files of facts.
    pub n_files: usize,
    /// What is strange about others.
    pub notes: Vec<Note>,
    /// The newest files, and whether they may be taken.
    pub tried: Vec<(String, anyhow::Result<()>)>,
    /// Some of their facts.
    pub examples: Vec<(Kind, String)>,
}

/// A few facts of a kind, each as one line of its columns that say something.
fn examples_of(store: &Store, kind: Kind) -> anyhow::Result<Vec<(Kind, String)>> {
    let columns: Vec<String> = kind.spec().columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let listed: Vec<String> = columns.iter().map(|column| format!("{column}::varchar as {column}")).collect();
    let found = store.query(&format!("select {} from facts.{kind} limit {TRIED}", listed.join(", ")), &[])?;
    let line = |row: Vec<store::Value>| {
        let told = kind.spec().columns.iter().zip(row).filter_map(|(column, value)| match value {
            // All are of this source.
            _ if column.name == "source" => None,
            store::Value::Text(_) if column.column_type == facts::ColumnType::Person => {
                Some(format!("{}=(hashed)", column.name))
            }
            // DuckDB writes times of UTC without saying so.
            store::Value::Text(text) if column.column_type == facts::ColumnType::Time => {
                Some(format!("{}={}Z", column.name, text.replacen(' ', "T", 1)))
            }
            store::Value::Text(text) => Some(format!("{}={}", column.name, facts::shorten(&text))),
            _ => None,
        });
        (kind, format!("{kind} {}", told.collect::<Vec<_>>().join(" ")))
    };
    Ok(found.rows.into_iter().map(line).collect())
}

/// The kind that a file tells of: the longest that its name, else one of its folders, begins with.
fn kind_of(location: &Path) -> Option<Kind> {
    let parts: Vec<String> = location.parts().map(|part| part.as_ref().to_owned()).collect();
    parts.iter().rev().find_map(|part| {
        let kinds = Kind::ALL.into_iter().filter(|kind| {
            let rest = part.strip_prefix(kind.spec().name);
            rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_alphabetic()))
        });
        kinds.max_by_key(|kind| kind.spec().name.len())
    })
}

/// As whose and with what a run reads.
pub(crate) struct Run<'a> {
    /// The store.
    pub store: &'a Store,
    /// The secret with which people are hashed.
    pub key: &'a PersonKey,
    /// The source's name.
    pub source: &'a str,
    /// The access key's id and its secret.
    pub credentials: (Option<String>, Option<String>),
    /// Read again what changed since.
    pub since: Option<DateTime<Utc>>,
    /// Nothing is written.
    pub is_dry_run: bool,
}

/// Takes all files that are new or changed. One that is refused does not hold up the others.
pub(crate) async fn read(
    files: &Files,
    run: &Run<'_>,
    cancel: &watch::Receiver<bool>,
) -> (Outcome, BTreeMap<Kind, KindSummary>) {
    let mut outcome = Outcome::default();
    let mut written = BTreeMap::new();
    let mut refused = 0;
    match take_all(files, run, cancel, &mut outcome, &mut written, &mut refused).await {
        Err(error) => outcome.stopped = Some(Stopped::Files(format!("{error:#}"))),
        Ok(()) if *cancel.borrow() => outcome.stopped = Some(Stopped::Cancelled),
        Ok(()) if refused > 0 => {
            let message = format!(
                "{} refused, to be tried again by the next run; nothing of what was refused is stored",
                crate::tables::things(refused, "file", "files")
            );
            outcome.stopped = Some(Stopped::Files(message));
        }
        Ok(()) => {}
    }
    (outcome, written)
}

async fn take_all(
    files: &Files,
    run: &Run<'_>,
    cancel: &watch::Receiver<bool>,
    outcome: &mut Outcome,
    written: &mut BTreeMap<Kind, KindSummary>,
    refused: &mut u64,
) -> anyhow::Result<()> {
    let (user, secret) = &run.credentials;
    let place = files.open(user.as_deref(), secret.as_deref())?;
    let Some(listed) = unless_stopped(cancel, files.list(&*place)).await else { return Ok(()) };
    let (found, notes) = listed?;
    outcome.requests += 1;
    notes.into_iter().for_each(|note| *outcome.notes.entry(note).or_default() += 1);
    let cursor = run.store.cursor(run.source)?;
    let mut position: Position = cursor.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    position.taken.retain(|name, _| found.iter().any(|file| file.meta.location.as_ref() == name));
    let mut progress = Progress::of_things(&format!("{}: facts", run.source));
    for file in &found {
        if *cancel.borrow() {
            break;
        }
        let name = file.meta.location.to_string();
        let stamp = stamp(&file.meta);
        let is_asked_again = run.since.is_some_and(|since| file.meta.last_modified >= since);
        if position.taken.get(&name) == Some(&stamp) && !is_asked_again {
            continue;
        }
        outcome.requests += 1;
        let Some(brought) = unless_stopped(cancel, bring(files, &*place, file)).await else { break };
        let before = position.taken.insert(name.clone(), stamp);
        match take(files, run, brought, file, &position).await {
            Ok(summary) => {
                outcome.facts += u64::try_from(summary.read).unwrap_or_default();
                progress.at(outcome.facts);
                super::sink::add(written, BTreeMap::from([(file.kind, summary)]));
            }
            Err(error) => {
                match before {
                    Some(stamp) => position.taken.insert(name.clone(), stamp),
                    None => position.taken.remove(&name),
                };
                *refused += 1;
                *outcome.notes.entry(Note::LeftOut(format!("{name} is refused: {error:#}"))).or_default() += 1;
            }
        }
    }
    Ok(())
}

/// What tells whether a file is still the one that was taken.
fn stamp(meta: &ObjectMeta) -> String {
    meta.e_tag.clone().unwrap_or_else(|| format!("{} {}", meta.last_modified.timestamp_micros(), meta.size))
}

/// Takes one file, and notes that it was taken, in one transaction.
async fn take(
    files: &Files,
    run: &Run<'_>,
    brought: anyhow::Result<Local>,
    file: &Found,
    position: &Position,
) -> anyhow::Result<KindSummary> {
    let local = brought?;
    let (store, key, source) = (run.store.clone(), run.key.clone(), run.source.to_owned());
    let update = CursorUpdate { source: source.clone(), cursor: serde_json::to_string(position)?, is_whole: false };
    let name = file.meta.location.to_string();
    let (kind, zone, is_dry_run) = (file.kind, files.zone, run.is_dry_run);
    let work = move || -> anyhow::Result<KindSummary> {
        let options = import::Options {
            kind,
            key: &key,
            source: &source,
            now: crate::now(),
            time_zone: zone,
            batch_rows: DEFAULT_BATCH_ROWS,
        };
        let mut intake = Intake::begin(&store, kind)?;
        match local {
            Local::There(path) => import::read_file(&path, 0, None, &options, &mut intake)?,
            Local::Fetched(fetched) => {
                import::read_stream(&name, Box::new(fetched.reopen()?), 0, None, &options, &mut intake)?
            }
        };
        intake.refuse_conflicts()?;
        if intake.n_rejected > 0 {
            let told: Vec<String> = intake
                .refusals
                .iter()
                .flat_map(|refusal| refusal.problems.iter().map(|problem| format!("line {}: {problem}", refusal.line)))
                .take(MOST_TOLD)
                .collect();
            anyhow::bail!("{} wrong: {}", crate::tables::things(intake.n_rejected, "row", "rows"), told.join("; "));
        }
        Ok(intake.finish(is_dry_run, Some(&update))?.summary)
    };
    tokio::task::spawn_blocking(work).await.context("reading the file")?
}

/// A file that can be read here.
enum Local {
    There(PathBuf),
    Fetched(tempfile::NamedTempFile),
}

/// Brings an object here: Parquet is read from its end, and a connection that breaks must not leave half a file.
async fn bring(files: &Files, place: &dyn ObjectStore, found: &Found) -> anyhow::Result<Local> {
    let location = &found.meta.location;
    if let Place::Folder(folder) = &files.place {
        return Ok(Local::There(folder.join(location.as_ref())));
    }
    let target = tempfile::NamedTempFile::new().context("making a temporary file")?;
    let mut file = tokio::fs::File::from_std(target.reopen()?);
    let mut parts = place.get(location).await.map_err(told_once)?.into_stream();
    while let Some(part) = parts.try_next().await.map_err(told_once)? {
        file.write_all(&part).await?;
    }
    file.flush().await?;
    Ok(Local::Fetched(target))
}

/// What came of some work; nothing where somebody asked to stop meanwhile.
async fn unless_stopped<T>(cancel: &watch::Receiver<bool>, work: impl Future<Output = T>) -> Option<T> {
    let mut cancel = cancel.clone();
    tokio::select! {
        done = work => Some(done),
        Ok(_) = cancel.wait_for(|is_cancelled| *is_cancelled) => None,
    }
}
