//! A dashboard of a board: its panels set side by side, with variables and annotations.

use analytics::Catalogue;
use serde_json::{Value, json};

use super::panel::Panel;
use super::{Way, draw, happenings, variables};

/// A dashboard, as it is described.
#[derive(Debug, Clone, PartialEq)]
pub struct Board {
    /// The name of its file, and the last part of its identifier.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Its parts, from top to bottom.
    pub sections: Vec<Section>,
}

/// A part of a dashboard.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its title.
    pub title: String,
    /// Its panels, from left to right.
    pub panels: Vec<Panel>,
}

/// The version of Grafana's dashboard schema: that of Grafana 12, which later ones read too.
const SCHEMA: u32 = 41;
const WIDTH: u32 = 24;

/// The identifier of a dashboard, the same in every installation.
pub fn uid(way: Way, board: &Board) -> String {
    match way {
        Way::PostgreSql => format!("cairn-{}", board.name),
        Way::Infinity => format!("cairn-json-{}", board.name),
    }
}

/// Its JSON.
pub fn write(catalogue: &Catalogue, way: Way, board: &Board) -> Value {
    let tag = format!("cairn-{}", way.folder());
    json!({
        "id": null,
        "uid": uid(way, board),
        "title": board.title,
        "description": board.about,
        "tags": ["cairn", tag],
        "schemaVersion": SCHEMA,
        "version": 1,
        "editable": true,
        "graphTooltip": 1,
        "fiscalYearStartMonth": 0,
        "weekStart": "monday",
        "timezone": "utc",
        "time": { "from": "now-6M", "to": "now" },
        "timepicker": {},
        "refresh": "",
        "links": [{
            "type": "dashboards", "title": "Cairn", "icon": "external link", "tooltip": "", "tags": [tag],
            "asDropdown": true, "targetBlank": false, "includeVars": true, "keepTime": true,
        }],
        "templating": { "list": variables::list(way) },
        "annotations": { "list": happenings::list(way) },
        "panels": panels(catalogue, way, &board.sections),
    })
}

fn panels(catalogue: &Catalogue, way: Way, sections: &[Section]) -> Vec<Value> {
    let mut laid = Vec::new();
    let mut top = 0;
    for section in sections {
        let panels: Vec<&Panel> = section.panels.iter().filter(|panel| panel.is_for(way)).collect();
        if panels.is_empty() {
            continue;
        }
        laid.push(json!({
            "id": laid.len() + 1, "type": "row", "title": section.title, "collapsed": false, "panels": [],
            "gridPos": { "x": 0, "y": top, "w": WIDTH, "h": 1 },
        }));
        top += 1;
        let (mut left, mut height) = (0, 0);
        for panel in panels {
            if left + panel.width > WIDTH {
                (left, top, height) = (0, top + height, 0);
            }
            let mut written = draw::panel(catalogue, way, panel);
            written["id"] = (laid.len() + 1).into();
            written["gridPos"] = json!({ "x": left, "y": top, "w": panel.width, "h": panel.height });
            laid.push(written);
            left += panel.width;
            height = height.max(panel.height);
        }
        top += height;
    }
    laid
}
