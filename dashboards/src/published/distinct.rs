//! Whether equal rows of a table are one to a statement: it asks which there are, not how many of each.

use serde_json::Value as Json;

use super::allowed::is_aggregate;

/// Whether a query gives the same, however often each row of the one table that it reads is there. Where the tree does not
/// plainly say so it does not.
pub(super) fn counts_equal_rows_once(query: &Json) -> bool {
    let list = |node: &Json| node.as_array().is_some_and(|nodes| !nodes.is_empty());
    let is_distinct = query["modifiers"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|modifier| modifier["type"] == "DISTINCT_MODIFIER" && !list(&modifier["distinct_on_targets"]));
    let is_grouped = list(&query["group_expressions"]) || any(&query["select_list"], &is_call_of_aggregate);
    let picks_a_row = |node: &Json| node["type"] == "DISTINCT_MODIFIER" && list(&node["distinct_on_targets"]);
    query["from_table"]["type"] == "BASE_TABLE"
        && (is_distinct || is_grouped)
        && query["qualify"].is_null()
        && ["select_list", "having", "modifiers"]
            .iter()
            .all(|part| !any(&query[*part], &|node| minds_repetition(node) || picks_a_row(node)))
}

fn is_call_of_aggregate(node: &Json) -> bool {
    node["class"] == "FUNCTION" && node["function_name"].as_str().is_some_and(is_aggregate)
}

/// Whether a piece of a query looks at more than which values there are.
fn minds_repetition(node: &Json) -> bool {
    const CARELESS: [&str; 5] = ["min", "max", "bool_and", "bool_or", "every"];
    let is_careless = node["function_name"].as_str().is_some_and(|name| CARELESS.contains(&name));
    matches!(node["class"].as_str(), Some("WINDOW" | "SUBQUERY"))
        || is_call_of_aggregate(node) && node["distinct"] != Json::Bool(true) && !is_careless
}

fn any(node: &Json, is_it: &dyn Fn(&Json) -> bool) -> bool {
    match node {
        Json::Array(nodes) => nodes.iter().any(|node| any(node, is_it)),
        Json::Object(fields) => is_it(node) || fields.values().any(|node| any(node, is_it)),
        _ => false,
    }
}
