//! How values are spread: a bar for each stretch of a scale, as high as there are many.

use analytics::{Bin, Distribution, Wording, people};
use maud::{Markup, html};

use crate::scale::Scale;
use crate::words::THIN;

const LEFT: f64 = 78.0;
const TOP: f64 = 26.0;
/// Leaves room for half of what stands below the last end.
const WIDTH: f64 = 605.0;
const HEIGHT: f64 = 170.0;
/// About so many labels find room below the bars.
const MOST_LABELS: usize = 8;
/// With fewer groups the table says it all.
pub const FEWEST_GROUPS: usize = 5;

/// A bar: how many lie in its stretch, and how many of these are not over yet.
struct Bar {
    words: String,
    n: u64,
    n_open: u64,
}

/// Bars side by side.
struct Bars {
    bars: Vec<Bar>,
    /// What stands where one bar ends and the next begins: its place, counted in bars, and the words.
    labels: Vec<(usize, String)>,
    /// An upright line at a place, with the words above it.
    mark: Option<(f64, String)>,
}

/// The durations behind a figure, with their median.
pub fn durations(found: &Distribution, median: Option<f64>) -> Markup {
    let bars: Vec<Bar> =
        (found.bins.iter()).map(|bin| Bar { words: words_of(bin), n: bin.n, n_open: bin.n_open }).collect();
    let every = found.bins.len().div_ceil(MOST_LABELS).max(1);
    let begins = found
        .bins
        .iter()
        .map(|bin| bin.above.map_or_else(|| Some("0".to_owned()), |above| Some(people::duration(above))));
    let ends = begins.chain([found.bins.last().and_then(|bin| bin.up_to).map(people::duration)]);
    let labels = ends.enumerate().step_by(every).filter_map(|(place, label)| Some((place, label?))).collect();
    let mark = median
        .and_then(|median| Some((place_of(&found.bins, median)?, format!("median {}", people::duration(median)))));
    let description = format!(
        "How long {} took: {}. The table below has every bar.",
        people::count(found.n),
        found
            .bins
            .iter()
            .max_by_key(|bin| bin.n)
            .map(|bin| format!("most often {}", words_of(bin)))
            .unwrap_or_default()
    );
    html! {
        (figure(&Bars { bars, labels, mark }, &description, &html! {
            "Each bar counts those that took so long, " (people::count(found.n)) " in all; from bar to bar the length about doubles. "
            @if found.n_open > 0 {
                "What is drawn open is not over yet, " (people::count(found.n_open)) " of them: it stands where it has come to by now."
            }
        }, "How long"))
    }
}

/// The figures of several groups, such as services; `thin` of them rest on little.
pub fn groups(wording: &Wording, unit: &str, of: &str, values: &[f64], thin: usize) -> Markup {
    let ends = |start: f64, of: fn(f64, f64) -> f64| values.iter().copied().fold(start, of);
    let scale = Scale::of(wording, unit, ends(0.0, f64::min), ends(0.0, f64::max));
    let n_steps = scale.ticks.len().saturating_sub(1).max(1);
    let step = (scale.top - scale.bottom) / n_steps as f64;
    // So that the ends of bars are round: a step of 2 has four bars of 0.5, all others five.
    let leading = step / 10_f64.powf(step.log10().floor());
    let n_a_step = if (1.9..2.1).contains(&leading) { 4 } else { 5 };
    let n_bars = n_steps * n_a_step;
    let width = (scale.top - scale.bottom) / n_bars as f64;
    let begin = |place: usize| scale.bottom + place as f64 * width;
    let mut bars: Vec<Bar> = (0..n_bars)
        .map(|place| Bar { words: wording.interval(Some(begin(place)), Some(begin(place + 1))), n: 0, n_open: 0 })
        .collect();
    for value in values {
        // A value on a mark but for rounding belongs to the bar that begins there.
        let place = ((value - scale.bottom) / width + 1e-9) as usize;
        bars[place.min(n_bars - 1)].n += 1;
    }
    let labels = (scale.ticks.iter().enumerate()).map(|(step, (_, label))| (step * n_a_step, label.clone())).collect();
    let description = format!(
        "How the figures of {} {of}s are spread. The table below has every bar.",
        people::count(values.len() as u64)
    );
    let unit = if scale.unit.is_empty() { String::new() } else { format!(" ({})", scale.unit) };
    figure(
        &Bars { bars, labels, mark: None },
        &description,
        &html! {
            "Each bar counts the " (of) "s whose figure" (unit) " lies there, " (people::count(values.len() as u64)) " in all. "
            @if thin > 0 {
                (people::count(thin as u64)) " of them " @if thin == 1 { "rests" } @else { "rest" } " on fewer than " (THIN) " observations: such figures lie far apart by chance alone."
            }
        },
        "Figure",
    )
}

fn figure(bars: &Bars, description: &str, caption: &Markup, heading: &str) -> Markup {
    let has_open = bars.bars.iter().any(|bar| bar.n_open > 0);
    html! {
        figure {
            div.scroll role="region" aria-label="Chart of the distribution" tabindex="0" { (chart(bars, description)) }
            figcaption { (caption) }
        }
        details {
            summary { "The same as a table" }
            div.scroll.fit role="region" aria-label="Distribution" tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { (heading) }
                        th scope="col" { "Number" }
                        @if has_open { th scope="col" { "Not over yet" } }
                    } }
                    tbody {
                        @for bar in &bars.bars {
                            tr {
                                th scope="row" { (bar.words) }
                                td { (people::count(bar.n)) }
                                @if has_open { td { (people::count(bar.n_open)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn chart(bars: &Bars, description: &str) -> Markup {
    let highest = bars.bars.iter().map(|bar| bar.n).max().unwrap_or(0);
    let scale = Scale::holding("", 0.0, highest as f64);
    let width = WIDTH / bars.bars.len().max(1) as f64;
    let x = |place: f64| written(LEFT + place * width);
    let y = |n: f64| TOP + HEIGHT * (1.0 - n / scale.top);
    let bottom = TOP + HEIGHT;
    let rect = |place: usize, from: u64, to: u64, class: &str| {
        html! {
            @if to > from {
                rect class=(class) x=(written(LEFT + place as f64 * width + 1.0)) width=(written(width - 2.0))
                    y=(written(y(to as f64))) height=(written((y(from as f64) - y(to as f64)).max(1.0))) {}
            }
        }
    };
    html! {
        svg.chart viewBox="0 0 720 226" role="img" aria-label=(description) {
            // Numbers of things are whole.
            @for (value, label) in scale.ticks.iter().filter(|(value, _)| value.fract() == 0.0) {
                line class=(if *value == 0.0 { "axis" } else { "grid" }) x1="78" x2=(LEFT + WIDTH) y1=(written(y(*value))) y2=(written(y(*value))) {}
                text.label x="70" y=(written(y(*value) + 4.0)) text-anchor="end" { (label) }
            }
            @for (place, bar) in bars.bars.iter().enumerate() {
                (rect(place, 0, bar.n - bar.n_open, "bar"))
                (rect(place, bar.n - bar.n_open, bar.n, "bar open"))
            }
            @for (number, (place, label)) in bars.labels.iter().enumerate() {
                text.label.time.second[number % 2 == 1] x=(x(*place as f64)) y=(written(bottom + 20.0)) text-anchor="middle" { (label) }
            }
            @if let Some((place, label)) = &bars.mark {
                line.break x1=(x(*place)) x2=(x(*place)) y1=(written(TOP)) y2=(written(bottom)) {}
                text.label x=(x(*place)) y=(written(TOP - 6.0)) text-anchor="middle" { (label) }
            }
        }
    }
}

/// `up to 1 min`, `1 min to 2 min`, `over 256 d`.
fn words_of(bin: &Bin) -> String {
    match (bin.above, bin.up_to) {
        (Some(above), Some(up_to)) => format!("{} to {}", people::duration(above), people::duration(up_to)),
        (None, Some(up_to)) => format!("up to {}", people::duration(up_to)),
        (Some(above), None) => format!("over {}", people::duration(above)),
        (None, None) => "any".to_owned(),
    }
}

/// Where a duration lies, counted in bars: bars are as wide as their lengths differ by a factor.
fn place_of(bins: &[Bin], value: f64) -> Option<f64> {
    let place = bins.iter().position(|bin| bin.up_to.is_none_or(|up_to| value <= up_to))?;
    let within = match (bins[place].above, bins[place].up_to) {
        (Some(above), Some(up_to)) => (value / above).ln() / (up_to / above).ln(),
        (None, Some(up_to)) => value / up_to,
        _ => 0.5,
    };
    Some(place as f64 + within.clamp(0.0, 1.0))
}

fn written(number: f64) -> String {
    format!("{number:.1}")
}
