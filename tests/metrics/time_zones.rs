//! Buckets are calendar buckets of the reporting zone, exact across changes of the clocks, of years and of ISO weeks.

use analytics::{Grain, Window};

use crate::support::{ask, at, batch, deployment, engine, store_in, write};

fn starts(zone: &str, grain: &str, from: &str, to: &str) -> Vec<(String, f64)> {
    let zone = analytics::parse_zone(zone).unwrap();
    let grain = Grain::parse(grain).unwrap();
    let now = at("2030-01-01T00:00:00Z");
    let window = Window::parse(Some(from), Some(to), grain, zone, now).unwrap();
    window
        .buckets(grain, zone, now)
        .unwrap()
        .iter()
        .map(|bucket| (bucket.time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true), bucket.days))
        .collect()
}

#[test]
fn the_day_of_23_hours_and_the_day_of_25_hours_are_one_day_each() {
    let spring = starts("Europe/Berlin", "day", "2025-03-29", "2025-04-01");
    let expected = ["2025-03-28T23:00:00Z", "2025-03-29T23:00:00Z", "2025-03-30T22:00:00Z"];
    assert_eq!(spring, expected.map(|start| (start.to_owned(), 1.0)));
    let autumn = starts("Europe/Berlin", "day", "2025-10-25", "2025-10-28");
    let expected = ["2025-10-24T22:00:00Z", "2025-10-25T22:00:00Z", "2025-10-26T23:00:00Z"];
    assert_eq!(autumn, expected.map(|start| (start.to_owned(), 1.0)));
}

#[test]
fn a_deployment_minutes_from_midnight_falls_into_the_zones_day_on_both_sides_of_a_change() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    // Berlin leaves winter time on 30 March 2025 at 01:00Z: midnight is 23:00Z before and 22:00Z after.
    write(
        &store,
        &[batch(&[
            deployment("1", "shop", "2025-03-29T22:59:59.999999Z"),
            deployment("2", "shop", "2025-03-29T23:00:00Z"),
            deployment("3", "shop", "2025-03-30T21:59:59Z"),
            deployment("4", "shop", "2025-03-30T22:00:00Z"),
            deployment("5", "shop", "2025-10-25T21:59:00Z"),
            deployment("6", "shop", "2025-10-25T22:00:00Z"),
            deployment("7", "shop", "2025-10-26T22:59:00Z"),
            deployment("8", "shop", "2025-10-26T23:00:00Z"),
        ])],
    );
    let n = |from: &str, to: &str| -> Vec<u64> {
        let answer = ask(&engine(&store, "Europe/Berlin"), "deployment_frequency", from, to, "day", "", "");
        answer.rows.iter().map(|row| row.estimate.n).collect()
    };
    assert_eq!(n("2025-03-29", "2025-04-01"), [1, 2, 1]);
    assert_eq!(n("2025-10-25", "2025-10-28"), [1, 2, 1]);
}

#[test]
fn iso_weeks_run_across_the_turn_of_the_year() {
    // 30 December 2024 is a Monday: the week belongs to both years, and is one bucket.
    let weeks = starts("UTC", "week", "2024-12-30", "2025-01-13");
    assert_eq!(weeks, [("2024-12-30T00:00:00Z".to_owned(), 7.0), ("2025-01-06T00:00:00Z".to_owned(), 7.0)]);
}

#[test]
fn quarters_and_months_have_their_calendar_days() {
    assert_eq!(
        starts("America/New_York", "month", "2024-01-01", "2024-04-01")
            .iter()
            .map(|(_, days)| *days)
            .collect::<Vec<_>>(),
        [31.0, 29.0, 31.0]
    );
    let quarters = starts("America/New_York", "quarter", "2025-01-01", "2026-01-01");
    let expected = [
        ("2025-01-01T05:00:00Z", 90.0),
        ("2025-04-01T04:00:00Z", 91.0),
        ("2025-07-01T04:00:00Z", 92.0),
        ("2025-10-01T04:00:00Z", 92.0),
    ];
    assert_eq!(quarters, expected.map(|(start, days)| (start.to_owned(), days)));
}

#[test]
fn a_midnight_that_the_clocks_skip_begins_the_day_at_its_first_instant() {
    // Santiago went forward at midnight on 7 September 2025: that day began at 01:00 local, 04:00Z.
    let days = starts("America/Santiago", "day", "2025-09-07", "2025-09-08");
    assert_eq!(days, [("2025-09-07T04:00:00Z".to_owned(), 1.0)]);
}

#[test]
fn a_bucket_that_the_window_cuts_or_that_still_runs_is_not_complete() {
    let zone = analytics::parse_zone("UTC").unwrap();
    let now = at("2025-03-19T12:00:00Z");
    let window = Window::parse(Some("2025-03-05"), None, Grain::Week, zone, now).unwrap();
    let complete: Vec<bool> =
        window.buckets(Grain::Week, zone, now).unwrap().iter().map(|bucket| bucket.is_complete).collect();
    assert_eq!(complete, [false, true, false]);
}
