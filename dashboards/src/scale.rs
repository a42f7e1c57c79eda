//! The vertical scale of a chart: from 0, or a round number below it, up to a round number, with a few round steps between.

use analytics::{Wording, people};

/// A scale from 0, or from below it where values are negative, to `top`.
pub struct Scale {
    /// Its lower end: 0, unless something lies below.
    pub bottom: f64,
    /// Its upper end.
    pub top: f64,
    /// Heights to mark, with what stands beside them.
    pub ticks: Vec<(f64, String)>,
    /// The unit of the marks, where they do not say it themselves.
    pub unit: String,
}

const TIME_STEPS: [f64; 27] = [
    1.0,
    2.0,
    5.0,
    10.0,
    20.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
    1_200.0,
    1_800.0,
    3_600.0,
    7_200.0,
    10_800.0,
    21_600.0,
    43_200.0,
    86_400.0,
    172_800.0,
    259_200.0,
    432_000.0,
    864_000.0,
    1_728_000.0,
    2_592_000.0,
    5_184_000.0,
    8_640_000.0,
    17_280_000.0,
];

impl Scale {
    /// A scale that holds a highest value and, where it is negative, a lowest one, in the unit of a metric.
    pub fn holding(unit: &str, lowest: f64, highest: f64) -> Scale {
        Scale::of(&Wording::of_value(unit, highest), unit, lowest, highest)
    }

    /// The same for figures that are written in this way: rates are per the same time.
    pub fn of(wording: &Wording, unit: &str, lowest: f64, highest: f64) -> Scale {
        let lowest = if lowest < 0.0 && lowest.is_finite() { lowest } else { 0.0 };
        let highest = if highest > 0.0 && highest.is_finite() { highest } else { 1.0 };
        let highest = highest.max(-lowest / 4.0);
        let stepped = |highest: f64, step: f64, unit: String, label: &dyn Fn(f64) -> String| {
            Scale::stepped((lowest, highest), step, unit, label)
        };
        let furthest = highest.max(-lowest);
        if let Some((days, word)) = wording.rate() {
            let step = round_step(furthest * days) / days;
            return stepped(highest, step, word.to_owned(), &|value| plain(value * days));
        }
        match unit {
            "seconds" => {
                let step =
                    TIME_STEPS.into_iter().find(|step| step * 4.0 >= furthest).unwrap_or_else(|| round_step(furthest));
                stepped(highest, step, String::new(), &|value| match value {
                    0.0 => "0".to_owned(),
                    _ => people::duration(value),
                })
            }
            "share" => {
                let step = round_step(furthest * 100.0) / 100.0;
                let scale = stepped(highest, step, String::new(), &|value| format!("{} %", plain(value * 100.0)));
                if scale.top > 1.0 {
                    stepped(1.0, 0.25, String::new(), &|value| format!("{:.0} %", value * 100.0))
                } else {
                    scale
                }
            }
            "points of 10" => stepped(10.0, 2.0, "points".to_owned(), &plain),
            _ if unit.ends_with(" a year") => {
                stepped(highest, round_step(furthest), unit.to_owned(), &|value| match value {
                    0.0 => "0".to_owned(),
                    _ => analytics::value::words::sum(value),
                })
            }
            _ => stepped(highest, round_step(furthest), unit.to_owned(), &plain),
        }
    }

    fn stepped((lowest, highest): (f64, f64), step: f64, unit: String, label: &dyn Fn(f64) -> String) -> Scale {
        // A value that lies on a mark but for rounding needs no further one.
        let n_to = |end: f64| (end / step - 1e-9).ceil() as i64;
        let (below, above) = (n_to(-lowest).max(0), n_to(highest).max(1));
        let ticks = (-below..=above).map(|place| place as f64 * step).map(|value| (value, label(value))).collect();
        Scale { bottom: -below as f64 * step, top: above as f64 * step, ticks, unit }
    }
}

/// The least of 1, 2 and 5 times a power of ten of which at most four reach a value.
pub(crate) fn round_step(highest: f64) -> f64 {
    let power = 10_f64.powf((highest / 4.0).log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|factor| factor * power).find(|step| step * 4.0 >= highest).unwrap_or(10.0 * power)
}

/// A round number, its thousands apart as everywhere.
pub(crate) fn plain(value: f64) -> String {
    let text = format!("{:.3}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let (whole, fraction) = (people::count(whole.parse().unwrap_or_default()), fraction.trim_end_matches('0'));
    let sign = if value < 0.0 { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}
