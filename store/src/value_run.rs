//! Runs of the value model: their inputs, kept so that their figures can be had again.

use chrono::{DateTime, Utc};
use duckdb::OptionalExt as _;

use crate::error::StoreError;
use crate::open::Store;
use crate::query::{Value, number};

/// A run of the value model.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueRun {
    /// The version of the calculation.
    pub model_version: u32,
    /// The seed of its draws.
    pub seed: u64,
    /// The version of the data it was measured in.
    pub data_version: i64,
    /// Begin of its window.
    pub from: DateTime<Utc>,
    /// End of its window.
    pub to: DateTime<Utc>,
    /// All inputs, as JSON.
    pub inputs: String,
}

impl Store {
    /// Keeps a run and returns its number. One whose inputs are the same to the letter is not kept twice.
    pub fn keep_value_run(&self, run: &ValueRun, now: DateTime<Utc>) -> Result<i64, StoreError> {
        self.transaction("keeping a run of the value model", |connection| {
            let kept: Option<i64> = connection
                .query_row("select min(run) from meta.value_run where inputs = ?", [&run.inputs], |row| row.get(0))
                .optional()?
                .flatten();
            if let Some(kept) = kept {
                return Ok(kept);
            }
            let next = number(connection, "select coalesce(max(run), 0) + 1 from meta.value_run")?;
            connection.execute(
                "insert into meta.value_run values
                (?, make_timestamp(?), ?, ?, ?, make_timestamp(?), make_timestamp(?), ?)",
                duckdb::params![
                    next,
                    now.timestamp_micros(),
                    run.model_version,
                    run.seed,
                    run.data_version,
                    run.from.timestamp_micros(),
                    run.to.timestamp_micros(),
                    run.inputs,
                ],
            )?;
            Ok(next)
        })
    }

    /// The inputs of a run, as JSON.
    pub fn value_run(&self, run: i64) -> Result<Option<String>, StoreError> {
        let found = self.query("select inputs from meta.value_run where run = ?", &[Value::Integer(run)])?;
        Ok(found.rows.into_iter().flatten().find_map(|value| match value {
            Value::Text(inputs) => Some(inputs),
            _ => None,
        }))
    }
}
