//! One JSON object to the values of a row, without a tree in between: text is borrowed from the line, and each key is
//! first compared with the key that stood at its place in the row before.

use std::borrow::Cow;

use facts::{Problem, Raw, Spec};
use serde::Deserializer as _;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::error::ImportError;
use super::header::{hint, shorten};
use super::intake::{Intake, not_utf8, shown};
use super::lines::hint_of_returns;

/// Reads rows of one kind.
pub(super) struct JsonRows {
    spec: &'static Spec,
    /// The positions of the keys of the row before, in the order of its keys.
    order: Vec<usize>,
}

/// How the text of a row came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was handed to the intake, as a good or a bad row.
    Handed,
    /// It breaks off; nothing was handed on.
    BreaksOff,
}

/// Of a row with more problems than this, the first are told: a row may be nothing but unknown keys.
const MAX_PROBLEMS: usize = 20;

impl JsonRows {
    pub(super) fn new(spec: &'static Spec) -> JsonRows {
        JsonRows { spec, order: Vec::new() }
    }

    /// Hands a row to the intake, unless its text breaks off.
    pub(super) fn take(&mut self, line: u64, bytes: &[u8], intake: &mut Intake<'_>) -> Result<Outcome, ImportError> {
        let reject = |intake: &mut Intake<'_>, problem| intake.reject(line, vec![problem], || shown(bytes));
        match std::str::from_utf8(bytes) {
            Err(error) if error.error_len().is_none() => return Ok(Outcome::BreaksOff),
            Err(error) => reject(intake, not_utf8(&error))?,
            Ok(text) if !text.trim_start().starts_with('{') => {
                reject(
                    intake,
                    Problem::row("is not a JSON object; write one object per row, such as {\"id\": \"1\"}"),
                )?;
            }
            Ok(text) => match self.parse(text) {
                Ok(row) => {
                    let values: Vec<Raw<'_>> = row.values.iter().map(Value::raw).collect();
                    intake.row(line, bytes.len(), &values, row.problems, || shown(bytes))?;
                }
                Err(error) if error.is_eof() => return Ok(Outcome::BreaksOff),
                Err(error) => reject(intake, not_json(text, &error))?,
            },
        }
        Ok(Outcome::Handed)
    }

    fn parse<'de>(&mut self, text: &'de str) -> Result<Row<'de>, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let row = deserializer.deserialize_map(RowVisitor(self))?;
        deserializer.end()?;
        Ok(row)
    }
}

/// The problem of a row that breaks off though the input goes on.
pub(super) fn incomplete(bytes: &[u8]) -> Problem {
    if let Err(error) = std::str::from_utf8(bytes) {
        return not_utf8(&error);
    }
    Problem::row("is not a complete JSON object; write each object on one line, and line ends in text as \\n")
}

fn not_json(text: &str, error: &serde_json::Error) -> Problem {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let what = error.to_string().replace(&place, "");
    let lines_before = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let byte = lines_before.map(str::len).sum::<usize>() + error.column();
    let has_no_number = text.contains("NaN") || text.contains("Infinity");
    let hint = match what.as_str() {
        _ if has_no_number => "; JSON has no NaN and no Infinity, leave the value out",
        "trailing characters" => hint_of_returns(text.as_bytes()),
        _ => "",
    };
    Problem::row(format!("is not valid JSON at byte {byte} of the row: {what}{hint}"))
}

struct Row<'de> {
    values: Vec<Value<'de>>,
    problems: Vec<Problem>,
}

impl Row<'_> {
    fn add(&mut self, column: &str, message: impl FnOnce() -> String) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem { column: Some(column.to_owned()), value: None, message: message() });
        }
    }
}

#[derive(Clone)]
enum Value<'de> {
    Missing,
    Text(Cow<'de, str>),
    Integer(i64),
    Real(f64),
    Boolean(bool),
    /// An object or a list, which no column takes.
    Nested(&'static str),
}

impl Value<'_> {
    fn raw(&self) -> Raw<'_> {
        match self {
            Value::Missing | Value::Nested(_) => Raw::Missing,
            Value::Text(text) => Raw::Text(text),
            Value::Integer(number) => Raw::Integer(*number),
            Value::Real(number) => Raw::Real(*number),
            Value::Boolean(truth) => Raw::Boolean(*truth),
        }
    }
}

struct RowVisitor<'a>(&'a mut JsonRows);

impl<'de> Visitor<'de> for RowVisitor<'_> {
    type Value = Row<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row<'de>, A::Error> {
        let JsonRows { spec, order } = self.0;
        let mut row = Row { values: vec![Value::Missing; spec.columns.len()], problems: Vec::new() };
        let mut seen = vec![false; spec.columns.len()];
        for place in 0.. {
            let expected = order.get(place).copied();
            let Some(key) = map.next_key_seed(Key { spec, expected })? else { break };
            let position = match key {
                Ok(position) => position,
                Err(name) => {
                    map.next_value::<IgnoredAny>()?;
                    row.add(&name, || format!("is not a column of {}{}", spec.name, hint(&name, spec)));
                    continue;
                }
            };
            if place < order.len() {
                order[place] = position;
            } else if order.len() < spec.columns.len() {
                order.push(position);
            }
            let value = map.next_value_seed(ValueSeed)?;
            let name = spec.columns[position].name;
            if std::mem::replace(&mut seen[position], true) {
                row.add(name, || "stands more than once in this row; keep one".to_owned());
            }
            if let Value::Nested(found) = value {
                row.add(name, || format!("{found} stands where a single value is expected"));
            }
            row.values[position] = value;
        }
        Ok(row)
    }
}

/// A key: the position of its column, or its name (cut to a readable length) where there is none.
struct Key {
    spec: &'static Spec,
    expected: Option<usize>,
}

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Result<usize, String>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Result<usize, String>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(match self.expected {
            Some(position) if self.spec.columns[position].name == key => Ok(position),
            _ => self.spec.position(key).ok_or_else(|| shorten(key).to_owned()),
        })
    }
}

struct ValueSeed;

impl<'de> DeserializeSeed<'de> for ValueSeed {
    type Value = Value<'de>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value<'de>, E> {
        Ok(Value::Missing)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value<'de>, E> {
        Ok(Value::Boolean(truth))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value<'de>, E> {
        Ok(Value::Integer(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value<'de>, E> {
        Ok(i64::try_from(number).map_or(Value::Real(number as f64), Value::Integer))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value<'de>, E> {
        Ok(Value::Real(number))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value<'de>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Nested("a list"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value<'de>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Nested("an object"))
    }
}
