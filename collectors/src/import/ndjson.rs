//! Rows of NDJSON: one object a line.

use super::error::ImportError;
use super::input::Input;
use super::intake::{Intake, shown, too_long};
use super::json_row::{JsonRows, Outcome, incomplete};
use super::lines::{End, Lines};

/// Reads NDJSON to its end.
pub(super) fn read(input: Input<'_>, intake: &mut Intake<'_>) -> Result<(), ImportError> {
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
