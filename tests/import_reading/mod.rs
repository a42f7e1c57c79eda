//! What the intake of files and streams makes of what it is given: batches, refused rows, or one error for the whole.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic like tests")]

mod csv;
mod json_array;
mod ndjson;
mod parquet;
mod whole_inputs;

use std::error::Error;
use std::io::{Cursor, Read};

use arrow::array::AsArray;
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use chrono::DateTime;
use collectors::import::{Format, ImportError, Options, Rejection, Sink, read_stream};
use facts::{Batch, Kind, PersonKey};

use crate::support::gzip;

/// A sink that keeps everything.
#[derive(Default)]
struct Kept {
    batches: Vec<Batch>,
    rejections: Vec<Rejection>,
    progress: Vec<u64>,
}

impl Sink for Kept {
    fn batch(&mut self, batch: Batch) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.batches.push(batch);
        Ok(())
    }

    fn rejection(&mut self, rejection: Rejection) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.rejections.push(rejection);
        Ok(())
    }

    fn progress(&mut self, bytes_read: u64) {
        self.progress.push(bytes_read);
    }
}

impl Kept {
    /// A column of all batches as text, null as `-`.
    fn column(&self, name: &str) -> Vec<String> {
        let mut values = Vec::new();
        for batch in &self.batches {
            let array = batch.record.column_by_name(name).expect("the batch has the column");
            for row in 0..batch.len() {
                values.push(match array.data_type() {
                    _ if array.is_null(row) => "-".to_owned(),
                    DataType::Utf8 => array.as_string::<i32>().value(row).to_owned(),
                    DataType::Int64 => array.as_primitive::<Int64Type>().value(row).to_string(),
                    DataType::Float64 => array.as_primitive::<Float64Type>().value(row).to_string(),
                    DataType::Boolean => array.as_boolean().value(row).to_string(),
                    DataType::Date32 => array.as_primitive::<Date32Type>().value_as_date(row).unwrap().to_string(),
                    _ => {
                        let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
                        DateTime::from_timestamp_micros(micros).unwrap().format("%FT%T%.fZ").to_string()
                    }
                });
            }
        }
        values
    }

    /// The refused rows as `line: problem; problem`.
    fn refused(&self) -> Vec<String> {
        let told = |rejection: &Rejection| {
            let problems: Vec<_> = rejection.problems.iter().map(ToString::to_string).collect();
            format!("{}: {}", rejection.line, problems.join("; "))
        };
        self.rejections.iter().map(told).collect()
    }
}

/// Runs with the options that the tests share: key, source `import`, and 2026-03-01 as today.
fn with_options<T>(kind: Kind, run: impl FnOnce(Options<'_>) -> T) -> T {
    let key = PersonKey::new(b"0123456789abcdef").unwrap();
    let now = DateTime::parse_from_rfc3339("2026-03-01T00:00:00Z").unwrap().to_utc();
    run(Options { kind, key: &key, source: "import", now, time_zone: None, batch_rows: 50_000 })
}

/// Reads an input called `in`; gives the number of rows, or the message, and what was kept.
fn read_with(
    options: &Options<'_>,
    format: Option<Format>,
    reader: impl Read + Send + 'static,
) -> (Result<u64, ImportError>, Kept) {
    let mut kept = Kept::default();
    let result = read_stream("in", Box::new(reader), 0, format, options, &mut kept);
    (result, kept)
}

fn read(kind: Kind, content: impl Into<Vec<u8>>) -> (Result<u64, ImportError>, Kept) {
    let content = content.into();
    with_options(kind, |options| read_with(&options, None, Cursor::new(content)))
}

/// Reads an input that can be taken as a whole, though rows of it may not.
fn rows(kind: Kind, content: impl Into<Vec<u8>>) -> Kept {
    let (result, kept) = read(kind, content);
    let n_kept: usize = kept.batches.iter().map(Batch::len).sum();
    assert_eq!(result.unwrap(), (n_kept + kept.rejections.len()) as u64);
    kept
}

/// The message with which an input is refused as a whole.
fn refusal(kind: Kind, content: impl Into<Vec<u8>>) -> String {
    read(kind, content).0.unwrap_err().to_string()
}
