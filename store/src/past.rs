//! What was known at an earlier time: facts that were corrected or taken away are kept for a while, and a store of its own
//! is made of what stood then.

use chrono::{DateTime, Duration, Utc};
use duckdb::Connection;
use facts::Kind;

use crate::error::StoreError;
use crate::open::{Store, StoreOptions};
use crate::query::{Value, rows};

/// The migration that began to keep corrections.
const KEPT_SINCE_MIGRATION: i64 = 8;

/// For how long corrections are kept where nothing else is said.
pub(crate) fn usual_keep() -> Duration {
    Duration::days(400)
}

/// Keeps what stands of a kind and is about to be changed or removed by `delta_KIND`, and drops what is older than wanted.
pub(crate) fn keep(connection: &Connection, kind: Kind, keep: Duration, now_micros: i64) -> duckdb::Result<()> {
    connection.execute(
        &format!(
            "insert into past.{kind} by name
            select stored.*, make_timestamp(?) as superseded_at
            from facts.{kind} as stored
            semi join (select fact_hash from delta_{kind} where change != 'new') as delta using (fact_hash)"
        ),
        [now_micros],
    )?;
    let until = now_micros.saturating_sub(keep.num_microseconds().unwrap_or(i64::MAX));
    let n_dropped =
        connection.execute(&format!("delete from past.{kind} where superseded_at < make_timestamp(?)"), [until])?;
    if n_dropped > 0 {
        connection.execute("insert into meta.past_dropped values (make_timestamp(?))", [until])?;
    }
    Ok(())
}

impl Store {
    /// What was known at a time, as a store of its own, which vanishes with its last clone. Its marts are made anew, so
    /// this takes as long as a rebuild.
    pub fn as_of(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<Store, StoreError> {
        self.was_known(at, now)?;
        let unusable = |error: std::io::Error| StoreError::Unusable {
            path: "a temporary folder".into(),
            reason: format!("{error}; it is where what was known then is put together"),
        };
        let folder = tempfile::tempdir().map_err(unusable)?;
        let options = StoreOptions { path: folder.path().join("known.duckdb"), ..self.options().clone() };
        // Made and closed again: one process opens a file only once.
        drop(Store::open(&options, at)?);
        let failed = |error: duckdb::Error| StoreError::database("putting together what was known then", &error);
        let connection = self.writer_clone().map_err(failed)?;
        let file = options.path.display().to_string().replace('\'', "''");
        connection.execute_batch(&format!("attach '{file}' as known")).map_err(failed)?;
        let copied = copy(&connection, at);
        if copied.is_err() {
            // Or else what was attached stays so; the first error is the one to tell.
            let _ = connection.execute_batch("rollback");
        }
        let detached = connection.execute_batch("detach known");
        copied.and(detached).map_err(failed)?;
        let store = Store::open(&options, at)?.within(folder);
        store.rebuild()?;
        Ok(store)
    }

    /// Refuses a time of which it cannot be told what was known.
    fn was_known(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), StoreError> {
        let shown = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M UTC").to_string();
        if at > now {
            return Err(StoreError::NotFound(format!("what will be known at {} is not known yet", shown(at))));
        }
        let first: Vec<String> = Kind::ALL.iter().map(first_taken_in).collect();
        let first = self.time(&format!("select min(moment) from ({})", first.join(" union all ")))?;
        let kept_since = self.time(&format!(
            "select max(moment) from (
                select until as moment from meta.past_dropped
                union all
                select applied_at from meta.schema_version
                where version = {KEPT_SINCE_MIGRATION}
                    and applied_at > (select min(applied_at) from meta.schema_version)
            )"
        ))?;
        match (first, kept_since) {
            (None, _) => Err(StoreError::NotFound("the store holds no facts, now or then".into())),
            (_, Some(since)) if at < since => Err(StoreError::NotFound(format!(
                "what was known at {} cannot be told any more: corrections are kept since {}",
                shown(at),
                shown(since)
            ))),
            (Some(first), _) if at < first => Err(StoreError::NotFound(format!(
                "nothing was known at {}: the first fact was taken in at {}",
                shown(at),
                shown(first)
            ))),
            _ => Ok(()),
        }
    }

    fn time(&self, sql: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        let found = self.with_reader(|connection| rows(connection, sql, &[]));
        let found = found.map_err(|error| StoreError::database("looking for what was known", &error))?;
        Ok(found.rows.into_iter().flatten().next().and_then(|value| match value {
            Value::Time(micros) => DateTime::from_timestamp_micros(micros),
            _ => None,
        }))
    }
}

fn first_taken_in(kind: &Kind) -> String {
    format!("select min(ingested_at) as moment from facts.{kind} union all select min(ingested_at) from past.{kind}")
}

/// Copies what was known at a time into the store that is attached as `known`.
fn copy(connection: &Connection, at: DateTime<Utc>) -> duckdb::Result<()> {
    let at = at.timestamp_micros();
    connection.execute_batch("begin transaction")?;
    for kind in Kind::ALL {
        connection.execute(
            &format!(
                "insert into known.facts.{kind} by name
                select * from facts.{kind} where ingested_at <= make_timestamp($1)
                union all by name
                select * exclude (superseded_at) from past.{kind}
                where ingested_at <= make_timestamp($1) and superseded_at > make_timestamp($1)"
            ),
            [at],
        )?;
        let observed = kind.spec().observed;
        if !observed.is_empty() {
            connection.execute_batch(&format!(
                "insert into known.meta.source_span
                select source, '{kind}', min(\"{observed}\")::timestamp, max(\"{observed}\")::timestamp, max(ingested_at)
                from known.facts.{kind} group by source"
            ))?;
        }
    }
    // A source that is collected from was so up to about then, as it is up to now.
    connection.execute(
        "insert into known.meta.cursor
        select source, cursor, least(updated_at, make_timestamp($1)) from meta.cursor
        where source in (select source from known.meta.source_span)",
        [at],
    )?;
    // What was published of a survey is never changed.
    connection.execute("insert into known.survey.cell from survey.cell where closed_at <= make_timestamp($1)", [at])?;
    connection.execute_batch(
        "insert into known.marts.name select * from marts.name;
        insert into known.marts.repository select * from marts.repository;
        commit",
    )
}
