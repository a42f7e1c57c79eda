//! One value on its way in: what a reader found ([`Raw`]), what it means for its column ([`Cell`]), or why it cannot
//! be taken ([`Problem`]).

use std::ops::Range;

use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

use crate::currency::CURRENCIES;
use crate::nearest::did_you_mean;
use crate::shorten::{printable, shorten};
use crate::spec::{Column, ColumnType};

/// A value as a reader found it, before its column's type is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Raw<'a> {
    /// Left out, null, or an empty CSV field.
    Missing,
    /// Text, to be read as the column's type.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
    /// A truth value.
    Boolean(bool),
    /// Microseconds since 1970 in UTC (typed formats only).
    Time(i64),
    /// A local date and time without zone, in microseconds since 1970 as if it were UTC (typed formats only).
    LocalTime(i64),
    /// Days since 1970.
    Day(i32),
}

/// A value that fits its column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// Text, a word of a choice, or a person not yet hashed.
    Text(&'a str),
    /// Microseconds since 1970 in UTC.
    Time(i64),
    /// Days since 1970.
    Day(i32),
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
    /// A truth value.
    Boolean(bool),
}

impl std::fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Cell::Null => Ok(()),
            Cell::Text(text) => f.write_str(text),
            Cell::Time(micros) => f.write_str(&show_time(*micros)),
            Cell::Day(days) => match chrono::NaiveDate::from_epoch_days(*days) {
                Some(day) => write!(f, "{day}"),
                None => write!(f, "{days}"),
            },
            Cell::Integer(number) => write!(f, "{number}"),
            Cell::Real(number) => write!(f, "{number}"),
            Cell::Boolean(truth) => write!(f, "{truth}"),
        }
    }
}

/// Why a value or a row was refused: what is wrong, and the way out.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Problem {
    /// The column, where it is about one.
    pub column: Option<String>,
    /// The value as it was found, cut to a readable length.
    pub value: Option<String>,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl Problem {
    /// A problem of one column's value.
    pub fn of(column: &str, value: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem {
            column: Some(column.into()),
            value: Some(shorten(&value.into()).into_owned()),
            message: message.into(),
        }
    }

    /// A problem of the row as a whole.
    pub fn row(message: impl Into<String>) -> Problem {
        Problem { column: None, value: None, message: message.into() }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // All three may hold what a sender wrote: an unknown key is told as the column.
        if let Some(column) = &self.column {
            write!(f, "column {}: ", printable(column))?;
        }
        if let Some(value) = &self.value {
            write!(f, "`{}`: ", printable(value))?;
        }
        f.write_str(&printable(&self.message))
    }
}

/// Days since 1970 of a date.
pub(crate) fn day_number(date: NaiveDate) -> i32 {
    date.signed_duration_since(NaiveDate::default()).num_days() as i32
}

/// Text columns for people to read. All others hold names, which have no control characters.
const FREE_TEXT: [&str; 1] = ["title"];

/// The days since 1970 that a time or a day may lie on: those of the years 1900 to 9999. What lies outside is in a wrong
/// unit or was never set (Go writes the year 1), and would make lead times of centuries. The last day of the year 9999 is
/// how some systems write "never".
const DAYS: Range<i64> = -25_567..2_932_897;
const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Reads a raw value as its column's type, without white space around a text: a text of nothing else is missing. `zone`
/// stands in for a time's missing offset, when the caller was told one.
pub fn parse_cell<'a>(column: &Column, raw: Raw<'a>, zone: Option<Tz>) -> Result<Cell<'a>, Problem> {
    let raw = match raw {
        Raw::Text(text) => match trim(text) {
            "" => Raw::Missing,
            text => Raw::Text(text),
        },
        other => other,
    };
    let refuse = |message: String| Err(Problem::of(column.name, show(raw), message));
    match (column.column_type, raw) {
        (_, Raw::Missing) => Ok(Cell::Null),
        (ColumnType::Text | ColumnType::Person, Raw::Text(text)) => match control(text) {
            Some(control) if !FREE_TEXT.contains(&column.name) => {
                refuse(format!("holds the control character {}; leave it out", control.escape_debug()))
            }
            _ => Ok(Cell::Text(text)),
        },
        (ColumnType::Text | ColumnType::Person, _) => refuse("expected text; put it in quotes".into()),
        (ColumnType::Choice(words), Raw::Text(text)) => match words.iter().find(|word| **word == text) {
            Some(word) => Ok(Cell::Text(word)),
            None => refuse(format!("expected {}{}", choice(words), did_you_mean(text, words))),
        },
        (ColumnType::Choice(words), _) => refuse(format!("expected {}", choice(words))),
        (ColumnType::Time, Raw::Text(text)) => {
            parse_time(text, zone).and_then(|time| time_cell(column, time.timestamp_micros())).or_else(refuse)
        }
        (ColumnType::Time, Raw::Time(micros)) => time_cell(column, micros).or_else(refuse),
        (ColumnType::Time, Raw::LocalTime(micros)) => match DateTime::from_timestamp_micros(micros) {
            Some(local) => {
                let time = in_zone(local.naive_utc(), zone);
                time.and_then(|time| time_cell(column, time.timestamp_micros())).or_else(refuse)
            }
            None => refuse("is out of range".into()),
        },
        (ColumnType::Time, _) => refuse(format!("expected a time; {TIME_FORM}")),
        (ColumnType::Day, Raw::Day(day)) => day_cell(column, day).or_else(refuse),
        (ColumnType::Day, Raw::Text(text)) => match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            Ok(date) => day_cell(column, day_number(date)).or_else(refuse),
            Err(_) => refuse("expected a day; write YYYY-MM-DD, such as 2026-01-31".into()),
        },
        (ColumnType::Day, _) => refuse("expected a day; write YYYY-MM-DD, such as 2026-01-31".into()),
        (ColumnType::Integer, Raw::Integer(number)) => Ok(Cell::Integer(number)),
        (ColumnType::Integer, Raw::Real(number)) if number.fract() == 0.0 && number.abs() < 9e15 => {
            Ok(Cell::Integer(number as i64))
        }
        (ColumnType::Integer, Raw::Text(text)) => match text.parse() {
            Ok(number) => Ok(Cell::Integer(number)),
            Err(_) => refuse("expected a whole number, such as 42".into()),
        },
        (ColumnType::Integer, _) => refuse("expected a whole number, such as 42".into()),
        (ColumnType::Real, Raw::Integer(number)) => Ok(Cell::Real(number as f64)),
        (ColumnType::Real, Raw::Real(number)) if number.is_finite() => Ok(Cell::Real(number)),
        (ColumnType::Real, Raw::Text(text)) => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Cell::Real(number)),
            _ => refuse("expected a number, such as 1.5".into()),
        },
        (ColumnType::Real, _) => refuse("expected a number, such as 1.5".into()),
        (ColumnType::Boolean, Raw::Boolean(truth)) => Ok(Cell::Boolean(truth)),
        // Python writes `True`, and spreadsheets `TRUE`.
        (ColumnType::Boolean, Raw::Text(text)) if text.eq_ignore_ascii_case("true") => Ok(Cell::Boolean(true)),
        (ColumnType::Boolean, Raw::Text(text)) if text.eq_ignore_ascii_case("false") => Ok(Cell::Boolean(false)),
        (ColumnType::Boolean, _) => refuse("expected true or false".into()),
    }
}

/// A text without white space around it, also such as nobody sees: that of no width, and marks of direction and byte order.
pub fn trim(text: &str) -> &str {
    text.trim_matches(|character: char| {
        character.is_whitespace() || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
    })
}

/// The first control character of a text.
fn control(text: &str) -> Option<char> {
    // Most texts have nothing but plain letters, which is seen quickly.
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_plain { None } else { text.chars().find(|character| character.is_control()) }
}

fn time_cell(column: &Column, micros: i64) -> Result<Cell<'static>, String> {
    if DAYS.contains(&micros.div_euclid(MICROS_PER_DAY)) { Ok(Cell::Time(micros)) } else { Err(out_of_range(column)) }
}

fn day_cell(column: &Column, day: i32) -> Result<Cell<'static>, String> {
    if DAYS.contains(&i64::from(day)) { Ok(Cell::Day(day)) } else { Err(out_of_range(column)) }
}

fn out_of_range(column: &Column) -> String {
    // What must be told cannot be left empty.
    let else_leave = if column.is_required { "" } else { "; leave it empty if it is not known" };
    format!("is outside of the years 1900 to 9999; is it in a wrong unit, or was it never set?{else_leave}")
}

fn choice(words: &'static [&'static str]) -> String {
    let words_of_it = ColumnType::Choice(words).in_words();
    if words == CURRENCIES { format!("the {words_of_it}") } else { format!("one of {words_of_it}") }
}

const TIME_FORM: &str = "write RFC 3339 with an offset, such as 2026-01-31T14:00:00Z or 2026-01-31T15:00:00+01:00";

/// Reads an RFC 3339 time, also with a blank for the `T`. Without an offset it is refused unless `zone` says what is meant.
pub fn parse_time(text: &str, zone: Option<Tz>) -> Result<DateTime<Utc>, String> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.to_utc());
    }
    let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    match local {
        Some(local) => in_zone(local, zone),
        None => match DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z") {
            Ok(time) => Ok(time.to_utc()),
            Err(_) => Err(format!("is not a time; {TIME_FORM}")),
        },
    }
}

fn in_zone(local: NaiveDateTime, zone: Option<Tz>) -> Result<DateTime<Utc>, String> {
    let Some(zone) = zone else {
        return Err(
            "has no time zone; add the offset (Z for UTC), or say which zone is meant: --time-zone with `cairn import`, time_zone in the [[source]] of files, time_zone= with POST /v1/facts".into()
        );
    };
    match zone.from_local_datetime(&local) {
        LocalResult::Single(time) => Ok(time.to_utc()),
        LocalResult::Ambiguous(..) => {
            Err(format!("happened twice in {zone}, when the clocks went back; add the offset that is meant"))
        }
        LocalResult::None => {
            Err(format!("never happened in {zone}, the clocks went forward over it; add the offset that is meant"))
        }
    }
}

fn show(raw: Raw<'_>) -> String {
    match raw {
        Raw::Missing => String::new(),
        Raw::Text(text) => text.to_owned(),
        Raw::Integer(number) => number.to_string(),
        Raw::Real(number) => number.to_string(),
        Raw::Boolean(truth) => truth.to_string(),
        Raw::Time(micros) => show_time(micros),
        Raw::LocalTime(micros) => show_time(micros).trim_end_matches('Z').to_owned(),
        Raw::Day(day) => format!("day {day} since 1970"),
    }
}

/// A time in microseconds since 1970 as people and machines read it.
pub(crate) fn show_time(micros: i64) -> String {
    DateTime::from_timestamp_micros(micros)
        .map_or_else(|| micros.to_string(), |time| time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
}
