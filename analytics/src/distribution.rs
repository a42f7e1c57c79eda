//! How the durations behind a figure are spread: how many are how long. A median says nothing of the tail beside it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use store::Value;
use web::rows::Rows;

use crate::ask::Ask;
use crate::catalogue::{Aggregate, Metric, Shape};
use crate::engine::Engine;
use crate::error::AnalyticsError;
use crate::statement::{Statement, instant};
use crate::window::Window;
use crate::withheld::FEWEST_PEOPLE;

const MINUTE: f64 = 60.0;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// Where bins end: about twice as far each, since durations differ by factors, and the same for every question, so that two
/// distributions can be laid beside each other.
const ENDS: [f64; 19] = [
    MINUTE,
    2.0 * MINUTE,
    5.0 * MINUTE,
    10.0 * MINUTE,
    20.0 * MINUTE,
    45.0 * MINUTE,
    1.5 * HOUR,
    3.0 * HOUR,
    6.0 * HOUR,
    12.0 * HOUR,
    DAY,
    2.0 * DAY,
    4.0 * DAY,
    8.0 * DAY,
    16.0 * DAY,
    32.0 * DAY,
    64.0 * DAY,
    128.0 * DAY,
    256.0 * DAY,
];

/// How the durations behind a metric's figure are spread.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Distribution {
    /// The metric.
    pub metric: String,
    /// The unit of the bins' ends.
    pub unit: String,
    /// When it happened.
    pub window: Window,
    /// How many durations there are: those that count.
    pub n: u64,
    /// How many of them are not over yet; each stands where it has come to by now.
    pub n_open: u64,
    /// The bins from the shortest to the longest of which there is one, empty ones between them too.
    pub bins: Vec<Bin>,
}

/// Durations of about one length.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Bin {
    /// They are longer than this; null for the shortest.
    pub above: Option<f64>,
    /// They are as long as this at most; null for the longest.
    pub up_to: Option<f64>,
    /// How many there are.
    pub n: u64,
    /// How many of them are not over yet.
    pub n_open: u64,
}

impl Distribution {
    /// The bins as flat rows.
    pub(crate) fn rows(&self) -> Result<Rows, serde_json::Error> {
        let columns = ["above", "up_to", "n", "n_open"].map(str::to_owned).to_vec();
        let rows = self.bins.iter().map(|bin| Ok(serde_json::to_value(bin)?.as_object().cloned().unwrap_or_default()));
        Ok(Rows { columns, rows: rows.collect::<Result<_, serde_json::Error>>()? })
    }
}

impl Metric {
    /// Whether its observations are durations of events, which have a distribution.
    pub fn has_distribution(&self) -> bool {
        let is_of_values = matches!(self.aggregate, Aggregate::Median | Aggregate::Survival);
        is_of_values && self.unit == "seconds" && self.shape == Shape::Event && !self.observes_people()
    }
}

impl Engine {
    /// How the durations behind a question's figure are spread. Grain and groups do not matter.
    pub fn distribution(&self, ask: &Ask, now: DateTime<Utc>) -> Result<Distribution, AnalyticsError> {
        let metric = self.catalogue().get(&ask.metric)?;
        if metric.observes_people() {
            return Err(AnalyticsError::BadQuestion(format!(
                "each duration of {} is one person's, so their distribution is shown to nobody; ask for its figures, which rest on {FEWEST_PEOPLE} people or more",
                metric.name
            )));
        }
        if !metric.has_distribution() {
            let durations = self.catalogue().metrics().filter(|metric| metric.has_distribution());
            let durations: Vec<&str> = durations.map(|metric| metric.name.as_str()).collect();
            return Err(AnalyticsError::BadQuestion(format!(
                "{} is not made of durations, so it has no distribution; those that are: {}. How services differ is told by /v1/metrics/{} with by=service",
                metric.name,
                durations.join(", "),
                metric.name
            )));
        }
        let rests_on = self.rests_on(metric, ask, now)?;
        let ask = &self.narrowed(ask, rests_on.as_ref());
        let statement = Statement::observations(metric, self.options(), &self.filters(metric, ask, now)?, now);
        let is_open = if metric.aggregate == Aggregate::Survival { "coalesce(is_open, false)" } else { "false" };
        let ends = ENDS.map(|end| format!("{end:?}")).join(", ");
        let sql = format!(
            "{}, counted as (
                select {is_open} as is_open, histogram(value::double, [{ends}]) as bins
                from observation
                where reason is null and isfinite(value::double) and observed_at >= {} and observed_at < {}
                group by all
            )
            select is_open, unnest(map_keys(bins)) as up_to, unnest(map_values(bins))::bigint as n from counted",
            statement.sql,
            instant(ask.window.from),
            instant(ask.window.to)
        );
        let found = self.store().query(&sql, &statement.parameters).map_err(|error| AnalyticsError::MetricFailed {
            metric: metric.name.clone(),
            message: error.to_string(),
        })?;
        let mut bins = empty_bins();
        for row in found.rows {
            let [Value::Boolean(is_open), Value::Real(up_to), Value::Integer(n)] = row[..] else { continue };
            // What is longer than the last end stands at infinity.
            let place = ENDS.iter().position(|end| *end == up_to).unwrap_or(ENDS.len());
            bins[place].n += n as u64;
            bins[place].n_open += if is_open { n as u64 } else { 0 };
        }
        let is_filled = |bin: &Bin| bin.n > 0;
        let first = bins.iter().position(is_filled).unwrap_or(bins.len());
        let last = bins.iter().rposition(is_filled).map_or(first, |last| last + 1);
        let bins = bins[first..last].to_vec();
        Ok(Distribution {
            metric: metric.name.clone(),
            unit: metric.unit.clone(),
            window: ask.window,
            n: bins.iter().map(|bin| bin.n).sum(),
            n_open: bins.iter().map(|bin| bin.n_open).sum(),
            bins,
        })
    }
}

fn empty_bins() -> Vec<Bin> {
    let above = [None].into_iter().chain(ENDS.map(Some));
    let up_to = ENDS.map(Some).into_iter().chain([None]);
    above.zip(up_to).map(|(above, up_to)| Bin { above, up_to, n: 0, n_open: 0 }).collect()
}
