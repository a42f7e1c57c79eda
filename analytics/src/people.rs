//! Figures in the words of people, the same on every page, in every mail and on the command line.
//!
//! A figure that is not known is "–", never 0. Ordinary spaces only: whoever lays a page out keeps a figure on one
//! line by its own means, and what is printed on a terminal can be searched.

use crate::answer::Row;
use crate::catalogue::Better;
use crate::wording::Wording;

/// What stands where nothing is known.
pub const UNKNOWN: &str = "–";

const MINUTE: f64 = 60.0;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// A figure that stands alone, with its unit: `3 d 4 h`, `12 %`, `1.4 per day`, `27 changes`.
pub fn value(unit: &str, value: f64) -> String {
    Wording::of_value(unit, value).value(value)
}

/// A duration in its two largest units, rounded to the smaller: `42 s`, `3 min 20 s`, `25 min`, `4 h 12 min`, `3 d 4 h`,
/// `16 d`.
pub fn duration(seconds: f64) -> String {
    finer_duration(seconds, 0)
}

/// The same, rounded to a unit that is so many steps smaller: `3 d 4 h 12 min` of one step.
pub(crate) fn finer_duration(seconds: f64, finer: usize) -> String {
    if !seconds.is_finite() {
        return UNKNOWN.to_owned();
    }
    let sign = if seconds <= -0.5 { "-" } else { "" };
    for (limit, large, small) in DURATION_FORMS {
        let small = (small + finer).min(UNITS.len() - 1);
        let step = UNITS[small].seconds;
        let mut rest = (seconds.abs() / step).round() * step;
        // What rounds up to the limit belongs to the next form, so that nothing reads "60 s" or "23 h 60 min".
        if rest >= limit {
            continue;
        }
        let mut parts = Vec::new();
        for unit in &UNITS[large..=small] {
            let whole = ((rest + step / 2.0) / unit.seconds).floor();
            rest -= whole * unit.seconds;
            if whole > 0.0 {
                parts.push(format!("{} {}", count(whole as u64), unit.name));
            }
        }
        if parts.is_empty() {
            parts.push(format!("0 {}", UNITS[large].name));
        }
        return format!("{sign}{}", parts.join(" "));
    }
    UNKNOWN.to_owned()
}

/// A unit of time.
#[derive(Clone, Copy)]
struct TimeUnit {
    seconds: f64,
    name: &'static str,
}

const UNITS: [TimeUnit; 4] = [
    TimeUnit { seconds: DAY, name: "d" },
    TimeUnit { seconds: HOUR, name: "h" },
    TimeUnit { seconds: MINUTE, name: "min" },
    TimeUnit { seconds: 1.0, name: "s" },
];

/// Below which length a duration is told from which unit down to which, by their places.
const DURATION_FORMS: [(f64, usize, usize); 6] =
    [(MINUTE, 3, 3), (10.0 * MINUTE, 2, 3), (HOUR, 2, 2), (DAY, 1, 2), (14.0 * DAY, 0, 1), (f64::INFINITY, 0, 0)];

/// An interval: `2.6 to 19.9 %`, `3 h to 2 d 4 h`; `3 h or more` where its upper end is open.
pub fn interval(unit: &str, low: Option<f64>, high: Option<f64>) -> String {
    Wording::of_interval(unit, low, high).interval(low, high)
}

/// The interval of a row's figure, in the unit that the figure itself is shown in.
pub fn row_interval(unit: &str, row: &Row) -> String {
    Wording::of_row(unit, row).row_interval(row)
}

/// What was to be expected of a row's figure, in the unit that the figure itself is shown in.
pub fn row_expected(unit: &str, row: &Row) -> String {
    Wording::of_row(unit, row).row_expected(row)
}

/// The figure of a row: with `> ` before it where it is only known to be more, and [`UNKNOWN`] where there is none.
pub fn row_value(unit: &str, row: &Row) -> String {
    Wording::of_row(unit, row).row_value(row)
}

/// The value of a single observation of a share.
pub fn yes_or_no(value: f64) -> &'static str {
    if value > 0.0 { "yes" } else { "no" }
}

/// That no source tells of a kind of fact without which a figure hides something.
pub fn untold(kind: &str) -> String {
    format!("nothing tells of {}s: what only they would show is missing here", kind.replace('_', " "))
}

/// A whole number with its thousands set apart: `1 234 567`, by narrow spaces that do not break.
pub fn count(n: u64) -> String {
    in_thousands(&n.to_string())
}

/// The same of digits.
pub(crate) fn in_thousands(digits: &str) -> String {
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
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
