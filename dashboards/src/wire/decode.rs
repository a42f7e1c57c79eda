//! The values of parameters, from the forms of the protocol into the text that PostgreSQL would write for them.

use chrono::{DateTime, Days, NaiveDate};
use pgwire::api::results::FieldFormat;

use crate::published::Refusal;
use crate::published::types::{element_of, oid};

/// The text of a parameter's value.
pub(super) fn text(bytes: &[u8], type_of: u32, format: FieldFormat) -> Result<String, Refusal> {
    let bad = || Refusal::new("22P03", format!("incorrect binary data format of a parameter of type {type_of}"));
    match format {
        FieldFormat::Text => utf8(bytes),
        FieldFormat::Binary => match element_of(type_of) {
            Some(element) => array(bytes, element),
            None => binary(bytes, type_of).ok_or_else(bad)?,
        },
    }
}

fn utf8(bytes: &[u8]) -> Result<String, Refusal> {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(text.to_owned()),
        _ => Err(Refusal::new("22021", "invalid byte sequence for encoding \"UTF8\" in a parameter")),
    }
}

fn binary(bytes: &[u8], type_of: u32) -> Option<Result<String, Refusal>> {
    let found = match type_of {
        oid::BOOL => (bytes.first()? != &0).to_string(),
        oid::INT2 => i16::from_be_bytes(bytes.try_into().ok()?).to_string(),
        oid::INT4 => i32::from_be_bytes(bytes.try_into().ok()?).to_string(),
        oid::OID => u32::from_be_bytes(bytes.try_into().ok()?).to_string(),
        oid::INT8 => i64::from_be_bytes(bytes.try_into().ok()?).to_string(),
        oid::FLOAT4 => f32::from_be_bytes(bytes.try_into().ok()?).to_string(),
        oid::FLOAT8 => f64::from_be_bytes(bytes.try_into().ok()?).to_string(),
        oid::DATE => {
            let days = i32::from_be_bytes(bytes.try_into().ok()?);
            let epoch = NaiveDate::from_ymd_opt(2000, 1, 1)?;
            let span = Days::new(u64::from(days.unsigned_abs()));
            let date = if days < 0 { epoch.checked_sub_days(span)? } else { epoch.checked_add_days(span)? };
            date.format("%Y-%m-%d").to_string()
        }
        oid::TIMESTAMP | oid::TIMESTAMPTZ => {
            let micros = i64::from_be_bytes(bytes.try_into().ok()?).checked_add(946_684_800_000_000)?;
            let at = DateTime::from_timestamp_micros(micros)?;
            let zone = if type_of == oid::TIMESTAMPTZ { "+00" } else { "" };
            format!("{}{zone}", at.format("%Y-%m-%d %H:%M:%S%.6f"))
        }
        oid::NUMERIC => numeric(bytes)?,
        _ => return Some(utf8(bytes)),
    };
    Some(Ok(found))
}

fn numeric(bytes: &[u8]) -> Option<String> {
    let short = |place: usize| Some(i16::from_be_bytes(bytes.get(place * 2..place * 2 + 2)?.try_into().ok()?));
    let (n_groups, weight, sign, scale) = (short(0)?, short(1)?, short(2)?, short(3)?);
    if sign as u16 == 0xC000 {
        return Some("NaN".into());
    }
    let group = |place: i16| match place {
        place if place < 0 || place >= n_groups => Some(0),
        place => short(4 + place as usize),
    };
    let mut text = if sign == 0x4000 { "-".to_owned() } else { String::new() };
    let mut whole = String::new();
    for place in 0..=weight.max(0) {
        whole += &format!("{:04}", if weight < 0 { 0 } else { group(place)? });
    }
    let whole = whole.trim_start_matches('0');
    text += if whole.is_empty() { "0" } else { whole };
    if scale > 0 {
        let mut fraction = String::new();
        let mut place = weight + 1;
        while fraction.len() < scale as usize {
            fraction += &format!("{:04}", group(place)?);
            place += 1;
        }
        text += &format!(".{}", &fraction[..scale as usize]);
    }
    Some(text)
}

/// A binary array of one dimension as PostgreSQL's text.
fn array(bytes: &[u8], element: u32) -> Result<String, Refusal> {
    let bad = || Refusal::new("22P03", "incorrect binary data format of an array");
    let number = |place: usize| -> Result<i32, Refusal> {
        let bytes = bytes.get(place..place + 4).ok_or_else(bad)?;
        Ok(i32::from_be_bytes(bytes.try_into().map_err(|_| bad())?))
    };
    match number(0)? {
        0 => return Ok("{}".into()),
        1 => {}
        _ => return Err(Refusal::unsupported("arrays of arrays are not known as parameters")),
    }
    let n_elements = number(12)?;
    let mut place = 20;
    let mut texts = Vec::new();
    for _ in 0..n_elements {
        let length = number(place)?;
        place += 4;
        if length < 0 {
            texts.push("NULL".to_owned());
            continue;
        }
        let value = bytes.get(place..place + length as usize).ok_or_else(bad)?;
        place += length as usize;
        let value = binary(value, element).ok_or_else(bad)??;
        texts.push(format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")));
    }
    Ok(format!("{{{}}}", texts.join(",")))
}
