//! The vertical scale of a chart: from 0 up to a round number, with a few round steps between.

use analytics::people;

/// A scale from 0 to `top`.
pub struct Scale {
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
    /// A scale that holds a highest value, in the unit of a metric.
    pub fn holding(unit: &str, highest: f64) -> Scale {
        let highest = if highest > 0.0 && highest.is_finite() { highest } else { 1.0 };
        match unit {
            "seconds" => {
                let step =
                    TIME_STEPS.into_iter().find(|step| step * 4.0 >= highest).unwrap_or_else(|| round_step(highest));
                Scale::stepped(highest, step, String::new(), |value| match value {
                    0.0 => "0".to_owned(),
                    _ => people::duration(value),
                })
            }
            "share" => {
                let step = round_step(highest * 100.0) / 100.0;
                let scale = Scale::stepped(highest, step, String::new(), |value| format!("{} %", plain(value * 100.0)));
                if scale.top > 1.0 {
                    Scale::stepped(1.0, 0.25, String::new(), |value| format!("{:.0} %", value * 100.0))
                } else {
                    scale
                }
            }
            "points of 10" => Scale::stepped(10.0, 2.0, "points".to_owned(), plain),
            _ if unit.ends_with(" per day") => {
                let (days, word) = people::rate_unit(highest);
                let step = round_step(highest * days) / days;
                Scale::stepped(highest, step, word.to_owned(), |value| plain(value * days))
            }
            _ => Scale::stepped(highest, round_step(highest), unit.to_owned(), plain),
        }
    }

    fn stepped(highest: f64, step: f64, unit: String, label: impl Fn(f64) -> String) -> Scale {
        // A value that lies on a mark but for rounding needs no further one.
        let n = (highest / step - 1e-9).ceil().max(1.0) as usize;
        let ticks = (0..=n).map(|place| place as f64 * step).map(|value| (value, label(value))).collect();
        Scale { top: n as f64 * step, ticks, unit }
    }
}

/// The least of 1, 2 and 5 times a power of ten of which at most four reach a value.
fn round_step(highest: f64) -> f64 {
    let power = 10_f64.powf((highest / 4.0).log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|factor| factor * power).find(|step| step * 4.0 >= highest).unwrap_or(10.0 * power)
}

fn plain(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
