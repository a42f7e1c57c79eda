//! The inbox: pushes accepted and not yet turned into facts, and those that cannot be.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use duckdb::Connection;

use crate::error::StoreError;
use crate::open::Store;
use crate::query::Value;

/// A push as it arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Push {
    /// The source it came for.
    pub source: String,
    /// What makes a repeat of the same push recognisable.
    pub delivery: String,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// Its headers, as a JSON array of pairs; no credentials among them.
    pub headers: String,
    /// Its body.
    pub body: Vec<u8>,
}

/// A push in the inbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    /// Its number, in the order of arrival.
    pub number: i64,
    /// The push.
    pub push: Push,
    /// Why it cannot be turned into facts; none while it waits.
    pub reason: Option<String>,
}

impl Store {
    /// Keeps pushes, all or none. When this returns they are on the disk.
    pub fn accept(&self, pushes: &[Push]) -> Result<(), StoreError> {
        in_transaction(&self.arrivals(), "keeping pushes", |connection| {
            // Thousands a second may come: appending takes a tenth of the time of inserting.
            let mut appender = connection.appender_to_db("inbox", "meta")?;
            for push in pushes {
                appender.append_row(duckdb::params![
                    self.next_push(),
                    push.source,
                    push.delivery,
                    Value::Time(push.received_at.timestamp_micros()),
                    push.headers,
                    push.body,
                    Option::<String>::None,
                    false,
                ])?;
            }
            appender.flush()
        })
    }

    /// The pushes that wait, oldest first; those seen before are taken away on the way.
    pub fn waiting(&self, at_most: usize) -> Result<Vec<Waiting>, StoreError> {
        self.on_inbox("reading the inbox", |connection| {
            connection.execute_batch(
                "delete from meta.inbox as waiting using meta.delivery as seen
                where waiting.source = seen.source and waiting.delivery = seen.delivery and waiting.reason is null;
                delete from meta.inbox as waiting using meta.inbox as earlier
                where waiting.source = earlier.source and waiting.delivery = earlier.delivery
                    and earlier.number < waiting.number and waiting.reason is null",
            )?;
            read(connection, "where reason is null", at_most)
        })
    }

    /// The pushes that cannot be turned into facts, with their reasons, oldest first.
    pub fn dead_letters(&self, at_most: usize) -> Result<Vec<Waiting>, StoreError> {
        self.on_inbox("reading the inbox", |connection| read(connection, "where reason is not null", at_most))
    }

    /// The numbers of the pushes that cannot be turned into facts.
    pub fn dead_numbers(&self) -> Result<BTreeSet<i64>, StoreError> {
        self.on_inbox("reading the inbox", |connection| {
            let mut statement = connection.prepare("select number from meta.inbox where reason is not null")?;
            statement.query_map([], |row| row.get(0))?.collect()
        })
    }

    /// Takes pushes out of the inbox that are facts now, and remembers them, so that repeats do nothing.
    pub fn taken(&self, pushes: &[Waiting], now: DateTime<Utc>) -> Result<(), StoreError> {
        self.on_inbox("emptying the inbox", |connection| {
            let numbers: Vec<i64> = pushes.iter().map(|waiting| waiting.number).collect();
            if numbers.is_empty() {
                return Ok(());
            }
            let among = among(&numbers);
            connection.execute(
                &format!(
                    "insert into meta.delivery
                    select source, delivery, make_timestamp(?) from meta.inbox where true {among}"
                ),
                [now.timestamp_micros()],
            )?;
            connection.execute(&format!("delete from meta.inbox where true {among}"), [])?;
            connection.execute(
                "delete from meta.delivery where taken_at < make_timestamp(?)",
                [(now - chrono::Duration::days(30)).timestamp_micros()],
            )?;
            Ok(())
        })
    }

    /// Says why a push cannot be turned into facts. It stays until it is replayed or dropped.
    pub fn bury(&self, number: i64, reason: &str) -> Result<(), StoreError> {
        self.on_inbox("noting a push that cannot be read", |connection| {
            connection
                .execute("update meta.inbox set reason = ? where number = ?", duckdb::params![reason, number])
                .map(|_| ())
        })
    }

    /// Holds pushes back that end something of which no begin is known, each with its reason.
    pub fn hold(&self, pushes: &[(i64, String)]) -> Result<(), StoreError> {
        self.on_inbox("holding pushes back", |connection| {
            let mut hold = connection.prepare("update meta.inbox set reason = ?, is_held = true where number = ?")?;
            for (number, reason) in pushes {
                hold.execute(duckdb::params![reason, number])?;
            }
            Ok(())
        })
    }

    /// Lets pushes that were held back be tried again: those of a source, or all.
    pub fn release(&self, source: Option<&str>) -> Result<usize, StoreError> {
        self.on_inbox("trying pushes again", |connection| {
            connection.execute(
                "update meta.inbox set reason = null, is_held = false where is_held and source = coalesce(?, source)",
                [source],
            )
        })
    }

    /// Lets pushes that could not be read be tried again; without numbers, all. Returns how many.
    pub fn replay(&self, numbers: &[i64]) -> Result<usize, StoreError> {
        self.on_inbox("replaying pushes", |connection| {
            connection.execute(
                &format!(
                    "update meta.inbox set reason = null, is_held = false where reason is not null {}",
                    among(numbers)
                ),
                [],
            )
        })
    }

    /// Throws pushes away that could not be read; without numbers, all. Returns how many.
    pub fn drop_dead(&self, numbers: &[i64]) -> Result<usize, StoreError> {
        self.on_inbox("dropping pushes", |connection| {
            connection.execute(&format!("delete from meta.inbox where reason is not null {}", among(numbers)), [])
        })
    }

    /// Works on the inbox's own connection: a long write of facts does not hold up what is done with pushes.
    fn on_inbox<T>(&self, doing: &str, work: impl FnOnce(&Connection) -> duckdb::Result<T>) -> Result<T, StoreError> {
        in_transaction(&self.inbox(), doing, work)
    }
}

fn in_transaction<T>(
    connection: &Connection,
    doing: &str,
    work: impl FnOnce(&Connection) -> duckdb::Result<T>,
) -> Result<T, StoreError> {
    let failed = |error: duckdb::Error| StoreError::database(doing, &error);
    connection.execute_batch("begin transaction").map_err(failed)?;
    match work(connection).and_then(|value| connection.execute_batch("commit").map(|()| value)) {
        Ok(value) => Ok(value),
        Err(error) => {
            // The first error is the one to tell; a rollback that fails too has nothing to add.
            let _ = connection.execute_batch("rollback");
            Err(failed(error))
        }
    }
}

/// The numbers are our own integers, so they may stand in the text.
fn among(numbers: &[i64]) -> String {
    if numbers.is_empty() {
        return String::new();
    }
    let listed: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    format!("and number in ({})", listed.join(", "))
}

fn read(connection: &Connection, which: &str, at_most: usize) -> duckdb::Result<Vec<Waiting>> {
    let mut statement = connection.prepare(&format!(
        "select number, source, delivery, epoch_us(received_at), headers, body, reason
        from meta.inbox {which} order by number limit {at_most}"
    ))?;
    let rows = statement.query_map([], |row| {
        Ok(Waiting {
            number: row.get(0)?,
            push: Push {
                source: row.get(1)?,
                delivery: row.get(2)?,
                received_at: DateTime::from_timestamp_micros(row.get(3)?).unwrap_or_default(),
                headers: row.get(4)?,
                body: row.get(5)?,
            },
            reason: row.get(6)?,
        })
    })?;
    rows.collect()
}
