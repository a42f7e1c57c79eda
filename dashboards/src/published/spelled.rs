//! Instants and spans of time in spellings that PostgreSQL reads and DuckDB does not, put into those that both read.

use serde_json::Value as Json;

use super::rewrite::{call, cast, plain_text, text};

/// Puts what a cast reads into a spelling that DuckDB knows; `today` and its like become what they mean when it runs.
pub(super) fn respell(node: &mut Json) {
    let sql_type = node["cast_type"]["id"].as_str().unwrap_or_default().to_owned();
    let is_of_time = ["DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "INTERVAL"].contains(&sql_type.as_str());
    let Some(written) = plain_text(&node["child"]).flatten().filter(|_| is_of_time) else { return };
    if sql_type == "INTERVAL" {
        if let Some(span) = span(&written) {
            node["child"] = text(Some(&span));
        }
        return;
    }
    if let Some(present) = of_the_present(&written) {
        node["child"] = present;
    } else if let Some(instant) = instant(&written) {
        node["child"] = text(Some(&instant));
    }
}

/// The same of a text that is compared with an instant.
pub(super) fn respell_beside_instant(node: &mut Json) {
    if node["class"] != "CONSTANT" {
        return;
    }
    let Some(written) = plain_text(node).flatten() else { return };
    if let Some(present) = of_the_present(&written) {
        *node = cast(present, "TIMESTAMP WITH TIME ZONE");
    } else if let Some(instant) = instant(&written) {
        *node = text(Some(&instant));
    }
}

fn of_the_present(written: &str) -> Option<Json> {
    let now = || call("now", Vec::new());
    let day = |sign: &str| {
        let today = cast(now(), "DATE");
        match sign {
            "" => today,
            sign => {
                let mut moved = call(sign, vec![today, cast(text(Some("1 day")), "INTERVAL")]);
                moved["is_operator"] = true.into();
                moved
            }
        }
    };
    Some(match written.trim().to_ascii_lowercase().as_str() {
        "now" => now(),
        "today" => day(""),
        "yesterday" => day("-"),
        "tomorrow" => day("+"),
        _ => return None,
    })
}

/// An instant with its seconds, where it has none and an offset stands behind its minutes: `2026-03-29 00:00+00`.
pub(super) fn instant(written: &str) -> Option<String> {
    let written = written.trim();
    let like = |text: &str, like: &str| {
        text.len() == like.len()
            && text.bytes().zip(like.bytes()).all(|(byte, like)| match like {
                b'0' => byte.is_ascii_digit(),
                b'T' => byte == b'T' || byte == b' ',
                like => byte == like,
            })
    };
    let (minutes, offset) = written.split_at_checked(16)?;
    let is_offset = offset == "Z"
        || offset == "z"
        || ["+00", "-00", "+00:00", "-00:00", "+0000", "-0000"].iter().any(|known| like(offset, known));
    (like(minutes, "0000-00-00T00:00") && is_offset).then(|| format!("{minutes}:00{}", offset.to_ascii_uppercase()))
}

/// A format of a day in DuckDB's words.
pub(super) fn format(pattern: &str) -> String {
    const WORDS: [(&str, &str); 9] = [
        ("YYYY", "%Y"),
        ("Month", "%B"),
        ("Mon", "%b"),
        ("MM", "%m"),
        ("DD", "%d"),
        ("HH24", "%H"),
        ("MI", "%M"),
        ("SS", "%S"),
        ("YY", "%y"),
    ];
    WORDS.iter().fold(pattern.to_owned(), |text, (word, own)| text.replace(word, own))
}

/// The words of a span as ISO 8601 has it: `P1DT12H`.
fn span(written: &str) -> Option<String> {
    let mut rest = written.trim().strip_prefix('P')?;
    let mut words = Vec::new();
    let mut is_of_day = false;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T') {
            is_of_day = true;
            rest = after;
            continue;
        }
        let digits = rest.find(|letter: char| letter.is_ascii_alphabetic())?;
        let (number, unit) = rest.split_at(digits);
        number.parse::<f64>().ok()?;
        let unit = match (unit.as_bytes().first()?, is_of_day) {
            (b'Y', false) => "years",
            (b'M', false) => "months",
            (b'W', false) => "weeks",
            (b'D', false) => "days",
            (b'H', true) => "hours",
            (b'M', true) => "minutes",
            (b'S', true) => "seconds",
            _ => return None,
        };
        words.push(format!("{number} {unit}"));
        rest = &rest[digits + 1..];
    }
    (!words.is_empty()).then(|| words.join(" "))
}
