//! Times in the words of people, in the reporting zone.

use analytics::{Grain, Window, midnight, people};
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::filters::Filters;

/// A day: `5 Jan 2026`.
pub fn day(zone: Tz, time: DateTime<Utc>) -> String {
    time.with_timezone(&zone).format("%-d %b %Y").to_string()
}

/// An instant to the minute: `5 Jan 2026, 14:03`.
pub fn instant(zone: Tz, time: DateTime<Utc>) -> String {
    time.with_timezone(&zone).format("%-d %b %Y, %H:%M").to_string()
}

/// A time as a machine reads it, for `<time datetime>`.
pub fn machine(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// A time as it stands in an address: a day of the zone where it begins one, else an instant.
pub fn for_address(zone: Tz, time: DateTime<Utc>) -> String {
    let day = time.with_timezone(&zone).date_naive();
    if midnight(zone, day) == time {
        return day.to_string();
    }
    time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// A bucket by its begin: `week of 5 Jan 2026`.
pub fn bucket(grain: Grain, zone: Tz, begin: DateTime<Utc>) -> String {
    let local = begin.with_timezone(&zone);
    match grain {
        Grain::Day => local.format("%a %-d %b %Y").to_string(),
        Grain::Week => format!("week of {}", local.format("%-d %b %Y")),
        Grain::Month => local.format("%B %Y").to_string(),
        Grain::Quarter => format!("Q{} {}", local.month0() / 3 + 1, local.year()),
        Grain::All => "whole window".to_owned(),
    }
}

/// The same for an axis, where every bucket is of one kind: `5 Jan`, and `5 Jan 2026` where the axis is of several years.
pub fn tick(grain: Grain, zone: Tz, begin: DateTime<Utc>, is_of_years: bool) -> String {
    let local = begin.with_timezone(&zone);
    match grain {
        Grain::Day | Grain::Week if is_of_years => local.format("%-d %b %Y").to_string(),
        Grain::Day | Grain::Week => local.format("%-d %b").to_string(),
        Grain::Month => local.format("%b %Y").to_string(),
        Grain::Quarter | Grain::All => bucket(grain, zone, begin),
    }
}

/// Whether the buckets that begin with one and end with another lie in several years.
pub fn is_of_years(zone: Tz, first: DateTime<Utc>, last: DateTime<Utc>) -> bool {
    first.with_timezone(&zone).year() != last.with_timezone(&zone).year()
}

/// A window by its first and last day: `13 Oct 2025 to 4 Jan 2026`.
pub fn window(zone: Tz, window: Window) -> String {
    let is_midnight = |time: DateTime<Utc>| midnight(zone, time.with_timezone(&zone).date_naive()) == time;
    let from = if is_midnight(window.from) { day(zone, window.from) } else { instant(zone, window.from) };
    // The end is not included: a window up to midnight has its last day before it.
    let to =
        if is_midnight(window.to) { day(zone, window.to - TimeDelta::seconds(1)) } else { instant(zone, window.to) };
    if from == to { from } else { format!("{from} to {to}") }
}

/// The window of a page in words: `12 weeks, 13 Oct 2025 to 4 Jan 2026`.
pub fn window_in_words(filters: &Filters) -> String {
    let span = window(filters.zone, filters.window);
    match filters.weeks {
        Some(1) => format!("1 complete week, {span}"),
        Some(weeks) => format!("{weeks} complete weeks, {span}"),
        None => span,
    }
}

/// The window before, in words.
pub fn previous_in_words(filters: &Filters) -> String {
    match filters.weeks {
        Some(1) => "the week before".to_owned(),
        Some(weeks) => format!("the {weeks} weeks before"),
        None => "the same time before".to_owned(),
    }
}

/// From here on nobody counts in days.
const TWO_YEARS: i64 = 731 * 86_400;

/// How long ago a time was: `3 h 20 min ago`, `7 years ago`.
pub fn ago(now: DateTime<Utc>, time: DateTime<Utc>) -> String {
    let seconds = now.signed_duration_since(time).num_seconds();
    match seconds {
        0..60 => "just now".to_owned(),
        TWO_YEARS.. => format!("{} years ago", (seconds as f64 / (365.25 * 86_400.0)) as u64),
        60.. => format!("{} ago", people::duration(seconds as f64)),
        _ => format!("in {}", people::duration(-seconds as f64)),
    }
}
