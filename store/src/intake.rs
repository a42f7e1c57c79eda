//! Writing: rows are staged beside the facts, compared with what stands, and merged with the source's cursor and the
//! refreshed marts in one transaction.

use std::collections::BTreeMap;
use std::time::Instant;

use chrono::{DateTime, Utc};
use duckdb::Connection;
use facts::{Batch, Kind, Trunk};

use crate::delta;
use crate::error::StoreError;
use crate::marts;
use crate::open::Store;
use crate::past::usual_keep;
use crate::query::{Value, rows};
use crate::spans;
use crate::standing::{StandingEnd, keep_what_stands};

/// What an intake did to one kind of fact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct KindSummary {
    /// Rows staged.
    pub read: i64,
    /// Rows that were not there before.
    pub new: i64,
    /// Rows that were there and differ.
    pub changed: i64,
    /// Rows that were there just so.
    pub unchanged: i64,
    /// Rows that no longer hold, where the source was read whole.
    pub removed: i64,
}

/// Up to where a source has been read, kept with its facts.
#[derive(Debug, Clone)]
pub struct CursorUpdate {
    /// The source.
    pub source: String,
    /// Its cursor, as it wants it back.
    pub cursor: String,
    /// The source was read whole: what stands of it and was not staged is removed.
    pub is_whole: bool,
}

/// Two staged rows that have one identity and differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// The identity, as text.
    pub identity: String,
    /// File and line of each row.
    pub origins: Vec<(i64, i64)>,
}

/// An intake under way: nothing is in the store until [`Intake::commit`], and dropping it leaves no trace.
pub struct Intake {
    store: Store,
    connection: Connection,
    staged: BTreeMap<Kind, i64>,
    has_trunks: bool,
    /// The kinds of which all that stands near was looked at when they were compared.
    near: Vec<Kind>,
    now: DateTime<Utc>,
}

impl Store {
    /// Begins an intake at a time.
    pub fn begin(&self, now: DateTime<Utc>) -> Result<Intake, StoreError> {
        let connection =
            self.writer_clone().map_err(|error| StoreError::database("opening a connection to write", &error))?;
        Ok(Intake {
            store: self.clone(),
            connection,
            staged: BTreeMap::new(),
            has_trunks: false,
            near: Vec::new(),
            now,
        })
    }

    /// Writes batches, with the cursor of their source, in one transaction. Writing them again changes nothing.
    pub fn write(
        &self,
        batches: &[Batch],
        cursor: Option<&CursorUpdate>,
        now: DateTime<Utc>,
    ) -> Result<BTreeMap<Kind, KindSummary>, StoreError> {
        let mut intake = self.begin(now)?;
        for batch in batches {
            intake.stage(batch)?;
        }
        intake.commit(cursor)
    }

    /// The cursor that a source left.
    pub fn cursor(&self, source: &str) -> Result<Option<String>, StoreError> {
        let found = self.query("select cursor from meta.cursor where source = ?", &[Value::Text(source.into())])?;
        Ok(found.rows.into_iter().flatten().find_map(|value| match value {
            Value::Text(cursor) => Some(cursor),
            _ => None,
        }))
    }

    /// The cursors that all sources left whose names begin so, by source.
    pub fn cursors(&self, begin: &str) -> Result<BTreeMap<String, String>, StoreError> {
        let sql = "select source, cursor from meta.cursor where starts_with(source, ?)";
        let found = self.query(sql, &[Value::Text(begin.into())])?;
        let texts = found.rows.into_iter().filter_map(|row| <[Value; 2]>::try_from(row).ok());
        Ok(texts
            .filter_map(|row| match row {
                [Value::Text(source), Value::Text(cursor)] => Some((source, cursor)),
                _ => None,
            })
            .collect())
    }
}

impl Intake {
    /// Puts rows beside the facts. They spill to disk as DuckDB's own memory limit demands.
    pub fn stage(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let kind = batch.kind;
        let failed = |error: duckdb::Error| StoreError::database(format!("staging {kind} facts"), &error);
        if !self.staged.contains_key(&kind) {
            self.connection.execute_batch(&delta::staging_table(kind)).map_err(failed)?;
        }
        *self.staged.entry(kind).or_default() += batch.len() as i64;
        let mut appender = self.connection.appender(&format!("staged_{kind}")).map_err(failed)?;
        appender.append_record_batch(batch.record.clone()).map_err(failed)?;
        appender.flush().map_err(failed)
    }

    /// Of what a source told of a repository's trunk, keeps what the trunk still holds; the rest is removed.
    pub fn keep_of_trunk(&mut self, source: &str, trunk: &Trunk) -> Result<(), StoreError> {
        let failed = |error: duckdb::Error| StoreError::database("comparing a trunk", &error);
        if !self.has_trunks {
            self.connection.execute_batch(delta::TRUNK_TABLES).map_err(failed)?;
            self.has_trunks = true;
        }
        let (from, to) = (trunk.from.timestamp_micros(), trunk.to.timestamp_micros());
        self.connection
            .execute(
                "insert into trunk values (?, ?, make_timestamp(?), make_timestamp(?))",
                duckdb::params![source, trunk.repository, from, to],
            )
            .map_err(failed)?;
        let mut revisions = self.connection.appender("trunk_revision").map_err(failed)?;
        for revision in &trunk.revisions {
            revisions.append_row(duckdb::params![source, trunk.repository, revision]).map_err(failed)?;
        }
        revisions.flush().map_err(failed)
    }

    /// Fills what staged rows of a kind leave open with what stands of the same fact: for sources that tell of one fact
    /// bit by bit. Of the columns that `yields` names, told of a later time, what stands holds.
    pub fn keep_what_stands(&mut self, kind: Kind, end: StandingEnd, yields: &[&str]) -> Result<(), StoreError> {
        if !self.staged.contains_key(&kind) {
            return Ok(());
        }
        keep_what_stands(&self.connection, kind, end, yields)
            .map_err(|error| StoreError::database(format!("comparing {kind} facts"), &error))
    }

    /// Staged rows of a kind that share an identity and differ, the first few of them.
    pub fn conflicts(&self, kind: Kind, at_most: usize) -> Result<Vec<Conflict>, StoreError> {
        if !self.staged.contains_key(&kind) {
            return Ok(Vec::new());
        }
        let failed =
            |error: duckdb::Error| StoreError::database(format!("looking for repeats among {kind} facts"), &error);
        let sql = format!(
            "with repeated as ({})
            select
                any_value(concat_ws(' ', {})) as identity,
                string_agg(origin_file || ':' || origin_line, ',' order by origin_file, origin_line) as origins,
            from staged_{kind} as staged
            semi join repeated using (fact_hash)
            group by fact_hash
            having count(distinct row({})) > 1
            order by min(origin_file), min(origin_line)
            limit {at_most}",
            delta::repeats(kind),
            kind.spec().identity.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", "),
            kind.spec().columns.iter().map(|column| format!("\"{}\"", column.name)).collect::<Vec<_>>().join(", "),
        );
        let found = rows(&self.connection, &sql, &[]).map_err(failed)?;
        Ok(found
            .rows
            .into_iter()
            .filter_map(|row| match &row[..] {
                [Value::Text(identity), Value::Text(origins)] => {
                    Some(Conflict { identity: identity.clone(), origins: parse_origins(origins) })
                }
                _ => None,
            })
            .collect())
    }

    /// Takes rows out again by their origin.
    pub fn unstage(&mut self, kind: Kind, origins: &[(i64, i64)]) -> Result<(), StoreError> {
        let failed = |error: duckdb::Error| StoreError::database(format!("taking back {kind} facts"), &error);
        for (file, line) in origins {
            let sql = format!("delete from staged_{kind} where origin_file = ? and origin_line = ?");
            let removed = self.connection.execute(&sql, [file, line]).map_err(failed)?;
            *self.staged.entry(kind).or_default() -= removed as i64;
        }
        Ok(())
    }

    /// Says what [`Intake::commit`] would do, and does nothing.
    pub fn preview(mut self) -> Result<BTreeMap<Kind, KindSummary>, StoreError> {
        self.compare(None)
    }

    /// Merges everything staged, with the cursor and the marts, in one transaction.
    pub fn commit(mut self, cursor: Option<&CursorUpdate>) -> Result<BTreeMap<Kind, KindSummary>, StoreError> {
        let store = self.store.clone();
        // Held until the end: one writer at a time. The work itself happens on the intake's connection, where its
        // staged rows are.
        let writer = store.writer();
        let mut done = self.attempt(cursor);
        if matches!(done, Err(StoreError::Memory { .. })) && store.unbound_memory(&writer) {
            // What is staged is still there, and some marts are not made of less than they take.
            done = self.attempt(cursor);
        }
        if done.is_ok() {
            store.note_version(&writer)?;
        }
        store.fit_memory(&writer);
        done
    }

    fn attempt(&mut self, cursor: Option<&CursorUpdate>) -> Result<BTreeMap<Kind, KindSummary>, StoreError> {
        let failed = |error: duckdb::Error| StoreError::database("writing facts", &error);
        self.connection.execute_batch("begin transaction").map_err(failed)?;
        let done = self.compare(cursor).and_then(|summary| {
            self.apply(&summary, cursor).map_err(failed)?;
            self.connection.execute_batch("commit").map_err(failed)?;
            Ok(summary)
        });
        if done.is_err() {
            // The first error is the one to tell; a rollback that fails too has nothing to add.
            let _ = self.connection.execute_batch("rollback");
        }
        done
    }

    fn compare(&mut self, cursor: Option<&CursorUpdate>) -> Result<BTreeMap<Kind, KindSummary>, StoreError> {
        let whole = cursor.filter(|cursor| cursor.is_whole).map(|cursor| cursor.source.as_str());
        let gone = match whole {
            Some(source) => Some(delta::Gone::OfSource(source)),
            None => self.has_trunks.then_some(delta::Gone::OfTrunk),
        };
        if let Some(gone) = gone {
            for kind in Kind::ALL {
                if !self.staged.contains_key(&kind) && gone.concerns(kind) {
                    self.connection
                        .execute_batch(&delta::staging_table(kind))
                        .map_err(|error| StoreError::database("preparing the intake", &error))?;
                    self.staged.insert(kind, 0);
                }
            }
        }
        let mut summary = BTreeMap::new();
        self.near.clear();
        let n_listed = self.staged.get(&Kind::DeployedCommit).copied();
        for (&kind, &read) in &self.staged {
            let repeats = delta::drop_undated_repeats(&self.connection, kind)
                .map_err(|error| StoreError::database(format!("comparing {kind} facts"), &error))?;
            let delta::Counts { new, changed, removed, is_near } = delta::make(&self.connection, kind, gone, n_listed)?;
            if is_near {
                self.near.push(kind);
            }
            tracing::debug!(%kind, read, new, changed, removed, repeats, "compared");
            if read > 0 || removed > 0 {
                summary.insert(kind, KindSummary { read, new, changed, unchanged: read - new - changed, removed });
            }
        }
        Ok(summary)
    }

    fn apply(&self, summary: &BTreeMap<Kind, KindSummary>, cursor: Option<&CursorUpdate>) -> duckdb::Result<()> {
        let connection = &self.connection;
        let now = self.now.timestamp_micros();
        let keep = self.store.options().keep_corrections.unwrap_or_else(usual_keep);
        let touched = |kind: Kind| summary.get(&kind).is_some_and(|kind| kind.new + kind.changed + kind.removed > 0);
        let is_new = |kind: &Kind| summary.get(kind).is_none_or(|kind| kind.changed + kind.removed == 0);
        let is_all_new = delta::MART_KINDS.iter().filter(|kind| **kind != Kind::Incident).all(is_new);
        let standing = marts::Standing::find(connection, touched, &self.near, is_all_new)?;
        for &kind in summary.keys().filter(|kind| touched(**kind)) {
            let KindSummary { new, changed, removed, .. } = summary[&kind];
            let counts = delta::Counts { new, changed, removed, ..delta::Counts::default() };
            delta::merge(connection, kind, counts, keep, now)?;
            delta::add_names(connection, kind)?;
        }
        for (&kind, of_kind) in summary {
            spans::widen(connection, kind, now)?;
            if of_kind.changed + of_kind.removed > 0 {
                spans::fit(connection, kind, &format!("select source from delta_{kind} where change != 'new'"))?;
            }
        }
        let mut is_rebuilt = false;
        if delta::MART_KINDS.into_iter().any(touched) {
            let begun = Instant::now();
            if self.unsettles_everything(summary)? || self.is_bulk(summary)? {
                let of_commits = [Kind::Commit, Kind::DeployedCommit];
                if delta::MART_KINDS.into_iter().all(|kind| of_commits.contains(&kind) || !touched(kind)) {
                    marts::rebuild_after_commits(connection)?;
                } else {
                    marts::rebuild(connection)?;
                    is_rebuilt = true;
                }
            } else {
                // What was staged and changed nothing has been compared, and its delta is empty already.
                for kind in delta::MART_KINDS.into_iter().filter(|kind| !self.staged.contains_key(kind)) {
                    delta::make_empty(connection, kind)?;
                }
                marts::refresh(connection, touched, standing)?;
            }
            self.store.note_refresh(begun.elapsed());
        }
        let of_policies: Vec<Kind> =
            [Kind::PolicyResult, Kind::Service].into_iter().filter(|kind| touched(*kind)).collect();
        if !of_policies.is_empty() && !is_rebuilt {
            marts::refresh_policies(connection, &of_policies)?;
        }
        if let Some(cursor) = cursor {
            connection.execute("delete from meta.cursor where source = ?", [&cursor.source])?;
            connection.execute(
                "insert into meta.cursor values (?, ?, make_timestamp(?))",
                duckdb::params![cursor.source, cursor.cursor, now],
            )?;
        }
        if summary.keys().any(|kind| touched(*kind)) || cursor.is_some() {
            connection.execute_batch("update meta.data_version set version = version + 1")?;
        }
        Ok(())
    }

    /// Whether the batch is so large beside what stands that making everything anew costs less than finding out what
    /// it touched.
    fn is_bulk(&self, summary: &BTreeMap<Kind, KindSummary>) -> duckdb::Result<bool> {
        const SHARE: i64 = 10;
        const FEW: i64 = 1_000;
        let of_marts = || delta::MART_KINDS.into_iter();
        let touched: i64 = of_marts().filter_map(|kind| summary.get(&kind)).map(|kind| kind.new + kind.changed).sum();
        // Of a table to which rows were added in a transaction, DuckDB counts them one by one until it ends.
        if touched <= FEW {
            return Ok(false);
        }
        let mut standing = 0;
        for kind in of_marts() {
            standing += crate::query::number(&self.connection, &format!("select count(*) from facts.{kind}"))?;
        }
        Ok(touched * SHARE > standing)
    }

    /// Whether the batch takes something away on which the placing of changes elsewhere may rest: rows removed that are not
    /// incidents, or a deployment, a listed commit or a service that moved to another repository. That is rare, and everything is
    /// then made anew.
    fn unsettles_everything(&self, summary: &BTreeMap<Kind, KindSummary>) -> duckdb::Result<bool> {
        if summary.iter().any(|(kind, of_kind)| of_kind.removed > 0 && *kind != Kind::Incident) {
            return Ok(true);
        }
        for kind in [Kind::Deployment, Kind::DeployedCommit, Kind::Service] {
            if summary.get(&kind).is_some_and(|kind| kind.changed > 0) {
                let sql = format!(
                    "select count(*) from delta_{kind}
                    where change = 'changed' and repository_hash is distinct from old_repository_hash"
                );
                if crate::query::number(&self.connection, &sql)? > 0 {
                    return Ok(true);
                }
            }
        }
        // Deployments that name no repository deploy from their service's, which a new version may move.
        if summary.contains_key(&Kind::Service) {
            let sql = "select count(*) from facts.deployment
                semi join delta_service on delta_service.name = deployment.service
                where deployment.repository_hash is null";
            return Ok(crate::query::number(&self.connection, sql)? > 0);
        }
        Ok(false)
    }
}

fn parse_origins(text: &str) -> Vec<(i64, i64)> {
    text.split(',')
        .filter_map(|origin| origin.split_once(':'))
        .filter_map(|(file, line)| Some((file.parse().ok()?, line.parse().ok()?)))
        .collect()
}
