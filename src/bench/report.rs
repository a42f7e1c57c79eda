//! What was measured, each figure beside its limit: as a table and as JSON.

use serde::{Deserialize, Serialize};

use crate::tables;

/// Which side of its limit a figure should be on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// At most the limit.
    AtMost,
    /// At least the limit.
    AtLeast,
}

/// A limit, and where it comes from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Limit {
    /// Its name.
    pub name: String,
    /// Its value, in the figure's unit.
    pub value: f64,
    /// Which side of it is good.
    pub bound: Bound,
}

/// One figure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// `ms`, `s`, `rows/s`, `pushes/s`, `requests` (per change), `pushes` or `MiB`.
    pub unit: String,
    /// The median of the rounds, or the one measurement there is; none where it could not be measured.
    pub measured: Option<f64>,
    /// The best of the rounds.
    pub best: Option<f64>,
    /// Its limit, if it has one of its own.
    pub limit: Option<Limit>,
    /// How long a bare scan of the mart columns that it reads takes, in milliseconds.
    pub scan_ms: Option<f64>,
}

impl Figure {
    /// A figure without a limit.
    pub fn new(name: impl Into<String>, unit: &str, measured: Option<f64>) -> Figure {
        Figure { name: name.into(), unit: unit.to_owned(), measured, best: None, limit: None, scan_ms: None }
    }

    /// The median of some rounds, with the best beside it.
    pub fn of_rounds(name: impl Into<String>, unit: &str, mut rounds: Vec<f64>) -> Figure {
        rounds.sort_by(f64::total_cmp);
        let median = rounds.get(rounds.len() / 2).copied();
        Figure { best: rounds.first().copied(), ..Figure::new(name, unit, median) }
    }

    /// The figure with a limit that it should stay below.
    pub fn at_most(self, name: &str, value: f64) -> Figure {
        Figure { limit: Some(Limit { name: name.to_owned(), value, bound: Bound::AtMost }), ..self }
    }

    /// The figure with a limit that it should reach.
    pub fn at_least(self, name: &str, value: f64) -> Figure {
        Figure { limit: Some(Limit { name: name.to_owned(), value, bound: Bound::AtLeast }), ..self }
    }

    /// Measured over limit.
    pub fn ratio(&self) -> Option<f64> {
        let limit = self.limit.as_ref()?.value;
        (limit != 0.0).then_some(self.measured? / limit)
    }

    /// Measured over limit as it would be on a machine that takes `pace` times as long; none for what does not take time.
    fn ratio_at(&self, pace: f64) -> Option<f64> {
        match self.unit.as_str() {
            "ms" | "s" => Some(self.ratio()? * pace),
            "rows/s" | "pushes/s" => Some(self.ratio()? / pace),
            _ => None,
        }
    }

    /// Whether it keeps its limit; none where it has none, or was not measured.
    pub fn is_kept(&self) -> Option<bool> {
        let (measured, limit) = (self.measured?, self.limit.as_ref()?);
        Some(match limit.bound {
            Bound::AtMost => measured <= limit.value,
            Bound::AtLeast => measured >= limit.value,
        })
    }
}

/// Everything that a run measured.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// The scale.
    pub scale: String,
    /// How many cores the machine lends.
    pub n_cores: usize,
    /// The figures, in order.
    pub figures: Vec<Figure>,
}

/// How long a bare scan of what the delivery metrics read takes at M on the machine that the limits were set for, in milliseconds.
const LIMITS_SCAN_MS: f64 = 24.0;

impl Report {
    /// How fast this machine is beside the one that the limits were set for, by the bare scans: two reads the same in half the
    /// time. None where that was not measured.
    pub fn pace(&self) -> Option<f64> {
        let scans = self.figures.iter().filter(|figure| figure.name.ends_with(", all teams"));
        let scanned: f64 = scans.filter_map(|figure| figure.scan_ms).sum();
        (self.scale == "m" && scanned > 0.0).then(|| LIMITS_SCAN_MS / scanned)
    }

    /// What a person has to know beside the table.
    pub fn remark(&self) -> Option<String> {
        let pace = self.pace()?;
        Some(format!(
            "The bare scans of all nine, all teams, take {} here and {} on the machine that the limits are for: this one is {pace:.2} times as fast.\n\
            \"At the limits' pace\" is measured/limit with that taken into account.",
            quantity(LIMITS_SCAN_MS / pace, "ms"),
            quantity(LIMITS_SCAN_MS, "ms"),
        ))
    }

    /// The table for people.
    pub fn table(&self) -> String {
        let pace = self.pace();
        let mut headings = vec!["figure", "measured", "best", "limit", "measured/limit", "bare scan", "limit from"];
        if pace.is_some() {
            headings.insert(5, "at the limits' pace");
        }
        let mut table = tables::table(&headings);
        let show = |value: Option<f64>, unit: &str| value.map_or_else(String::new, |value| quantity(value, unit));
        for figure in &self.figures {
            let limit = figure.limit.as_ref();
            let sign = limit.map_or("", |limit| if limit.bound == Bound::AtMost { "≤ " } else { "≥ " });
            let verdict = match figure.is_kept() {
                Some(false) => " missed",
                _ => "",
            };
            let ratio = figure.ratio().map_or_else(String::new, |ratio| format!("{ratio:.2}"));
            let mut row = vec![
                figure.name.clone(),
                figure.measured.map_or_else(|| "not measured".into(), |value| quantity(value, &figure.unit)),
                show(figure.best, &figure.unit),
                limit.map_or_else(String::new, |limit| format!("{sign}{}", quantity(limit.value, &figure.unit))),
                format!("{ratio}{verdict}").trim().to_owned(),
                show(figure.scan_ms, "ms"),
                limit.map_or_else(String::new, |limit| limit.name.clone()),
            ];
            if let Some(pace) = pace {
                let ratio = figure.ratio_at(pace);
                row.insert(5, ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}")));
            }
            table.add_row(row);
        }
        table.to_string()
    }
}

fn quantity(value: f64, unit: &str) -> String {
    match unit {
        "requests" => format!("{value:.4}"),
        "rows/s" | "pushes/s" | "pushes" | "MiB" => format!("{} {unit}", tables::count(value.round() as u64)),
        _ if value >= 100.0 => format!("{value:.0} {unit}"),
        _ if value >= 10.0 => format!("{value:.1} {unit}"),
        _ => format!("{value:.2} {unit}"),
    }
}
