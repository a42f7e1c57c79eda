//! Rows of CSV.

use ::csv::{ByteRecord, ReaderBuilder, Terminator};
use facts::{Problem, Raw};

use super::csv_records::{Next, Records};
use super::error::ImportError;
use super::input::Input;
use super::intake::{Intake, shown, too_long};
use super::lines::{End, RETURNS_ALONE, hint_of_returns};
use super::{MAX_LINE, header};

/// Reads CSV to its end.
pub(super) fn read(input: Input<'_>, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    if !input.head.contains(&b'\n') && input.head.trim_ascii().contains(&b'\r') {
        return Err(intake.damaged(None, RETURNS_ALONE));
    }
    let delimiter = delimiter(&input.head);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .terminator(Terminator::Any(b'\n'))
        .from_reader(Records::new(input.into_reader(), delimiter));
    let mut record = ByteRecord::new();
    let mut positions: Option<Vec<usize>> = None;
    loop {
        let next = reader.get_mut().advance().map_err(|error| intake.failure(error))?;
        let (line, end) = match next {
            Next::Record { line, end } => (line, end),
            Next::TooLong { line } if positions.is_some() => {
                intake.reject(line, vec![too_long()], || shown(reader.get_ref().bytes()))?;
                continue;
            }
            Next::TooLong { line } => {
                return Err(
                    intake.damaged(Some(line), "the header line is too long; the first line must name the columns")
                );
            }
            Next::Runaway { line } => {
                let what = format!("a row in quotes is longer than {MAX_LINE} bytes; is a quote left open in it?");
                return Err(intake.damaged(Some(line), what));
            }
            Next::OpenQuote { line } => {
                return Err(intake.cut(Some(line), "a quote opened in this row is never closed"));
            }
            Next::Nothing => break,
        };
        reader.read_byte_record(&mut record).map_err(|error| match error.into_kind() {
            ::csv::ErrorKind::Io(error) => intake.failure(error),
            other => intake.damaged(Some(line), format!("{other:?}")),
        })?;
        match &positions {
            None => positions = Some(header_positions(&record, intake)?),
            Some(positions) => {
                row(&record, positions, reader.get_ref().bytes(), line, end, intake)?;
                if end == End::Input {
                    intake.note("its last line has no end; if the file was cut there, its last field is not whole");
                }
            }
        }
    }
    let has_header = positions.is_some();
    if has_header { Ok(()) } else { Err(no_header(intake)) }
}

/// The delimiter that the header line is written with.
fn delimiter(head: &[u8]) -> u8 {
    let line = head.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |wanted: u8| line.iter().filter(|byte| **byte == wanted).count();
    match (count(b','), count(b';'), count(b'\t')) {
        (0, 0, 0) | (1.., _, _) => b',',
        (0, n_semicolons, n_tabs) => {
            if n_semicolons >= n_tabs {
                b';'
            } else {
                b'\t'
            }
        }
    }
}

fn header_positions(record: &ByteRecord, intake: &Intake<'_>) -> Result<Vec<usize>, ImportError> {
    let names: Vec<_> = record.iter().map(String::from_utf8_lossy).collect();
    header::positions(&names.iter().map(AsRef::as_ref).collect::<Vec<_>>(), intake.spec, intake.name)
}

fn no_header(intake: &Intake<'_>) -> ImportError {
    let required: Vec<_> = intake.spec.columns.iter().filter(|column| column.is_required).map(|c| c.name).collect();
    let problem = format!("the file is empty, its first line must name the columns, at least {}", required.join(","));
    ImportError::Header { file: intake.name.to_owned(), problems: vec![problem] }
}

fn row(
    record: &ByteRecord,
    positions: &[usize],
    bytes: &[u8],
    line: u64,
    end: End,
    intake: &mut Intake<'_>,
) -> Result<(), ImportError> {
    if record.len() != positions.len() {
        let cut = if end == End::Input && record.len() < positions.len() { "; is the file cut?" } else { "" };
        let returns = hint_of_returns(bytes);
        let message = format!("has {} fields, the header has {}{cut}{returns}", record.len(), positions.len());
        return intake.reject(line, vec![Problem::row(message)], || shown(bytes));
    }
    let mut values = vec![Raw::Missing; intake.spec.columns.len()];
    let mut problems = Vec::new();
    for (field, position) in record.iter().zip(positions) {
        match std::str::from_utf8(field) {
            Ok("") => {}
            Ok(text) => values[*position] = Raw::Text(text),
            Err(error) => problems.push(Problem::of(
                intake.spec.columns[*position].name,
                String::from_utf8_lossy(field),
                format!("is not UTF-8 at byte {} of the value; save the file as UTF-8", error.valid_up_to() + 1),
            )),
        }
    }
    intake.row(line, bytes.len(), &values, problems, || shown(bytes))
}
