//! Parameters: of what type they are, and their values put into the tree before it runs.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::refusal::Refusal;
use super::relation::Relations;
use super::rewrite;
use super::spelled;
use super::types::{array_of, duckdb_type, element_of, oid};

/// PostgreSQL's numbers of the types of the parameters: what the client named, else what the statement makes likely, else
/// text.
pub(super) fn types(tree: &Json, named: &[u32], relations: &Relations) -> Result<Vec<u32>, Refusal> {
    let mut likely = BTreeMap::new();
    guess(tree, relations, &mut likely);
    let n_parameters = likely.keys().max().copied().unwrap_or(0).max(named.len());
    if n_parameters > 1000 {
        return Err(Refusal::new("54023", "a statement has 1000 parameters at most"));
    }
    let given = |place: usize| named.get(place).copied().filter(|oid| *oid != 0 && *oid != oid::UNKNOWN);
    Ok((0..n_parameters)
        .map(|place| given(place).or_else(|| likely.get(&(place + 1)).copied().flatten()).unwrap_or(oid::TEXT))
        .collect())
}

fn number(node: &Json) -> Option<usize> {
    (node["class"] == "PARAMETER").then(|| node["identifier"].as_str()?.parse().ok()).flatten()
}

fn guess(node: &Json, relations: &Relations, likely: &mut BTreeMap<usize, Option<u32>>) {
    if let Some(number) = number(node) {
        likely.entry(number).or_insert(None);
        return;
    }
    let mut note = |parameter: &Json, oid: Option<u32>| {
        if let (Some(number), Some(oid)) = (number(parameter), oid) {
            likely.entry(number).or_insert(None).get_or_insert(oid);
        }
    };
    match node["type"].as_str().unwrap_or_default() {
        "OPERATOR_CAST" => note(&node["child"], of_type(&node["cast_type"])),
        "LIMIT_MODIFIER" => {
            note(&node["limit"], Some(oid::INT8));
            note(&node["offset"], Some(oid::INT8));
        }
        "COMPARE_BETWEEN" => {
            let oid = of_expression(&node["input"], relations);
            note(&node["lower"], oid);
            note(&node["upper"], oid);
        }
        "COMPARE_IN" => {
            let children = node["children"].as_array().map(Vec::as_slice).unwrap_or_default();
            let oid = children.first().and_then(|input| of_expression(input, relations));
            children.iter().skip(1).for_each(|child| note(child, oid));
        }
        // `= any($1)`: an array of what stands before it.
        "SUBQUERY" if node["subquery_type"] == "ANY" => {
            let list = &node["subquery"]["node"]["select_list"][0];
            if list["function_name"] == "unnest" {
                let element = of_expression(&node["child"], relations).unwrap_or(oid::TEXT);
                note(&list["children"][0], array_of(element));
            }
        }
        comparison if comparison.starts_with("COMPARE_") => {
            note(&node["left"], of_expression(&node["right"], relations));
            note(&node["right"], of_expression(&node["left"], relations));
        }
        _ => {}
    }
    match node {
        Json::Array(nodes) => nodes.iter().for_each(|node| guess(node, relations, likely)),
        Json::Object(fields) => fields.values().for_each(|node| guess(node, relations, likely)),
        _ => {}
    }
}

fn of_type(node: &Json) -> Option<u32> {
    if node["id"] == "DECIMAL" {
        return Some(oid::NUMERIC);
    }
    if node["id"] == "LIST" {
        return array_of(of_type(&node["type_info"]["child_type"])?);
    }
    super::types::postgres_type(node["id"].as_str()?).map(|(oid, _)| oid)
}

/// The type of an expression, as far as its face tells.
pub(super) fn of_expression(node: &Json, relations: &Relations) -> Option<u32> {
    match node["class"].as_str()? {
        "COLUMN_REF" => {
            let name = node["column_names"].as_array()?.last()?.as_str()?.to_ascii_lowercase();
            let column = relations.iter().find_map(|relation| relation.column(&name));
            match column {
                Some(column) => super::types::postgres_type(column.kind.sql()).map(|(oid, _)| oid),
                None if name == "oid" || name.ends_with("relid") || name.ends_with("namespace") => Some(oid::INT8),
                None => None,
            }
        }
        "CAST" => of_type(&node["cast_type"]),
        "CONSTANT" => of_type(&node["value"]["type"]),
        "FUNCTION" => match node["function_name"].as_str()? {
            "now" | "date_trunc" | "to_timestamp" => Some(oid::TIMESTAMPTZ),
            "count" | "count_star" | "length" => Some(oid::INT8),
            "date_part" | "extract" | "floor" | "avg" => Some(oid::FLOAT8),
            _ => None,
        },
        _ => None,
    }
}

/// The tree with each parameter's value in its place: a text and its cast, as PostgreSQL reads the text of a value. Without
/// values all are null, which is enough to plan by.
pub(super) fn filled_in(tree: &Json, types: &[u32], values: Option<&[Option<String>]>) -> Result<Json, Refusal> {
    let mut tree = tree.clone();
    fill_in(&mut tree, types, values)?;
    Ok(tree)
}

fn fill_in(node: &mut Json, types: &[u32], values: Option<&[Option<String>]>) -> Result<(), Refusal> {
    if let Some(number) = number(node) {
        let type_of = types.get(number.wrapping_sub(1)).copied().unwrap_or(oid::TEXT);
        let value = values.and_then(|values| values.get(number.wrapping_sub(1))).cloned().flatten();
        let alias = node["alias"].take();
        *node = parameter(type_of, value.as_deref())?;
        node["alias"] = alias;
        return Ok(());
    }
    if values.is_none() && node["function_name"] == "||" {
        fill_in_empty(node, types)?;
    }
    match node {
        Json::Array(nodes) => nodes.iter_mut().try_for_each(|node| fill_in(node, types, values)),
        Json::Object(fields) => fields.iter_mut().try_for_each(|(key, node)| {
            if key == "named_param_map" {
                *node = json!([]);
            }
            fill_in(node, types, values)
        }),
        _ => Ok(()),
    }
}

/// Joined with a null, a text or a list is of no type to DuckDB, so that in its place stands an empty one while it plans.
fn fill_in_empty(join: &mut Json, types: &[u32]) -> Result<(), Refusal> {
    for child in join["children"].as_array_mut().into_iter().flatten() {
        let joined = if child["class"] == "CAST" { &mut child["child"] } else { child };
        let Some(number) = number(joined) else { continue };
        let type_of = types.get(number.wrapping_sub(1)).copied().unwrap_or(oid::TEXT);
        match element_of(type_of) {
            Some(_) => *joined = parameter(type_of, Some("{}"))?,
            None if duckdb_type(type_of) == Some("VARCHAR") => *joined = parameter(type_of, Some(""))?,
            None => {}
        }
    }
    Ok(())
}

fn parameter(type_of: u32, value: Option<&str>) -> Result<Json, Refusal> {
    if let Some(element) = element_of(type_of) {
        let element = duckdb_type(element).unwrap_or("VARCHAR");
        let list = value.map(list_of).transpose()?;
        return Ok(rewrite::cast(rewrite::text(list.as_deref()), &format!("{element}[]")));
    }
    let sql_type = duckdb_type(type_of).ok_or_else(|| {
        Refusal::unsupported(format!("parameters of the type with number {type_of} are not known here"))
    })?;
    // PostgreSQL writes t and f.
    let value = match (sql_type, value) {
        ("BOOLEAN", Some("t")) => Some("true"),
        ("BOOLEAN", Some("f")) => Some("false"),
        (_, value) => value,
    };
    let respelled = value.and_then(spelled::instant).filter(|_| sql_type.starts_with("TIMESTAMP"));
    let value = respelled.as_deref().or(value);
    Ok(rewrite::cast(rewrite::text(value), sql_type))
}

/// Turns an array that is written out, `'{a,b}'`, into a list that DuckDB reads; says whether it was one.
pub(super) fn read_array(node: &mut Json) -> Result<bool, Refusal> {
    let text = if node["class"] == "CONSTANT" { rewrite::text_of(node) } else { None };
    let Some(text) = text.filter(|text| text.trim_start().starts_with('{')) else { return Ok(false) };
    node["value"]["value"] = list_of(&text)?.into();
    Ok(true)
}

/// The same within `= any('{a,b}')`, of which the parser makes a query over the unnested list.
pub(super) fn read_array_of_any(node: &mut Json) -> Result<(), Refusal> {
    let list = node.pointer_mut("/subquery/node/select_list/0").filter(|list| list["function_name"] == "unnest");
    let Some(child) = list.and_then(|list| list.pointer_mut("/children/0")) else { return Ok(()) };
    if read_array(child)? {
        *child = rewrite::cast(child.take(), "VARCHAR[]");
    }
    Ok(())
}

/// PostgreSQL's `{a,"b c",NULL}` as DuckDB's `['a', 'b c', NULL]`.
fn list_of(text: &str) -> Result<String, Refusal> {
    let bad = || Refusal::new("22P02", format!("malformed array literal: \"{text}\""));
    let inner = text.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).ok_or_else(bad)?;
    let mut elements: Vec<String> = Vec::new();
    let mut letters = inner.chars().peekable();
    while letters.peek().is_some() {
        let mut element = String::new();
        let mut is_quoted = false;
        if letters.next_if_eq(&'"').is_some() {
            is_quoted = true;
            loop {
                match letters.next().ok_or_else(bad)? {
                    '"' => break,
                    '\\' => element.push(letters.next().ok_or_else(bad)?),
                    letter => element.push(letter),
                }
            }
        } else {
            while let Some(letter) = letters.next_if(|letter| *letter != ',') {
                if letter == '{' {
                    return Err(Refusal::unsupported("arrays of arrays are not known as parameters"));
                }
                element.push(letter);
            }
        }
        if !is_quoted && element.trim().eq_ignore_ascii_case("null") {
            elements.push("NULL".into());
        } else {
            let element = if is_quoted { element } else { element.trim().to_owned() };
            elements.push(format!("'{}'", element.replace('\\', "\\\\").replace('\'', "\\'")));
        }
        if letters.next().is_some_and(|letter| letter != ',') {
            return Err(bad());
        }
    }
    Ok(format!("[{}]", elements.join(", ")))
}
