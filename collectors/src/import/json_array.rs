//! Rows of a JSON array of objects, element by element: the array is cut at its commas, and each element is read like
//! a line of NDJSON. Elements are counted from 1 in place of lines.

use std::io::{self, BufRead};

use facts::Problem;

use super::MAX_LINE;
use super::error::ImportError;
use super::input::Input;
use super::intake::{Intake, shown, too_long};
use super::json_row::{JsonRows, Outcome, incomplete};

/// Reads a JSON array to its end.
pub(super) fn read(input: Input<'_>, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    let mut rows = JsonRows::new(intake.spec);
    let mut elements = Elements { reader: input.into_reader(), element: Vec::new() };
    let failure = |intake: &Intake<'_>, error| intake.failure(error);
    elements.open().map_err(|error| failure(intake, error))?;
    for number in 1.. {
        let end = elements.advance().map_err(|error| failure(intake, error))?;
        let element = elements.element.trim_ascii();
        match end {
            End::Input => {
                return Err(intake
                    .cut(Some(number), "the JSON array, or a quote or bracket in its last element, is never closed"));
            }
            End::Array if element.is_empty() && number == 1 => break,
            _ if elements.element.len() > MAX_LINE => intake.reject(number, vec![too_long()], || shown(element))?,
            _ if element.is_empty() => {
                let problem = Problem::row("is empty; there is a comma too many before or after it");
                intake.reject(number, vec![problem], String::new)?;
            }
            _ => {
                if rows.take(number, element, intake)? == Outcome::BreaksOff {
                    intake.reject(number, vec![incomplete(element)], || shown(element))?;
                }
            }
        }
        if end == End::Array {
            break;
        }
    }
    if elements.has_more().map_err(|error| failure(intake, error))? {
        return Err(intake.damaged(None, "something follows the closing bracket of the JSON array; send one array"));
    }
    Ok(())
}

/// What an element ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Comma,
    Array,
    Input,
}

struct Elements<R> {
    reader: R,
    /// The current element; of one that is too long, one byte more than the limit.
    element: Vec<u8>,
}

impl<R: BufRead> Elements<R> {
    /// Skips to behind the opening bracket, of which the caller knows that it is the first byte after white space.
    fn open(&mut self) -> io::Result<()> {
        self.reader.skip_until(b'[').map(|_| ())
    }

    fn advance(&mut self) -> io::Result<End> {
        self.element.clear();
        let mut cutter = Cutter::default();
        loop {
            let chunk = self.reader.fill_buf()?;
            if chunk.is_empty() {
                return Ok(End::Input);
            }
            let found = chunk.iter().position(|byte| cutter.is_end(*byte));
            let n_bytes = found.unwrap_or(chunk.len());
            let n_kept = n_bytes.min(MAX_LINE + 1 - self.element.len());
            self.element.extend_from_slice(&chunk[..n_kept]);
            let end = found.map(|at| if chunk[at] == b',' { End::Comma } else { End::Array });
            self.reader.consume(n_bytes + usize::from(end.is_some()));
            if let Some(end) = end {
                return Ok(end);
            }
        }
    }

    /// Whether anything but white space is left.
    fn has_more(&mut self) -> io::Result<bool> {
        loop {
            let chunk = self.reader.fill_buf()?;
            let n_bytes = chunk.len();
            match chunk.trim_ascii().is_empty() {
                true if n_bytes == 0 => return Ok(false),
                true => self.reader.consume(n_bytes),
                false => return Ok(true),
            }
        }
    }
}

/// Sees where an element ends: at a comma or closing bracket outside of text and of nested objects and lists.
#[derive(Default)]
struct Cutter {
    depth: u32,
    is_text: bool,
    is_escaped: bool,
}

impl Cutter {
    fn is_end(&mut self, byte: u8) -> bool {
        if self.is_text {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => self.is_text = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b',' | b']' if self.depth == 0 => return true,
            b'"' => self.is_text = true,
            b'{' | b'[' => self.depth = self.depth.saturating_add(1),
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        false
    }
}
