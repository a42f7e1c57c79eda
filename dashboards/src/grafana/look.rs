//! How panels show what they are answered: Grafana's kinds of panel and their options.

use serde_json::{Value, json};

use super::question::Question;

/// How a panel shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// One number.
    Stat,
    /// Lines over time.
    Lines,
    /// Lines over time, the first within its interval.
    Band,
    /// Areas on top of each other over time.
    Stacked,
    /// Bars, one a group.
    Bars,
    /// A table.
    Table,
}

impl Look {
    /// Grafana's name for the kind of panel.
    pub fn plugin(self) -> &'static str {
        match self {
            Look::Stat => "stat",
            Look::Lines | Look::Band | Look::Stacked => "timeseries",
            Look::Bars => "barchart",
            Look::Table => "table",
        }
    }

    /// What a kind of panel says of each field.
    pub fn custom(self, has_thresholds: bool) -> Value {
        let lines = |stacking: &str, fill: u32| {
            json!({
                "drawStyle": "line", "lineInterpolation": "linear", "lineWidth": 2, "fillOpacity": fill,
                "showPoints": "auto", "spanNulls": false, "axisSoftMin": 0,
                "stacking": { "mode": stacking, "group": "A" },
                "thresholdsStyle": { "mode": if has_thresholds { "dashed" } else { "off" } },
            })
        };
        match self {
            Look::Stat => json!({}),
            Look::Lines | Look::Band => lines("none", 0),
            Look::Stacked => lines("normal", 30),
            Look::Bars => json!({ "fillOpacity": 80, "lineWidth": 0 }),
            Look::Table => json!({ "align": "auto", "cellOptions": { "type": "auto" }, "filterable": true }),
        }
    }

    /// What it says of the panel.
    pub fn options(self, question: &Question) -> Value {
        let legend = json!({ "displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": [] });
        match self {
            Look::Stat => json!({
                "reduceOptions": { "calcs": ["lastNotNull"], "fields": "", "values": false },
                "colorMode": "value", "graphMode": "none", "justifyMode": "auto", "orientation": "auto",
                "textMode": "value", "wideLayout": true, "showPercentChange": false, "percentChangeColorMode": "standard",
            }),
            Look::Lines | Look::Band | Look::Stacked => json!({
                "legend": legend,
                "tooltip": { "mode": "multi", "sort": "desc" },
            }),
            Look::Bars => json!({
                "orientation": "horizontal", "xField": question.by.first(), "showValue": "auto", "stacking": "none",
                "groupWidth": 0.7, "barWidth": 0.9, "barRadius": 0, "xTickLabelRotation": 0, "fullHighlight": false,
                "legend": { "displayMode": "list", "placement": "bottom", "showLegend": false, "calcs": [] },
                "tooltip": { "mode": "single", "sort": "none" },
            }),
            Look::Table => json!({ "showHeader": true, "cellHeight": "sm" }),
        }
    }
}
