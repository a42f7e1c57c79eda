//! The variables of a dashboard: the data source, the filters, the grain, and where Cairn's pages are.

use serde_json::{Value, json};

use super::{Way, json as api};

/// The grains that a dashboard offers; the whole range is what single numbers are of.
pub const GRAINS: [&str; 4] = ["day", "week", "month", "quarter"];

/// All of them, in the order in which they stand above the panels.
pub fn list(way: Way) -> Vec<Value> {
    vec![
        json!({
            "name": "ds", "label": "Data source", "type": "datasource", "query": way.plugin(), "regex": "", "hide": 0,
            "includeAll": false, "multi": false, "refresh": 1, "options": [], "skipUrlSync": false,
            "current": { "selected": true, "text": way.title(), "value": way.uid() },
        }),
        names(way, "team", "Team", "select distinct team as __text, team as __value from team order by 1", &[]),
        names(
            way,
            "service",
            "Service",
            // Of a team those that it owns now; of all teams also those that are no more.
            "select distinct service as __text, service as __value from service where '${team:csv}' = '*' \
            or (valid_until is null and team = any(string_to_array('${team:csv}', ','))) order by 1",
            &[("team", "${team:csv}")],
        ),
        names(
            way,
            "environment",
            "Environment",
            "select distinct environment as __text, environment as __value from deployment order by 1",
            &[],
        ),
        json!({
            "name": "grain", "label": "By", "type": "custom", "query": GRAINS.join(","), "hide": 0, "includeAll": false,
            "multi": false, "skipUrlSync": false,
            "options": GRAINS.map(|grain| json!({ "selected": grain == "week", "text": grain, "value": grain })),
            "current": { "selected": true, "text": "week", "value": "week" },
        }),
        json!({
            "name": "cairn", "label": "Cairn's pages", "type": "textbox", "query": "http://localhost:8080", "hide": 2,
            "options": [{ "selected": true, "text": "http://localhost:8080", "value": "http://localhost:8080" }],
            "current": { "selected": true, "text": "http://localhost:8080", "value": "http://localhost:8080" },
            "description": "Where a browser finds Cairn: links lead there", "skipUrlSync": false,
        }),
    ]
}

/// A list of names, read anew when the range of time changes. "All" is `*`, which filters nothing: also what has no name counts
/// then, which a list of all names would leave out.
fn names(way: Way, name: &str, label: &str, statement: &str, parameters: &[(&str, &str)]) -> Value {
    let query = match way {
        Way::PostgreSql => json!(statement),
        Way::Infinity => {
            let parameters: Vec<(&str, String)> =
                parameters.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
            let columns = [("__text", "string"), ("__value", "string")];
            let request = api::request(&format!("/v1/variables/{name}"), &parameters, "", &columns, "table");
            json!({ "refId": "variable", "queryType": "infinity", "infinityQuery": request })
        }
    };
    json!({
        "name": name, "label": label, "type": "query", "hide": 0, "multi": true, "includeAll": true, "allValue": "*",
        "datasource": { "type": way.plugin(), "uid": "${ds}" }, "query": query,
        "refresh": 2, "regex": "", "sort": 0, "options": [], "skipUrlSync": false,
        "current": { "selected": true, "text": ["All"], "value": ["$__all"] },
    })
}
