//! What pushes say of the order in which things happened, since they come in any.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use facts::Kind;

use crate::error::StoreError;
use crate::open::Store;
use crate::query::Value;

/// What a push, or what was read, said of when.
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
    /// When what an event told of it happened.
    pub told_at: Option<DateTime<Utc>>,
}

/// Times by identifier.
pub type Times = BTreeMap<String, DateTime<Utc>>;

impl Store {
    /// Notes turns of a source's things, and forgets those that nobody will tell of again.
    pub fn note_turns(&self, source: &str, turns: &[Turn], now: DateTime<Utc>) -> Result<(), StoreError> {
        if turns.is_empty() {
            return Ok(());
        }
        self.transaction("noting when things happened", |connection| {
            let mut noted = connection.appender_to_db("turn", "meta")?;
            let time = |at: Option<DateTime<Utc>>| at.map(|at| Value::Time(at.timestamp_micros()));
            for Turn { kind, id, whole_at, reopened_at, told_at } in turns {
                noted.append_row(duckdb::params![
                    source,
                    kind.to_string(),
                    id,
                    time(*whole_at),
                    time(*reopened_at),
                    Value::Time(now.timestamp_micros()),
                    time(*told_at),
                ])?;
            }
            noted.flush()?;
            drop(noted);
            connection.execute(
                "delete from meta.turn where noted_at < make_timestamp(?)",
                [(now - Duration::days(30)).timestamp_micros()],
            )?;
            Ok(())
        })
    }

    /// Of things of a source, of which time the newest state is that was told of each.
    pub fn whole_at(&self, source: &str, kind: Kind, ids: &[String]) -> Result<Times, StoreError> {
        self.newest("whole_at", source, kind, ids)
    }

    /// Of things of a source, when the newest that an event told of each happened.
    pub fn told_at(&self, source: &str, kind: Kind, ids: &[String]) -> Result<Times, StoreError> {
        self.newest("told_at", source, kind, ids)
    }

    fn newest(&self, column: &str, source: &str, kind: Kind, ids: &[String]) -> Result<Times, StoreError> {
        let sql = format!(
            "select id, max({column}) from meta.turn
            where source = ? and id in (select unnest(string_split(?, ?))) and kind = ? group by id"
        );
        self.times_of(&sql, source, ids, &[Value::Text(kind.to_string())])
    }
}
