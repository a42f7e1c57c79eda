//! Questions to the store: SQL with bound parameters, answered in Arrow record batches or plain rows.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use arrow::array::RecordBatch;
use chrono::{DateTime, Utc};
use duckdb::Connection;
use duckdb::types::ValueRef;
use facts::Kind;

use crate::error::StoreError;
use crate::open::Store;

/// A parameter or a value of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// A truth value.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
    /// Text.
    Text(String),
    /// Microseconds since 1970 in UTC.
    Time(i64),
}

impl duckdb::ToSql for Value {
    fn to_sql(&self) -> duckdb::Result<duckdb::types::ToSqlOutput<'_>> {
        use duckdb::types::{TimeUnit, ToSqlOutput, Value as Bound};
        Ok(ToSqlOutput::Owned(match self {
            Value::Null => Bound::Null,
            Value::Boolean(truth) => Bound::Boolean(*truth),
            Value::Integer(number) => Bound::BigInt(*number),
            Value::Real(number) => Bound::Double(*number),
            Value::Text(text) => Bound::Text(text.clone()),
            Value::Time(micros) => Bound::Timestamp(TimeUnit::Microsecond, *micros),
        }))
    }
}

/// A small answer, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<Value>>,
}

/// How often it is looked whether somebody still waits for an answer.
const LOOK_EVERY: Duration = Duration::from_millis(50);

impl Store {
    /// Hands an answer on batch by batch as it is found, so that one of millions of rows need not fit into memory.
    pub fn query_each(
        &self,
        sql: &str,
        parameters: &[Value],
        mut take: impl FnMut(&RecordBatch),
    ) -> Result<(), StoreError> {
        self.with_reader(|connection| {
            let mut statement = connection.prepare(sql)?;
            for batch in statement.stream_arrow(duckdb::params_from_iter(parameters))? {
                take(&batch);
            }
            Ok(())
        })
        .map_err(|error| StoreError::database(format!("answering {}", first_line(sql)), &error))
    }

    /// Hands an answer on batch by batch until `take` breaks off, or nobody waits for it any more: that is looked at also while
    /// there is no batch yet. Unlike [`Store::query_each`], it tells what fails on the way as an error.
    pub fn query_while(
        &self,
        sql: &str,
        parameters: &[Value],
        is_over: &(dyn Fn() -> bool + Sync),
        take: &mut dyn FnMut(RecordBatch) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut read = |connection: &Connection| {
            let mut statement = connection.prepare(sql)?;
            // The iterator that this gives panics where a row fails; stepping tells the error.
            drop(statement.stream_arrow(duckdb::params_from_iter(parameters))?);
            while let Some(rows) = statement.step()? {
                if take(RecordBatch::from(rows)).is_break() {
                    break;
                }
            }
            Ok(())
        };
        let found = self.with_reader(|connection| {
            let interrupt = connection.interrupt_handle();
            let is_read = AtomicBool::new(false);
            thread::scope(|scope| {
                let watch = scope.spawn(|| {
                    while !is_read.load(Ordering::Acquire) {
                        // Again and again: an interrupt that comes before the statement begins is forgotten.
                        if is_over() {
                            interrupt.interrupt();
                        }
                        thread::park_timeout(LOOK_EVERY);
                    }
                });
                let found = read(connection);
                is_read.store(true, Ordering::Release);
                watch.thread().unpark();
                found
            })
        });
        match found {
            Err(_) if is_over() => Ok(()),
            found => found.map_err(|error| StoreError::database(format!("answering {}", first_line(sql)), &error)),
        }
    }

    /// Answers in rows. For small answers.
    pub fn query(&self, sql: &str, parameters: &[Value]) -> Result<Rows, StoreError> {
        self.with_reader(|connection| rows(connection, sql, parameters))
            .map_err(|error| StoreError::database(format!("answering {}", first_line(sql)), &error))
    }

    /// Of some facts of a kind that has an `id`, those that stand, with when each began.
    pub fn begins(
        &self,
        kind: Kind,
        source: &str,
        ids: &[String],
    ) -> Result<BTreeMap<String, DateTime<Utc>>, StoreError> {
        let observed = kind.spec().observed;
        let sql = format!(
            "select id, \"{observed}\" from facts.{kind}
            where source = ? and id in (select unnest(string_split(?, ?)))"
        );
        self.times_of(&sql, source, ids, &[])
    }

    /// Which of a source's changes of these identifiers are of a repository.
    pub fn changes_of(&self, source: &str, repository: &str, ids: &[String]) -> Result<Vec<String>, StoreError> {
        let sql = "select id from facts.change
            where source = ? and id in (select unnest(string_split(?, ?))) and repository = ?";
        let found = self.rows_of(sql, source, ids, &[Value::Text(repository.to_owned())])?;
        let id = |value| match value {
            Value::Text(id) => Some(id),
            _ => None,
        };
        Ok(found.rows.into_iter().flatten().filter_map(id).collect())
    }

    /// What is known of some things of a source, by a query whose parameters are the source, the list of identifiers with its
    /// separator, and more.
    pub(crate) fn rows_of(&self, sql: &str, source: &str, ids: &[String], more: &[Value]) -> Result<Rows, StoreError> {
        // One list, not a query for each; the separator is a control character that stands in no identifier.
        const SEPARATOR: &str = "\u{1f}";
        let own = [source.to_owned(), ids.join(SEPARATOR), SEPARATOR.to_owned()].map(Value::Text);
        self.query(sql, &[&own[..], more].concat())
    }

    /// The same where that is a time of each.
    pub(crate) fn times_of(
        &self,
        sql: &str,
        source: &str,
        ids: &[String],
        more: &[Value],
    ) -> Result<BTreeMap<String, DateTime<Utc>>, StoreError> {
        let found = self.rows_of(sql, source, ids, more)?;
        let begin = |row: Vec<Value>| match &row[..] {
            [Value::Text(id), Value::Time(micros)] => Some((id.clone(), DateTime::from_timestamp_micros(*micros)?)),
            _ => None,
        };
        Ok(found.rows.into_iter().filter_map(begin).collect())
    }
}

/// Runs one statement and reads its rows.
pub(crate) fn rows(connection: &Connection, sql: &str, parameters: &[Value]) -> duckdb::Result<Rows> {
    let mut statement = connection.prepare(sql)?;
    let mut found = statement.query(duckdb::params_from_iter(parameters))?;
    let mut rows = Vec::new();
    let mut columns = Vec::new();
    while let Some(row) = found.next()? {
        if columns.is_empty() {
            columns = row.as_ref().column_names();
        }
        rows.push((0..columns.len()).map(|position| Ok(value(row.get_ref(position)?))).collect::<duckdb::Result<_>>()?);
    }
    drop(found);
    if columns.is_empty() {
        columns = statement.column_names();
    }
    Ok(Rows { columns, rows })
}

/// One number from a statement that gives one.
pub(crate) fn number(connection: &Connection, sql: &str) -> duckdb::Result<i64> {
    connection.query_row(sql, [], |row| row.get(0))
}

fn value(found: ValueRef<'_>) -> Value {
    use duckdb::types::TimeUnit;
    match found {
        ValueRef::Null => Value::Null,
        ValueRef::Boolean(truth) => Value::Boolean(truth),
        ValueRef::TinyInt(number) => Value::Integer(number.into()),
        ValueRef::SmallInt(number) => Value::Integer(number.into()),
        ValueRef::Int(number) => Value::Integer(number.into()),
        ValueRef::BigInt(number) => Value::Integer(number),
        ValueRef::HugeInt(number) => i64::try_from(number).map_or(Value::Real(number as f64), Value::Integer),
        ValueRef::UTinyInt(number) => Value::Integer(number.into()),
        ValueRef::USmallInt(number) => Value::Integer(number.into()),
        ValueRef::UInt(number) => Value::Integer(number.into()),
        ValueRef::UBigInt(number) => i64::try_from(number).map_or(Value::Real(number as f64), Value::Integer),
        ValueRef::Float(number) => Value::Real(number.into()),
        ValueRef::Double(number) => Value::Real(number),
        ValueRef::Timestamp(TimeUnit::Microsecond, micros) => Value::Time(micros),
        ValueRef::Timestamp(TimeUnit::Second, seconds) => Value::Time(seconds * 1_000_000),
        ValueRef::Timestamp(TimeUnit::Millisecond, millis) => Value::Time(millis * 1_000),
        ValueRef::Timestamp(TimeUnit::Nanosecond, nanos) => Value::Time(nanos / 1_000),
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Date32(days) => Value::Time(i64::from(days) * 86_400_000_000),
        ValueRef::Enum(..) => found.as_str().map_or(Value::Null, |word| Value::Text(word.to_owned())),
        other => Value::Text(format!("{other:?}")),
    }
}

fn first_line(sql: &str) -> &str {
    sql.trim_start().lines().next().unwrap_or_default()
}
