//! Taking single facts back: what a source told of and says is not so any more, such as an incident whose issue was
//! deleted. Like what is corrected, it is kept for `--as-of`.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use duckdb::Connection;
use facts::{Kind, Listing};

use crate::delta::{self, MART_KINDS};
use crate::error::StoreError;
use crate::marts;
use crate::open::Store;
use crate::query::{Value, rows};
use crate::spans;

impl Store {
    /// Takes back facts of a kind that has an `id`, by their identifiers; those that do not stand are passed over. Returns
    /// how many were taken back.
    pub fn withdraw(&self, source: &str, kind: Kind, ids: &[String], now: DateTime<Utc>) -> Result<i64, StoreError> {
        self.transaction("taking facts back", |connection| remove(connection, source, kind, ids, now))
    }

    /// Of what a source told of under a name, keeps what it still lists there, and takes the rest back. Returns how many
    /// that were.
    pub fn keep_of_listing(&self, source: &str, listing: &Listing, now: DateTime<Utc>) -> Result<i64, StoreError> {
        self.transaction("comparing a listing", |connection| {
            let gone = gone(connection, source, listing)?;
            remove(connection, source, listing.kind, &gone, now)
        })
    }

    /// How many facts [`Store::keep_of_listing`] would take back.
    pub fn gone_of_listing(&self, source: &str, listing: &Listing) -> Result<i64, StoreError> {
        self.transaction("comparing a listing", |connection| Ok(gone(connection, source, listing)?.len() as i64))
    }
}

/// The identifiers of what a source told of under a name and does not list there any more.
fn gone(connection: &Connection, source: &str, listing: &Listing) -> duckdb::Result<Vec<String>> {
    let Listing { kind, under, until, ids } = listing;
    let listed: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    let sql = format!(
        "select id from facts.{kind} where source = ? and starts_with(id, ?) and {} <= ?",
        kind.spec().observed
    );
    let asked = [Value::Text(source.into()), Value::Text(under.clone()), Value::Time(until.timestamp_micros())];
    let told = rows(connection, &sql, &asked)?.rows.into_iter().flatten();
    let is_gone = |value| match value {
        Value::Text(id) if !listed.contains(&*id) => Some(id),
        _ => None,
    };
    Ok(told.filter_map(is_gone).collect())
}

fn remove(
    connection: &Connection,
    source: &str,
    kind: Kind,
    ids: &[String],
    now: DateTime<Utc>,
) -> duckdb::Result<i64> {
    if ids.is_empty() {
        return Ok(0);
    }
    connection.execute_batch("create or replace temp table withdrawn (id varchar)")?;
    let mut names = connection.appender("withdrawn")?;
    for id in ids {
        names.append_row([id])?;
    }
    names.flush()?;
    drop(names);
    let found = "source = ? and id in (select id from withdrawn)";
    let n_kept = connection.execute(
        &format!("insert into past.{kind} by name select *, make_timestamp(?) as superseded_at from facts.{kind} where {found}"),
        duckdb::params![now.timestamp_micros(), source],
    )?;
    if n_kept == 0 {
        return Ok(0);
    }
    if kind == Kind::Incident {
        for kind in MART_KINDS {
            delta::make_empty(connection, kind)?;
        }
        connection.execute(
            &format!(
                "insert into delta_incident by name
                select *, service as old_service, opened_at as old_opened_at,
                    caused_by_deployment as old_caused_by_deployment, 'removed' as change
                from facts.incident where {found}"
            ),
            [source],
        )?;
    }
    let standing = marts::Standing::find(connection, |_| false, &[], false)?;
    connection.execute(&format!("delete from facts.{kind} where {found}"), [source])?;
    spans::fit(connection, kind, "select source from meta.source_span")?;
    if kind == Kind::Incident {
        marts::refresh(connection, |kind| kind == Kind::Incident, standing)?;
    } else if MART_KINDS.contains(&kind) {
        // The placing of other things may rest on it.
        marts::rebuild(connection)?;
    }
    connection.execute_batch("update meta.data_version set version = version + 1")?;
    Ok(n_kept as i64)
}
