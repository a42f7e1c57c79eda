//! What makes answers look like PostgreSQL's: which catalogue tables there are, and the names and types of columns.

use std::sync::LazyLock;

use serde_json::Value as Json;

pub(super) use super::words::in_common_words;

use super::types::oid;

/// The sandbox's schema with the tables of `pg_catalog`.
pub(super) const OF_POSTGRES: &str = "pg";
/// The sandbox's schema with the tables of `information_schema`.
pub(super) const OF_INFORMATION: &str = "info";

/// The tables of `pg_catalog`.
pub(super) static POSTGRES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| created(include_str!("../../../sql/catalogue/postgres.sql"), "create view pg."));

/// The tables of `information_schema`.
pub(super) static INFORMATION: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| created(include_str!("../../../sql/catalogue/information.sql"), "create view info."));

fn created(sql: &'static str, statement: &str) -> Vec<&'static str> {
    sql.lines().filter_map(|line| line.strip_prefix(statement)?.split(' ').next()).collect()
}

pub(super) fn is_of_postgres(name: &str) -> bool {
    POSTGRES.contains(&name)
}

pub(super) fn is_of_information(name: &str) -> bool {
    INFORMATION.contains(&name)
}

/// Gives the columns of all queries in a tree the names that PostgreSQL gives them, where the statement names none.
pub(super) fn name_columns(node: &mut Json) {
    if node["type"] == "SELECT_NODE" {
        name_values(node);
        for column in node["select_list"].as_array_mut().into_iter().flatten() {
            let is_unnamed = column["alias"].as_str().is_some_and(str::is_empty) || column["alias"].is_null();
            // A column that is only named keeps its own name anyway.
            if is_unnamed && !matches!(column["class"].as_str(), Some("STAR" | "COLUMN_REF")) || is_word(column) {
                column["alias"] = name_of(column).unwrap_or_else(|| "?column?".into()).into();
            }
        }
    }
    match node {
        Json::Array(nodes) => nodes.iter_mut().for_each(name_columns),
        Json::Object(fields) => fields.values_mut().for_each(name_columns),
        _ => {}
    }
}

/// The columns of `values (...)` are `column1`, `column2` and so on.
fn name_values(query: &mut Json) {
    let values = &query["from_table"];
    let is_plain = values["type"] == "EXPRESSION_LIST" && values["alias"] == "valueslist";
    let is_all = query["select_list"].as_array().is_some_and(|list| list.len() == 1)
        && query["select_list"][0]["class"] == "STAR";
    let n_columns = values["values"][0].as_array().map_or(0, Vec::len);
    if is_plain && is_all {
        let column = |place: usize| {
            serde_json::json!({
                "class": "COLUMN_REF", "type": "COLUMN_REF", "alias": format!("column{}", place + 1), "query_location": 0,
                "column_names": [format!("col{place}")],
            })
        };
        query["select_list"] = (0..n_columns).map(column).collect();
    }
}

/// Whether it is a word such as `current_user`, which gets a value in its place.
fn is_word(node: &Json) -> bool {
    let names = node["column_names"].as_array().map(Vec::as_slice).unwrap_or_default();
    let alone = names.first().filter(|_| names.len() == 1).and_then(Json::as_str);
    node["alias"] == "" && alone.is_some_and(super::values::is_word)
}

fn name_of(node: &Json) -> Option<String> {
    if let Some(alias) = node["alias"].as_str().filter(|alias| !alias.is_empty()) {
        return Some(alias.to_owned());
    }
    let text = |field: &str| node[field].as_str().unwrap_or_default().to_ascii_lowercase();
    match node["class"].as_str()? {
        "COLUMN_REF" => Some(node["column_names"].as_array()?.last()?.as_str()?.to_owned()),
        "FUNCTION" | "WINDOW" => {
            let name = text("function_name");
            let name = match name.as_str() {
                "count_star" => "count",
                "date_part" if text("schema") == "main" => "extract",
                "list_value" => "array",
                // The parser's word for `~`.
                "regexp_full_match" => return None,
                "like_escape" | "not_like_escape" | "ilike_escape" | "not_ilike_escape" => return None,
                other => other,
            };
            let is_word = name.starts_with(|letter: char| letter.is_alphabetic() || letter == '_');
            (is_word && node["is_operator"] != Json::Bool(true)).then(|| name.to_owned())
        }
        // `true` and `false`, as the parser has them.
        "CAST" if node["cast_type"]["id"] == "BOOLEAN" && node["child"]["class"] == "CONSTANT" => None,
        "CAST" => name_of(&node["child"]).or_else(|| type_name(&node["cast_type"])),
        "CASE" => {
            name_of(&node["else_expr"]).filter(|_| node["else_expr"]["class"] == "COLUMN_REF").or(Some("case".into()))
        }
        "SUBQUERY" if node["subquery_type"] == "SCALAR" => name_of(&node["subquery"]["node"]["select_list"][0]),
        "SUBQUERY" if node["subquery_type"] == "EXISTS" => Some("exists".into()),
        "OPERATOR" => match node["type"].as_str()? {
            "OPERATOR_COALESCE" => Some("coalesce".into()),
            "ARRAY_CONSTRUCTOR" => Some("array".into()),
            "ARRAY_EXTRACT" | "ARRAY_SLICE" => name_of(&node["children"][0]),
            _ => None,
        },
        _ => None,
    }
}

fn type_name(node: &Json) -> Option<String> {
    let described = node["id"].as_str()?;
    if described == "UNBOUND" {
        return node["type_info"]["name"].as_str().map(str::to_ascii_lowercase);
    }
    Some(
        match described {
            "INTEGER" => "int4",
            "BIGINT" => "int8",
            "SMALLINT" => "int2",
            "DOUBLE" => "float8",
            "FLOAT" => "float4",
            "VARCHAR" => "text",
            "BOOLEAN" => "bool",
            "DECIMAL" => "numeric",
            "TIMESTAMP WITH TIME ZONE" => "timestamptz",
            "TIMESTAMP" => "timestamp",
            "DATE" => "date",
            "INTERVAL" => "interval",
            _ => return None,
        }
        .to_owned(),
    )
}

/// The type of a column that comes from the catalogue as it is: DuckDB has neither `oid` nor `name`.
pub(super) fn column_type(query: &Json, place: usize, shown: &str, found: u32) -> u32 {
    let columns = query["select_list"].as_array().map(Vec::as_slice).unwrap_or_default();
    let has_star = columns.iter().any(|column| column["class"] == "STAR");
    let name = match columns.get(place) {
        _ if has_star => shown.to_owned(),
        Some(column) if column["class"] == "COLUMN_REF" => {
            let last = column["column_names"].as_array().and_then(|names| names.last());
            last.and_then(Json::as_str).unwrap_or_default().to_owned()
        }
        _ => return found,
    };
    const NAMES: [&str; 24] = [
        "relname",
        "nspname",
        "attname",
        "typname",
        "conname",
        "datname",
        "rolname",
        "usename",
        "amname",
        "collname",
        "extname",
        "proname",
        "spcname",
        "schemaname",
        "tablename",
        "viewname",
        "tableowner",
        "viewowner",
        "table_catalog",
        "table_schema",
        "table_name",
        "column_name",
        "schema_name",
        "catalog_name",
    ];
    const UDT: [&str; 4] = ["udt_catalog", "udt_schema", "udt_name", "schema_owner"];
    const CHARS: [&str; 12] = [
        "relkind",
        "relpersistence",
        "relreplident",
        "attalign",
        "attstorage",
        "attidentity",
        "attgenerated",
        "typtype",
        "typcategory",
        "contype",
        "amtype",
        "attcompression",
    ];
    const VARCHARS: [&str; 6] =
        ["data_type", "is_nullable", "table_type", "column_default", "is_updatable", "is_identity"];
    match found {
        oid::TEXT if NAMES.contains(&name.as_str()) || UDT.contains(&name.as_str()) => oid::NAME,
        oid::TEXT if CHARS.contains(&name.as_str()) => 18,
        oid::TEXT if VARCHARS.contains(&name.as_str()) => oid::VARCHAR,
        oid::INT8 if is_number(&name) => oid::OID,
        _ => found,
    }
}

/// Whether a column of the catalogue is the number of an object.
fn is_number(name: &str) -> bool {
    const ENDS: [&str; 11] =
        ["oid", "relid", "namespace", "owner", "typid", "dba", "classoid", "relam", "collation", "typelem", "typarray"];
    ENDS.iter().any(|end| name.ends_with(end)) && !name.starts_with("n_")
}
