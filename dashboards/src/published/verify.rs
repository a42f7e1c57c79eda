//! The second look, at what is about to run: not at what a client wrote, but at what was made of it.

use serde_json::Value as Json;

use super::{allowed, catalogue, patterns};

/// Whether a tree is of the form that `check` leaves: only tables of the house or of its own `with`, only functions that
/// are listed or that the check itself puts in.
pub(super) fn is_checked(tree: &Json) -> bool {
    is_house(&tree["statements"], &mut Vec::new())
}

fn is_house(node: &Json, known: &mut Vec<String>) -> bool {
    let text = |name: &str| node[name].as_str().unwrap_or_default().to_ascii_lowercase();
    match node {
        Json::Array(nodes) => nodes.iter().all(|node| is_house(node, known)),
        Json::Object(fields) => {
            let kind = text("type");
            let outside = known.len();
            if let Some(entries) = node["cte_map"]["map"].as_array() {
                for entry in entries {
                    let name = entry["key"].as_str().unwrap_or_default().to_ascii_lowercase();
                    let recurs = entry["value"]["query"]["node"]["type"] == "RECURSIVE_CTE_NODE";
                    if recurs {
                        known.push(name.clone());
                    }
                    if !is_house(&entry["value"], known) {
                        return false;
                    }
                    if !recurs {
                        known.push(name);
                    }
                }
            }
            let stands = match kind.as_str() {
                "base_table" => {
                    let schema = text("schema_name");
                    let is_own = schema.is_empty() && known.contains(&text("table_name"));
                    text("catalog_name").is_empty()
                        && (is_own
                            || ["public", catalogue::OF_POSTGRES, catalogue::OF_INFORMATION].contains(&schema.as_str()))
                }
                "table_function" => {
                    let name = node["function"]["function_name"].as_str().unwrap_or_default();
                    let children = &node["function"]["children"];
                    let is_listed = allowed::is_table_function(name) || name == store::TABLE_MACRO;
                    return is_listed && is_house(children, known);
                }
                "show_ref" => false,
                "function" => {
                    let name = text("function_name");
                    allowed::is_function(&name)
                        || name.starts_with("number_of_")
                        || name == "setting_of"
                        || patterns::MACROS.contains(&name.as_str())
                }
                kind if kind.starts_with("window_") => allowed::is_function(&text("function_name")),
                _ => true,
            };
            let all =
                stands && fields.iter().filter(|(key, _)| *key != "cte_map").all(|(_, node)| is_house(node, known));
            known.truncate(outside);
            all
        }
        _ => true,
    }
}
