//! Charts as SVG within the page: a line with the interval as a band. They carry classes, no styles, so that the style
//! sheet draws them light or dark, and the page's policy needs no exception.

use analytics::compare::Arrived;
use analytics::{Grain, Metric, Row, Window, Wording};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};

use crate::dates;
use crate::scale::Scale;

/// The frame that a chart is drawn in.
struct Frame {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    lowest: f64,
    highest: f64,
    n: usize,
}

impl Frame {
    fn x(&self, place: usize) -> f64 {
        self.left + (place as f64 + 0.5) / self.n as f64 * self.width
    }

    /// Where a time lies: each row has the same room, whatever its length.
    fn x_of(&self, rows: &[&Row], end: DateTime<Utc>, time: DateTime<Utc>) -> f64 {
        let place = rows.iter().rposition(|row| row.time <= time).unwrap_or(0);
        let begin = rows.get(place).map_or(end, |row| row.time);
        let length = rows.get(place + 1).map_or(end, |next| next.time).signed_duration_since(begin).as_seconds_f64();
        let within = if length > 0.0 { time.signed_duration_since(begin).as_seconds_f64() / length } else { 0.0 };
        self.left + (place as f64 + within.clamp(0.0, 1.0)) / self.n as f64 * self.width
    }

    /// What lies beyond the scale is drawn at its end.
    fn y(&self, value: f64) -> f64 {
        self.top + self.height * (1.0 - ((value - self.lowest) / (self.highest - self.lowest)).clamp(0.0, 1.0))
    }
}

/// A small chart without axes. `description` says in words what it shows.
pub fn sparkline(wording: &Wording, metric: &Metric, rows: &[&Row], description: &str) -> Markup {
    let scale = scale(wording, metric, rows, 0.0);
    let frame = Frame {
        left: 0.0,
        top: 4.0,
        width: 280.0,
        height: 48.0,
        lowest: scale.bottom,
        highest: scale.top,
        n: rows.len(),
    };
    html! {
        svg.spark viewBox="0 0 280 56" role="img" aria-label=(description) {
            line.axis x1="0" x2="280" y1=(coordinate(frame.y(0.0))) y2=(coordinate(frame.y(0.0))) {}
            (band(&frame, rows))
            (line(&frame, rows))
        }
    }
}

/// The upper end of a small chart's scale, which has no room for an axis, in words.
pub fn scale_in_words(wording: &Wording, metric: &Metric, rows: &[&Row]) -> String {
    let scale = scale(wording, metric, rows, 0.0);
    // The ends of a scale are round, and need no digits of those between.
    let end = |end: f64| wording.for_value(end).value(end);
    let bottom = if scale.bottom < 0.0 { end(scale.bottom) } else { "0".to_owned() };
    format!("{bottom} to {}", end(scale.top))
}

/// The time that a large chart is over, and what happened in it that the figures do not say themselves.
pub struct Course<'a> {
    /// How it is cut.
    pub grain: Grain,
    /// The zone of the days below it.
    pub zone: Tz,
    /// Its begin and end.
    pub window: Window,
    /// When the version of the definition came into force.
    pub defined_at: Option<DateTime<Utc>>,
    /// The improvements that arrived, in the order of their numbers.
    pub arrivals: &'a [Arrived],
}

/// A large chart with axes.
pub fn chart(wording: &Wording, metric: &Metric, course: &Course<'_>, rows: &[&Row], description: &str) -> Markup {
    let Course { grain, zone, defined_at, .. } = *course;
    let to_expect = rows.iter().filter_map(|row| row.expected?.range).map(|(_, high)| high).fold(0.0, f64::max);
    let scale = scale(wording, metric, rows, to_expect);
    let mut frame = Frame {
        left: 78.0,
        top: 26.0,
        width: 630.0,
        height: 190.0,
        lowest: scale.bottom,
        highest: scale.top,
        n: rows.len(),
    };
    let lanes = lanes(&frame, course, rows);
    frame.top += LANE * lanes.iter().map(|lane| lane.number + 1).max().unwrap_or(0) as f64;
    let bottom = frame.top + frame.height;
    let ends = rows.first().zip(rows.last());
    let is_of_years = ends.is_some_and(|(first, last)| dates::is_of_years(zone, first.time, last.time));
    // About eight labels find room.
    let every = rows.len().div_ceil(8).max(1);
    html! {
        svg.chart viewBox={ "0 0 720 " (coordinate(bottom + 30.0)) } role="img" aria-label=(description) {
            @for (value, label) in &scale.ticks {
                @let y = coordinate(frame.y(*value));
                line class=(if *value == 0.0 { "axis" } else { "grid" }) x1="78" x2="708" y1=(y) y2=(y) {}
                text.label x="70" y=(coordinate(frame.y(*value) + 4.0)) text-anchor="end" { (label) }
            }
            @if !scale.unit.is_empty() { text.label x="0" y=(coordinate(frame.top - 14.0)) { (scale.unit) } }
            @for (place, row) in rows.iter().enumerate().step_by(every) {
                // A phone has no room for every second; the latest is shown.
                @let is_second = ((rows.len() - 1) / every - place / every) % 2 == 1;
                text.label.time.second[is_second] x=(coordinate(frame.x(place))) y=(coordinate(bottom + 20.0)) text-anchor="middle" {
                    (dates::tick(grain, zone, row.time, is_of_years))
                }
            }
            @if let Some(place) = defined_at.and_then(|at| rows.iter().rposition(|row| row.time <= at)) {
                @let x = coordinate(frame.x(place));
                line.break x1=(x) x2=(x) y1=(coordinate(frame.top)) y2=(coordinate(bottom)) {}
                text.label x=(x) y=(coordinate(frame.top - 4.0)) text-anchor="middle" { "version " (metric.version) }
            }
            (band(&frame, rows))
            (expected(&frame, rows))
            (line(&frame, rows))
            @for (number, lane) in (1..).zip(&lanes) { (arrived(number, lane, bottom)) }
        }
    }
}

/// The height of a lane above the chart.
const LANE: f64 = 20.0;

/// An improvement above the chart, in a lane of its own for as long as it spreads.
struct Lane {
    /// The lane, from the top.
    number: usize,
    from: f64,
    to: f64,
    /// Whether it first arrived in the time of the chart.
    begins: bool,
}

fn lanes(frame: &Frame, course: &Course<'_>, rows: &[&Row]) -> Vec<Lane> {
    let Window { from, to } = course.window;
    let x = |time: DateTime<Utc>| frame.x_of(rows, to, time.clamp(from, to));
    // Where each lane is free again, with room for a number.
    let mut free: Vec<f64> = Vec::new();
    let mut lanes = Vec::new();
    for one in course.arrivals {
        let (first, last) = (x(one.first_at), x(one.last_at));
        let number = free.iter().position(|free| first >= *free).unwrap_or(free.len());
        if number == free.len() {
            free.push(0.0);
        }
        free[number] = last + 30.0;
        lanes.push(Lane { number, from: first, to: last, begins: one.first_at >= from });
    }
    lanes
}

/// An improvement: its number, a bar from its first arrival to its last, and an upright line down from the first.
fn arrived(number: usize, lane: &Lane, bottom: f64) -> Markup {
    let y = 12.0 + LANE * lane.number as f64;
    html! {
        text.label.number x=(coordinate(lane.from - 5.0)) y=(coordinate(y + 4.0)) text-anchor="end" { (number) }
        @if lane.begins {
            line.arrival x1=(coordinate(lane.from)) x2=(coordinate(lane.from)) y1=(coordinate(y)) y2=(coordinate(bottom)) {}
            circle.rollout cx=(coordinate(lane.from)) cy=(coordinate(y)) r="3" {}
        } @else {
            // It began before: the bar points there.
            polygon.rollout points=([pair(lane.from, y), pair(lane.from + 8.0, y - 4.0), pair(lane.from + 8.0, y + 4.0)].join(" ")) {}
        }
        @if lane.to - lane.from >= 1.0 {
            rect.rollout x=(coordinate(lane.from)) y=(coordinate(y - 1.5)) width=(coordinate(lane.to - lane.from)) height="3" {}
        }
    }
}

/// The scale is made for the figures; the intervals of a few thin buckets, and what was to be expected up to a highest value,
/// may reach beyond it, and are cut there.
fn scale(wording: &Wording, metric: &Metric, rows: &[&Row], to_expect: f64) -> Scale {
    let highest = |values: &mut dyn Iterator<Item = Option<f64>>| values.flatten().fold(0.0, f64::max);
    let figure = highest(&mut rows.iter().map(|row| row.estimate.value.or(row.more("more_than"))));
    let interval = highest(&mut rows.iter().map(|row| row.estimate.high));
    let limit = if figure > 0.0 { 1.6 * figure } else { interval };
    let lowest = rows.iter().filter_map(|row| row.estimate.low.or(row.estimate.value)).fold(0.0, f64::min);
    Scale::of(wording, &metric.unit, lowest, interval.max(to_expect).min(limit).max(figure))
}

/// The interval: a band over neighbours, a bar where a bucket stands alone.
fn band(frame: &Frame, rows: &[&Row]) -> Markup {
    let ends = |row: &Row| row.estimate.low.map(|low| (low, row.estimate.high.unwrap_or(f64::INFINITY)));
    html! {
        @for run in runs(rows, |row| row.is_complete && ends(row).is_some()) {
            @let points: Vec<(f64, f64, f64)> = run.iter().filter_map(|place| {
                let (low, high) = ends(rows[*place])?;
                Some((frame.x(*place), frame.y(low), frame.y(high)))
            }).collect();
            @if let [(x, low, high)] = points[..] {
                line.whisker x1=(coordinate(x)) x2=(coordinate(x)) y1=(coordinate(low)) y2=(coordinate(high)) {}
            } @else {
                @let upper = points.iter().map(|(x, _, high)| pair(*x, *high));
                @let lower = points.iter().rev().map(|(x, low, _)| pair(*x, *low));
                polygon.band points=(upper.chain(lower).collect::<Vec<_>>().join(" ")) {}
            }
        }
        @for (place, (low, high)) in rows.iter().enumerate().filter(|(_, row)| !row.is_complete).filter_map(|(place, row)| Some((place, ends(row)?))) {
            @let x = coordinate(frame.x(place));
            line.whisker x1=(x) x2=(x) y1=(coordinate(frame.y(low))) y2=(coordinate(frame.y(high))) {}
        }
    }
}

/// Where a figure was to be expected: a dashed line along the lower ends, and one along the upper ends, as far as they lie on
/// the scale.
fn expected(frame: &Frame, rows: &[&Row]) -> Markup {
    html! {
        @for end in [|(low, _): (f64, f64)| low, |(_, high)| high] {
            @let end_of = |row: &Row| {
                row.expected?.range.map(end).filter(|end| (frame.lowest..=frame.highest).contains(end))
            };
            @for run in runs(rows, |row| end_of(row).is_some()) {
                // A bucket that stands alone has no neighbour to draw a line to, so it is as wide as a dot.
                @let half = if run.len() == 1 { 4.0 } else { 0.0 };
                @let points = run.iter().filter_map(|place| {
                    let (x, y) = (frame.x(*place), frame.y(end_of(rows[*place])?));
                    Some([pair(x - half, y), pair(x + half, y)].join(" "))
                });
                polyline.expected points=(points.collect::<Vec<_>>().join(" ")) {}
            }
        }
    }
}

/// The figures: a line through neighbours, a dot for each where there is room, hollow where the bucket is not complete,
/// and a triangle where the figure is only known to lie above.
fn line(frame: &Frame, rows: &[&Row]) -> Markup {
    let has_room = frame.width / frame.n as f64 > 9.0;
    let runs = runs(rows, |row| row.is_complete && row.estimate.value.is_some());
    html! {
        @for run in &runs {
            @let points = run.iter().filter_map(|place| Some(pair(frame.x(*place), frame.y(rows[*place].estimate.value?))));
            @let is_alone = run.len() == 1;
            @if !is_alone { polyline.line points=(points.collect::<Vec<_>>().join(" ")) {} }
            @for place in run.iter().filter(|_| has_room || is_alone) {
                @if let Some(value) = rows[*place].estimate.value {
                    circle.dot cx=(coordinate(frame.x(*place))) cy=(coordinate(frame.y(value))) r="2.5" {}
                }
            }
        }
        @for (place, row) in rows.iter().enumerate() {
            @let x = frame.x(place);
            @match (row.estimate.value, row.more("more_than")) {
                (Some(value), _) if !row.is_complete => {
                    circle.hollow cx=(coordinate(x)) cy=(coordinate(frame.y(value))) r="3" {}
                },
                (None, Some(bound)) => {
                    @let y = frame.y(bound);
                    polygon.dot points=([pair(x - 4.0, y + 3.0), pair(x + 4.0, y + 3.0), pair(x, y - 4.0)].join(" ")) {}
                },
                _ => {},
            }
        }
    }
}

/// Runs of neighbouring places whose rows have a property.
fn runs(rows: &[&Row], has: impl Fn(&Row) -> bool) -> Vec<Vec<usize>> {
    let places: Vec<usize> = (0..rows.len()).collect();
    let runs = places.chunk_by(|left, right| has(rows[*left]) == has(rows[*right]));
    runs.filter(|run| has(rows[run[0]])).map(<[usize]>::to_vec).collect()
}

fn coordinate(value: f64) -> String {
    format!("{value:.1}")
}

fn pair(x: f64, y: f64) -> String {
    format!("{x:.1},{y:.1}")
}
