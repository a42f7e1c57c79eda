//! What charts mark: deployments, incidents and improvements.

use serde_json::{Value, json};

use super::{Way, json as api, sql};

const TEAM: &str = "('${team:csv}' = '*' or team = any(string_to_array('${team:csv}', ',')))";
const SERVICE: &str = "('${service:csv}' = '*' or service = any(string_to_array('${service:csv}', ',')))";

/// The annotations of a dashboard. Deployments are many, so they are shown on demand.
pub fn list(way: Way) -> Vec<Value> {
    let deployments = format!(
        "select time, service || ' deployed' as title, 'deployment ' || id as text, \
        concat_ws(',', 'deployment', environment, team, service) as tags \
        from deployment where $__timeFilter(time) and is_production and is_live and {TEAM} and {SERVICE} order by time"
    );
    let incidents = format!(
        "select time, resolved_at as timeend, 'incident ' || id as title, coalesce(severity, '') as text, \
        concat_ws(',', 'incident', severity, team, service) as tags \
        from incident where time < $__timeTo() and (resolved_at is null or resolved_at >= $__timeFrom()) and {TEAM} and {SERVICE} order by time"
    );
    let improvements = format!(
        "select time, name as title, coalesce('reached ' || coalesce(service, team), 'announced') as text, \
        concat_ws(',', 'improvement', team, service) as tags \
        from improvement where $__timeFilter(time) and (team is null or {TEAM}) and (service is null or {SERVICE}) order by time"
    );
    let mark = |name: &str, kind: &str, colour: &str, is_shown: bool, statement: &str| {
        let mut target = match way {
            Way::PostgreSql => sql::raw(statement, "table"),
            Way::Infinity => marks(kind),
        };
        target["refId"] = "Anno".into();
        json!({
            "name": name, "enable": is_shown, "hide": false, "iconColor": colour,
            "datasource": { "type": way.plugin(), "uid": "${ds}" }, "target": target,
        })
    };
    vec![
        mark("Deployments", "deployment", "semi-dark-blue", false, &deployments),
        mark("Incidents", "incident", "semi-dark-red", true, &incidents),
        mark("Improvements", "improvement", "semi-dark-green", true, &improvements),
    ]
}

fn marks(kind: &str) -> Value {
    let mut parameters = vec![("kind", kind.to_owned())];
    parameters.extend(api::RANGE.map(|(name, value)| (name, value.to_owned())));
    parameters.push(("team", "${team:csv}".into()));
    parameters.push(("service", "${service:csv}".into()));
    let columns =
        [("time", "timestamp"), ("timeEnd", "timestamp"), ("title", "string"), ("text", "string"), ("tags", "string")];
    api::request("/v1/annotations", &parameters, "", &columns, "table")
}
