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
    /// What an event told of it.
    pub told: Option<ToldAt>,
}

/// What an event told of a thing, and when that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldAt {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The columns it told, parted by spaces; none where that is not known, and all may be meant.
    pub columns: Option<String>,
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
            for Turn { kind, id, whole_at, reopened_at, told } in turns {
                noted.append_row(duckdb::params![
                    source,
                    kind.to_string(),
                    id,
                    time(*whole_at),
                    time(*reopened_at),
                    Value::Time(now.timestamp_micros()),
                    time(told.as_ref().map(|told| told.at)),
                    told.as_ref().and_then(|told| told.columns.as_deref()),
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
        let sql = "select id, max(whole_at) from meta.turn
            where source = ? and id in (select unnest(string_split(?, ?))) and kind = ? group by id";
        self.times_of(sql, source, ids, &[Value::Text(kind.to_string())])
    }

    /// Of things of a source, what events told of each.
    pub fn told(&self, source: &str, kind: Kind, ids: &[String]) -> Result<BTreeMap<String, Vec<ToldAt>>, StoreError> {
        let sql = "select id, told_at, told from meta.turn
            where source = ? and id in (select unnest(string_split(?, ?))) and kind = ? and told_at is not null";
        let mut told: BTreeMap<String, Vec<ToldAt>> = BTreeMap::new();
        for row in self.rows_of(sql, source, ids, &[Value::Text(kind.to_string())])?.rows {
            if let [Value::Text(id), Value::Time(micros), columns] = &row[..]
                && let Some(at) = DateTime::from_timestamp_micros(*micros)
            {
                let columns = if let Value::Text(columns) = columns { Some(columns.clone()) } else { None };
                told.entry(id.clone()).or_default().push(ToldAt { at, columns });
            }
        }
        Ok(told)
    }
}
