//! Intake of files and streams: CSV, NDJSON, a JSON array, or Parquet in; checked batches and refused rows out.
//!
//! Everything is streamed: what is held in memory is one batch, whatever the size of the input. A row that cannot be
//! taken goes to [`Sink::rejection`] with every problem it has; an input that cannot be taken at all (its header is
//! wrong, it is cut, it is damaged) ends the reading with an [`ImportError`]. Whether good rows of an input with bad
//! ones are kept is the caller's decision. This module knows no database.

mod ahead;
mod arrow_cells;
mod csv;
mod csv_records;
mod error;
mod format;
mod header;
mod input;
mod intake;
mod json_array;
mod json_row;
mod lines;
mod ndjson;
mod parquet;

use std::error::Error;
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::Path;

use chrono::{DateTime, Utc};

pub use error::ImportError;
pub use format::Format;
pub use input::{begins_as_json, unpacks_beyond};

use input::{Input, Packing};
use intake::Intake;

/// How many rows a batch holds, unless the caller wants otherwise.
pub const DEFAULT_BATCH_ROWS: usize = 50_000;

/// The longest row, in bytes, that is taken; longer ones are refused without being held in memory.
pub const MAX_LINE: usize = 1 << 20;

/// What is read, and how.
pub struct Options<'a> {
    /// The kind of fact that every row tells of.
    pub kind: facts::Kind,
    /// The secret with which people are hashed.
    pub key: &'a facts::PersonKey,
    /// The source of rows that name none.
    pub source: &'a str,
    /// The time of the intake.
    pub now: DateTime<Utc>,
    /// The zone of times that carry none; without it they are refused.
    pub time_zone: Option<chrono_tz::Tz>,
    /// How many rows a batch holds at most, such as [`DEFAULT_BATCH_ROWS`].
    pub batch_rows: usize,
}

/// A refused row.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Rejection {
    /// Position of the file among those imported.
    pub file: u32,
    /// Where the row begins: its line, its element of a JSON array or its row of a Parquet file, from 1.
    pub line: u64,
    /// Everything that is wrong with it.
    pub problems: Vec<facts::Problem>,
    /// The row as text (JSON for Parquet), cut at 4 KiB.
    pub raw: String,
}

/// Takes what was read.
pub trait Sink {
    /// Takes good rows.
    fn batch(&mut self, batch: facts::Batch) -> Result<(), Box<dyn Error + Send + Sync>>;

    /// Takes a bad row.
    fn rejection(&mut self, rejection: Rejection) -> Result<(), Box<dyn Error + Send + Sync>>;

    /// Learns how many bytes of this input, as they are on disk or on the wire, were read so far.
    fn progress(&mut self, bytes_read: u64);

    /// Learns of what is no mistake and may be one.
    fn note(&mut self, _note: String) {}
}

/// Reads one file to its end; returns how many rows it has, good and bad. Without a `format` the content decides.
pub fn read_file(
    path: &Path,
    file_index: u32,
    format: Option<Format>,
    options: &Options<'_>,
    sink: &mut dyn Sink,
) -> Result<u64, ImportError> {
    let name = path.display().to_string();
    let open = || File::open(path).map_err(|error| ImportError::Open { file: name.clone(), error });
    let file = open()?;
    // A named pipe cannot be read from its end, so that it counts as a stream.
    let regular_size = file.metadata().ok().filter(Metadata::is_file).map(|metadata| metadata.len());
    ahead::read_ahead(&name, sink, |sink| {
        let input = Input::open(&name, Box::new(file))?;
        let mut intake = Intake::new(&input, file_index, options, sink);
        // What is empty looks like nothing; then its name says what it is.
        let format = format.or_else(|| Format::from_name(path).filter(|_| input.first_byte().is_none()));
        match (input.format(format)?, input.packing, regular_size) {
            (Format::Parquet, Packing::Plain, Some(size)) => parquet::read(open()?, size, &mut intake)?,
            (format, ..) => read_rows(input, format, &mut intake)?,
        }
        intake.finish()
    })
}

/// Reads one stream (standard input, the body of a request) to its end; returns how many rows it has, good and bad.
/// `name` stands for it in messages. Without a `format` the content decides. A Parquet stream goes through a
/// temporary file, since Parquet is read from its end.
pub fn read_stream(
    name: &str,
    reader: Box<dyn Read + Send>,
    file_index: u32,
    format: Option<Format>,
    options: &Options<'_>,
    sink: &mut dyn Sink,
) -> Result<u64, ImportError> {
    ahead::read_ahead(name, sink, |sink| {
        let input = Input::open(name, reader)?;
        let mut intake = Intake::new(&input, file_index, options, sink);
        let format = input.format(format)?;
        read_rows(input, format, &mut intake)?;
        intake.finish()
    })
}

/// Reads an input that was read before once more, for the texts of some rows, as a [`Rejection`] shows them: of each row that
/// `is_wanted` names by its number, `take` is told number and text, in the order in which they stand.
pub fn quote_rows(
    name: &str,
    reader: Box<dyn Read + Send>,
    format: Option<Format>,
    options: &Options<'_>,
    is_wanted: impl Fn(u64) -> bool,
    mut take: impl FnMut(u64, String),
) -> Result<(), ImportError> {
    let input = Input::open(name, reader)?;
    let mut nobody = Nobody;
    let mut quoted = |line: u64, text: &mut dyn FnMut() -> String| {
        if is_wanted(line) {
            take(line, text());
        }
    };
    let mut intake = Intake::new(&input, 0, options, &mut nobody);
    intake.quoted = Some(&mut quoted);
    let format = input.format(format)?;
    read_rows(input, format, &mut intake)
}

/// Rows that are quoted go nowhere else.
struct Nobody;

impl Sink for Nobody {
    fn batch(&mut self, _: facts::Batch) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(())
    }

    fn rejection(&mut self, _: Rejection) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(())
    }

    fn progress(&mut self, _: u64) {}
}

fn read_rows(input: Input<'_>, format: Format, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    match format {
        Format::Csv => csv::read(input, intake),
        Format::Ndjson if input.first_byte() == Some(b'[') => json_array::read(input, intake),
        Format::Ndjson => ndjson::read(input, intake),
        Format::Parquet => {
            let file = input.spool()?;
            parquet::read(file, intake.bytes_read(), intake)
        }
    }
}
