//! Effects in the words of people.

use super::answer::{Effect, Measure, Verb};
use crate::people;
use crate::wording::Wording;

/// A rate that is told per week.
const A_WEEK: f64 = 1.0 / 7.0;

/// The finding in one sentence, with no more said than the verb allows.
pub(super) fn sentence(verb: Verb, improvement: &str, title: &str, unit: &str, effect: &Effect) -> String {
    let size = self::effect(unit, effect);
    match (verb, effect.is_clear()) {
        (Verb::EffectOf, true) => format!("effect of {improvement} on {title}: {size}"),
        (Verb::EffectOf, false) => format!("no clear effect of {improvement} on {title}: {size}"),
        (Verb::AssociatedWith, true) => format!("{improvement} is associated with {title}: {size}"),
        (Verb::AssociatedWith, false) => format!("{improvement} is not clearly associated with {title}: {size}"),
        (Verb::After, true) => format!("{title} after {improvement}: {size}; whether it came of it is not told"),
        (Verb::After, false) => format!("{title} was not clearly different after {improvement}: {size}"),
    }
}

/// An effect and its interval: `38 % shorter (95 %: 44 % shorter to 31 % shorter)`.
pub fn effect(unit: &str, effect: &Effect) -> String {
    let say = |value| amount(unit, effect.measure, value);
    format!("{} (95 %: {} to {})", say(effect.value), say(effect.low), say(effect.high))
}

/// One end or the middle of an effect.
pub fn amount(unit: &str, measure: Measure, value: f64) -> String {
    let per_week = if matches!(measure, Measure::SlopeRatio | Measure::SlopeDifference) { " each week" } else { "" };
    let (less, more) = if unit == "seconds" { ("shorter", "longer") } else { ("lower", "higher") };
    let distance = value - measure.none();
    let word = if distance < 0.0 { less } else { more };
    let size = match (measure, unit) {
        (Measure::Ratio | Measure::SlopeRatio, _) => format!("{} %", digits(100.0 * distance.abs())),
        (_, "share") => format!("{} points", digits(100.0 * distance.abs())),
        (_, "seconds") => people::duration(distance.abs()),
        // Rates are told over one time throughout, so that the ends of an effect can be set beside it and beside others.
        _ => Wording::of_value(unit, A_WEEK).for_value(distance.abs()).value(distance.abs()),
    };
    format!("{size} {word}{per_week}")
}

/// A number as one of eight bars, from the lowest to the highest of all.
pub fn bar(value: f64, all: &[f64]) -> char {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let (low, high) =
        all.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), one| (low.min(*one), high.max(*one)));
    if high <= low {
        return BARS[0];
    }
    let place = (value - low) / (high - low) * (BARS.len() - 1) as f64;
    BARS[(place.round() as usize).min(BARS.len() - 1)]
}

/// One decimal where it counts.
fn digits(number: f64) -> String {
    if number < 9.95 { format!("{number:.1}") } else { format!("{number:.0}") }
}
