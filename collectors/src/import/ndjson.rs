//! Rows of NDJSON: one object a line.

use super::error::ImportError;
use super::input::Input;
use super::intake::{Intake, shown, too_long};
use super::json_row::{JsonRows, Outcome, incomplete};
use super::lines::{End, Lines, RETURNS_ALONE};

/// Reads NDJSON to its end.
pub(super) fn read(input: Input<'_>, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    if stand_apart_by_returns(&input.head) {
        return Err(intake.damaged(None, RETURNS_ALONE));
    }
    let mut rows = JsonRows::new(intake.spec);
    let mut lines = Lines::new(input.into_reader());
    while let Some(line) = lines.next().map_err(|error| intake.failure(error))? {
        if line.end == End::TooLong {
            intake.reject(line.number, vec![too_long()], || shown(line.bytes))?;
            continue;
        }
        if line.bytes.trim_ascii().is_empty() {
            continue;
        }
        match (rows.take(line.number, line.bytes, intake)?, line.end) {
            (Outcome::Handed, _) => {}
            (Outcome::BreaksOff, End::Input) => {
                return Err(intake.cut(Some(line.number), "its last line is not a complete JSON object"));
            }
            (Outcome::BreaksOff, _) => {
                intake.reject(line.number, vec![incomplete(line.bytes)], || shown(line.bytes))?
            }
        }
    }
    Ok(())
}

/// Whether objects stand apart by carriage returns alone. Within one they would be white space like any other.
fn stand_apart_by_returns(head: &[u8]) -> bool {
    let lines = head.split(|byte| *byte == b'\r').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let lines: Vec<&[u8]> = lines.collect();
    !head.contains(&b'\n') && lines.windows(2).any(|pair| pair[0].ends_with(b"}") && pair[1].starts_with(b"{"))
}
