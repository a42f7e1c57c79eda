//! The answer to a question, as every reader gets it.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::apart::RestsOn;
use crate::catalogue::{Aggregate, Better, Metric};
use crate::estimate::{DurationEstimate, Estimate};
use crate::expected::{Expected, Verdict};
use crate::window::{Grain, Window};

/// A metric's figures over a window.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Answer {
    /// The metric.
    pub metric: String,
    /// Its title, with the anchors it uses.
    pub title: String,
    /// The unit of the values.
    pub unit: String,
    /// Which way is better.
    pub better: Better,
    /// How observations became figures.
    pub aggregate: Aggregate,
    /// The version of its definition.
    pub definition_version: u32,
    /// From when on this version holds here, where another did before: figures published earlier were of that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_at: Option<DateTime<Utc>>,
    /// The time of which the answer says what was known; absent: now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<DateTime<Utc>>,
    /// The span asked about.
    pub window: Window,
    /// The length of a bucket.
    pub grain: Grain,
    /// The dimensions grouped by.
    pub by: Vec<String>,
    /// What all figures rest on, where values of several names are never added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rests_on: Option<RestsOn>,
    /// One row per bucket and group, by time, then group.
    #[schema(value_type = Vec<WrittenRow>)]
    pub rows: Vec<Row>,
    /// Those of the buckets before the window, by which the first of them are judged; they are not part of the answer.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) before: Vec<Row>,
    /// How much of what should count could be used.
    pub coverage: Coverage,
    /// How fresh each source is.
    pub freshness: Vec<Freshness>,
    /// Kinds of fact that no source has told of, and without which the figures hide something.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub untold: Vec<String>,
}

/// What a figure is of: for each dimension asked for its name, and the name in it; none where that is not known. Shared by all
/// figures of the group.
pub type Group = Arc<[(String, Option<String>)]>;

/// One figure.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// Begin of the bucket.
    pub time: DateTime<Utc>,
    /// The group.
    pub group: Group,
    /// The figure with its interval and the number of observations.
    pub estimate: Estimate,
    /// Usable of relevant observations.
    pub usable: u64,
    /// Relevant observations.
    pub relevant: u64,
    /// The time that a rate is divided by, in the unit that it is per.
    pub exposure: f64,
    /// The bucket lies whole in the window and in the past, and sources told of all of it.
    pub is_complete: bool,
    /// The figure may still change.
    pub is_provisional: bool,
    /// There is a figure, and it is not told: it would speak of too few people.
    pub is_withheld: bool,
    /// What was to be expected, and what the figure is against that; none where it is not judged.
    pub expected: Option<Expected>,
    /// Further figures by name, such as `p75`.
    pub more: Vec<(&'static str, Option<f64>)>,
    /// Figures beside the main one, as the metric's header lists them: name and figure.
    pub beside: Vec<(String, Option<f64>)>,
    /// The stages of a duration.
    pub stages: Vec<(String, DurationEstimate)>,
}

impl Row {
    /// The same again, with its stages or without them.
    pub(crate) fn copied(&self, has_stages: bool) -> Row {
        let Row {
            time, estimate, usable, relevant, exposure, is_complete, is_provisional, is_withheld, expected, ..
        } = *self;
        Row {
            time,
            group: Arc::clone(&self.group),
            estimate,
            usable,
            relevant,
            exposure,
            is_complete,
            is_provisional,
            is_withheld,
            expected,
            more: self.more.clone(),
            beside: self.beside.clone(),
            stages: if has_stages { self.stages.clone() } else { Vec::new() },
        }
    }
}

/// How a [`Row`] is written out, for the API's description. Beside these stand the name in each dimension asked for, and the
/// further figures of the metric.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it describes what another type is serialised to")]
pub(crate) struct WrittenRow {
    /// Begin of the bucket.
    time: DateTime<Utc>,
    /// The figure; null where it is not known, which is not 0.
    value: Option<f64>,
    /// The number of observations it rests on.
    n: u64,
    /// Lower end of the 95 % interval.
    low: Option<f64>,
    /// Upper end of the 95 % interval.
    high: Option<f64>,
    /// Usable / relevant observations.
    coverage: Option<f64>,
    /// The bucket lies whole in the window and in the past.
    is_complete: bool,
    /// The figure may still change.
    is_provisional: bool,
    /// The lowest figure that would not be unusual after the twelve buckets before; null where fewer than eight of them have
    /// one.
    expected_low: Option<f64>,
    /// The highest such figure.
    expected_high: Option<f64>,
    /// The figure against that: null where the bucket is not judged, being incomplete, or neither a week nor a month.
    #[schema(inline)]
    verdict: Option<Verdict>,
}

/// Usable against relevant observations, and why the rest is not usable.
#[derive(Debug, Clone, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Coverage {
    /// Observations that count.
    pub usable: u64,
    /// Observations that should.
    pub relevant: u64,
    /// Why the others do not, and what was left out by rule: reason and number.
    pub reasons: BTreeMap<String, u64>,
    /// Of the usable ones, how many were concluded rather than told, and how.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimated: Option<Estimated>,
}

/// Observations that were concluded rather than told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Estimated {
    /// How many.
    pub n: u64,
    /// How.
    pub how: String,
}

/// What is known of a source.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Freshness {
    /// The source.
    pub source: String,
    /// The kind of fact.
    pub kind: String,
    /// The latest time it told of.
    pub last_at: DateTime<Utc>,
    /// When it last wrote.
    pub written_at: DateTime<Utc>,
    /// Up to when it was last read, of a source that is collected from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collected_at: Option<DateTime<Utc>>,
}

impl Row {
    /// The named further figure.
    pub fn more(&self, name: &str) -> Option<f64> {
        self.more.iter().find(|(known, _)| *known == name).and_then(|(_, value)| *value)
    }

    /// The named figure beside the main one.
    pub fn beside(&self, name: &str) -> Option<f64> {
        self.beside.iter().find(|(known, _)| known == name).and_then(|(_, value)| *value)
    }

    /// Usable / relevant; none where nothing is relevant.
    pub fn coverage(&self) -> Option<f64> {
        (self.relevant > 0).then(|| self.usable as f64 / self.relevant as f64)
    }
}

impl Serialize for Row {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = Map::new();
        let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
        put("time", self.time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true).into());
        for (dimension, name) in self.group.iter() {
            put(dimension, name.clone().into());
        }
        put("value", number(self.estimate.value));
        put("n", self.estimate.n.into());
        put("low", number(self.estimate.low));
        put("high", number(self.estimate.high));
        put("coverage", number(self.coverage()));
        put("is_complete", self.is_complete.into());
        put("is_provisional", self.is_provisional.into());
        let range = self.expected.and_then(|expected| expected.range);
        put("expected_low", number(range.map(|(low, _)| low)));
        put("expected_high", number(range.map(|(_, high)| high)));
        put("verdict", self.expected.map(|expected| expected.verdict.as_str()).into());
        for (name, value) in &self.more {
            put(name, number(*value));
        }
        for (name, value) in &self.beside {
            put(name, number(*value));
        }
        if !self.stages.is_empty() {
            let stages = self.stages.iter().map(|(name, stage)| {
                let figures = serde_json::json!({
                    "value": number(stage.median.value), "n": stage.median.n,
                    "low": number(stage.median.low), "high": number(stage.median.high),
                    "p75": number(stage.p75), "p90": number(stage.p90),
                });
                (name.clone(), figures)
            });
            put("stages", Value::Object(stages.collect()));
        }
        object.serialize(serializer)
    }
}

/// A number in JSON: exact, and without a fraction where it has none.
pub(crate) fn number(value: Option<f64>) -> Value {
    match value {
        Some(value) if value.fract() == 0.0 && value.abs() < 9e15 => Value::from(value as i64),
        Some(value) => Value::from(value),
        None => Value::Null,
    }
}

impl Answer {
    /// An answer without rows yet.
    pub(crate) fn of(metric: &Metric, title: String, window: Window, grain: Grain, by: Vec<String>) -> Answer {
        Answer {
            metric: metric.name.clone(),
            title,
            unit: metric.unit.clone(),
            better: metric.better,
            aggregate: metric.aggregate,
            definition_version: metric.version,
            defined_at: None,
            as_of: None,
            window,
            grain,
            by,
            rests_on: None,
            rows: Vec::new(),
            before: Vec::new(),
            coverage: Coverage::default(),
            freshness: Vec::new(),
            untold: Vec::new(),
        }
    }
}
