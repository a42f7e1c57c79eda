//! The inbox: pushes accepted and not yet turned into facts, and those that cannot be.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use duckdb::Connection;
use facts::Kind;

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
    /// What it tells beside facts has been counted.
    pub is_noted: bool,
}

/// The pushes of a round.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Round {
    /// The pushes, oldest first.
    pub pushes: Vec<Waiting>,
    /// More wait than these.
    pub has_more: bool,
}

/// A push that cannot be turned into facts, or not all of it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadLetter {
    /// Its number, in the order of arrival.
    pub number: i64,
    /// The source it came for.
    pub source: String,
    /// What makes a repeat of it recognisable.
    pub delivery: String,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// The length of its body.
    pub bytes: u64,
    /// What keeps it from being facts.
    pub reason: String,
}

/// A push to be held back.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// Its number.
    pub number: i64,
    /// Why it is held.
    pub reason: String,
    /// The things whose begins it waits for.
    pub awaits: Vec<(Kind, String)>,
}

/// A repeat of a push that is facts already, that waits with the same headers, or that is held does nothing. One of a dead
/// letter takes its place, as of then: its headers may be the right ones now, and what it tells is not newer for that.
const PASS_OVER_REPEATS: &str = "
    update meta.inbox set bytes = octet_length(body) where bytes is null;
    delete from meta.inbox as repeat using meta.delivery as seen
    where repeat.source = seen.source and repeat.delivery = seen.delivery;
    delete from meta.inbox as repeat using meta.inbox as earlier
    where repeat.source = earlier.source and repeat.delivery = earlier.delivery and earlier.number < repeat.number
        and repeat.reason is null
        and (earlier.is_held or earlier.reason is null and earlier.headers = repeat.headers);
    update meta.inbox as repeat
    set is_noted = repeat.is_noted or dead.is_noted, received_at = least(repeat.received_at, dead.received_at)
    from meta.inbox as dead
    where repeat.source = dead.source and repeat.delivery = dead.delivery and dead.number < repeat.number
        and repeat.reason is null and dead.reason is not null and not dead.is_held;
    delete from meta.inbox as dead using meta.inbox as repeat
    where repeat.source = dead.source and repeat.delivery = dead.delivery and dead.number < repeat.number
        and repeat.reason is null and dead.reason is not null and not dead.is_held";

/// Those held by an earlier version do not say what they wait for, and are tried once more.
const RELEASE: &str = "
    update meta.inbox set reason = null, is_held = false
    where is_held and number not in (select number from meta.awaited) or is_held and number in (
        select awaited.number
        from meta.awaited
        join meta.inbox as held on held.number = awaited.number
        join facts.incident as begun on begun.source = held.source and begun.id = awaited.id
        where awaited.kind = 'incident'
        union all
        select awaited.number
        from meta.awaited
        join meta.inbox as held on held.number = awaited.number
        join facts.ticket as begun on begun.source = held.source and begun.id = awaited.id
        where awaited.kind = 'ticket'
    );
    delete from meta.awaited where number not in (select number from meta.inbox where is_held)";

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
                    false,
                    push.body.len() as i64,
                ])?;
            }
            appender.flush()
        })
    }

    /// The pushes that wait, oldest first: so many, and together of so many bytes, but one at least.
    pub fn waiting(&self, at_most: usize, most_bytes: u64) -> Result<Round, StoreError> {
        self.on_inbox("reading the inbox", |connection| {
            connection.execute_batch(PASS_OVER_REPEATS)?;
            let mut statement = connection.prepare(&format!(
                "select number, bytes from meta.inbox where reason is null order by number limit {}",
                at_most.saturating_add(1)
            ))?;
            let sizes: Vec<(i64, u64)> =
                statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<duckdb::Result<_>>()?;
            let (mut n_taken, mut bytes) = (0_usize, 0_u64);
            for (_, size) in sizes.iter().take(at_most) {
                bytes = bytes.saturating_add(*size);
                if n_taken > 0 && bytes > most_bytes {
                    break;
                }
                n_taken += 1;
            }
            let Some((last, _)) = n_taken.checked_sub(1).and_then(|place| sizes.get(place)) else {
                return Ok(Round::default());
            };
            Ok(Round { pushes: read_until(connection, *last)?, has_more: n_taken < sizes.len() })
        })
    }

    /// The pushes that cannot be turned into facts, oldest first.
    pub fn dead_letters(&self, at_most: usize) -> Result<Vec<DeadLetter>, StoreError> {
        self.on_inbox("reading the inbox", |connection| {
            let mut statement = connection.prepare(&format!(
                "select number, source, delivery, epoch_us(received_at), coalesce(bytes, 0), reason
                from meta.inbox where reason is not null order by number limit {at_most}"
            ))?;
            let rows = statement.query_map([], |row| {
                Ok(DeadLetter {
                    number: row.get(0)?,
                    source: row.get(1)?,
                    delivery: row.get(2)?,
                    received_at: DateTime::from_timestamp_micros(row.get(3)?).unwrap_or_default(),
                    bytes: row.get(4)?,
                    reason: row.get(5)?,
                })
            })?;
            rows.collect()
        })
    }

    /// The numbers of the pushes that cannot be turned into facts.
    pub fn dead_numbers(&self) -> Result<BTreeSet<i64>, StoreError> {
        self.on_inbox("reading the inbox", |connection| {
            let mut statement = connection.prepare("select number from meta.inbox where reason is not null")?;
            statement.query_map([], |row| row.get(0))?.collect()
        })
    }

    /// Takes pushes out of the inbox that are facts now, and remembers them, so that repeats do nothing.
    /// Those that told nothing are not remembered: sent again when the configuration was mended they may tell something.
    pub fn taken(&self, pushes: &[Waiting], of_no_use: &[i64], now: DateTime<Utc>) -> Result<(), StoreError> {
        self.on_inbox("emptying the inbox", |connection| {
            if !of_no_use.is_empty() {
                connection.execute(&format!("delete from meta.inbox where true {}", among(of_no_use)), [])?;
            }
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

    /// Holds pushes back that end something of which no begin is known.
    pub fn hold(&self, pushes: &[Held]) -> Result<(), StoreError> {
        if pushes.is_empty() {
            return Ok(());
        }
        self.on_inbox("holding pushes back", |connection| {
            let mut hold = connection.prepare("update meta.inbox set reason = ?, is_held = true where number = ?")?;
            let mut awaited = connection.appender_to_db("awaited", "meta")?;
            for Held { number, reason, awaits } in pushes {
                hold.execute(duckdb::params![reason, number])?;
                for (kind, id) in awaits {
                    awaited.append_row(duckdb::params![number, kind.to_string(), id])?;
                }
            }
            awaited.flush()
        })
    }

    /// Lets pushes be tried again that were held back, where a begin that they wait for is told by now.
    pub fn release(&self) -> Result<(), StoreError> {
        self.on_inbox("trying pushes again", |connection| connection.execute_batch(RELEASE))
    }

    /// Remembers that what pushes tell beside facts has been counted.
    pub fn noted(&self, numbers: &[i64]) -> Result<(), StoreError> {
        if numbers.is_empty() {
            return Ok(());
        }
        self.on_inbox("counting what pushes tell", |connection| {
            connection
                .execute(&format!("update meta.inbox set is_noted = true where true {}", among(numbers)), [])
                .map(|_| ())
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

/// The pushes that wait, up to a number.
fn read_until(connection: &Connection, last: i64) -> duckdb::Result<Vec<Waiting>> {
    let mut statement = connection.prepare(
        "select number, source, delivery, epoch_us(received_at), headers, body, is_noted
        from meta.inbox where reason is null and number <= ? order by number",
    )?;
    let rows = statement.query_map([last], |row| {
        Ok(Waiting {
            number: row.get(0)?,
            push: Push {
                source: row.get(1)?,
                delivery: row.get(2)?,
                received_at: DateTime::from_timestamp_micros(row.get(3)?).unwrap_or_default(),
                headers: row.get(4)?,
                body: row.get(5)?,
            },
            is_noted: row.get(6)?,
        })
    })?;
    rows.collect()
}
