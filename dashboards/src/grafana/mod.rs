//! The files that Grafana is set up with, made of the catalogue so that they cannot drift from it: data sources, dashboards
//! and alert rules, to be found in `dashboards/grafana/`.
//!
//! Each dashboard exists twice, by the way it asks: over the PostgreSQL wire, for which Grafana needs nothing installed, and
//! over the JSON API by the Infinity data source. Both are written from one description (`boards/`), so that they show the
//! same. What a panel asks is a `question`, which `sql` and `json` put into words.

mod alerts;
mod boards;
mod dashboard;
mod draw;
mod happenings;
mod json;
mod links;
mod look;
mod panel;
mod provisioning;
mod question;
mod sql;
mod style;
mod variables;
mod yaml;

use analytics::Catalogue;
use serde_json::Value;

pub use alerts::rules;
pub use boards::all as boards;

/// A way to ask Cairn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Grafana's own PostgreSQL data source.
    PostgreSql,
    /// The Infinity data source, over the JSON API.
    Infinity,
}

/// A file of `dashboards/grafana/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path in that folder.
    pub path: String,
    /// What it holds.
    pub text: String,
}

impl Way {
    /// Both.
    pub const ALL: [Way; 2] = [Way::PostgreSql, Way::Infinity];

    /// The identifier of the data source, the same in every installation.
    pub fn uid(self) -> &'static str {
        match self {
            Way::PostgreSql => "cairn-postgresql",
            Way::Infinity => "cairn-infinity",
        }
    }

    /// Grafana's name for the kind of data source.
    pub fn plugin(self) -> &'static str {
        match self {
            Way::PostgreSql => "grafana-postgresql-datasource",
            Way::Infinity => "yesoreyeram-infinity-datasource",
        }
    }

    /// The folder of its dashboards.
    pub fn folder(self) -> &'static str {
        match self {
            Way::PostgreSql => "postgresql",
            Way::Infinity => "json",
        }
    }

    /// What people call it.
    fn title(self) -> &'static str {
        match self {
            Way::PostgreSql => "Cairn",
            Way::Infinity => "Cairn (JSON)",
        }
    }
}

/// All files.
pub fn files(catalogue: &Catalogue) -> Vec<File> {
    let mut files = provisioning::files();
    for way in Way::ALL {
        for board in boards() {
            let text = pretty(&dashboard::write(catalogue, way, &board));
            files.push(File { path: format!("dashboards/{}/{}.json", way.folder(), board.name), text });
        }
        let text = yaml::document(ALERTS_HEAD, &rules(catalogue, way));
        files.push(File { path: format!("alerting/{}.yaml", way.folder()), text });
    }
    files
}

const ALERTS_HEAD: &str = "\
# Alert rules, made by Cairn's build: see docs/grafana.md. Grafana reads them from provisioning/alerting. Take the file of the
# data source that you use, not both: the rules are the same.
";

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("JSON can always be written") + "\n"
}
