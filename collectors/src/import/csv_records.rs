//! Cuts CSV into records, for the `csv` crate to take apart one by one.
//!
//! The `csv` crate could cut them itself, but it would hold a record of any size, and it counts lines from where the
//! record before ended. Cutting first gives the limit, the line on which a record begins, its text as it stands in the
//! file, and the certainty that an open quote at the end is an open quote.

use std::io::{self, BufRead, Read};

use super::MAX_LINE;
use super::lines::{End, Lines};

/// What comes next in the file.
pub(super) enum Next {
    /// A record begins on this line and can now be read; its last line ends so.
    Record { line: u64, end: End },
    /// A line is too long. It was skipped, its beginning is in [`Records::bytes`].
    TooLong { line: u64 },
    /// A quote opened in the record of this line is not closed for so long that it cannot be meant.
    Runaway { line: u64 },
    /// The file ends within the quotes of the record of this line.
    OpenQuote { line: u64 },
    /// The file ends.
    Nothing,
}

/// Where the reading of a record stands, exactly as the `csv` crate sees it.
#[derive(Clone, Copy, PartialEq)]
enum State {
    FieldStart,
    Unquoted,
    Quoted,
    QuoteInQuoted,
}

/// The records of a file. As [`Read`] it gives the current record alone, ended by a newline.
pub(super) struct Records<R> {
    lines: Lines<R>,
    delimiter: u8,
    record: Vec<u8>,
    n_given: usize,
}

impl<R: BufRead> Records<R> {
    pub(super) fn new(reader: R, delimiter: u8) -> Records<R> {
        Records { lines: Lines::new(reader), delimiter, record: Vec::new(), n_given: 0 }
    }

    /// Goes to the next record; blank lines are none.
    pub(super) fn advance(&mut self) -> io::Result<Next> {
        self.record.clear();
        self.n_given = 0;
        let mut first = None;
        let mut state = State::FieldStart;
        while let Some(line) = self.lines.next()? {
            if first.is_none() && line.bytes.trim_ascii().is_empty() && line.end != End::TooLong {
                continue;
            }
            let begins = *first.get_or_insert(line.number);
            state = after(line.bytes, state, self.delimiter);
            if begins != line.number {
                self.record.push(b'\n');
            }
            self.record.extend_from_slice(line.bytes);
            match (line.end, state) {
                (End::TooLong, State::Quoted) => return Ok(Next::Runaway { line: begins }),
                (End::TooLong, _) if begins != line.number => return Ok(Next::Runaway { line: begins }),
                (End::TooLong, _) => return Ok(Next::TooLong { line: begins }),
                _ if self.record.len() > MAX_LINE => return Ok(Next::Runaway { line: begins }),
                (_, State::Quoted) => continue,
                (end, _) => {
                    self.record.push(b'\n');
                    return Ok(Next::Record { line: begins, end });
                }
            }
        }
        Ok(first.map_or(Next::Nothing, |line| Next::OpenQuote { line }))
    }

    /// The current record as it stands in the file.
    pub(super) fn bytes(&self) -> &[u8] {
        self.record.strip_suffix(b"\n").unwrap_or(&self.record)
    }
}

impl<R: BufRead> Read for Records<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_bytes = (&self.record[self.n_given..]).read(buffer)?;
        self.n_given += n_bytes;
        Ok(n_bytes)
    }
}

/// Where the reading stands after a line. Most lines have no quote, and are seen to have none quickly.
fn after(line: &[u8], state: State, delimiter: u8) -> State {
    if state != State::Quoted && !line.contains(&b'"') {
        return State::FieldStart;
    }
    let end = line.iter().fold(state, |state, byte| match (state, *byte) {
        (State::FieldStart | State::QuoteInQuoted, b'"') => State::Quoted,
        (State::Quoted, b'"') => State::QuoteInQuoted,
        (State::Quoted, _) => State::Quoted,
        (_, byte) if byte == delimiter => State::FieldStart,
        _ => State::Unquoted,
    });
    if end == State::Quoted { State::Quoted } else { State::FieldStart }
}
