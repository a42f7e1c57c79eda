//! Alert rules: each a question, how its answer becomes one number a series, and from where on that is bad.

use analytics::Catalogue;
use serde_json::{Value, json};

use super::panel::Other;
use super::question::Question;
use super::{Way, json as api, sql};

const DAY: u32 = 86_400;

/// An alert rule.
struct Rule {
    /// The last part of its identifier.
    name: &'static str,
    title: &'static str,
    /// What it says when it fires; Grafana fills the braces in.
    summary: &'static str,
    /// What to do then.
    action: &'static str,
    asks: Asks,
    /// How far it looks back, in days.
    days: u32,
    is_bad: IsBad,
    /// The dashboard to look at.
    board: &'static str,
}

enum Asks {
    Figure(Question),
    Other(Other),
}

/// When the last of a series is bad.
enum IsBad {
    Above(f64),
    Below(f64),
    /// It lies by so much below the mean of the series.
    BelowItsMeanBy(f64),
}

fn all() -> [Rule; 4] {
    [
        Rule {
            name: "compliance-falling",
            title: "Policy compliance is falling",
            summary: "Policy compliance lies more than two points below the mean of the last four weeks.",
            action: "Look which policy and which team moved; a source that fell silent does the same, so look at the data too.",
            asks: Asks::Figure(Question { step: super::question::Step::Day, ..Question::trend("policy_compliance") }),
            days: 28,
            is_bad: IsBad::BelowItsMeanBy(0.02),
            board: "compliance",
        },
        Rule {
            name: "error-budget-burning",
            title: "An availability error budget is nearly spent",
            summary: "Of the error budget of {{ $labels.component }} over 28 days less than a quarter is left.",
            action: "Hold risky changes to this component back until its budget has recovered.",
            asks: Asks::Figure(
                Question::whole("platform_availability").by(&["component"]).figures(&["error_budget_left"]),
            ),
            days: 28,
            is_bad: IsBad::Below(0.25),
            board: "value",
        },
        Rule {
            name: "source-late",
            title: "A source is late",
            summary: "A source of facts is late, or its last run failed: figures stand on old facts.",
            action: "`cairn doctor data` names the source, and `cairn check` what keeps it from being read.",
            asks: Asks::Other(Other {
                about: "",
                path: "/v1/data-quality",
                parameters: &[("check", "sources_late")],
                root: "rows",
                columns: &[("subject", "string"), ("n", "number")],
                statement: Some("select \"check\", n from data_quality where \"check\" = 'sources_late' and n > 0"),
            }),
            days: 1,
            is_bad: IsBad::Above(0.0),
            board: "data-quality",
        },
        Rule {
            name: "quota-nearly-used",
            title: "A quota is nearly used",
            summary: "Of the {{ $labels.resource }} quota of {{ $labels.team }} in {{ $labels.environment }} more than 90 % is used.",
            action: "Clean up what is idle, or raise the quota before somebody has to wait.",
            asks: Asks::Figure(Question::whole("quota_utilisation").by(&["team", "environment", "resource"])),
            days: 7,
            is_bad: IsBad::Above(0.9),
            board: "self-service",
        },
    ]
}

/// The rules as a provisioning file holds them.
pub fn rules(catalogue: &Catalogue, way: Way) -> Value {
    let rules: Vec<Value> = all().iter().map(|rule| write(catalogue, way, rule)).collect();
    json!({
        "apiVersion": 1,
        "groups": [{ "orgId": 1, "name": "cairn", "folder": way.title(), "interval": "5m", "rules": rules }],
    })
}

fn write(catalogue: &Catalogue, way: Way, rule: &Rule) -> Value {
    let board = super::boards().into_iter().find(|board| board.name == rule.board).expect("a rule names a board");
    let query = json!({
        "refId": "A",
        "queryType": "",
        "relativeTimeRange": { "from": rule.days * DAY, "to": 0 },
        "datasourceUid": way.uid(),
        "model": model(catalogue, way, &rule.asks),
    });
    let mut data = vec![query];
    data.extend(conditions(&rule.is_bad));
    json!({
        "uid": format!("{}-{}", way.uid(), rule.name),
        "title": rule.title,
        "condition": "D",
        "data": data,
        "noDataState": "OK",
        "execErrState": "Error",
        "for": "15m",
        "isPaused": false,
        "dashboardUid": super::dashboard::uid(way, &board),
        "panelId": 2,
        "annotations": { "summary": rule.summary, "description": rule.action },
        "labels": { "product": "cairn" },
    })
}

/// Rules have no variables, so what a panel would filter by them is not filtered; and they name their data source.
fn model(catalogue: &Catalogue, way: Way, asks: &Asks) -> Value {
    let mut model = match (asks, way) {
        (Asks::Figure(question), way) => {
            let metric = catalogue.get(question.metric).expect("a test makes sure that there is such a metric");
            match way {
                Way::PostgreSql => sql::unfiltered(metric, question),
                Way::Infinity => api::unfiltered(metric, question),
            }
        }
        (Asks::Other(other), Way::PostgreSql) => sql::raw(other.statement.unwrap_or_default(), "table"),
        (Asks::Other(other), Way::Infinity) => {
            let parameters: Vec<(&str, String)> =
                other.parameters.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
            api::request(other.path, &parameters, other.root, other.columns, "table")
        }
    };
    model["datasource"]["uid"] = way.uid().into();
    model
}

/// B is the last of each series, C what it is held against, D whether that is bad.
fn conditions(is_bad: &IsBad) -> Vec<Value> {
    let reduced = |name: &str, reducer: &str| json!({ "refId": name, "type": "reduce", "expression": "A", "reducer": reducer, "settings": { "mode": "dropNN" } });
    let (other, expression) = match is_bad {
        IsBad::Above(limit) => (None, format!("$B > {limit}")),
        IsBad::Below(limit) => (None, format!("$B < {limit}")),
        IsBad::BelowItsMeanBy(points) => (Some(reduced("C", "mean")), format!("$B < $C - {points}")),
    };
    let verdict = json!({ "refId": "D", "type": "math", "expression": expression });
    let models = [Some(reduced("B", "last")), other, Some(verdict)].into_iter().flatten();
    models
        .map(|mut model| {
            model["datasource"] = json!({ "type": "__expr__", "uid": "__expr__" });
            json!({
                "refId": model["refId"],
                "queryType": "",
                "relativeTimeRange": { "from": 0, "to": 0 },
                "datasourceUid": "__expr__",
                "model": model,
            })
        })
        .collect()
}
