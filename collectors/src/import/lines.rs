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
