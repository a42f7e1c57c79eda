//! Values in the forms of the protocol: text, and PostgreSQL's binary forms.

use std::fmt::Write as _;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    IntervalMonthDayNanoType, Time64MicrosecondType, TimeUnit, TimestampMicrosecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use bytes::{BufMut as _, BytesMut};
use chrono::{DateTime, Datelike as _, NaiveDate};
use pgwire::api::results::FieldFormat;
use pgwire::messages::data::DataRow;

use crate::published::types::{element_of, oid};

/// A value on its way out.
enum Out {
    Null,
    Boolean(bool),
    Whole(i64),
    Single(f32),
    Double(f64),
    /// A number of so many digits after the point.
    Numeric(i128, i8),
    Text(String),
    Bytes(Vec<u8>),
    /// Days since 1970.
    Date(i32),
    /// Microseconds of the day.
    Time(i64),
    /// Microseconds since 1970.
    Instant(i64),
    /// Months, days and microseconds.
    Interval(i32, i32, i64),
    List(Vec<Out>),
}

/// The rows of a batch, in the types and forms that were told.
pub(super) fn rows(batch: &RecordBatch, oids: &[u32], formats: &[FieldFormat]) -> Vec<DataRow> {
    let columns: Vec<ArrayRef> = batch.columns().iter().map(plain).collect();
    (0..batch.num_rows())
        .map(|row| {
            let mut data = BytesMut::with_capacity(columns.len() * 16);
            for ((column, oid), format) in columns.iter().zip(oids).zip(formats) {
                put(&mut data, &value(column, row), *oid, *format);
            }
            DataRow::new(data, columns.len() as i16)
        })
        .collect()
}

/// A field: its length and its bytes.
fn put(data: &mut BytesMut, value: &Out, oid: u32, format: FieldFormat) {
    if matches!(value, Out::Null) {
        data.put_i32(-1);
        return;
    }
    let place = data.len();
    data.put_i32(0);
    match format {
        FieldFormat::Text => data.put_slice(text(value, oid).as_bytes()),
        FieldFormat::Binary => binary(data, value, oid),
    }
    let length = (data.len() - place - 4) as i32;
    data[place..place + 4].copy_from_slice(&length.to_be_bytes());
}

/// An array in one of the types that [`value`] reads.
fn plain(array: &ArrayRef) -> ArrayRef {
    let wanted = match array.data_type() {
        DataType::Timestamp(TimeUnit::Microsecond, _) => return array.clone(),
        DataType::Timestamp(..) => DataType::Timestamp(TimeUnit::Microsecond, None),
        DataType::Time64(TimeUnit::Nanosecond) | DataType::Time32(_) => DataType::Time64(TimeUnit::Microsecond),
        DataType::Utf8View | DataType::LargeUtf8 | DataType::Dictionary(..) => DataType::Utf8,
        DataType::BinaryView | DataType::LargeBinary => DataType::Binary,
        _ => return array.clone(),
    };
    cast(array, &wanted).unwrap_or_else(|_| array.clone())
}

fn value(array: &ArrayRef, row: usize) -> Out {
    if array.is_null(row) {
        return Out::Null;
    }
    match array.data_type() {
        DataType::Boolean => Out::Boolean(array.as_boolean().value(row)),
        DataType::Int8 => Out::Whole(array.as_primitive::<Int8Type>().value(row).into()),
        DataType::Int16 => Out::Whole(array.as_primitive::<Int16Type>().value(row).into()),
        DataType::Int32 => Out::Whole(array.as_primitive::<Int32Type>().value(row).into()),
        DataType::Int64 => Out::Whole(array.as_primitive::<Int64Type>().value(row)),
        DataType::UInt8 => Out::Whole(array.as_primitive::<UInt8Type>().value(row).into()),
        DataType::UInt16 => Out::Whole(array.as_primitive::<UInt16Type>().value(row).into()),
        DataType::UInt32 => Out::Whole(array.as_primitive::<UInt32Type>().value(row).into()),
        DataType::UInt64 => Out::Numeric(array.as_primitive::<UInt64Type>().value(row).into(), 0),
        DataType::Float32 => Out::Single(array.as_primitive::<Float32Type>().value(row)),
        DataType::Float64 => Out::Double(array.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(_, scale) => Out::Numeric(array.as_primitive::<Decimal128Type>().value(row), *scale),
        DataType::Utf8 => Out::Text(array.as_string::<i32>().value(row).to_owned()),
        DataType::Binary => Out::Bytes(array.as_binary::<i32>().value(row).to_vec()),
        DataType::Date32 => Out::Date(array.as_primitive::<Date32Type>().value(row)),
        DataType::Time64(_) => Out::Time(array.as_primitive::<Time64MicrosecondType>().value(row)),
        DataType::Timestamp(..) => Out::Instant(array.as_primitive::<TimestampMicrosecondType>().value(row)),
        DataType::Interval(_) => {
            let interval = array.as_primitive::<IntervalMonthDayNanoType>().value(row);
            Out::Interval(interval.months, interval.days, interval.nanoseconds / 1_000)
        }
        DataType::List(_) => {
            let list = plain(&array.as_list::<i32>().value(row));
            Out::List((0..list.len()).map(|place| value(&list, place)).collect())
        }
        _ => {
            let options = arrow::util::display::FormatOptions::default();
            let shown = arrow::util::display::ArrayFormatter::try_new(array, &options);
            shown.map_or(Out::Null, |formatter| Out::Text(formatter.value(row).to_string()))
        }
    }
}

fn text(value: &Out, type_of: u32) -> String {
    match value {
        Out::Null => String::new(),
        Out::Boolean(truth) => if *truth { "t" } else { "f" }.to_owned(),
        Out::Whole(number) => number.to_string(),
        Out::Single(number) => float(f64::from(*number), number),
        Out::Double(number) => float(*number, number),
        Out::Numeric(number, scale) => numeric(*number, *scale),
        Out::Text(text) => text.clone(),
        Out::Bytes(bytes) => bytes.iter().fold("\\x".to_owned(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }),
        Out::Date(days) => date(*days),
        Out::Time(micros) => time(*micros),
        Out::Instant(micros) => instant(*micros, type_of),
        Out::Interval(months, days, micros) => interval(*months, *days, *micros),
        Out::List(values) => {
            let element = element_of(type_of).unwrap_or(oid::TEXT);
            let texts: Vec<String> = values
                .iter()
                .map(|value| match value {
                    Out::Null => "NULL".to_owned(),
                    value => quoted(text(value, element)),
                })
                .collect();
            format!("{{{}}}", texts.join(","))
        }
    }
}

/// An element of an array, in quotes where PostgreSQL has it so.
fn quoted(text: String) -> String {
    let is_plain = !text.is_empty()
        && !text.eq_ignore_ascii_case("null")
        && !text.contains(|letter: char| letter.is_whitespace() || matches!(letter, '{' | '}' | ',' | '"' | '\\'));
    if is_plain { text } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}

/// The shortest text that reads back as the same number, with an exponent where PostgreSQL has one.
fn float(number: f64, written: &(impl std::fmt::Display + std::fmt::LowerExp)) -> String {
    if number.is_nan() {
        return "NaN".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.into();
    }
    let size = number.abs();
    if number == 0.0 || (1e-4..1e15).contains(&size) {
        return written.to_string();
    }
    let scientific = format!("{written:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(rest) => ('-', rest),
        None => ('+', exponent),
    };
    format!("{digits}e{sign}{exponent:0>2}")
}

fn numeric(number: i128, scale: i8) -> String {
    let scale = scale.max(0) as usize;
    let digits = format!("{:0>width$}", number.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if number < 0 { "-" } else { "" };
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

fn date(days: i32) -> String {
    match NaiveDate::from_num_days_from_ce_opt(days.saturating_add(719_163)) {
        Some(date) if date.year() > 0 => date.format("%Y-%m-%d").to_string(),
        _ => if days > 0 { "infinity" } else { "-infinity" }.into(),
    }
}

fn fraction(micros: u32) -> String {
    let micros = micros % 1_000_000;
    if micros == 0 { String::new() } else { format!(".{micros:06}").trim_end_matches('0').to_owned() }
}

fn time(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    let fraction = fraction((micros % 1_000_000) as u32);
    format!("{:02}:{:02}:{:02}{fraction}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn instant(micros: i64, type_of: u32) -> String {
    let zone = if type_of == oid::TIMESTAMPTZ { "+00" } else { "" };
    match DateTime::from_timestamp_micros(micros) {
        Some(at) if (1..=9999).contains(&at.year()) && micros != i64::MAX => {
            let (day, time) = (at.date_naive(), time(micros.rem_euclid(86_400_000_000)));
            format!("{:04}-{:02}-{:02} {time}{zone}", day.year(), day.month(), day.day())
        }
        _ => if micros > 0 { "infinity" } else { "-infinity" }.into(),
    }
}

fn interval(months: i32, days: i32, micros: i64) -> String {
    let mut parts = Vec::new();
    let mut part = |number: i32, name: &str| {
        if number != 0 {
            let plural = if number == 1 { "" } else { "s" };
            parts.push(format!("{number} {name}{plural}"));
        }
    };
    part(months / 12, "year");
    part(months % 12, "mon");
    part(days, "day");
    if micros != 0 || parts.is_empty() {
        let sign = if micros < 0 { "-" } else { "" };
        parts.push(format!("{sign}{}", time(micros.abs())));
    }
    parts.join(" ")
}

/// Days from 1970 to 2000, from which PostgreSQL counts.
const EPOCH_DAYS: i32 = 10_957;
const EPOCH_MICROS: i64 = EPOCH_DAYS as i64 * 86_400_000_000;

fn binary(data: &mut BytesMut, value: &Out, type_of: u32) {
    match (value, type_of) {
        (Out::Null, _) => {}
        (Out::Boolean(truth), _) => data.put_u8(u8::from(*truth)),
        (Out::Whole(number), oid::INT2) => data.put_i16(*number as i16),
        (Out::Whole(number), oid::INT4) => data.put_i32(*number as i32),
        (Out::Whole(number), oid::OID) => data.put_u32(*number as u32),
        (Out::Whole(number), oid::NUMERIC) => binary_numeric(data, (*number).into(), 0),
        (Out::Whole(number), _) => data.put_i64(*number),
        (Out::Single(number), _) => data.put_f32(*number),
        (Out::Double(number), _) => data.put_f64(*number),
        (Out::Numeric(number, scale), _) => binary_numeric(data, *number, *scale),
        (Out::Text(text), _) => data.put_slice(text.as_bytes()),
        (Out::Bytes(bytes), _) => data.put_slice(bytes),
        (Out::Date(days), _) => data.put_i32(days.saturating_sub(EPOCH_DAYS)),
        (Out::Time(micros), _) => data.put_i64(*micros),
        (Out::Instant(micros), _) => {
            let is_endless = *micros == i64::MAX || *micros == i64::MAX - 1 || *micros <= -i64::MAX;
            data.put_i64(if is_endless && *micros > 0 {
                i64::MAX
            } else if is_endless {
                i64::MIN
            } else {
                micros.saturating_sub(EPOCH_MICROS)
            });
        }
        (Out::Interval(months, days, micros), _) => {
            data.put_i64(*micros);
            data.put_i32(*days);
            data.put_i32(*months);
        }
        (Out::List(values), _) => {
            let element = element_of(type_of).unwrap_or(oid::TEXT);
            let has_null = values.iter().any(|value| matches!(value, Out::Null));
            data.put_i32(i32::from(!values.is_empty()));
            data.put_i32(i32::from(has_null));
            data.put_u32(element);
            if !values.is_empty() {
                data.put_i32(values.len() as i32);
                data.put_i32(1);
                values.iter().for_each(|value| put(data, value, element, FieldFormat::Binary));
            }
        }
    }
}

/// A numeric: groups of four digits, of which the first has a weight.
fn binary_numeric(data: &mut BytesMut, number: i128, scale: i8) {
    const BASE: u128 = 10_000;
    let scale = scale.max(0) as u32;
    // Digits after the point fill whole groups.
    let padding = (4 - scale % 4) % 4;
    let mut rest = number.unsigned_abs();
    let mut groups: Vec<u16> = Vec::new();
    let groups_after = (scale + padding) / 4;
    if padding > 0 {
        let cut = 10_u128.pow(4 - padding);
        groups.push(((rest % cut) * 10_u128.pow(padding)) as u16);
        rest /= cut;
    }
    while rest > 0 {
        groups.push((rest % BASE) as u16);
        rest /= BASE;
    }
    let mut weight = groups.len() as i32 - groups_after as i32 - 1;
    groups.reverse();
    while groups.first() == Some(&0) {
        groups.remove(0);
        weight -= 1;
    }
    while groups.last() == Some(&0) {
        groups.pop();
    }
    if groups.is_empty() {
        weight = 0;
    }
    data.put_i16(groups.len() as i16);
    data.put_i16(weight as i16);
    data.put_u16(if number < 0 { 0x4000 } else { 0 });
    data.put_i16(scale as i16);
    groups.iter().for_each(|group| data.put_u16(*group));
}
