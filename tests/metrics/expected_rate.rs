//! Whether a rate is unusual: limits worked out by hand, and how seldom a process that does not change is called changed.

use analytics::Better;
use analytics::expected::Verdict;
use analytics::expected_rate::{Happened, expected_rate};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Poisson};

use crate::support::{ask, batch, deployment, engine, store_in, write};

/// Days of a week.
const WEEK: f64 = 7.0;

fn weeks(numbers: &[u64]) -> Vec<Option<Happened>> {
    numbers.iter().map(|n| Some((*n, WEEK))).collect()
}

#[test]
fn weeks_that_stray_no_more_than_chance_have_the_limits_of_chance() {
    // Twelve weeks of 4: the centre is sqrt(4.375) = 2.09165, the reach 3 * 0.5 * sqrt(1 + 1 / 12) = 1.56125, so the upper end
    // is 3.65290^2 - 0.375 = 12.9687 events of 7 days, and the lower one 0.53040^2 - 0.375 < 0.
    let before = weeks(&[4; 12]);
    let found = expected_rate(&before, None, WEEK, Better::Higher);
    let (low, high) = found.expected.range.unwrap();
    assert!(low == 0.0 && (high - 12.9687 / 7.0).abs() < 1e-4, "{low} {high}");
    assert_eq!((found.centre, found.expected.verdict), (Some(4.0 / 7.0), Verdict::TooLittleData));
    let verdict = |n, better| expected_rate(&before, Some(n), WEEK, better).expected.verdict;
    assert_eq!(
        [0, 12, 13].map(|n| verdict(n, Better::Higher)),
        [Verdict::NoClearChange, Verdict::NoClearChange, Verdict::Better]
    );
    assert_eq!(verdict(13, Better::Lower), Verdict::Worse);
    // Of half a week 2 are expected: sqrt(2.375) = 1.54110, the reach 1.5 * sqrt(1 + 1 / 24) = 1.53093: up to 9.0627 events.
    let (_, high) = expected_rate(&before, None, WEEK / 2.0, Better::Higher).expected.range.unwrap();
    assert!((high * WEEK / 2.0 - 9.0627).abs() < 1e-3, "{high}");
}

#[test]
fn weeks_that_stray_more_than_chance_widen_the_limits() {
    // 4 and 16 by turns: sqrt(16.375) - sqrt(4.375) = 1.95495 twice is 3.90991, divided by 0.954 is 4.09844. The reach is
    // 3 * 4.09844 * 0.5 * sqrt(13 / 12) = 6.39870 about sqrt(10.375) = 3.22102: up to 9.61972^2 - 0.375 = 92.164.
    let (low, high) = expected_rate(&weeks(&[4, 16].repeat(6)), None, WEEK, Better::Lower).expected.range.unwrap();
    assert!(low == 0.0 && (high * WEEK - 92.164).abs() < 0.01, "{low} {high}");
}

#[test]
fn fewer_than_eight_weeks_before_say_nothing() {
    let mut before = weeks(&[4; 12]);
    before[..4].fill(None);
    assert_eq!(expected_rate(&before, Some(40), WEEK, Better::Lower).expected.verdict, Verdict::Worse);
    before[4] = None;
    assert_eq!(expected_rate(&before, Some(40), WEEK, Better::Lower).expected.verdict, Verdict::TooLittleData);
}

#[test]
fn what_happens_now_and_then_is_seldom_called_unusual_and_what_doubles_often_is() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut called = |mean: f64, then: f64| {
        let n_draws = 4_000;
        let (usual, last) = (Poisson::new(mean).unwrap(), Poisson::new(then).unwrap());
        let n_called = (0..n_draws).filter(|_| {
            let before: Vec<u64> = (0..12).map(|_| usual.sample(&mut random) as u64).collect();
            let verdict = expected_rate(&weeks(&before), Some(last.sample(&mut random) as u64), WEEK, Better::Lower)
                .expected
                .verdict;
            matches!(verdict, Verdict::Better | Verdict::Worse)
        });
        n_called.count() as f64 / f64::from(n_draws)
    };
    for mean in [0.1, 0.2, 0.3, 0.5, 1.0, 3.0, 10.0, 100.0] {
        let share = called(mean, mean);
        assert!(share < 0.01, "of {mean} a week {share} are called unusual");
    }
    assert!(called(20.0, 60.0) > 0.95);
}

#[test]
fn a_week_is_judged_alike_whatever_the_window_around_it() {
    // Of the service two deployments long ago, then none for months, then one in each of some weeks.
    let at = |week: i64| {
        let monday = chrono::NaiveDate::from_ymd_opt(2025, 1, 6).unwrap() + chrono::TimeDelta::weeks(week);
        format!("{}T10:00:00Z", monday.format("%Y-%m-%d"))
    };
    let mut facts: Vec<_> = (0..40).map(|week| deployment(&format!("o{week}"), "other", &at(week))).collect();
    for week in [0, 1, 20, 22, 25, 26, 30, 31, 35, 36] {
        facts.push(deployment(&format!("q{week}"), "quiet", &at(week)));
    }
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(&store, &[batch(&facts)]);
    let last = |from: i64| {
        let day = |week: i64| at(week)[..10].to_owned();
        let answer = ask(&engine(&store, "UTC"), "deployment_frequency", &day(from), &day(37), "week", "service", "");
        let mut quiet = answer.rows.iter().filter(|row| row.group[0].1.as_deref() == Some("quiet"));
        quiet.next_back().unwrap().clone()
    };
    let short = last(36);
    assert!(short.expected.unwrap().range.is_some());
    for from in [0, 10, 21, 30] {
        assert_eq!(last(from), short, "from week {from}");
    }
}
