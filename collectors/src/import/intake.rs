//! Where the readers of all formats put their rows: checks each, collects good ones into batches, hands bad ones on.

use std::io;

use facts::{BatchBuilder, Cell, Problem, Raw, RowOrigin, Spec, parse_cell};

use super::error::{ImportError, of_reading};
use super::input::{Input, Meter, Packing};
use super::{Options, Rejection, Sink};

/// The rows of one input on their way to the sink.
pub(super) struct Intake<'a> {
    /// The name of the input, for messages.
    pub(super) name: &'a str,
    /// The description of the kind that is read.
    pub(super) spec: &'static Spec,
    packing: Packing,
    file: u32,
    options: &'a Options<'a>,
    sink: &'a mut dyn Sink,
    builder: BatchBuilder,
    batch_bytes: usize,
    n_rows: u64,
    meter: Meter,
    reported: u64,
    /// Takes the number and text of each row instead, which is then neither checked nor kept.
    pub(super) quoted: Option<Quoted<'a>>,
}

/// What takes the number and the text of each row: the text is made only when asked for.
pub(super) type Quoted<'a> = &'a mut dyn FnMut(u64, &mut dyn FnMut() -> String);

/// A batch is also handed on when its rows are this large, so that few but huge rows do not fill the memory.
const MAX_BATCH_BYTES: usize = 64 << 20;
const REPORT_EVERY: u64 = 256 << 10;
const MAX_RAW: usize = 4 << 10;

impl<'a> Intake<'a> {
    pub(super) fn new(input: &Input<'a>, file: u32, options: &'a Options<'a>, sink: &'a mut dyn Sink) -> Intake<'a> {
        Intake {
            name: input.name,
            spec: options.kind.spec(),
            packing: input.packing,
            file,
            options,
            sink,
            builder: empty_batch(options),
            batch_bytes: 0,
            n_rows: 0,
            meter: input.meter.clone(),
            reported: 0,
            quoted: None,
        }
    }

    /// Takes a row: its values in the order of the kind's columns, and what the reader already found wrong with it.
    /// `size` is about how many bytes it has; `text` is the row as the rejection shows it.
    pub(super) fn row(
        &mut self,
        line: u64,
        size: usize,
        values: &[Raw<'_>],
        mut problems: Vec<Problem>,
        text: impl FnOnce() -> String,
    ) -> Result<(), ImportError> {
        if self.quoted.is_some() {
            return self.reject(line, problems, text);
        }
        let mut cells = Vec::with_capacity(values.len());
        for (column, value) in self.spec.columns.iter().zip(values) {
            cells.push(parse_cell(column, *value, self.options.time_zone).unwrap_or_else(|problem| {
                problems.push(problem);
                Cell::Null
            }));
        }
        if !problems.is_empty() {
            self.add_problems_of_the_rest(&cells, &mut problems);
            return self.reject(line, problems, text);
        }
        if let Err(problems) = self.builder.push(&cells, RowOrigin { file: self.file, line }) {
            return self.reject(line, problems, text);
        }
        self.n_rows += 1;
        self.batch_bytes += size;
        if self.builder.len() >= self.options.batch_rows.max(1) || self.batch_bytes >= MAX_BATCH_BYTES {
            self.hand_on()?;
        }
        self.report_now_and_then();
        Ok(())
    }

    /// Hands a bad row on.
    pub(super) fn reject(
        &mut self,
        line: u64,
        problems: Vec<Problem>,
        text: impl FnOnce() -> String,
    ) -> Result<(), ImportError> {
        self.n_rows += 1;
        self.report_now_and_then();
        if let Some(quoted) = &mut self.quoted {
            let mut text = Some(text);
            quoted(line, &mut || text.take().map_or_else(String::new, |text| text()));
            return Ok(());
        }
        let rejection = Rejection { file: self.file, line, problems, raw: text() };
        self.sink.rejection(rejection).map_err(|error| ImportError::Sink { file: self.name.to_owned(), error })
    }

    /// Tells the sink of what is no mistake and may be one.
    pub(super) fn note(&mut self, what: &str) {
        self.sink.note(format!("{}: {what}", self.name));
    }

    /// A row with a bad value may break rules of the row too, and all is told at once. The builder knows the rules but
    /// would keep a row that breaks none, so that a second one is asked. Bad rows are few; its cost does not matter.
    fn add_problems_of_the_rest(&self, cells: &[Cell<'_>], problems: &mut Vec<Problem>) {
        let Err(others) = empty_batch(self.options).push(cells, RowOrigin::default()) else { return };
        for other in others {
            if problems.iter().all(|problem| problem.column != other.column) {
                problems.push(other);
            }
        }
    }

    /// How many bytes were read through the [`Input`].
    pub(super) fn bytes_read(&self) -> u64 {
        self.meter.bytes()
    }

    /// Tells how far the reading is, for readers that do not read from the beginning to the end.
    pub(super) fn report(&mut self, bytes_read: u64) {
        if bytes_read > self.reported {
            self.reported = bytes_read;
            self.sink.progress(bytes_read);
        }
    }

    fn report_now_and_then(&mut self) {
        if self.bytes_read().saturating_sub(self.reported) >= REPORT_EVERY {
            self.report(self.bytes_read());
        }
    }

    fn hand_on(&mut self) -> Result<(), ImportError> {
        self.batch_bytes = 0;
        if self.builder.is_empty() {
            return Ok(());
        }
        let batch = self.builder.finish();
        self.sink.batch(batch).map_err(|error| ImportError::Sink { file: self.name.to_owned(), error })
    }

    /// Hands the last batch on; returns how many rows there were, good and bad.
    pub(super) fn finish(mut self) -> Result<u64, ImportError> {
        self.hand_on()?;
        self.report(self.bytes_read());
        Ok(self.n_rows)
    }

    /// What a failed read of this input means.
    pub(super) fn failure(&self, error: io::Error) -> ImportError {
        of_reading(self.name, self.packing, error)
    }

    /// The input breaks off.
    pub(super) fn cut(&self, line: Option<u64>, what: impl Into<String>) -> ImportError {
        ImportError::Cut { file: self.name.to_owned(), line, what: what.into() }
    }

    /// The input cannot be read further.
    pub(super) fn damaged(&self, line: Option<u64>, what: impl Into<String>) -> ImportError {
        ImportError::Damaged { file: self.name.to_owned(), line, what: what.into() }
    }
}

fn empty_batch(options: &Options<'_>) -> BatchBuilder {
    BatchBuilder::new(options.kind, options.key, options.source, options.now)
}

/// A row's bytes as text, cut to what a rejection shows. It is written as JSON, which has its own way with control
/// characters, so that the row can be mended as it was.
pub(super) fn shown(bytes: &[u8]) -> String {
    match bytes.get(..MAX_RAW) {
        None => String::from_utf8_lossy(bytes).into_owned(),
        Some(start) => {
            // A character that the cut goes through is left out rather than shown as damaged.
            let split = start.utf8_chunks().last().map_or(0, |chunk| chunk.invalid().len());
            let is_split = split > 0 && split < 4 && std::str::from_utf8(start).is_err_and(|e| e.error_len().is_none());
            String::from_utf8_lossy(if is_split { &start[..MAX_RAW - split] } else { start }).into_owned()
        }
    }
}

/// The problem of a row with a byte that is no UTF-8, counted from 1 in the row.
pub(super) fn not_utf8(error: &std::str::Utf8Error) -> Problem {
    Problem::row(format!("is not UTF-8 at byte {} of the row; save the file as UTF-8", error.valid_up_to() + 1))
}

/// The problem of a row that is longer than what is taken.
pub(super) fn too_long() -> Problem {
    Problem::row(format!("is longer than {} bytes; shorten its values", super::MAX_LINE))
}
