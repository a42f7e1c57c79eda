//! Opening a store: whose file it is, which version, which rules its marts were made by.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use duckdb::{AccessMode, Config, Connection};
use facts::Kind;

use crate::error::StoreError;
use crate::marts;
use crate::new_file;
use crate::query::number;
use crate::spans;

/// The rules by which facts become marts. A store opened with other rules rebuilds them.
#[derive(Debug, Clone, PartialEq)]
pub struct MartRules {
    /// Environments that are production: names, or globs with `*`.
    pub production_environments: Vec<String>,
    /// How long after a deployment a rollback, hotfix or incident still speaks against it.
    pub failure_window: Duration,
    /// How long after its last environment a revision's arrival in the next is still the same roll-out.
    pub rollout_gap: Duration,
    /// Pipelines that a service is meant to use: names, or globs with `*`. None: those that several services use.
    pub approved_pipelines: Vec<String>,
}

impl Default for MartRules {
    fn default() -> MartRules {
        let day = Duration::from_secs(86_400);
        MartRules {
            production_environments: ["production", "production-*", "prod", "prod-*"].map(String::from).to_vec(),
            failure_window: day,
            rollout_gap: day,
            approved_pipelines: Vec::new(),
        }
    }
}

/// How to open a store.
#[derive(Debug, Clone, Default)]
pub struct StoreOptions {
    /// The database file; made when it is not there.
    pub path: PathBuf,
    /// The rules of the marts.
    pub rules: MartRules,
    /// DuckDB's memory limit, such as `2GB`; its default is 80 % of the machine's.
    pub memory_limit: Option<String>,
    /// How many threads DuckDB may use; its default is all.
    pub threads: Option<i64>,
    /// For how long facts that were corrected or taken away are kept beside those that stand; 400 days unless said.
    pub keep_corrections: Option<chrono::Duration>,
}

/// An open store. Cloning it is cheap, all clones are the same store.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    options: StoreOptions,
    /// Where the store lies, if it goes with its last clone.
    folder: Option<tempfile::TempDir>,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    inbox: Mutex<Connection>,
    arrivals: Mutex<Connection>,
    last_push: AtomicI64,
    data_version: AtomicI64,
    last_refresh_micros: AtomicU64,
    /// What DuckDB may hold beside the store itself, in MB; 0 where that is not bounded.
    room_mb: AtomicU64,
}

/// The sources that list the commits of every deployment they tell of, so that one without any brought none, and nothing is
/// guessed by time: clones. Written beside the rules, which the marts' statements read.
const LISTING_SOURCES: &str = "git:*";

const MIGRATIONS: &[&str] = &[
    include_str!("../../sql/schema/0001_facts.sql"),
    include_str!("../../sql/schema/0002_marts.sql"),
    include_str!("../../sql/schema/0003_sources.sql"),
    include_str!("../../sql/schema/0004_held_pushes.sql"),
    include_str!("../../sql/schema/0005_catalogue.sql"),
    include_str!("../../sql/schema/0006_value_runs.sql"),
    include_str!("../../sql/schema/0007_surveys.sql"),
    include_str!("../../sql/schema/0008_past.sql"),
    include_str!("../../sql/schema/0009_expense_by_day.sql"),
    include_str!("../../sql/schema/0010_narrow_marts.sql"),
    include_str!("../../sql/schema/0011_time_saved_by_day.sql"),
    include_str!("../../sql/schema/0012_scram_verifier.sql"),
    include_str!("../../sql/schema/0013_commit_bundle.sql"),
    include_str!("../../sql/schema/0014_expense_by_name.sql"),
    include_str!("../../sql/schema/0015_availability_once.sql"),
    include_str!("../../sql/schema/0016_baseline.sql"),
    include_str!("../../sql/schema/0017_turn.sql"),
    include_str!("../../sql/schema/0018_awaited.sql"),
    include_str!("../../sql/schema/0019_noted.sql"),
    include_str!("../../sql/schema/0020_told_at.sql"),
    include_str!("../../sql/schema/0021_push_bytes.sql"),
    include_str!("../../sql/schema/0022_told.sql"),
    include_str!("../../sql/schema/0023_pushed_note.sql"),
    include_str!("../../sql/schema/0024_pushed_note_before.sql"),
    include_str!("../../sql/schema/0025_matched_by_enum.sql"),
    include_str!("../../sql/schema/0026_opened_exemption.sql"),
    include_str!("../../sql/schema/0027_outcomes_anew.sql"),
    include_str!("../../sql/schema/0028_engineer_start_by_hash.sql"),
    include_str!("../../sql/schema/0029_listing_source_named_at.sql"),
];

impl Store {
    /// Opens the store, making or migrating it as needed. `now` is written beside what is made.
    pub fn open(options: &StoreOptions, now: DateTime<Utc>) -> Result<Store, StoreError> {
        let path = options.path.display().to_string();
        if let Some(folder) = options.path.parent().filter(|folder| !folder.as_os_str().is_empty())
            && !folder.is_dir()
        {
            let reason = format!("the folder {} does not exist; make it first", folder.display());
            return Err(StoreError::Unusable { path, reason });
        }
        let connection =
            new_file::connected(&options.path, || connect(options)).map_err(|error| opening(&options.path, &error))?;
        let failed = |error: duckdb::Error| StoreError::database("opening the store", &error);
        migrate(&connection, &path, now)?;
        let data_version = number(&connection, "select version from meta.data_version").map_err(failed)?;
        let inbox = connection.try_clone().map_err(failed)?;
        let arrivals = connection.try_clone().map_err(failed)?;
        let last_push = number(&inbox, "select coalesce(max(number), 0) from meta.inbox").map_err(failed)?;
        let store = Store(Arc::new(Inner {
            options: options.clone(),
            folder: None,
            inbox: Mutex::new(inbox),
            arrivals: Mutex::new(arrivals),
            last_push: AtomicI64::new(last_push),
            writer: Mutex::new(connection),
            readers: Mutex::new(Vec::new()),
            data_version: AtomicI64::new(data_version),
            last_refresh_micros: AtomicU64::new(0),
            room_mb: AtomicU64::new(0),
        }));
        store.apply_rules(&options.rules)?;
        Ok(store)
    }

    /// An empty store that is gone with its last clone, for what is of use without facts.
    pub fn empty(options: &StoreOptions, now: DateTime<Utc>) -> Result<Store, StoreError> {
        let unusable =
            |error: std::io::Error| StoreError::Unusable { path: "(temporary)".to_owned(), reason: error.to_string() };
        let folder = tempfile::tempdir().map_err(unusable)?;
        let options = StoreOptions { path: folder.path().join("empty.duckdb"), ..options.clone() };
        Ok(Store::open(&options, now)?.within(folder))
    }

    /// How it was opened.
    pub(crate) fn options(&self) -> &StoreOptions {
        &self.0.options
    }

    /// The same store, with the folder that goes with it. There must be no clone of it yet.
    pub(crate) fn within(self, folder: tempfile::TempDir) -> Store {
        let mut inner = Arc::into_inner(self.0).expect("a store that was just opened has no clones");
        inner.folder = Some(folder);
        Store(Arc::new(inner))
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.0.options.path
    }

    /// Grows with every write that changed something: an answer holds as long as this stays.
    pub fn data_version(&self) -> i64 {
        self.0.data_version.load(Ordering::Acquire)
    }

    /// How long the marts took in the last write that touched them.
    pub fn last_refresh(&self) -> Duration {
        Duration::from_micros(self.0.last_refresh_micros.load(Ordering::Relaxed))
    }

    pub(crate) fn note_refresh(&self, taken: Duration) {
        let micros = u64::try_from(taken.as_micros()).unwrap_or(u64::MAX);
        self.0.last_refresh_micros.store(micros, Ordering::Relaxed);
    }

    /// What DuckDB may hold beside the store itself, in MB; 0 where that is not bounded.
    pub(crate) fn room_mb(&self) -> &AtomicU64 {
        &self.0.room_mb
    }

    /// Makes all marts anew from the facts, and the spans of time for which sources told of something.
    pub fn rebuild(&self) -> Result<(), StoreError> {
        self.transaction("rebuilding the marts", |connection| {
            marts::rebuild(connection)?;
            for kind in Kind::ALL {
                spans::fit(connection, kind, "select source from meta.source_span")?;
            }
            connection.execute_batch("update meta.data_version set version = version + 1")
        })
    }

    fn apply_rules(&self, rules: &MartRules) -> Result<(), StoreError> {
        let mut wanted: Vec<(String, String)> = rules
            .production_environments
            .iter()
            .map(|pattern| ("production_environment".to_owned(), pattern.clone()))
            .collect();
        wanted.extend(rules.approved_pipelines.iter().map(|pattern| ("approved_pipeline".to_owned(), pattern.clone())));
        wanted.push(("listing_source".into(), LISTING_SOURCES.into()));
        wanted.push(("failure_window_seconds".into(), rules.failure_window.as_secs().to_string()));
        wanted.push(("rollout_gap_seconds".into(), rules.rollout_gap.as_secs().to_string()));
        wanted.sort();
        let failed = |error: duckdb::Error| StoreError::database("reading the rules of the marts", &error);
        let found = {
            let connection = self.writer();
            let mut statement =
                connection.prepare("select name, value from marts.rule order by name, value").map_err(failed)?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
            rows.collect::<duckdb::Result<Vec<(String, String)>>>().map_err(failed)?
        };
        if found == wanted {
            return Ok(());
        }
        if !found.is_empty() {
            tracing::info!("the rules of the marts changed, making them anew");
        }
        self.transaction("applying the rules of the marts", |connection| {
            connection.execute_batch("delete from marts.rule")?;
            for (name, value) in &wanted {
                connection.execute("insert into marts.rule values (?, ?)", [name, value])?;
            }
            marts::rebuild(connection)?;
            connection.execute_batch("update meta.data_version set version = version + 1")
        })
    }

    /// The one connection that writes.
    pub(crate) fn writer(&self) -> MutexGuard<'_, Connection> {
        // A panic while writing rolled its transaction back; the connection itself stays good.
        self.0.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of the next push: they are read in the order in which they came.
    pub(crate) fn next_push(&self) -> i64 {
        self.0.last_push.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The connection that adds to the inbox, and does nothing else: what arrives does not wait for what is taken out.
    pub(crate) fn arrivals(&self) -> MutexGuard<'_, Connection> {
        self.0.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection that reads and empties the inbox.
    pub(crate) fn inbox(&self) -> MutexGuard<'_, Connection> {
        self.0.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs some work in a transaction: all of it or nothing.
    pub(crate) fn transaction<T>(
        &self,
        doing: &str,
        work: impl FnOnce(&Connection) -> duckdb::Result<T>,
    ) -> Result<T, StoreError> {
        let connection = self.writer();
        let failed = |error: duckdb::Error| StoreError::database(doing, &error);
        connection.execute_batch("begin transaction").map_err(failed)?;
        let worked = work(&connection).and_then(|value| connection.execute_batch("commit").map(|()| value));
        match worked {
            Ok(value) => {
                self.note_version(&connection)?;
                Ok(value)
            }
            Err(error) => {
                // The first error is the one to tell; a rollback that fails too has nothing to add.
                let _ = connection.execute_batch("rollback");
                Err(failed(error))
            }
        }
    }

    /// Takes note of the data version after a commit.
    pub(crate) fn note_version(&self, connection: &Connection) -> Result<(), StoreError> {
        let version = number(connection, "select version from meta.data_version")
            .map_err(|error| StoreError::database("reading the data version", &error))?;
        self.0.data_version.store(version, Ordering::Release);
        Ok(())
    }

    /// Runs a question on a connection of its own.
    pub(crate) fn with_reader<T>(&self, ask: impl FnOnce(&Connection) -> duckdb::Result<T>) -> duckdb::Result<T> {
        let idle = self.0.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => {
                let connection = self.writer_clone()?;
                // What a reader of many rows has not taken yet may wait here: with DuckDB's own default of 1 MB those who
                // make the rows and the one who takes them hold each other up.
                connection.execute_batch("set streaming_buffer_size = '16MB'")?;
                connection
            }
        };
        let answer = ask(&connection);
        self.0.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        answer
    }

    /// Another connection to the same database.
    pub(crate) fn writer_clone(&self) -> duckdb::Result<Connection> {
        self.writer().try_clone()
    }
}

fn connect(options: &StoreOptions) -> duckdb::Result<Connection> {
    let mut config = Config::default()
        .access_mode(AccessMode::ReadWrite)?
        .enable_autoload_extension(false)?
        // Facts have no order; keeping that of a batch doubles the time of writing them. Marts are written `order by`,
        // which is kept all the same.
        .with("preserve_insertion_order", "false")?
        // What is divided by zero is not known, and never true by being more than anything.
        .with("ieee_floating_point_ops", "false")?
        // DuckDB 1.5.5 now and then gives garbage for small whole numbers that this packs together on their way through a
        // join or a sort: in 4 of some 150 starts under load a count of 1 was read as 140423955742721 or the like.
        .with("disabled_optimizers", "compressed_materialization")?;
    if let Some(limit) = &options.memory_limit {
        config = config.max_memory(limit)?;
    }
    if let Some(threads) = options.threads {
        config = config.threads(threads)?;
    }
    Connection::open_with_flags(&options.path, config)
}

/// What DuckDB's refusal to open a file means for the person who named it.
fn opening(path: &Path, error: &duckdb::Error) -> StoreError {
    let text = error.to_string();
    let name = path.display().to_string();
    if begins_with(path, SQLITE) {
        return StoreError::Foreign { path: name, reason: "it is a SQLite database".into() };
    }
    if new_file::is_locked(&text) {
        let holder = text.split("held in ").nth(1).and_then(|rest| rest.split(". ").next());
        return StoreError::Locked { path: name, holder: holder.map(|who| format!(" ({who})")).unwrap_or_default() };
    }
    if text.contains("not a valid DuckDB database") || text.contains("Serialization Error") || text.contains("Corrupt")
    {
        return StoreError::Foreign { path: name, reason: "it is not a DuckDB database of this version".into() };
    }
    let hint = if path.is_dir() {
        "it is a folder; name a file in it"
    } else if text.contains("ermission denied") || text.contains("ead-only") {
        "it or its folder may not be written to; change its permissions, or name another file with --store"
    } else if text.contains("No space left") {
        "the disk is full; free some space"
    } else {
        return StoreError::Unusable { path: name, reason: text };
    };
    StoreError::Unusable { path: name, reason: hint.into() }
}

/// What a SQLite file begins with; DuckDB asks for an extension that reads them.
const SQLITE: &[u8] = b"SQLite format 3\0";

fn begins_with(path: &Path, magic: &[u8]) -> bool {
    let mut head = vec![0; magic.len()];
    std::fs::File::open(path).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut head)).is_ok()
        && head == magic
}

fn migrate(connection: &Connection, path: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    let failed = |error: duckdb::Error| StoreError::database("migrating the store", &error);
    let known = MIGRATIONS.len() as i64;
    let is_cairn = number(
        connection,
        "select count(*) from duckdb_tables() where schema_name = 'meta' and table_name = 'schema_version'",
    )
    .map_err(failed)?
        > 0;
    let found = if is_cairn {
        number(connection, "select coalesce(max(version), 0) from meta.schema_version").map_err(failed)?
    } else {
        let n_tables = number(connection, "select count(*) from duckdb_tables()").map_err(failed)?;
        if n_tables > 0 {
            let reason = format!("it holds {n_tables} tables of another program");
            return Err(StoreError::Foreign { path: path.to_owned(), reason });
        }
        0
    };
    if found > known {
        return Err(StoreError::TooNew { path: path.to_owned(), found, known });
    }
    if found == known {
        return Ok(());
    }
    let work = || {
        // Each by itself: DuckDB alters a table that holds rows once in a transaction.
        for (number, migration) in (1_i64..).zip(MIGRATIONS).skip(found as usize) {
            connection.execute_batch("begin transaction")?;
            connection.execute_batch(migration)?;
            connection.execute(
                "insert into meta.schema_version values (?, make_timestamp(?))",
                duckdb::params![number, now.timestamp_micros()],
            )?;
            connection.execute_batch("commit")?;
        }
        Ok(())
    };
    work().map_err(|error| {
        // The first error is the one to tell; a rollback that fails too has nothing to add.
        let _ = connection.execute_batch("rollback");
        failed(error)
    })?;
    Ok(())
}
