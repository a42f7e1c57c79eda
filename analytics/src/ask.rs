//! A question to the engine, and how it is read from words.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::error::AnalyticsError;
use crate::where_words::parse;
use crate::window::{Grain, Window};

/// What figures of delivery can be grouped by and filtered on. A metric file that says nothing else has these.
pub const DIMENSIONS: [&str; 6] = ["team", "service", "system", "environment", "repository", "template"];

/// The words for what else metrics can be grouped by. One vocabulary, so that a word means the same in every metric.
pub const OWN_DIMENSIONS: [&str; 27] = [
    "approval",
    "area",
    "basis",
    "capability",
    "category",
    "channel",
    "component",
    "currency",
    "decision",
    "kind",
    "layer",
    "lifecycle",
    "owner",
    "parent",
    "pipeline",
    "pipeline_version",
    "policy",
    "question",
    "queue",
    "region",
    "resource",
    "severity",
    "standing",
    "template_version",
    "tier",
    "validity",
    "wave",
];

/// Every dimension that some metric may have.
pub(crate) fn all_dimensions() -> impl Iterator<Item = &'static str> {
    DIMENSIONS.into_iter().chain(OWN_DIMENSIONS)
}

/// A question: a metric, a window cut into buckets, groups and filters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ask {
    /// The metric's name.
    pub metric: String,
    /// The span of time.
    pub window: Window,
    /// How it is cut.
    pub grain: Grain,
    /// Dimensions to group by; each is one of [`DIMENSIONS`] or [`OWN_DIMENSIONS`].
    pub by: Vec<&'static str>,
    /// Dimension and the names allowed in it.
    pub filters: Vec<(&'static str, Vec<String>)>,
    /// Whether the stages of a duration are wanted too, which are most of the work of finding it.
    pub stages: bool,
}

/// A question in words, as the command line and the API bring it.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// The metric's name.
    pub metric: String,
    /// Begin of the window: a day, month, year or instant.
    pub from: Option<String>,
    /// End of the window, not included.
    pub to: Option<String>,
    /// Name of the grain; weeks unless said.
    pub grain: Option<String>,
    /// Dimensions, separated by commas.
    pub by: Vec<String>,
    /// Filters such as `team=payments` or `team=payments,checkout`; `team=*` leaves the teams as they are. One text may hold
    /// several, separated by `;`. Names that hold commas or semicolons stand in double quotes.
    pub filters: Vec<String>,
}

/// The dimension of a name; the error names the nearest.
fn dimension(name: &str) -> Result<&'static str, AnalyticsError> {
    all_dimensions().find(|known| *known == name).ok_or_else(|| {
        let known: Vec<&str> = all_dimensions().collect();
        let hint = facts::did_you_mean(name, &known);
        AnalyticsError::BadQuestion(format!(
            "there is no dimension `{name}`{hint}; most metrics have {}, and `cairn metrics` lists those of each",
            DIMENSIONS.join(", ")
        ))
    })
}

impl Question {
    /// Reads the words. `now` ends a window that says no end.
    pub fn read(&self, zone: Tz, now: DateTime<Utc>) -> Result<Ask, AnalyticsError> {
        let grain = self.grain.as_deref().map_or(Ok(Grain::Week), Grain::parse)?;
        let window = Window::parse(self.from.as_deref(), self.to.as_deref(), grain, zone, now)?;
        if window.from > now {
            return Err(AnalyticsError::BadQuestion(format!(
                "the window begins at {}, which is yet to come",
                window.from.with_timezone(&zone).to_rfc3339()
            )));
        }
        let mut by: Vec<&'static str> = Vec::new();
        for name in self.by.iter().flat_map(|names| names.split(',')).map(str::trim).filter(|name| !name.is_empty()) {
            let name = dimension(name)?;
            if !by.contains(&name) {
                by.push(name);
            }
        }
        let mut filters = Vec::new();
        for (name, names) in self.filters.iter().map(|text| parse(text)).collect::<Result<Vec<_>, _>>()?.concat() {
            let name = dimension(&name)?;
            // What a dashboard's list of names says for "all of them".
            if names != ["*"] {
                filters.push((name, names));
            }
        }
        Ok(Ask { metric: self.metric.clone(), window, grain, by, filters, stages: true })
    }
}
