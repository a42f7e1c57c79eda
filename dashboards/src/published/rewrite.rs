//! Pieces of a statement's tree, as DuckDB writes them.

use serde_json::{Value as Json, json};

/// A text, or null.
pub(super) fn text(value: Option<&str>) -> Json {
    json!({
        "class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": "", "query_location": 0,
        "value": {
            "type": {"id": "VARCHAR", "type_info": null},
            "is_null": value.is_none(),
            "value": value,
        },
    })
}

/// A whole number.
pub(super) fn whole(value: i64) -> Json {
    json!({
        "class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": "", "query_location": 0,
        "value": {"type": {"id": "BIGINT", "type_info": null}, "is_null": false, "value": value},
    })
}

/// A cast to a type in DuckDB's words.
pub(super) fn cast(child: Json, sql_type: &str) -> Json {
    json!({
        "class": "CAST", "type": "OPERATOR_CAST", "alias": "", "query_location": 0,
        "child": child, "cast_type": type_node(sql_type), "try_cast": false,
    })
}

/// A type in DuckDB's words.
pub(super) fn type_node(sql_type: &str) -> Json {
    if let Some(element) = sql_type.strip_suffix("[]") {
        return json!({
            "id": "LIST",
            "type_info": {
                "type": "LIST_TYPE_INFO", "alias": "", "extension_info": null, "child_type": type_node(element),
            },
        });
    }
    if let Some((width, scale)) = sql_type
        .strip_prefix("DECIMAL(")
        .and_then(|rest| rest.strip_suffix(')'))
        .and_then(|inner| inner.split_once(','))
        .and_then(|(width, scale)| Some((width.parse::<u8>().ok()?, scale.parse::<u8>().ok()?)))
    {
        return json!({
            "id": "DECIMAL",
            "type_info": {
                "type": "DECIMAL_TYPE_INFO", "alias": "", "extension_info": null, "width": width, "scale": scale,
            },
        });
    }
    if sql_type == "JSON" {
        return json!({
            "id": "UNBOUND",
            "type_info": {
                "type": "UNBOUND_TYPE_INFO", "alias": "", "extension_info": null, "name": "json", "catalog": "",
                "schema": "", "user_type_modifiers": [],
            },
        });
    }
    json!({"id": sql_type, "type_info": null})
}

/// A call of a function.
pub(super) fn call(name: &str, children: Vec<Json>) -> Json {
    json!({
        "class": "FUNCTION", "type": "FUNCTION", "alias": "", "query_location": 0,
        "function_name": name, "schema": "", "children": children, "filter": null,
        "order_bys": {"type": "ORDER_MODIFIER", "orders": []},
        "distinct": false, "is_operator": false, "export_state": false, "catalog": "",
    })
}

/// `(select expression as name) as name`, in the place of a table.
pub(super) fn one_row(mut expression: Json, alias: &str, column: &str) -> Json {
    expression["alias"] = column.into();
    json!({
        "type": "SUBQUERY", "alias": alias, "sample": null, "query_location": 0,
        "subquery": {
            "node": {
                "type": "SELECT_NODE", "modifiers": [], "cte_map": {"map": []}, "select_list": [expression],
                "from_table": {"type": "EMPTY", "alias": "", "sample": null, "query_location": 0},
                "where_clause": null, "group_expressions": [], "group_sets": [],
                "aggregate_handling": "STANDARD_HANDLING", "having": null, "sample": null, "qualify": null,
            },
            "named_param_map": [],
        },
        "column_name_alias": [],
    })
}

/// The text that an expression is, null or not; none where it is no text that is written out, be it of another type or made
/// into one.
pub(super) fn plain_text(node: &Json) -> Option<Option<String>> {
    match node["class"].as_str()? {
        "CONSTANT" if node["value"]["is_null"] == Json::Bool(true) => Some(None),
        "CONSTANT" if node["value"]["type"]["id"] == "VARCHAR" => {
            node["value"]["value"].as_str().map(|text| Some(text.to_owned()))
        }
        "CAST" if node["cast_type"]["id"] == "VARCHAR" => plain_text(&node["child"]),
        _ => None,
    }
}

/// The text of a constant, whatever it is cast to; none where it is no constant, or null.
pub(super) fn text_of(node: &Json) -> Option<String> {
    match node["class"].as_str()? {
        "CONSTANT" => match &node["value"]["value"] {
            Json::String(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            Json::Bool(truth) => Some(truth.to_string()),
            _ => None,
        },
        "CAST" => text_of(&node["child"]),
        _ => None,
    }
}

/// Whether it is a constant, cast or not, null or not.
pub(super) fn is_constant(node: &Json) -> bool {
    match node["class"].as_str() {
        Some("CONSTANT") => true,
        Some("CAST") => is_constant(&node["child"]),
        _ => false,
    }
}
