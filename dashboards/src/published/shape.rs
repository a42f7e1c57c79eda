//! The shape of a statement: its text without the instants that are written out in it. A dashboard that reloads sends the same
//! statements with other instants, and what was found out about one holds for all of its shape.

use serde_json::Value as Json;

use super::words::texts;

/// A statement's shape, and the instants that stand in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    /// The text, with the number of an instant where that stood. No statement holds the sign before that number.
    pub(super) text: String,
    /// The instants, each once.
    pub(super) instants: Vec<String>,
}

const SIGN: char = '\u{0}';

impl Shape {
    pub(super) fn of(sql: &str) -> Shape {
        let mut shape = Shape { text: String::with_capacity(sql.len()), instants: Vec::new() };
        if sql.contains(SIGN) {
            shape.text.push_str(sql);
            return shape;
        }
        let mut end = 0;
        for range in texts(sql) {
            let Some(instant) = sql[range.clone()].strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) else {
                continue;
            };
            if !is_instant(instant) {
                continue;
            }
            let place = shape.instants.iter().position(|known| known == instant).unwrap_or_else(|| {
                shape.instants.push(instant.to_owned());
                shape.instants.len() - 1
            });
            shape.text.push_str(&sql[end..range.start]);
            shape.text.push_str(&format!("{SIGN}{place}"));
            end = range.end;
        }
        shape.text.push_str(&sql[end..]);
        shape
    }

    /// Whether other instants may be put where these stand in what was made of the statement: they stand there as often as in
    /// the statement, and nowhere else.
    pub(super) fn stands_in(&self, sql: &str, made: &str) -> bool {
        self.instants.iter().all(|instant| {
            !self.text.contains(instant.as_str()) && sql.matches(instant).count() == made.matches(instant).count()
        })
    }
}

/// Whether a text is an instant in UTC as dashboards write it, such as `2026-01-31T14:00:00.123Z`.
fn is_instant(text: &str) -> bool {
    let Some((whole, rest)) = text.split_at_checked(19) else { return false };
    let is_like = whole.bytes().zip(*b"0000-00-00T00:00:00").all(|(byte, like)| match like {
        b'0' => byte.is_ascii_digit(),
        like => byte == like,
    });
    let fraction = rest.strip_suffix('Z');
    is_like
        && fraction.is_some_and(|fraction| match fraction.strip_prefix('.') {
            Some(digits) => (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()),
            None => fraction.is_empty(),
        })
}

/// A text with other instants in the places of those that stand in it.
pub(super) fn moved(text: &str, from: &[String], to: &[String]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let found = from.iter().zip(to).filter_map(|(from, to)| Some((rest.find(from.as_str())?, from, to)));
        let Some((place, from, to)) = found.min_by_key(|(place, ..)| *place) else { break };
        out.push_str(&rest[..place]);
        out.push_str(to);
        rest = &rest[place + from.len()..];
    }
    out.push_str(rest);
    out
}

/// A tree with other instants in the places of those that stand in it.
pub(super) fn moved_tree(tree: &Json, from: &[String], to: &[String]) -> Json {
    match tree {
        Json::Array(nodes) => nodes.iter().map(|node| moved_tree(node, from, to)).collect(),
        Json::Object(fields) => fields.iter().map(|(name, node)| (name.clone(), moved_tree(node, from, to))).collect(),
        Json::String(text) => match from.iter().position(|from| from == text) {
            Some(place) => to[place].as_str().into(),
            None => text.as_str().into(),
        },
        other => other.clone(),
    }
}
