//! The picture of an effect before and after an improvement arrived: if the points before lie on the line of no change, those
//! that adopted went along with the others until then.

use analytics::compare::{EventTimeEffect, Measure};
use maud::{Markup, html};

use crate::scale::Scale;

const LEFT: f64 = 78.0;
const TOP: f64 = 26.0;
const WIDTH: f64 = 630.0;
const HEIGHT: f64 = 190.0;

/// The chart. `description` says in words what it shows.
pub fn chart(unit: &str, measure: Measure, times: &[EventTimeEffect], description: &str) -> Markup {
    let (as_drawn, unit) = drawn(unit, measure);
    let points: Vec<(f64, f64, f64)> = (times.iter())
        .map(|time| {
            let end = |end: Option<f64>| as_drawn(end.unwrap_or(time.value));
            (as_drawn(time.value), end(time.low), end(time.high))
        })
        .collect();
    // A thin period's interval may reach far beyond; it is cut where the others end thrice over.
    let furthest = 3.0 * points.iter().map(|(value, ..)| value.abs()).fold(0.0, f64::max);
    let highest = points.iter().map(|(_, _, high)| high.min(furthest)).fold(0.0, f64::max);
    let lowest = points.iter().map(|(_, low, _)| low.max(-furthest)).fold(0.0, f64::min);
    let scale = Scale::holding(unit, lowest, highest.max(-lowest / 4.0));
    let y = |value: f64| TOP + HEIGHT * (1.0 - ((value - scale.bottom) / (scale.top - scale.bottom)).clamp(0.0, 1.0));
    let x = |place: f64| LEFT + (place + 0.5) / times.len().max(1) as f64 * WIDTH;
    let written = |number: f64| format!("{number:.1}");
    let every = times.len().div_ceil(12).max(1);
    let arrival = times.iter().position(|time| time.since >= 0);
    html! {
        svg.chart viewBox="0 0 720 252" role="img" aria-label=(description) {
            @for (value, label) in &scale.ticks {
                line class=(if *value == 0.0 { "axis" } else { "grid" }) x1="78" x2="708" y1=(written(y(*value))) y2=(written(y(*value))) {}
                text.label x="70" y=(written(y(*value) + 4.0)) text-anchor="end" { (label) }
            }
            text.label x="0" y="12" { (scale.unit) }
            @if let Some(place) = arrival {
                @let at = written(x(place as f64 - 0.5));
                line.break x1=(at) x2=(at) y1=(TOP) y2=(TOP + HEIGHT) {}
                text.label x=(at) y="18" text-anchor="middle" { "arrival" }
            }
            @for (place, time) in times.iter().enumerate() {
                @let (value, low, high) = points[place];
                @let at = written(x(place as f64));
                @if time.low.is_some() {
                    line.whisker x1=(at) x2=(at) y1=(written(y(low))) y2=(written(y(high))) {}
                }
                circle class=(if time.low.is_some() { "dot" } else { "hollow" }) cx=(at) cy=(written(y(value))) r="4" {}
                @if place % every == 0 {
                    text.label.time x=(at) y=(TOP + HEIGHT + 20.0) text-anchor="middle" { (time.since) }
                }
            }
        }
    }
}

/// How a value of a measure is drawn, so that no change is 0, and in which unit.
fn drawn(unit: &str, measure: Measure) -> (fn(f64) -> f64, &str) {
    match (measure, unit) {
        (Measure::Ratio | Measure::SlopeRatio, _) => (|ratio| 100.0 * (ratio - 1.0), "% change"),
        (_, "share") => (|share| 100.0 * share, "points"),
        _ => (|value| value, unit),
    }
}
