//! What pushes say of the order in which things happened, since they come in any.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use facts::Kind;

use crate::error::StoreError;
use crate::open::Store;
use crate::query::Value;

/// What a push said of when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The kind of the fact.
    pub kind: Kind,
    /// Its identifier.
    pub id: String,
    /// Of which time its state is, where it was told whole.
    pub whole_at: Option<DateTime<Utc>>,
    /// When it was opened again, where it was.
    pub reopened_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Notes turns of a source's things, and forgets those that nobody will tell of again.
    pub fn note_turns(&self, source: &str, turns: &[Turn], now: DateTime<Utc>) -> Result<(), StoreError> {
        if turns.is_empty() {
            return Ok(());
        }
        self.transaction("noting when things happened", |connection| {
            let mut insert = connection.prepare(
                "insert into meta.turn values (?, ?, ?, make_timestamp(?), make_timestamp(?), make_timestamp(?))",
            )?;
            for Turn { kind, id, whole_at, reopened_at } in turns {
                insert.execute(duckdb::params![
                    source,
                    kind.to_string(),
                    id,
                    whole_at.map(|at| at.timestamp_micros()),
                    reopened_at.map(|at| at.timestamp_micros()),
                    now.timestamp_micros(),
                ])?;
            }
            connection.execute(
                "delete from meta.turn where noted_at < make_timestamp(?)",
                [(now - Duration::days(30)).timestamp_micros()],
            )?;
            Ok(())
        })
    }

    /// Of things of a source, of which time the newest state is that was told of each.
    pub fn whole_at(
        &self,
        source: &str,
        kind: Kind,
        ids: &[String],
    ) -> Result<BTreeMap<String, DateTime<Utc>>, StoreError> {
        self.times_of(
            "select id, max(whole_at) from meta.turn
            where source = ? and id in (select unnest(string_split(?, ?))) and kind = ? group by id",
            source,
            ids,
            &[Value::Text(kind.to_string())],
        )
    }
}
