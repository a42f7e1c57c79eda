//! Whether a figure is unusual against the periods before it: the limits of an individuals chart.
//!
//! The centre is the median of the twelve preceding figures and the spread rests on the median moving range, so that
//! one odd week among the twelve does not hide the next. Ranges of two draws of a normal have the median 0.954 standard
//! deviations; three of those are 3.145 median ranges.

use std::ops::Deref;

use serde::Serialize;

use crate::catalogue::Better;

/// How many complete buckets before a figure say what to expect of it.
pub const N_BEFORE: usize = 12;
/// With fewer figures among them, nothing is said.
pub const FEWEST: usize = 8;

/// Three standard deviations in median moving ranges, 3 / 0.954.
const PER_MEDIAN_RANGE: f64 = 3.145;
/// Three standard deviations in mean moving ranges, 3 / 1.128.
const PER_MEAN_RANGE: f64 = 2.660;

/// What a figure can be: decides the scale of its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A duration or a rate: never below zero, and on the log scale where all figures are above it.
    Positive,
    /// A share: from 0 to 1, unless there was more already.
    Share,
    /// Points from 0 to 10.
    Points,
    /// A sum or the like: not below zero, unless less was there already.
    Amount,
    /// Any number.
    Any,
}

/// What a figure is against those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub enum Verdict {
    /// Outside the limits on the good side.
    #[serde(rename = "better")]
    Better,
    /// Outside the limits on the bad side.
    #[serde(rename = "worse")]
    Worse,
    /// Within the limits.
    #[serde(rename = "no clear change")]
    NoClearChange,
    /// Too few figures before it, or no figure.
    #[serde(rename = "too little data")]
    TooLittleData,
}

impl Verdict {
    /// The verdict in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            Verdict::NoClearChange => "no clear change",
            Verdict::TooLittleData => "too little data",
        }
    }
}

/// The limits and the verdict.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// The lowest and highest figure that would surprise nobody; none with too few figures before.
    pub range: Option<(f64, f64)>,
    /// The verdict.
    pub verdict: Verdict,
}

/// The limits and the verdict, and the centre that they lie about.
pub struct ExpectedAbout {
    /// The limits and the verdict.
    pub expected: Expected,
    /// The figure of all that was before; none with too few periods before.
    pub centre: Option<f64>,
}

/// Judges a figure by those of the buckets before it, oldest first; of more than twelve the last twelve count.
pub fn expected(before: &[Option<f64>], value: Option<f64>, kind: Kind, better: Better) -> Expected {
    let before = &before[before.len().saturating_sub(N_BEFORE)..];
    let known: Few = before.iter().flatten().copied().collect();
    let is_log = kind == Kind::Positive && known.iter().all(|value| *value > 0.0);
    let scaled = |value: f64| if is_log { value.ln() } else { value };
    let limits = (known.len() >= FEWEST).then(|| limits(before, scaled)).flatten();
    let shown = |limit: f64| match kind {
        Kind::Positive if is_log => limit.exp(),
        Kind::Positive => limit.max(0.0),
        // Of a quota more can be used than there is; then the limits may lie there too.
        Kind::Share => limit.clamp(0.0, known.iter().copied().fold(1.0, f64::max)),
        Kind::Points => limit.clamp(0.0, 10.0),
        Kind::Amount => limit.max(known.iter().copied().fold(0.0, f64::min)),
        Kind::Any => limit,
    };
    let verdict = match value.zip(limits) {
        None => Verdict::TooLittleData,
        // Compared on the scale of the limits: there a figure that never changes equals them to the last bit.
        Some((value, (low, high))) => match (scaled(value), better) {
            (value, _) if low <= value && value <= high => Verdict::NoClearChange,
            (value, Better::Higher) if value > high => Verdict::Better,
            (value, Better::Lower) if value < low => Verdict::Better,
            _ => Verdict::Worse,
        },
    };
    Expected { range: limits.map(|(low, high)| (shown(low), shown(high))), verdict }
}

fn limits(before: &[Option<f64>], scale: impl Fn(f64) -> f64) -> Option<(f64, f64)> {
    let mut scaled = [None; N_BEFORE];
    scaled.iter_mut().zip(before).for_each(|(scaled, value)| *scaled = value.map(&scale));
    let centre = median(scaled.iter().flatten().copied())?;
    let ranges = moving_ranges(&scaled);
    let mean = ranges.iter().sum::<f64>() / ranges.len() as f64;
    let spread = match median(ranges.iter().copied())? {
        // Mostly equal figures, such as rare events: a spread of nothing would make each further event unusual.
        0.0 => PER_MEAN_RANGE * mean,
        range => PER_MEDIAN_RANGE * range,
    };
    Some((centre - spread, centre + spread))
}

/// How many standard deviations from the centre the limits lie of what strays at least as chance has it, by how many of these
/// the figures before strayed: three, or three of what neighbours in time differ by where that is more (Laney 2002).
pub(crate) fn reach(standard: &[Option<f64>]) -> f64 {
    const WIDTH: f64 = 3.0;
    /// The median range of two draws of a normal, in standard deviations, and the mean one.
    const MEDIAN_RANGE: f64 = 0.954;
    const MEAN_RANGE: f64 = 1.128;
    let ranges = moving_ranges(standard);
    let mean = ranges.iter().sum::<f64>() / ranges.len().max(1) as f64;
    let spread = match median(ranges.iter().copied()) {
        None | Some(0.0) => mean / MEAN_RANGE,
        Some(range) => range / MEDIAN_RANGE,
    };
    WIDTH * spread.max(1.0)
}

/// The verdict on a figure so far from the centre; none: it is not known, or may still change.
pub(crate) fn by_distance(distance: Option<f64>, reach: f64, better: Better) -> Verdict {
    match (distance, better) {
        (None, _) => Verdict::TooLittleData,
        (Some(distance), _) if distance.abs() <= reach => Verdict::NoClearChange,
        (Some(distance), Better::Higher) if distance > 0.0 => Verdict::Better,
        (Some(distance), Better::Lower) if distance < 0.0 => Verdict::Better,
        _ => Verdict::Worse,
    }
}

/// How far each figure lies from the one before it. Only neighbours in time make a moving range; over a gap the process had
/// longer to move.
fn moving_ranges(figures: &[Option<f64>]) -> Few {
    figures.windows(2).filter_map(|pair| Some((pair[1]? - pair[0]?).abs())).collect()
}

/// The middle of the figures before one.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Few = values.collect();
    values.numbers[..values.n].sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}

/// Numbers of the buckets before a figure, of which there are no more than twelve: an answer has thousands of figures, and a
/// list made for each cost more than judging it.
#[derive(Default)]
pub(crate) struct Few {
    numbers: [f64; N_BEFORE],
    n: usize,
}

impl Deref for Few {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        &self.numbers[..self.n]
    }
}

impl FromIterator<f64> for Few {
    fn from_iter<T: IntoIterator<Item = f64>>(values: T) -> Few {
        let mut few = Few::default();
        for value in values {
            few.numbers[few.n] = value;
            few.n += 1;
        }
        few
    }
}
