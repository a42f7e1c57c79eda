//! Bars one below the other, each with its words and its value above it, so that both fit a phone: the steps of a chain, or
//! what moves a figure.

use maud::{Markup, html};

use crate::scale::{plain, round_step};

/// A bar from one value to another.
pub struct Bar {
    /// What stands above it.
    pub label: String,
    /// What stands below that.
    pub value: String,
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// Between what most of it lies: a line across its end.
    pub range: Option<(f64, f64)>,
}

const WIDTH: f64 = 560.0;
const LEFT: f64 = 12.0;
const ROW: f64 = 74.0;
/// The room below the bars, for what stands at the marks of the axis.
const BELOW: f64 = 30.0;
/// A mark's words need this much of the width.
const MARK: f64 = 110.0;

/// The bars over an axis; `mark` is drawn as an upright stroke through each of them. The axis reaches from `from` to
/// `to` at least, which charts that are looked at together share. `description` says in words what they show.
pub fn bars(bars: &[Bar], mark: f64, (from, to): (f64, f64), description: &str) -> Markup {
    let ends = || {
        let of = |bar: &Bar| {
            let (low, high) = bar.range.unwrap_or((bar.from, bar.to));
            [bar.from, bar.to, low, high]
        };
        bars.iter().flat_map(of).chain([mark, from, to])
    };
    let (lowest, highest) = (ends().fold(f64::INFINITY, f64::min), ends().fold(f64::NEG_INFINITY, f64::max));
    let span = if highest > lowest { highest - lowest } else { 1.0 };
    let x = |value: f64| LEFT + (value - lowest) / span * (WIDTH - 2.0 * LEFT);
    let written = |number: f64| format!("{number:.1}");
    let bottom = ROW * bars.len() as f64;
    let height = bottom + BELOW;
    let marks = if highest > lowest { marks(lowest, highest, x) } else { Vec::new() };
    html! {
        svg.bars viewBox={ "0 0 " (WIDTH) " " (height) } role="img" aria-label=(description) {
            @for (place, label) in &marks {
                @let anchor = if *place < MARK / 2.0 { "start" } else if *place > WIDTH - MARK / 2.0 { "end" } else { "middle" };
                line.grid x1=(written(*place)) x2=(written(*place)) y1="0" y2=(written(bottom + 6.0)) {}
                text.mark x=(written(*place)) y=(written(bottom + 22.0)) text-anchor=(anchor) { (label) }
            }
            @for (place, bar) in bars.iter().enumerate() {
                @let top = ROW * place as f64;
                text.label x=(LEFT) y=(written(top + 18.0)) { (bar.label) }
                text.label.value x=(LEFT) y=(written(top + 40.0)) { (bar.value) }
                @let (left, right) = (x(bar.from.min(bar.to)), x(bar.from.max(bar.to)));
                rect.bar x=(written(left)) y=(written(top + 48.0)) height="14" width=(written((right - left).max(1.5))) {}
                line.axis x1=(written(x(mark))) x2=(written(x(mark))) y1=(written(top + 46.0)) y2=(written(top + 64.0)) {}
                @if let Some((low, high)) = bar.range {
                    line.range x1=(written(x(low))) x2=(written(x(high))) y1=(written(top + 55.0)) y2=(written(top + 55.0)) {}
                }
            }
        }
    }
}

/// The round marks of an axis that have room beside each other, each with its place; always that of 0 where it is on it.
fn marks(lowest: f64, highest: f64, x: impl Fn(f64) -> f64) -> Vec<(f64, String)> {
    let step = round_step(highest - lowest);
    let steps = (lowest / step).ceil() as i64..=(highest / step).floor() as i64;
    // From 0 on to the right, then from it to the left.
    let (left, right): (Vec<i64>, Vec<i64>) = steps.partition(|place| *place < 0);
    let mut marks: Vec<(f64, String)> = Vec::new();
    for value in right.into_iter().chain(left.into_iter().rev()).map(|place| place as f64 * step) {
        let place = x(value);
        if marks.iter().all(|(other, _)| (place - other).abs() >= MARK) {
            marks.push((place, plain(value)));
        }
    }
    marks
}
