//! How the reading of each source went.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use crate::error::StoreError;
use crate::open::Store;
use crate::query::Value;

/// For so many days what pushes told is kept.
const REMEMBERED_DAYS: i64 = 30;

/// How a run of a source went.
#[derive(Debug, Clone)]
pub struct SourceRun {
    /// The source's name.
    pub source: String,
    /// Its kind: github, jira ...
    pub kind: String,
    /// When it began.
    pub began_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: DateTime<Utc>,
    /// Requests sent.
    pub requests: u64,
    /// Requests tried again.
    pub retries: u64,
    /// Facts read.
    pub facts: u64,
    /// Why it ended before the end.
    pub error: Option<String>,
    /// The system's rate limit: allowed, left, and when it begins anew.
    pub rate: Option<(i64, i64, Option<DateTime<Utc>>)>,
    /// What was met: its sort, what it is about, the subject, and how often.
    pub notes: Vec<SourceNote>,
}

/// Something that people should know of what a source told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceNote {
    /// unmapped, unknown_word, left_out, denied, in_future or refused.
    pub sort: &'static str,
    /// What it is about: service, a field ...
    pub what: String,
    /// The system's own word.
    pub subject: String,
    /// How often.
    pub n: u64,
}

impl Store {
    /// Keeps how the last run of a source went, in place of the one before. What pushes told stays.
    pub fn note_run(&self, run: &SourceRun) -> Result<(), StoreError> {
        self.transaction("keeping how the run went", |connection| {
            connection.execute("delete from meta.source_run where source = ?", [&run.source])?;
            connection.execute(
                "insert into meta.source_run values
                (?, ?, make_timestamp(?), make_timestamp(?), ?, ?, ?, ?, ?, ?, make_timestamp(?))",
                duckdb::params![
                    run.source,
                    run.kind,
                    run.began_at.timestamp_micros(),
                    run.ended_at.timestamp_micros(),
                    run.requests as i64,
                    run.retries as i64,
                    run.facts as i64,
                    run.error,
                    run.rate.map(|rate| rate.0),
                    run.rate.map(|rate| rate.1),
                    run.rate.and_then(|rate| rate.2).map(|at| at.timestamp_micros()),
                ],
            )?;
            connection.execute("delete from meta.source_note where source = ? and not is_pushed", [&run.source])?;
            let mut insert =
                connection.prepare("insert into meta.source_note values (?, ?, ?, ?, ?, make_timestamp(?), false)")?;
            for note in &run.notes {
                insert.execute(duckdb::params![
                    run.source,
                    note.sort,
                    note.what,
                    note.subject,
                    note.n as i64,
                    run.ended_at.timestamp_micros(),
                ])?;
            }
            Ok(())
        })
    }

    /// Forgets what pushes told and have not told again for long: it may have been mended.
    pub fn forget_pushed_notes(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let until = (now - Duration::days(REMEMBERED_DAYS)).timestamp_micros();
        self.transaction("forgetting what pushes said", |connection| {
            connection
                .execute("delete from meta.source_note where is_pushed and noted_at < make_timestamp(?)", [until])?;
            Ok(())
        })
    }

    /// When the last run of each source ended.
    pub fn last_runs(&self) -> Result<BTreeMap<String, DateTime<Utc>>, StoreError> {
        let found = self.query("select source, ended_at from meta.source_run", &[])?;
        let ended = found.rows.into_iter().filter_map(|row| match &row[..] {
            [Value::Text(source), Value::Time(at)] => Some((source.clone(), DateTime::from_timestamp_micros(*at)?)),
            _ => None,
        });
        Ok(ended.collect())
    }

    /// Adds what was met in pushes to what was met before.
    pub fn note_pushes(&self, source: &str, notes: &[SourceNote], now: DateTime<Utc>) -> Result<(), StoreError> {
        if notes.is_empty() {
            return Ok(());
        }
        self.transaction("keeping what pushes said", |connection| {
            for SourceNote { sort, what, subject, n } in notes {
                connection.execute(
                    "merge into meta.source_note as note
                    using (select ? as source, ? as sort, ? as what, ? as subject, ?::bigint as n, make_timestamp(?) as at) as met
                    on note.is_pushed and note.source = met.source and note.sort = met.sort and note.what = met.what
                        and note.subject = met.subject
                    when matched then update set n = note.n + met.n, noted_at = met.at
                    when not matched then insert values (met.source, met.sort, met.what, met.subject, met.n, met.at, true)",
                    duckdb::params![source, sort, what, subject, *n as i64, now.timestamp_micros()],
                )?;
            }
            Ok(())
        })
    }
}
