//! Who and when, as git writes it in commits and tags: `Name <address> seconds zone`.

use chrono::{DateTime, Utc};
use gix::bstr::ByteSlice;

/// The first second of the year 0 and the last of the year 9999: what RFC 3339 can write.
const EARLIEST: i64 = -62_167_219_200;
const LATEST: i64 = 253_402_300_799;

/// Who did something, and when.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Signature {
    /// The address, or the name of somebody without one.
    pub person: Option<String>,
    /// Seconds since 1970, within the years that can be written.
    pub seconds: i64,
    /// Whether the recorded time lay outside of those years, or was none.
    pub is_odd: bool,
}

/// Reads a signature leniently, as git does: a broken one must not keep a whole history from being read. A time that is
/// not a number is 1970, as in git's own output.
pub(super) fn read(raw: &[u8]) -> Signature {
    let (who, when) = match raw.rfind_byte(b'>') {
        Some(end) => (&raw[..end], &raw[end + 1..]),
        None => (raw, &b""[..]),
    };
    let (name, address) = who.split_once_str("<").unwrap_or((who, b""));
    let person = [address, name].into_iter().map(|part| part.trim().to_str_lossy()).find(|part| !part.is_empty());
    // Wider than 64 bits, since broken clients have written such times, too.
    let seconds = when.to_str_lossy().split_ascii_whitespace().next().and_then(|number| number.parse::<i128>().ok());
    let kept = seconds.unwrap_or(0).clamp(i128::from(EARLIEST), i128::from(LATEST));
    Signature {
        person: person.map(|person| person.into_owned()),
        seconds: i64::try_from(kept).expect("both bounds fit 64 bits"),
        is_odd: seconds != Some(kept),
    }
}

/// A time that [`read`] gave.
pub(super) fn instant(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).expect("every signature's time lies in the years 0 to 9999")
}
