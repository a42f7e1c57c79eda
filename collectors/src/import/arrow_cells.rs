//! Columns of Arrow arrays, value by value, as the intake takes them.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, StringArray, UInt64Array};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type, TimeUnit, UInt64Type};
use arrow::error::ArrowError;
use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta};
use facts::{Column, ColumnType, Raw};

/// The types that are told apart; all others are widened to one of them, or not taken.
enum Sort {
    Null,
    Text,
    Integer,
    Unsigned,
    Real,
    Boolean,
    Day,
    Instant(TimeUnit),
    LocalTime(TimeUnit),
    /// A UUID, as its sixteen bytes.
    Uuid,
}

fn sort(data_type: &DataType) -> Option<Sort> {
    use DataType::*;
    Some(match data_type {
        Null => Sort::Null,
        Utf8 | LargeUtf8 | Utf8View => Sort::Text,
        Dictionary(_, values) if matches!(**values, Utf8 | LargeUtf8 | Utf8View) => Sort::Text,
        Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 => Sort::Integer,
        UInt64 => Sort::Unsigned,
        // Money is mostly a decimal.
        Float16 | Float32 | Float64 | Decimal128(..) | Decimal256(..) => Sort::Real,
        Boolean => Sort::Boolean,
        Date32 | Date64 => Sort::Day,
        Timestamp(unit, Some(_)) => Sort::Instant(*unit),
        Timestamp(unit, None) => Sort::LocalTime(*unit),
        FixedSizeBinary(16) => Sort::Uuid,
        _ => return None,
    })
}

fn is_text(column: &Column) -> bool {
    matches!(column.column_type, ColumnType::Text | ColumnType::Person)
}

/// Whether values of a type can stand in a column; if not, the message that says so.
pub(super) fn fits(data_type: &DataType, column: &Column) -> Result<(), String> {
    use ColumnType as To;
    let is_fit = match (sort(data_type), column.column_type) {
        (None, _) => false,
        (Some(Sort::Null | Sort::Text), _) => true,
        (Some(Sort::Instant(_) | Sort::LocalTime(_)), to) => to == To::Time,
        (Some(Sort::Day), to) => to == To::Day,
        // Identifiers are often numbers, or UUIDs.
        (Some(Sort::Integer | Sort::Unsigned), _) if is_text(column) => true,
        (Some(Sort::Uuid), _) => is_text(column),
        (Some(Sort::Integer | Sort::Unsigned | Sort::Real), to) => to == To::Integer || to == To::Real,
        (Some(Sort::Boolean), to) => to == To::Boolean,
    };
    let wanted = match column.column_type {
        To::Text | To::Person | To::Choice(_) => "text",
        To::Time => "a timestamp with time zone",
        To::Day => "a date",
        To::Integer | To::Real => "a number",
        To::Boolean => "a boolean",
    };
    if is_fit { Ok(()) } else { Err(format!("column `{}` has type {data_type}, write it as {wanted}", column.name)) }
}

/// A column whose values can be taken one by one.
pub(super) enum Cells {
    Null,
    Text(StringArray),
    Integer(Int64Array),
    Unsigned(UInt64Array),
    Real(Float64Array),
    Boolean(BooleanArray),
    Day(arrow::array::Date32Array),
    Instant(Int64Array, TimeUnit),
    LocalTime(Int64Array, TimeUnit),
}

impl Cells {
    /// The values for a column of an array of a type that [`fits`], or of one that holds nothing.
    pub(super) fn new(array: &ArrayRef, column: &Column) -> Result<Cells, ArrowError> {
        let cast = |to: &DataType| cast_with_options(array, to, &CastOptions { safe: false, ..CastOptions::default() });
        let number = |to: DataType| cast(&to).map(|array| array.as_primitive::<Int64Type>().clone());
        Ok(match sort(array.data_type()) {
            // Such a column is only let in as one that holds nothing, and that may have been a lie.
            None if array.null_count() < array.len() => {
                let (name, found) = (column.name, array.data_type());
                let message = format!("column `{name}` has values of type {found}, though its statistics have none");
                return Err(ArrowError::CastError(message));
            }
            None | Some(Sort::Null) => Cells::Null,
            Some(Sort::Integer | Sort::Unsigned) if is_text(column) => {
                Cells::Text(cast(&DataType::Utf8)?.as_string().clone())
            }
            Some(Sort::Uuid) => Cells::Text(array.as_fixed_size_binary().iter().map(|bytes| bytes.map(uuid)).collect()),
            Some(Sort::Text) => Cells::Text(cast(&DataType::Utf8)?.as_string().clone()),
            Some(Sort::Integer) => Cells::Integer(number(DataType::Int64)?),
            Some(Sort::Unsigned) => Cells::Unsigned(array.as_primitive::<UInt64Type>().clone()),
            Some(Sort::Real) => Cells::Real(cast(&DataType::Float64)?.as_primitive::<Float64Type>().clone()),
            Some(Sort::Boolean) => Cells::Boolean(array.as_boolean().clone()),
            Some(Sort::Day) => Cells::Day(cast(&DataType::Date32)?.as_primitive::<Date32Type>().clone()),
            Some(Sort::Instant(unit)) => Cells::Instant(number(DataType::Int64)?, unit),
            Some(Sort::LocalTime(unit)) => Cells::LocalTime(number(DataType::Int64)?, unit),
        })
    }

    /// The value of a row.
    pub(super) fn get(&self, row: usize) -> Raw<'_> {
        match self {
            Cells::Text(array) if array.is_valid(row) => Raw::Text(array.value(row)),
            Cells::Integer(array) if array.is_valid(row) => Raw::Integer(array.value(row)),
            Cells::Unsigned(array) if array.is_valid(row) => {
                i64::try_from(array.value(row)).map_or(Raw::Real(array.value(row) as f64), Raw::Integer)
            }
            Cells::Real(array) if array.is_valid(row) => Raw::Real(array.value(row)),
            Cells::Boolean(array) if array.is_valid(row) => Raw::Boolean(array.value(row)),
            Cells::Day(array) if array.is_valid(row) => Raw::Day(array.value(row)),
            Cells::Instant(array, unit) if array.is_valid(row) => time(array.value(row), *unit, Raw::Time),
            Cells::LocalTime(array, unit) if array.is_valid(row) => time(array.value(row), *unit, Raw::LocalTime),
            _ => Raw::Missing,
        }
    }
}

/// A UUID as it is written.
fn uuid(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

/// A time in microseconds. One that no calendar holds becomes a number, which a column of times refuses.
fn time(value: i64, unit: TimeUnit, raw: fn(i64) -> Raw<'static>) -> Raw<'static> {
    let micros = match unit {
        TimeUnit::Second => value.checked_mul(1_000_000),
        TimeUnit::Millisecond => value.checked_mul(1000),
        TimeUnit::Microsecond => Some(value),
        TimeUnit::Nanosecond => Some(value.div_euclid(1000)),
    };
    micros.filter(|micros| DateTime::from_timestamp_micros(*micros).is_some()).map_or(Raw::Real(value as f64), raw)
}

/// The columns of a row that have a value, as JSON.
pub(super) fn row_as_json(names: &[&str], positions: &[usize], values: &[Raw<'_>]) -> String {
    let fields: Vec<String> = (names.iter().zip(positions))
        .filter(|(_, position)| values[**position] != Raw::Missing)
        .map(|(name, position)| format!("\"{name}\":{}", json(values[*position])))
        .collect();
    format!("{{{}}}", fields.join(","))
}

fn json(value: Raw<'_>) -> serde_json::Value {
    match value {
        Raw::Missing => serde_json::Value::Null,
        Raw::Text(text) => text.into(),
        Raw::Integer(number) => number.into(),
        // JSON has no word for these, and what was refused should be seen.
        Raw::Real(number) if !number.is_finite() => number.to_string().into(),
        Raw::Real(number) => number.into(),
        Raw::Boolean(truth) => truth.into(),
        Raw::Time(micros) => show_time(micros).into(),
        Raw::LocalTime(micros) => show_time(micros).trim_end_matches('Z').into(),
        Raw::Day(day) => TimeDelta::try_days(i64::from(day))
            .and_then(|days| NaiveDate::default().checked_add_signed(days))
            .map_or_else(|| day.into(), |date| date.to_string().into()),
    }
}

fn show_time(micros: i64) -> String {
    DateTime::from_timestamp_micros(micros)
        .map_or_else(|| micros.to_string(), |time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}
