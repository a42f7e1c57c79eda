//! What the conditions of a statement say of a table's rows, so that only those are computed or read that can matter. It
//! only ever leaves out rows that the statement's own conditions leave out too.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, SubsecRound as _, TimeDelta, Utc};
use serde_json::Value as Json;

use super::distinct::counts_equal_rows_once;
use super::relation::{ColumnKind, Relation, Relations};
use super::rewrite::{plain_text, text_of};

/// What is known of the rows that one mention of a table needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Narrowing {
    /// The texts that a column may have; null is none of them.
    pub(super) allowed: BTreeMap<String, BTreeSet<String>>,
    /// Rows before are not needed.
    pub(super) from: Option<DateTime<Utc>>,
    /// Rows after are not needed.
    pub(super) to: Option<DateTime<Utc>>,
    /// It does not matter how often equal rows are there.
    pub(super) is_distinct: bool,
}

/// One narrowing for each mention of each table.
pub(super) type Narrowings = BTreeMap<String, Vec<Narrowing>>;

/// Reads a checked tree, with its parameters filled in. `now` is what `now()` means.
pub(super) fn narrowings(tree: &Json, relations: &Relations, now: DateTime<Utc>) -> Narrowings {
    let mut found = Narrowings::new();
    walk(tree, relations, now, &mut found);
    found
}

fn walk(node: &Json, relations: &Relations, now: DateTime<Utc>, found: &mut Narrowings) {
    match node {
        Json::Array(nodes) => nodes.iter().for_each(|node| walk(node, relations, now, found)),
        Json::Object(fields) => {
            if node["type"] == "SELECT_NODE" {
                let mut tables = Vec::new();
                mentions(&node["from_table"], relations, &mut tables);
                let mut conditions = Vec::new();
                conjuncts(&node["where_clause"], &mut conditions);
                let is_distinct = counts_equal_rows_once(node);
                for (alias, relation) in &tables {
                    let mut narrowing = Narrowing { is_distinct, ..Narrowing::default() };
                    for condition in &conditions {
                        apply(condition, alias, relation, now, &mut narrowing);
                    }
                    found.entry(relation.name.clone()).or_default().push(narrowing);
                }
            }
            fields.values().for_each(|node| walk(node, relations, now, found));
        }
        _ => {}
    }
}

/// An alias that no condition names.
const NAMELESS: &str = "\u{0}";

/// The published tables that a FROM mentions itself, by alias; subqueries are looked at on their own.
fn mentions<'a>(node: &Json, relations: &'a Relations, found: &mut Vec<(String, &'a Relation)>) {
    match node["type"].as_str() {
        Some("JOIN") => {
            let first = found.len();
            mentions(&node["left"], relations, found);
            let second = found.len();
            mentions(&node["right"], relations, found);
            // What a condition says of a pair says it of both of its rows. Of a side that the result does not hold it says
            // nothing, and where a row's partner depends on which others there are, none may be missing.
            let whole = match (node["join_type"].as_str(), node["ref_type"].as_str()) {
                (Some("INNER" | "LEFT" | "RIGHT" | "OUTER"), Some("REGULAR" | "NATURAL" | "CROSS")) => found.len(),
                (Some("SEMI" | "ANTI"), Some("REGULAR" | "NATURAL")) => second,
                (Some("INNER" | "LEFT"), Some("ASOF")) => second,
                _ => first,
            };
            found[whole..].iter_mut().for_each(|(alias, _)| *alias = NAMELESS.to_owned());
        }
        Some("BASE_TABLE") if node["schema_name"] == "public" => {
            let has_own_names = node["column_name_alias"].as_array().is_some_and(|names| !names.is_empty());
            if let (Some(relation), alias) =
                (node["table_name"].as_str().and_then(|name| relations.get(name)), node["alias"].as_str())
            {
                // Under other names its columns are not known again; it is then read whole.
                let alias = if has_own_names { NAMELESS } else { alias.unwrap_or_default() };
                found.push((alias.to_owned(), relation));
            }
        }
        _ => {}
    }
}

fn conjuncts<'a>(node: &'a Json, found: &mut Vec<&'a Json>) {
    if node["type"] == "CONJUNCTION_AND" {
        node["children"].as_array().into_iter().flatten().for_each(|child| conjuncts(child, found));
    } else if !node.is_null() {
        found.push(node);
    }
}

fn apply(condition: &Json, alias: &str, relation: &Relation, now: DateTime<Utc>, narrowing: &mut Narrowing) {
    let column = |node: &Json| column(node, alias, relation);
    match condition["type"].as_str().unwrap_or_default() {
        comparison @ ("COMPARE_EQUAL"
        | "COMPARE_GREATERTHAN"
        | "COMPARE_GREATERTHANOREQUALTO"
        | "COMPARE_LESSTHAN"
        | "COMPARE_LESSTHANOREQUALTO") => {
            let (left, right) = (&condition["left"], &condition["right"]);
            let (name, value, is_turned) = match (column(left), column(right)) {
                (Some(name), None) => (name, right, false),
                (None, Some(name)) => (name, left, true),
                _ => return,
            };
            let is_upwards = comparison.starts_with("COMPARE_GREATER") != is_turned;
            match relation.column(&name).map(|column| column.kind) {
                Some(ColumnKind::Text) if comparison == "COMPARE_EQUAL" => {
                    let Some(text) = plain_text(value) else { return };
                    allow(narrowing, name, text.into_iter().collect());
                }
                Some(ColumnKind::Instant) if name == "time" => {
                    let Some(at) = instant(value, now) else { return };
                    if comparison == "COMPARE_EQUAL" || is_upwards {
                        after(narrowing, at);
                    }
                    if comparison == "COMPARE_EQUAL" || !is_upwards {
                        before(narrowing, at);
                    }
                }
                _ => {}
            }
        }
        "COMPARE_BETWEEN" if column(&condition["input"]).is_some_and(|name| name == "time") => {
            if let Some(at) = instant(&condition["lower"], now) {
                after(narrowing, at);
            }
            if let Some(at) = instant(&condition["upper"], now) {
                before(narrowing, at);
            }
        }
        "COMPARE_IN" => {
            let Some([input, values @ ..]) = condition["children"].as_array().map(Vec::as_slice) else { return };
            let Some(name) = column(input) else { return };
            let is_text = relation.column(&name).is_some_and(|column| column.kind == ColumnKind::Text);
            let texts: Option<Vec<Option<String>>> = values.iter().map(plain_text).collect();
            if let Some(texts) = texts.filter(|_| is_text) {
                allow(narrowing, name, texts.into_iter().flatten().collect());
            }
        }
        _ => {}
    }
}

/// The column of a table that a node names, where it can be no other table's.
fn column(node: &Json, alias: &str, relation: &Relation) -> Option<String> {
    if node["class"] != "COLUMN_REF" {
        return None;
    }
    let names: Vec<String> =
        node["column_names"].as_array()?.iter().filter_map(Json::as_str).map(str::to_ascii_lowercase).collect();
    let name = match &names[..] {
        [name] if alias != NAMELESS => name,
        [table, name] if *table == alias.to_ascii_lowercase() => name,
        _ => return None,
    };
    relation.column(name).map(|column| column.name.clone())
}

fn allow(narrowing: &mut Narrowing, column: String, texts: BTreeSet<String>) {
    let known = narrowing.allowed.remove(&column);
    let texts = match known {
        Some(known) => known.intersection(&texts).cloned().collect(),
        None => texts,
    };
    narrowing.allowed.insert(column, texts);
}

fn after(narrowing: &mut Narrowing, at: DateTime<Utc>) {
    narrowing.from = Some(narrowing.from.map_or(at, |known| known.max(at)));
}

fn before(narrowing: &mut Narrowing, at: DateTime<Utc>) {
    narrowing.to = Some(narrowing.to.map_or(at, |known| known.min(at)));
}

/// The instant that an expression is: a constant, the present, or one of them and a span of time.
fn instant(node: &Json, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match node["class"].as_str()? {
        "CONSTANT" => read_instant(&plain_text(node)??),
        "CAST" => cast(node, now),
        "COLUMN_REF" => match node["column_names"].as_array()?.as_slice() {
            [name] if name == "current_timestamp" || name == "localtimestamp" => Some(now),
            [name] if name == "current_date" => day(now),
            _ => None,
        },
        "FUNCTION" => match node["function_name"].as_str()? {
            "now" | "current_timestamp" | "transaction_timestamp" | "statement_timestamp" | "clock_timestamp" => {
                Some(now)
            }
            "get_current_timestamp" => Some(now),
            // A text beside a span is one, too, or of no type at all.
            sign @ ("-" | "+") if node["children"][0]["class"] != "CONSTANT" => {
                let at = instant(node["children"].get(0)?, now)?;
                let span = span(node["children"].get(1)?)?;
                if sign == "-" { at.checked_sub_signed(span) } else { at.checked_add_signed(span) }
            }
            "to_timestamp" => DateTime::from_timestamp(seconds(node["children"].get(0)?)?, 0),
            _ => None,
        },
        _ => None,
    }
}

/// What a cast makes of an instant; none where it makes something else of it. All is in UTC.
fn cast(node: &Json, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let child = &node["child"];
    let text = plain_text(child).flatten();
    match node["cast_type"]["id"].as_str()? {
        "TIMESTAMP WITH TIME ZONE" => match text {
            Some(text) => read_instant(&text),
            None => instant(child, now),
        },
        // Here an offset from UTC would be left out.
        "TIMESTAMP" => match text {
            Some(text) => read_instant(&text).filter(|_| !has_offset(&text)),
            None => instant(child, now),
        },
        // Of a text its first ten letters are the day, wherever that was.
        "DATE" => match text {
            Some(text) => NaiveDate::parse_from_str(text.trim().get(..10)?, "%Y-%m-%d").ok().and_then(begin),
            None => day(instant(child, now)?),
        },
        _ => None,
    }
}

fn has_offset(text: &str) -> bool {
    text.get(10..).is_some_and(|time| time.contains(['+', '-']))
}

/// The begin of the day of an instant.
fn day(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    begin(at.date_naive())
}

fn begin(day: NaiveDate) -> Option<DateTime<Utc>> {
    Some(day.and_hms_opt(0, 0, 0)?.and_utc())
}

/// Whole seconds that are written out; none of what is rounded or has a fraction.
fn seconds(node: &Json) -> Option<i64> {
    let is_of = |node: &Json, types: &[&str]| node["id"].as_str().is_some_and(|id| types.contains(&id));
    let is_whole = match node["class"].as_str()? {
        "CONSTANT" => is_of(&node["value"]["type"], &["INTEGER", "BIGINT"]),
        "CAST" => {
            node["child"]["class"] == "CONSTANT"
                && is_of(&node["child"]["value"]["type"], &["VARCHAR", "INTEGER", "BIGINT"])
                && is_of(&node["cast_type"], &["INTEGER", "BIGINT", "DOUBLE"])
        }
        _ => false,
    };
    text_of(node).filter(|_| is_whole)?.parse().ok()
}

/// A span of time such as `interval '90 days'`; none of months, which are not all of one length.
fn span(node: &Json) -> Option<TimeDelta> {
    if node["class"] != "CAST" || node["cast_type"]["id"] != "INTERVAL" {
        return None;
    }
    let text = plain_text(&node["child"])??;
    let (number, unit) = text.trim().split_once(' ')?;
    let number: i64 = number.parse().ok().filter(|number: &i64| number.abs() < 1_000_000)?;
    match unit.trim().trim_end_matches('s') {
        "minute" => Some(TimeDelta::minutes(number)),
        "hour" => Some(TimeDelta::hours(number)),
        "day" => Some(TimeDelta::days(number)),
        "week" => Some(TimeDelta::weeks(number)),
        _ => None,
    }
}

/// An instant that is written out, to the microsecond: what is finer DuckDB leaves out.
fn read_instant(text: &str) -> Option<DateTime<Utc>> {
    Some(read_precisely(text.trim())?.trunc_subsecs(6))
}

fn read_precisely(text: &str) -> Option<DateTime<Utc>> {
    let joined = text.replacen(' ', "T", 1);
    let with_minutes = format!("{joined}:00");
    if let Ok(at) = DateTime::parse_from_rfc3339(&joined).or_else(|_| DateTime::parse_from_rfc3339(&with_minutes)) {
        return Some(at.to_utc());
    }
    if let Ok(at) = NaiveDateTime::parse_from_str(&joined, "%Y-%m-%dT%H:%M:%S%.f") {
        return Some(at.and_utc());
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(begin)
}
