//! Hours and money: what is asked of a configuration, what the model makes of it, how runs are kept.

mod closed_forms;
mod configuration;
mod measuring;
mod runs;
mod words;
mod worked_examples;

use std::collections::BTreeMap;

use analytics::value::Span;
use analytics::value::{Basis, BasisFigures, Model, Spread, ValueReport, compute};

use crate::support::{at, engine, store_in};

/// Who says so, for inputs of which that is not the point.
pub const SAID: &str = "source = \"a test\"\nowner = \"nobody\"\ndate = 2025-12-01\ngrade = \"E\"\n";

/// A configuration under construction: that of the worked example, 200 engineers who each save 3 hours a week.
pub struct Written {
    top: String,
    figures: BTreeMap<String, String>,
    capabilities: BTreeMap<String, BTreeMap<String, String>>,
}

/// The worked example: $200k an engineer, three platform engineers, at face value.
pub fn worked_example() -> Written {
    let written = Written { top: "currency = \"USD\"".into(), figures: BTreeMap::new(), capabilities: BTreeMap::new() };
    written
        .figure("engineers", "value = 200")
        .figure("cap", "value = 5")
        .figure("hours_per_week", "value = 40")
        .figure("weeks_per_year", "value = 46")
        .figure("paid_hours", "value = 2080")
        .figure("loaded_cost", "value = 200000")
        .figure("attribution", "value = 1")
        .figure("recapture", "value = 1")
        .figure("platform.engineers", "value = 3")
        .saving("platform", "telemetry.hours_per_engineer_week", "value = 3")
}

impl Written {
    /// The same with another first line or more.
    pub fn top(mut self, top: &str) -> Written {
        self.top = top.into();
        self
    }

    /// The same with an input, which replaces one of its name.
    pub fn figure(mut self, table: &str, keys: &str) -> Written {
        self.figures.insert(table.into(), format!("{keys}\n{SAID}"));
        self
    }

    /// The same with an input whose keys are all written out.
    pub fn bare(mut self, table: &str, keys: &str) -> Written {
        self.figures.insert(table.into(), keys.into());
        self
    }

    /// The same without a table.
    pub fn without(mut self, table: &str) -> Written {
        self.figures.remove(table);
        self
    }

    /// The same without capabilities.
    pub fn without_capabilities(mut self) -> Written {
        self.capabilities.clear();
        self
    }

    /// The same with an input of a capability; with an empty table these are keys of the capability itself.
    pub fn saving(mut self, capability: &str, table: &str, keys: &str) -> Written {
        let keys = if table.is_empty() { format!("{keys}\n") } else { format!("{keys}\n{SAID}") };
        self.capabilities.entry(capability.into()).or_default().insert(table.into(), keys);
        self
    }

    /// The text of a `cairn.toml`.
    pub fn text(&self) -> String {
        let mut text = format!("[value]\n{}\n", self.top);
        for (table, keys) in &self.figures {
            text += &format!("[value.{table}]\n{keys}\n");
        }
        for (name, tables) in &self.capabilities {
            text += &format!("[[value.capability]]\nname = \"{name}\"\n");
            for (table, keys) in tables {
                let head = if table.is_empty() { String::new() } else { format!("[value.capability.{table}]\n") };
                text += &format!("{head}{keys}\n");
            }
        }
        text
    }

    /// The model.
    pub fn model(&self) -> Model {
        let config = cairn::Config::parse(&self.text()).unwrap_or_else(|error| panic!("{error:#}\n{}", self.text()));
        Model::read(&config.value.unwrap()).unwrap()
    }

    /// Why it is refused.
    pub fn refusal(&self) -> String {
        format!("{:#}", cairn::Config::parse(&self.text()).map(|_| self.text()).unwrap_err())
    }

    /// Its figures over the first 91 days of 2025, from no data at all.
    pub fn report(&self) -> ValueReport {
        let folder = tempfile::tempdir().unwrap();
        let store = store_in(&folder);
        compute(&engine(&store, "UTC"), &self.model(), None, &span("2025-01-01", "2025-04-02"), at(NOW)).unwrap()
    }

    /// Its chain by telemetry.
    pub fn telemetry(&self) -> BasisFigures {
        self.report().bases[&Basis::Telemetry].clone()
    }
}

/// The present.
pub const NOW: &str = "2026-01-01T00:00:00Z";

/// A window.
pub fn span(from: &str, to: &str) -> Span {
    Span { from: Some(from.into()), to: Some(to.into()) }
}

/// The three points of a spread.
pub fn points(spread: Option<Spread>) -> [f64; 3] {
    let spread = spread.expect("the figure is known");
    [spread.p10, spread.p50, spread.p90]
}

/// Asserts that figures lie within a share of what is expected.
pub fn assert_near(found: [f64; 3], expected: [f64; 3], tolerance: f64) {
    for (found, expected) in found.into_iter().zip(expected) {
        assert!((found - expected).abs() <= tolerance * expected.abs(), "{found} is not {expected}");
    }
}
