//! What the conditions of a statement say of a table's rows, so that only those are computed or read that can matter. It
//! only ever leaves out rows that the statement's own conditions leave out too.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde_json::Value as Json;

use super::distinct::counts_equal_rows_once;
use super::relation::{ColumnKind, Relation, Relations};
use super::rewrite::{is_constant, text_of};

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

/// The published tables that a FROM mentions itself, by alias; subqueries are looked at on their own.
fn mentions<'a>(node: &Json, relations: &'a Relations, found: &mut Vec<(String, &'a Relation)>) {
    match node["type"].as_str() {
        Some("JOIN") => {
            mentions(&node["left"], relations, found);
            mentions(&node["right"], relations, found);
        }
        Some("BASE_TABLE") if node["schema_name"] == "public" => {
            let has_own_names = node["column_name_alias"].as_array().is_some_and(|names| !names.is_empty());
            if let (Some(relation), alias) =
                (node["table_name"].as_str().and_then(|name| relations.get(name)), node["alias"].as_str())
            {
                // Under other names its columns are not known again; it is then read whole.
                let alias = if has_own_names { "\u{0}" } else { alias.unwrap_or_default() };
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
                Some(ColumnKind::Text) if comparison == "COMPARE_EQUAL" && is_constant(value) => {
                    allow(narrowing, name, text_of(value).into_iter().collect());
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
            if is_text && values.iter().all(is_constant) {
                allow(narrowing, name, values.iter().filter_map(text_of).collect());
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
        node["column_names"].as_array()?.iter().filter_map(Json::as_str).map(str::to_lowercase).collect();
    let name = match &names[..] {
        [name] if alias != "\u{0}" => name,
        [table, name] if *table == alias.to_lowercase() => name,
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
        "CONSTANT" | "CAST" if is_constant(node) => read_instant(&text_of(node)?),
        "CAST" => instant(&node["child"], now),
        "COLUMN_REF" if node["column_names"] == serde_json::json!(["current_timestamp"]) => Some(now),
        "FUNCTION" => match node["function_name"].as_str()? {
            "now" | "current_timestamp" | "transaction_timestamp" | "statement_timestamp" | "clock_timestamp" => {
                Some(now)
            }
            "get_current_timestamp" => Some(now),
            sign @ ("-" | "+") => {
                let at = instant(node["children"].get(0)?, now)?;
                let span = span(node["children"].get(1)?)?;
                if sign == "-" { at.checked_sub_signed(span) } else { at.checked_add_signed(span) }
            }
            "to_timestamp" => {
                let seconds: f64 = text_of(node["children"].get(0)?)?.parse().ok()?;
                DateTime::from_timestamp_micros((seconds * 1e6) as i64)
            }
            _ => None,
        },
        _ => None,
    }
}

/// A span of time such as `interval '90 days'`; none of months, which are not all of one length.
fn span(node: &Json) -> Option<TimeDelta> {
    if node["class"] != "CAST" || node["cast_type"]["id"] != "INTERVAL" {
        return None;
    }
    let text = text_of(node)?;
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

fn read_instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let joined = text.replacen(' ', "T", 1);
    let with_minutes = format!("{joined}:00");
    if let Ok(at) = DateTime::parse_from_rfc3339(&joined).or_else(|_| DateTime::parse_from_rfc3339(&with_minutes)) {
        return Some(at.to_utc());
    }
    if let Ok(at) = NaiveDateTime::parse_from_str(&joined, "%Y-%m-%dT%H:%M:%S%.f") {
        return Some(at.and_utc());
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc())
}
