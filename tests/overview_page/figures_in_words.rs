//! Figures in the words of people.

use analytics::estimate::Estimate;
use analytics::expected::{Expected, Verdict};
use analytics::people::{self, Trend};
use analytics::{Better, Row, Wording};

#[test]
fn durations_are_told_in_their_two_largest_units() {
    let (minute, hour, day) = (60.0, 3_600.0, 86_400.0);
    for (seconds, words) in [
        (0.0, "0 s"),
        (42.4, "42 s"),
        (59.6, "1 min"),
        (200.0, "3 min 20 s"),
        (180.0, "3 min"),
        (25.0 * minute + 29.0, "25 min"),
        (59.0 * minute + 45.0, "1 h"),
        (4.0 * hour + 12.0 * minute, "4 h 12 min"),
        (24.0 * hour - 10.0, "1 d"),
        (3.0 * day + 4.0 * hour, "3 d 4 h"),
        (13.0 * day + 23.7 * hour, "14 d"),
        (400.0 * day, "400 d"),
        (-200.0, "-3 min 20 s"),
    ] {
        assert_eq!(people::duration(seconds), words, "{seconds} s");
    }
}

#[test]
fn what_is_not_nothing_never_reads_0_and_what_is_not_all_never_100() {
    for (share, words) in [
        (0.0, "0 %"),
        (0.0001, "< 0.1 %"),
        (0.033, "3.3 %"),
        (0.12, "12 %"),
        (0.0996, "10 %"),
        (0.996, "99.6 %"),
        (0.9999, "> 99.9 %"),
        (1.0, "100 %"),
    ] {
        assert_eq!(people::value("share", share), words, "{share}");
    }
}

#[test]
fn rates_are_told_over_a_time_that_can_be_pictured() {
    let unit = "deployments per day";
    for (per_day, words) in [
        (30.5, "30.5 per day"),
        (1.4, "1.4 per day"),
        (2.3 / 7.0, "2.3 per week"),
        (0.1, "3 per month"),
        (2.0 / 365.25, "2 per year"),
        (0.0, "0 per day"),
    ] {
        assert_eq!(people::value(unit, per_day), words, "{per_day}");
    }
    assert_eq!(people::interval(unit, Some(1.2), Some(1.6)), "1.2 to 1.6 per day");
}

#[test]
fn intervals_may_be_open_or_unknown() {
    assert_eq!(people::interval("share", Some(0.026), Some(0.199)), "2.6 to 19.9 %");
    assert_eq!(people::interval("seconds", Some(10_800.0), Some(187_200.0)), "3 h to 2 d 4 h");
    assert_eq!(people::interval("seconds", Some(10_800.0), None), "3 h or more");
    assert_eq!(people::interval("seconds", None, None), "–");
}

#[test]
fn a_median_beyond_what_was_seen_is_more_than_that_and_an_unknown_one_a_dash() {
    let row = Row { more: vec![("more_than", Some(273_600.0))], ..Row::default() };
    assert_eq!(people::row_value("seconds", &row), "> 3 d 4 h");
    assert_eq!(people::row_value("seconds", &Row::default()), "–");
}

#[test]
fn large_numbers_have_their_thousands_apart() {
    assert_eq!(people::count(999), "999");
    assert_eq!(people::count(9_999), "9\u{202f}999");
    assert_eq!(people::count(1_234_567), "1\u{202f}234\u{202f}567");
}

fn row(low: f64, high: Option<f64>) -> Row {
    let estimate = Estimate { value: Some(low), low: Some(low), high, n: 20 };
    Row { estimate, is_complete: true, ..Row::default() }
}

#[test]
fn there_is_a_trend_only_where_the_intervals_lie_apart() {
    let (slow, fast, between) = (row(10.0, Some(12.0)), row(5.0, Some(7.0)), row(6.0, Some(11.0)));
    assert_eq!(people::trend(Better::Lower, &slow, &fast), Trend::Better);
    assert_eq!(people::trend(Better::Higher, &slow, &fast), Trend::Worse);
    assert_eq!(people::trend(Better::Lower, &fast, &slow), Trend::Worse);
    assert_eq!(people::trend(Better::Lower, &slow, &between), Trend::NoClearChange);
    // Open above: it may be as slow as ever, but not faster.
    assert_eq!(people::trend(Better::Lower, &row(8.0, None), &fast), Trend::Better);
    assert_eq!(people::trend(Better::Lower, &slow, &row(8.0, None)), Trend::NoClearChange);
    assert_eq!(people::trend(Better::Lower, &Row::default(), &fast), Trend::TooLittle);
    assert_eq!(people::trend(Better::Lower, &slow, &Row { is_complete: false, ..fast }), Trend::TooLittle);
}

/// A row with its interval and what was to be expected.
fn judged(value: f64, interval: (f64, f64), range: (f64, f64)) -> Row {
    let expected = Some(Expected { range: Some(range), verdict: Verdict::Worse });
    let estimate = Estimate { value: Some(value), low: Some(interval.0), high: Some(interval.1), n: 20 };
    Row { estimate, expected, ..Row::default() }
}

#[test]
fn what_differs_reads_differently() {
    // Below what was to be expected by less than half a per cent.
    let row = judged(0.744, (0.70, 0.78), (0.7449, 0.80));
    assert_eq!(people::row_value("share", &row), "74.4 %");
    assert_eq!(people::row_expected("share", &row), "74.5 to 80.0 %");
    let row = judged(0.0, (0.0, 0.3), (0.0, 0.48));
    assert_eq!(people::row_expected("changes", &row), "0 to 0.5");
    let (hour, minute) = (3_600.0, 60.0);
    let row = judged(26.0 * hour, (26.0 * hour - 10.0 * minute, 26.0 * hour + 12.0 * minute), (hour, 40.0 * hour));
    assert_eq!(people::row_value("seconds", &row), "1 d 2 h");
    assert_eq!(people::row_interval("seconds", &row), "1 d 1 h 50 min to 1 d 2 h 12 min");
    // What is the same is written once.
    assert_eq!(people::row_expected("share", &judged(0.5, (0.4, 0.6), (0.5, 0.5))), "50 %");
}

#[test]
fn a_column_has_one_unit_and_one_number_of_digits() {
    let rows = [judged(0.92, (0.90, 0.94), (0.85, 0.957)), judged(0.912, (0.49, 0.974), (0.85, 0.957))];
    let wording = Wording::of_rows("share", &rows);
    assert_eq!(rows.each_ref().map(|row| wording.row_value(row)), ["92.0 %", "91.2 %"]);
    assert_eq!(wording.row_interval(&rows[1]), "49.0 to 97.4 %");
    let unit = "deployments per day";
    let rows = [judged(1.4, (1.2, 1.6), (1.0, 2.0)), judged(5.1 / 7.0, (0.5, 1.0), (0.5, 1.0))];
    let wording = Wording::of_rows(unit, &rows);
    assert_eq!(rows.each_ref().map(|row| wording.row_value(row)), ["1.4 per day", "0.7 per day"]);
}

#[test]
fn what_there_is_one_of_is_not_many() {
    for (unit, value, words) in [
        ("changes", 1.0, "1 change"),
        ("tickets per week", 1.02, "1 ticket per week"),
        ("tickets per week", 1.3, "1.3 tickets per week"),
        ("engineers per platform engineer", 1.0, "1 engineer per platform engineer"),
        ("hours", 0.0, "0 hours"),
        ("points", 1.0, "1 point"),
    ] {
        assert_eq!(people::value(unit, value), words, "{value} {unit}");
    }
}
