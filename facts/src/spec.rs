//! What a kind of fact looks like: its columns, their types, which identify it, and which times must be in order.

use chrono::{DateTime, NaiveDate, Utc};

use crate::cell::Cell;
use crate::currency::CURRENCIES;

/// The type of a column, as the intake reads it and the store keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// Any text.
    Text,
    /// A name or address of a person: only its keyed hash is ever written.
    Person,
    /// An instant: RFC 3339 with an offset, kept in UTC to the microsecond.
    Time,
    /// A calendar day, `YYYY-MM-DD`.
    Day,
    /// A whole number.
    Integer,
    /// A number.
    Real,
    /// `true` or `false`.
    Boolean,
    /// One of these words.
    Choice(&'static [&'static str]),
}

impl ColumnType {
    /// What may stand in it, in words: `text`, or all of a choice's words unless nobody would read so many.
    pub fn in_words(self) -> String {
        match self {
            ColumnType::Text => "text".to_owned(),
            ColumnType::Person => "person (hashed)".to_owned(),
            ColumnType::Time => "time, RFC 3339 with offset".to_owned(),
            ColumnType::Day => "day, YYYY-MM-DD".to_owned(),
            ColumnType::Integer => "whole number".to_owned(),
            ColumnType::Real => "number".to_owned(),
            ColumnType::Boolean => "true or false".to_owned(),
            ColumnType::Choice(words) if words == CURRENCIES => "three letters of ISO 4217, such as EUR".to_owned(),
            ColumnType::Choice(words) => words.join(", "),
        }
    }
}

/// A column of a kind of fact.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The exact name, in files, in the API and in the table.
    pub name: &'static str,
    /// What it holds.
    pub column_type: ColumnType,
    /// Whether a row without it is refused.
    pub is_required: bool,
    /// One line on its meaning.
    pub doc: &'static str,
}

/// The description of one kind of fact.
#[derive(Debug)]
pub struct Spec {
    /// The kind described.
    pub kind: Kind,
    /// Its name: in `cairn import NAME`, `POST /v1/facts/NAME` and as the table `facts.NAME`.
    pub name: &'static str,
    /// One line on what one row is.
    pub doc: &'static str,
    /// All columns, `source` first and `url` last.
    pub columns: &'static [Column],
    /// The columns that identify a row, beside `source`.
    pub identity: &'static [&'static str],
    /// The column that says when it happened; a row later than now is kept and marked.
    pub observed: &'static str,
    /// Pairs of time columns of which the first may not be after the second.
    pub ordered: &'static [(&'static str, &'static str)],
    /// Columns with a value of their own when a row leaves them out.
    pub defaults: &'static [(&'static str, Default)],
}

/// What stands in for a column that a row leaves out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Default {
    /// This word.
    Text(&'static str),
    /// This number.
    Integer(i64),
    /// The time of the intake.
    Now,
}

impl Spec {
    /// The position of a column by its exact name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// A fact that can be put into a [`crate::Batch`].
pub trait Fact {
    /// The description of its kind.
    const SPEC: &'static Spec;

    /// Its values in the order of [`Spec::columns`]; the first, `source`, is null unless the struct carries one.
    fn cells(&self) -> Vec<Cell<'_>>;
}

/// A Rust type that a column of a fact may have.
pub trait FieldType {
    /// The column's type.
    const TYPE: ColumnType;
    /// Whether a fact without it is refused.
    const REQUIRED: bool;
    /// The value, borrowed.
    fn cell(&self) -> Cell<'_>;
}

impl<T: FieldType> FieldType for Option<T> {
    const TYPE: ColumnType = T::TYPE;
    const REQUIRED: bool = false;
    fn cell(&self) -> Cell<'_> {
        self.as_ref().map_or(Cell::Null, FieldType::cell)
    }
}

/// A person's name, address or handle. It is hashed when the fact is written; the clear text goes no further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person(pub String);

macro_rules! field_type {
    ($rust:ty, $column:expr, |$value:ident| $cell:expr) => {
        impl FieldType for $rust {
            const TYPE: ColumnType = $column;
            const REQUIRED: bool = true;
            fn cell(&self) -> Cell<'_> {
                let $value = self;
                $cell
            }
        }
    };
}

field_type!(String, ColumnType::Text, |value| Cell::Text(value));
field_type!(Person, ColumnType::Person, |value| Cell::Text(&value.0));
field_type!(DateTime<Utc>, ColumnType::Time, |value| Cell::Time(value.timestamp_micros()));
field_type!(NaiveDate, ColumnType::Day, |value| Cell::Day(crate::cell::day_number(*value)));
field_type!(i64, ColumnType::Integer, |value| Cell::Integer(*value));
field_type!(f64, ColumnType::Real, |value| Cell::Real(*value));
field_type!(bool, ColumnType::Boolean, |value| Cell::Boolean(*value));

/// A kind of fact: one table of the intake format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each variant is documented on its struct")]
pub enum Kind {
    Deployment,
    Change,
    Commit,
    DeployedCommit,
    Incident,
    Ticket,
    Service,
    Team,
    Engineer,
    Provisioning,
    PolicyResult,
    PolicyBlock,
    Exemption,
    Quota,
    Availability,
    Improvement,
    Cost,
    TimeSaving,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.spec().name)
    }
}
