//! The files by which Grafana finds Cairn when it starts: data sources and folders of dashboards. What differs from place to
//! place comes from Grafana's environment.

use serde_json::{Value, json};

use super::{File, Way, yaml};

const DATA_SOURCES_HEAD: &str = "\
# Grafana's data sources for Cairn: see docs/grafana.md. Grafana reads this from provisioning/datasources, and fills in what
# begins with a dollar from its own environment.
";

const DASHBOARDS_HEAD: &str = "\
# Where Grafana finds Cairn's dashboards: see docs/grafana.md. Grafana reads this from provisioning/dashboards.
";

/// The files.
pub fn files() -> Vec<File> {
    let file =
        |path: &str, head: &str, value: &Value| File { path: path.to_owned(), text: yaml::document(head, value) };
    vec![
        file("datasources/cairn.yaml", DATA_SOURCES_HEAD, &data_sources()),
        file("provider/cairn.yaml", DASHBOARDS_HEAD, &folders()),
    ]
}

fn data_sources() -> Value {
    json!({
        "apiVersion": 1,
        "prune": true,
        "datasources": [
            {
                "name": Way::PostgreSql.title(),
                "uid": Way::PostgreSql.uid(),
                "type": Way::PostgreSql.plugin(),
                "access": "proxy",
                "url": "$CAIRN_POSTGRES",
                "user": "$CAIRN_TOKEN_NAME",
                "isDefault": true,
                "editable": false,
                "jsonData": {
                    "database": "cairn",
                    "sslmode": "$CAIRN_SSLMODE",
                    "postgresVersion": 1500,
                    "timescaledb": false,
                    "maxOpenConns": 20,
                    "maxIdleConns": 20,
                    "connMaxLifetime": 14400,
                },
                "secureJsonData": { "password": "$CAIRN_TOKEN" },
            },
            {
                "name": Way::Infinity.title(),
                "uid": Way::Infinity.uid(),
                "type": Way::Infinity.plugin(),
                "access": "proxy",
                "url": "$CAIRN_URL",
                "isDefault": false,
                "editable": false,
                "jsonData": {
                    "auth_method": "bearerToken",
                    "allowedHosts": ["$CAIRN_URL"],
                    "timeoutInSeconds": 60,
                },
                "secureJsonData": { "bearerToken": "$CAIRN_TOKEN" },
            },
        ],
    })
}

fn folders() -> Value {
    let provider = |way: Way| {
        json!({
            "name": format!("cairn-{}", way.folder()),
            "orgId": 1,
            "folder": way.title(),
            "folderUid": format!("cairn-{}", way.folder()),
            "type": "file",
            "disableDeletion": false,
            "allowUiUpdates": false,
            "updateIntervalSeconds": 30,
            "options": { "path": format!("/etc/cairn/dashboards/{}", way.folder()) },
        })
    };
    json!({ "apiVersion": 1, "providers": Way::ALL.map(provider) })
}
