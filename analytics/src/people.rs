//! Figures in the words of people, the same on every page, in every mail and on the command line.
//!
//! A figure that is not known is "–", never 0. Ordinary spaces only: whoever lays a page out keeps a figure on one
//! line by its own means, and what is printed on a terminal can be searched.

use crate::answer::Row;
use crate::catalogue::Better;

/// What stands where nothing is known.
pub const UNKNOWN: &str = "–";

const MINUTE: f64 = 60.0;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// A figure with its unit: `3 d 4 h`, `12 %`, `1.4 per day`, `27 changes`.
pub fn value(unit: &str, value: f64) -> String {
    match unit {
        "seconds" => duration(value),
        "share" => format!("{} %", share_number(value)),
        _ if is_rate(unit) => {
            let scale = RateScale::of(value);
            format!("{} {}", scale.number(value), scale.word)
        }
        // Which one it is, is said by the group.
        "currency" | "" => number(value),
        // Which currency it is, only a configured model says: without one there is no figure.
        _ if unit.ends_with(" a year") => {
            format!("{} a year", crate::value::words::money(unit.trim_end_matches(" a year"), value))
        }
        "points of 10" => format!("{value:.1} of 10"),
        "points" if trimmed(value, 1) == "1" => "1 point".to_owned(),
        "points" => format!("{} points", trimmed(value, 1)),
        _ => match number(value) {
            one if one == "1" => format!("1 {}", of_one(unit)),
            number => format!("{number} {unit}"),
        },
    }
}

/// A unit as it stands after 1: `ticket per week`.
fn of_one(unit: &str) -> String {
    let (word, rest) = unit.split_at(unit.find(' ').unwrap_or(unit.len()));
    format!("{}{rest}", word.strip_suffix('s').unwrap_or(word))
}

/// A duration in its two largest units, rounded to the smaller: `42 s`, `3 min 20 s`, `25 min`, `4 h 12 min`, `3 d 4 h`,
/// `16 d`.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return UNKNOWN.to_owned();
    }
    let sign = if seconds <= -0.5 { "-" } else { "" };
    for (limit, large, small) in DURATION_FORMS {
        let step = small.unwrap_or(large).seconds;
        let rounded = (seconds.abs() / step).round() * step;
        // What rounds up to the limit belongs to the next form, so that nothing reads "60 s" or "23 h 60 min".
        if rounded >= limit {
            continue;
        }
        let whole = (rounded / large.seconds).floor();
        let rest = ((rounded - whole * large.seconds) / step).round();
        return match small {
            Some(small) if rest > 0.0 => format!("{sign}{whole} {} {rest} {}", large.name, small.name),
            _ => format!("{sign}{} {}", grouped(whole), large.name),
        };
    }
    UNKNOWN.to_owned()
}

/// A unit of time.
#[derive(Clone, Copy)]
struct TimeUnit {
    seconds: f64,
    name: &'static str,
}

const S: TimeUnit = TimeUnit { seconds: 1.0, name: "s" };
const MIN: TimeUnit = TimeUnit { seconds: MINUTE, name: "min" };
const H: TimeUnit = TimeUnit { seconds: HOUR, name: "h" };
const D: TimeUnit = TimeUnit { seconds: DAY, name: "d" };

/// Below which length a duration is told in which units, the second where it still says something.
const DURATION_FORMS: [(f64, TimeUnit, Option<TimeUnit>); 6] = [
    (MINUTE, S, None),
    (10.0 * MINUTE, MIN, Some(S)),
    (HOUR, MIN, None),
    (DAY, H, Some(MIN)),
    (14.0 * DAY, D, Some(H)),
    (f64::INFINITY, D, None),
];

/// An interval: `2.6 to 19.9 %`, `3 h to 2 d 4 h`; `3 h or more` where its upper end is open.
pub fn interval(unit: &str, low: Option<f64>, high: Option<f64>) -> String {
    let middle = low.zip(high).map(|(low, high)| (low + high) / 2.0);
    interval_at(unit, middle.or(low).or(high).unwrap_or_default(), low, high)
}

/// The interval of a row's figure, in the unit that the figure itself is shown in.
pub fn row_interval(unit: &str, row: &Row) -> String {
    match row.estimate.value {
        Some(value) => interval_at(unit, value, row.estimate.low, row.estimate.high),
        None => interval(unit, row.estimate.low, row.estimate.high),
    }
}

/// What was to be expected of a row's figure, in the unit that the figure itself is shown in.
pub fn row_expected(unit: &str, row: &Row) -> String {
    let Some((low, high)) = row.expected.and_then(|expected| expected.range) else { return UNKNOWN.to_owned() };
    interval_at(unit, row.estimate.value.unwrap_or(f64::midpoint(low, high)), Some(low), Some(high))
}

/// The figure of a row: with `> ` before it where it is only known to be more, and [`UNKNOWN`] where there is none.
pub fn row_value(answer_unit: &str, row: &Row) -> String {
    match (row.estimate.value, row.more("more_than")) {
        (Some(known), _) => value(answer_unit, known),
        (None, Some(bound)) => format!("> {}", value(answer_unit, bound)),
        (None, None) => UNKNOWN.to_owned(),
    }
}

/// A whole number with its thousands set apart: `1 234 567`, by narrow spaces that do not break.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) && digits.len() > 4 {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// The span of time over which a rate per day is best pictured: its days, and the words for it, `per week`. For axes,
/// whose numbers share one unit.
pub fn rate_unit(per_day: f64) -> (f64, &'static str) {
    let scale = RateScale::of(per_day);
    (scale.days, scale.word)
}

/// What can be said of two figures of one metric, an earlier and a later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trend {
    /// The later is better, and the intervals lie apart.
    Better,
    /// The later is worse, and the intervals lie apart.
    Worse,
    /// The intervals overlap: chance explains the difference well enough.
    NoClearChange,
    /// One of the two is not known, not complete, or rests on too little for an interval.
    TooLittle,
}

impl Trend {
    /// The trend in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Trend::Better => "better",
            Trend::Worse => "worse",
            Trend::NoClearChange => "no clear change",
            Trend::TooLittle => "too little to tell",
        }
    }
}

/// Compares two figures by their 95 % intervals: only where these lie apart is there a trend. That is stricter than a
/// test of the difference, which is meant: of five figures looked at every week one would otherwise often cry out.
pub fn trend(better: Better, earlier: &Row, later: &Row) -> Trend {
    let ends = |row: &Row| {
        // An interval that is open above (a median of which much is still running) reaches up without end.
        row.estimate.low.filter(|_| row.is_complete).map(|low| (low, row.estimate.high.unwrap_or(f64::INFINITY)))
    };
    let (Some((earlier_low, earlier_high)), Some((later_low, later_high))) = (ends(earlier), ends(later)) else {
        return Trend::TooLittle;
    };
    let is_up = later_low > earlier_high;
    let is_down = later_high < earlier_low;
    match (better, is_up, is_down) {
        (_, false, false) => Trend::NoClearChange,
        (Better::Higher, true, _) | (Better::Lower, _, true) => Trend::Better,
        _ => Trend::Worse,
    }
}

fn interval_at(unit: &str, value: f64, low: Option<f64>, high: Option<f64>) -> String {
    let (number, word): (Box<dyn Fn(f64) -> String>, &str) = match unit {
        "seconds" => (Box::new(duration), ""),
        "share" => (Box::new(share_number), " %"),
        "points" => (Box::new(|value| trimmed(value, 1)), " points"),
        _ if is_rate(unit) => {
            let scale = RateScale::of(value);
            (Box::new(move |value| scale.number(value)), scale.suffix)
        }
        _ => (Box::new(number), ""),
    };
    match (low, high) {
        (Some(low), Some(high)) => format!("{} to {}{word}", number(low), number(high)),
        (Some(low), None) => format!("{}{word} or more", number(low)),
        (None, Some(high)) => format!("up to {}{word}", number(high)),
        (None, None) => UNKNOWN.to_owned(),
    }
}

/// Per cent with one decimal where that matters: below 10 and above 90. What is not 0 never reads 0, nor what is not
/// all 100.
fn share_number(share: f64) -> String {
    let per_cent = share * 100.0;
    match per_cent {
        p if p > 0.0 && p < 0.05 => "< 0.1".to_owned(),
        p if (99.95..100.0).contains(&p) => "> 99.9".to_owned(),
        p if p > 0.0 && !(9.95..90.0).contains(&p) && p < 100.0 => trimmed(p, 1),
        p => format!("{p:.0}"),
    }
}

fn is_rate(unit: &str) -> bool {
    unit.ends_with(" per day")
}

/// The span over which a rate is a number that can be pictured.
#[derive(Clone, Copy)]
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

    fn number(self, per_day: f64) -> String {
        number(per_day * self.days)
    }
}

/// Two to three digits that count: `1234`, `120`, `12`, `1.4`, `0.25`.
fn number(value: f64) -> String {
    match value.abs() {
        size if value.fract() == 0.0 || size >= 99.95 => grouped(value.round()),
        size if size >= 0.995 => trimmed(value, 1),
        _ => trimmed(value, 2),
    }
}

fn grouped(value: f64) -> String {
    if value < 0.0 { format!("-{}", count(-value as u64)) } else { count(value as u64) }
}

/// A number with at most so many decimals, without zeros at its end.
fn trimmed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
