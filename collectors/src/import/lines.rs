//! Lines of an input, none of which ever takes more memory than the longest that is allowed.

use std::io::{self, BufRead, Read};

use super::MAX_LINE;

/// How a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// As lines do.
    Newline,
    /// With the input: its last line has no newline, or was cut.
    Input,
    /// Not before the limit; what is beyond it was skipped.
    TooLong,
}

/// What is wrong with text whose lines end with a carriage return alone, and the way out.
pub(super) const RETURNS_ALONE: &str = "its lines end with a carriage return alone, as on old Macintoshes; write it with \
    newlines, for instance by: tr '\\r' '\\n' < FILE";

/// What is to be said of a line that is no row and holds carriage returns that end others, or nothing.
pub(super) fn hint_of_returns(line: &[u8]) -> &'static str {
    let ends_others = line.trim_ascii().windows(2).any(|pair| pair[0] == b'\r' && pair[1] != b'\n');
    if ends_others { "; its lines seem to end with a carriage return alone" } else { "" }
}

/// A line without its line end.
pub(super) struct Line<'a> {
    /// From 1.
    pub(super) number: u64,
    pub(super) bytes: &'a [u8],
    pub(super) end: End,
}

/// Reads lines.
pub(super) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Lines<R> {
        Lines { reader, buffer: Vec::new(), number: 0 }
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.buffer.clear();
        let n_bytes = (&mut self.reader).take(MAX_LINE as u64 + 1).read_until(b'\n', &mut self.buffer)?;
        if n_bytes == 0 {
            return Ok(None);
        }
        self.number += 1;
        let (bytes, end) = match self.buffer.strip_suffix(b"\n") {
            Some(line) => (line.strip_suffix(b"\r").unwrap_or(line), End::Newline),
            None if n_bytes <= MAX_LINE => (self.buffer.as_slice(), End::Input),
            None => {
                self.reader.skip_until(b'\n')?;
                (self.buffer.as_slice(), End::TooLong)
            }
        };
        Ok(Some(Line { number: self.number, bytes, end }))
    }
}
