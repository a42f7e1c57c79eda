//! Figures that stand together, as a figure with its interval, a card or a column do: in one unit, and with as many digits as
//! tell apart what differs. What reads alike is alike.

use crate::answer::Row;
use crate::people::{self, UNKNOWN};

/// How the figures of one card, sentence or column are written.
#[derive(Debug, Clone)]
pub struct Wording {
    unit: String,
    rate: Option<RateScale>,
    decimals: usize,
}

/// A figure and the ends of a range that stands beside it.
type Beside = (Option<f64>, Option<f64>, Option<f64>);

/// So many digits more than usual are shown where that tells two figures apart.
const MOST_FURTHER: usize = 2;

impl Wording {
    /// Of one figure that stands alone.
    pub fn of_value(unit: &str, value: f64) -> Wording {
        Wording::of(unit, None, &[(Some(value), None, None)])
    }

    /// Of an interval without its figure.
    pub fn of_interval(unit: &str, low: Option<f64>, high: Option<f64>) -> Wording {
        Wording::of(unit, None, &[(None, low, high)])
    }

    /// Of a row's figure, its interval and what was to be expected.
    pub fn of_row(unit: &str, row: &Row) -> Wording {
        Wording::of_rows(unit, [row])
    }

    /// Of rows that stand below each other.
    pub fn of_rows<'a>(unit: &str, rows: impl IntoIterator<Item = &'a Row>) -> Wording {
        Wording::of(unit, None, &rows.into_iter().flat_map(ranges).collect::<Vec<_>>())
    }

    /// Of further rows of the same figure: per the same time, with digits of their own.
    pub fn for_rows<'a>(&self, rows: impl IntoIterator<Item = &'a Row>) -> Wording {
        Wording::of(&self.unit, self.rate, &rows.into_iter().flat_map(ranges).collect::<Vec<_>>())
    }

    /// Of one further figure likewise.
    pub fn for_value(&self, value: f64) -> Wording {
        Wording::of(&self.unit, self.rate, &[(Some(value), None, None)])
    }

    fn of(unit: &str, rate: Option<RateScale>, all: &[Beside]) -> Wording {
        let rate = is_rate(unit).then(|| rate.unwrap_or_else(|| RateScale::of_all(all)));
        let mut wording = Wording { unit: unit.to_owned(), rate, decimals: 0 };
        let usual = wording.usual_decimals(all);
        let is_enough = |decimals: &usize| all.iter().all(|one| wording.tells_apart(one, *decimals));
        // Where even the finest does not, one digit more than usual says that they are near each other.
        wording.decimals = (usual..=usual + MOST_FURTHER).find(is_enough).unwrap_or(usual + 1);
        wording
    }

    /// The span of time that rates are told over: its days, and the words for it, `per week`.
    pub fn rate(&self) -> Option<(f64, &'static str)> {
        self.rate.map(|rate| (rate.days, rate.word))
    }

    /// A figure with its unit.
    pub fn value(&self, value: f64) -> String {
        match &*self.unit {
            "seconds" => people::duration(value),
            unit if unit.ends_with(" a year") => {
                format!("{} a year", crate::value::words::money(unit.trim_end_matches(" a year"), value))
            }
            // Which currency it is, is said by the group.
            "currency" | "" => self.number(value),
            "points of 10" => format!("{} of 10", self.number(value)),
            unit if unit == "share" || self.rate.is_some() => format!("{}{}", self.number(value), self.suffix()),
            unit => match self.number(value) {
                one if one == "1" => format!("1 {}", of_one(unit)),
                number => format!("{number} {unit}"),
            },
        }
    }

    /// The figure of a row: with `> ` before it where it is only known to be more, and [`UNKNOWN`] where there is none.
    pub fn row_value(&self, row: &Row) -> String {
        match (row.estimate.value, row.more("more_than")) {
            (Some(known), _) if self.unit == "seconds" => people::finer_duration(known, finer(row)),
            (Some(known), _) => self.value(known),
            (None, Some(bound)) => format!("> {}", self.value(bound)),
            (None, None) => UNKNOWN.to_owned(),
        }
    }

    /// The interval of a row's figure.
    pub fn row_interval(&self, row: &Row) -> String {
        let [interval, _] = ranges(row);
        self.range(row.estimate.low, row.estimate.high, finer_of(&[interval]))
    }

    /// What was to be expected of a row's figure.
    pub fn row_expected(&self, row: &Row) -> String {
        let range = row.expected.and_then(|expected| expected.range);
        let [_, expected] = ranges(row);
        self.range(range.map(|(low, _)| low), range.map(|(_, high)| high), finer_of(&[expected]))
    }

    /// An interval: `2.6 to 19.9 %`, `3 h to 2 d 4 h`; `3 h or more` where its upper end is open.
    pub fn interval(&self, low: Option<f64>, high: Option<f64>) -> String {
        self.range(low, high, finer_of(&[(None, low, high)]))
    }

    fn range(&self, low: Option<f64>, high: Option<f64>, finer: usize) -> String {
        let number = |value: f64| match &*self.unit {
            "seconds" => people::finer_duration(value, finer),
            _ => self.number(value),
        };
        let suffix = self.suffix();
        match (low.map(number), high.map(number)) {
            (Some(low), Some(high)) if low == high => format!("{low}{suffix}"),
            (Some(low), Some(high)) => format!("{low} to {high}{suffix}"),
            (Some(low), None) => format!("{low}{suffix} or more"),
            (None, Some(high)) => format!("up to {high}{suffix}"),
            (None, None) => UNKNOWN.to_owned(),
        }
    }

    fn suffix(&self) -> &'static str {
        match (&*self.unit, self.rate) {
            ("share", _) => " %",
            ("points", _) => " points",
            (_, Some(rate)) => rate.suffix,
            _ => "",
        }
    }

    fn number(&self, value: f64) -> String {
        self.with_decimals(value, self.decimals)
    }

    /// What is not 0 never reads 0, nor what is not all 100. What is just that needs no digits to say so.
    fn with_decimals(&self, value: f64, decimals: usize) -> String {
        let scaled = self.scaled(value);
        let is_whole = scaled == 0.0 || (self.unit == "share" && scaled == 100.0);
        if is_whole && self.unit != "points of 10" {
            return grouped(scaled, 0);
        }
        let further = decimals.max(1);
        let least = 10_f64.powi(-i32::try_from(further).unwrap_or_default());
        match scaled {
            s if s > 0.0 && s < least / 2.0 => format!("< {}", grouped(least, further)),
            s if self.unit == "share" && s < 100.0 && s >= 100.0 - least / 2.0 => {
                format!("> {}", grouped(100.0 - least, further))
            }
            s => grouped(s, decimals),
        }
    }

    fn scaled(&self, value: f64) -> f64 {
        match (&*self.unit, self.rate) {
            ("share", _) => value * 100.0,
            (_, Some(rate)) => value * rate.days,
            _ => value,
        }
    }

    /// Two to three digits that count: 1234, 120, 12, 1.4, 0.25. Of per cents a decimal where that matters, below 10 and above 90.
    /// The ends of an interval have those of its figure.
    fn usual_decimals(&self, all: &[Beside]) -> usize {
        let figures: Vec<f64> = all.iter().filter_map(|(value, ..)| *value).map(|value| self.scaled(value)).collect();
        let ends =
            || all.iter().flat_map(|(_, low, high)| [*low, *high]).flatten().map(|end| self.scaled(end)).collect();
        let figures: Vec<f64> = if figures.is_empty() { ends() } else { figures };
        let largest = figures.iter().fold(0.0_f64, |largest, figure| largest.max(figure.abs()));
        let most = match &*self.unit {
            "points of 10" => return 1,
            "points" => 1,
            "share" => usize::from(figures.iter().any(|f| *f > 0.0 && *f < 100.0 && !(9.95..90.0).contains(f))),
            _ if figures.iter().all(|figure| figure.fract() == 0.0) || largest >= 99.95 => 0,
            _ if largest >= 0.995 => 1,
            _ => 2,
        };
        // Zeros at the end of all of them say nothing.
        let is_whole = |figure: f64, decimals: usize| {
            let written = |decimals: usize| format!("{figure:.decimals$}").parse::<f64>().unwrap_or_default();
            written(decimals) == written(most)
        };
        (0..most).find(|decimals| figures.iter().all(|figure| is_whole(*figure, *decimals))).unwrap_or(most)
    }

    /// Whether a figure and the ends beside it read differently where they differ, and none of them falsely 0 or 100.
    fn tells_apart(&self, (value, low, high): &Beside, decimals: usize) -> bool {
        if self.unit == "seconds" || self.unit.ends_with(" a year") {
            return true;
        }
        let written = |value: f64| self.with_decimals(value, decimals);
        let differ = |(one, other): (f64, f64)| (one - other).abs() > 1e-9 * one.abs().max(other.abs());
        let pairs = [value.zip(*low), value.zip(*high), low.zip(*high)];
        let is_blurred = |pair: (f64, f64)| differ(pair) && written(pair.0) == written(pair.1);
        let is_falsely_whole = |end: f64| {
            let (scaled, text) = (self.scaled(end), format!("{:.decimals$}", self.scaled(end)));
            let read = text.parse::<f64>().unwrap_or_default();
            // What is nearer than this is told as less or more than it.
            let is_near = |whole: f64| (scaled - whole).abs() < 0.05 && decimals > 0;
            [0.0, 100.0].into_iter().any(|whole| {
                (whole == 0.0 || self.unit == "share") && read == whole && scaled != whole && !is_near(whole)
            })
        };
        !pairs.into_iter().flatten().any(is_blurred)
            && ![*value, *low, *high].into_iter().flatten().any(is_falsely_whole)
    }
}

/// A row's figure beside its interval, and beside what was to be expected of it.
fn ranges(row: &Row) -> [Beside; 2] {
    let expected = row.expected.and_then(|expected| expected.range);
    let estimate = &row.estimate;
    [
        (estimate.value, estimate.low, estimate.high),
        (estimate.value, expected.map(|(low, _)| low), expected.map(|(_, high)| high)),
    ]
}

fn finer(row: &Row) -> usize {
    finer_of(&ranges(row))
}

/// By how many units durations are told finer than usual, so that those that differ read differently.
fn finer_of(all: &[Beside]) -> usize {
    let is_enough = |finer: &usize| {
        all.iter().all(|(value, low, high)| {
            let pairs = [value.zip(*low), value.zip(*high), low.zip(*high)];
            pairs.into_iter().flatten().all(|(one, other)| {
                (one - other).abs() < 1.0
                    || people::finer_duration(one, *finer) != people::finer_duration(other, *finer)
            })
        })
    };
    (0..=MOST_FURTHER).find(is_enough).unwrap_or(MOST_FURTHER)
}

/// A unit as it stands after 1: `ticket per week`.
fn of_one(unit: &str) -> String {
    let (word, rest) = unit.split_at(unit.find(' ').unwrap_or(unit.len()));
    format!("{}{rest}", word.strip_suffix('s').unwrap_or(word))
}

/// A number with so many decimals, its thousands apart.
fn grouped(value: f64, decimals: usize) -> String {
    // Halves go up, as people round them.
    let scale = 10_f64.powi(i32::try_from(decimals).unwrap_or(i32::MAX));
    let rounded = Some((value * scale).round() / scale).filter(|rounded| rounded.is_finite()).unwrap_or(value);
    let text = format!("{:.decimals$}", rounded.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_nothing = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let sign = if value < 0.0 && !is_nothing { "-" } else { "" };
    let whole = people::in_thousands(whole);
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

fn is_rate(unit: &str) -> bool {
    unit.ends_with(" per day")
}

/// The span over which a rate is a number that can be pictured.
#[derive(Debug, Clone, Copy)]
struct RateScale {
    days: f64,
    word: &'static str,
    suffix: &'static str,
}

const RATE_SCALES: [RateScale; 4] = [
    RateScale { days: 1.0, word: "per day", suffix: " per day" },
    RateScale { days: 7.0, word: "per week", suffix: " per week" },
    RateScale { days: 365.25 / 12.0, word: "per month", suffix: " per month" },
    RateScale { days: 365.25, word: "per year", suffix: " per year" },
];

impl RateScale {
    /// The shortest span in which it happens at least once; nothing at all is said per day.
    fn of(per_day: f64) -> RateScale {
        let [day, .., year] = RATE_SCALES;
        if per_day <= 0.0 {
            return day;
        }
        RATE_SCALES.into_iter().find(|scale| per_day * scale.days >= 0.995).unwrap_or(year)
    }

    /// That of the middle one of those that are not 0, so that few of the others become very large or very small.
    fn of_all(all: &[Beside]) -> RateScale {
        let sorted = |values: &mut dyn Iterator<Item = f64>| {
            let mut values: Vec<f64> = values.filter(|value| *value > 0.0 && value.is_finite()).collect();
            values.sort_unstable_by(f64::total_cmp);
            values
        };
        let middle = |values: &[f64]| values.get(values.len() / 2).copied();
        let figures = sorted(&mut all.iter().filter_map(|(value, ..)| *value));
        let middles = |(_, low, high): &Beside| {
            let both = low.zip(*high).map(|(low, high)| f64::midpoint(low, high));
            both.or(*low).or(*high)
        };
        let middle = middle(&figures).or_else(|| middle(&sorted(&mut all.iter().filter_map(middles))));
        RateScale::of(middle.unwrap_or_default())
    }
}
