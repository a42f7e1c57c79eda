//! Bars one below the other, each with its words and its value above it, so that both fit a phone: the steps of a chain, or
//! what moves a figure.

use maud::{Markup, html};

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

/// The bars; `mark` is drawn as an upright stroke through each of them. The scale reaches from `from` to `to` at least, which charts
/// that are looked at together share. `description` says in words what they show.
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
    let height = ROW * bars.len() as f64 + 8.0;
    html! {
        svg.bars viewBox={ "0 0 " (WIDTH) " " (height) } role="img" aria-label=(description) {
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
