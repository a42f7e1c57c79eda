//! Whether a share is unusual: limits worked out by hand, and how seldom a process that does not change is called changed.

use analytics::Better;
use analytics::estimate::share;
use analytics::expected::Verdict;
use analytics::expected_share::{Counted, expected_share};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Poisson};

fn weeks(counted: &[Counted]) -> Vec<Option<Counted>> {
    counted.iter().copied().map(Some).collect()
}

fn verdict(before: &[Option<Counted>], k: u64, n: u64, better: Better) -> Verdict {
    expected_share(before, Some(k), n, better).expected.verdict
}

#[test]
fn weeks_that_stray_no_more_than_chance_have_the_limits_of_chance() {
    // Twelve weeks of 5 in 50: the centre is asin(sqrt(60.375 / 600.75)) = 0.32258, and of 100 events three standard
    // deviations are 3 * sqrt(1 / 402 + 1 / 2402) = 0.16166. sin^2(0.48424) = 0.21673 and sin^2(0.16092) = 0.02567 of 100.75,
    // less 0.375: 21.46 and 2.211.
    let found = expected_share(&weeks(&[(5, 50); 12]), None, 100, Better::Lower);
    let (low, high) = found.expected.range.unwrap();
    assert!((low - 0.022_11).abs() < 1e-4 && (high - 0.214_6).abs() < 1e-4, "{low} {high}");
    assert_eq!((found.centre, found.expected.verdict), (Some(0.1), Verdict::TooLittleData));
    let before = weeks(&[(5, 50); 12]);
    let found =
        [(21, Better::Lower), (22, Better::Lower), (22, Better::Higher), (2, Better::Lower), (2, Better::Higher)]
            .map(|(k, better)| verdict(&before, k, 100, better));
    use Verdict::{Better as Good, NoClearChange, Worse};
    assert_eq!(found, [NoClearChange, Worse, Good, Good, Worse]);
}

#[test]
fn weeks_that_stray_more_than_chance_widen_the_limits() {
    // 10 and 30 of 100 by turns: asin(sqrt(30.375 / 100.75)) - asin(sqrt(10.375 / 100.75)) = 0.25458, times the root of 402 is
    // 5.1044, divided by 0.954 is 5.3505. The reach is 3 * 5.3505 * sqrt(1 / 402 + 1 / 4802) = 0.83341 about
    // asin(sqrt(240.375 / 1200.75)) = 0.46388: up to sin^2(1.29729) = 0.92699 of 100.75, less 0.375: 93.02, and down to 0.
    let before = weeks(&[(10, 100), (30, 100)].repeat(6));
    let (low, high) = expected_share(&before, None, 100, Better::Lower).expected.range.unwrap();
    assert!(low == 0.0 && (high - 0.930_2).abs() < 1e-4, "{low} {high}");
    assert_eq!(verdict(&before, 93, 100, Better::Lower), Verdict::NoClearChange);
    assert_eq!(verdict(&before, 94, 100, Better::Lower), Verdict::Worse);
}

#[test]
fn fewer_than_eight_weeks_before_say_nothing_and_weeks_without_events_are_none() {
    let mut before = weeks(&[(5, 50); 12]);
    before[..4].fill(Some((0, 0)));
    assert_eq!(verdict(&before, 40, 100, Better::Lower), Verdict::Worse);
    before[4] = None;
    let found = expected_share(&before, Some(40), 100, Better::Lower);
    assert_eq!((found.expected.range, found.expected.verdict), (None, Verdict::TooLittleData));
}

#[test]
fn what_never_happened_is_expected_not_to_and_what_always_did_to_happen_again() {
    for (n_before, n) in [(1, 1), (3, 40), (200, 5), (200, 400)] {
        assert_eq!(verdict(&weeks(&[(0, n_before); 12]), 0, n, Better::Lower), Verdict::NoClearChange);
        assert_eq!(verdict(&weeks(&[(n_before, n_before); 12]), n, n, Better::Higher), Verdict::NoClearChange);
    }
}

/// Of how many hundred weeks of a process that does not change one is called better or worse, as the engine calls them: also
/// the week's own interval must leave the centre out. `strays` is how much the chance itself strays from week to week, as a
/// part of p (1 - p).
fn called(p: f64, n_events: f64, strays: f64) -> f64 {
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let week = |random: &mut ChaCha8Rng| -> Counted {
        let n = (Poisson::new(n_events).unwrap().sample(random) as u64).max(1);
        let p = if strays == 0.0 {
            p
        } else {
            let both = 1.0 / strays - 1.0;
            rand_distr::Beta::new(p * both, (1.0 - p) * both).unwrap().sample(random)
        };
        ((0..n).filter(|_| random.random_bool(p)).count() as u64, n)
    };
    let n_series = 4_000;
    let is_called = |_: &u32| {
        let before: Vec<Option<Counted>> = (0..12).map(|_| Some(week(&mut random))).collect();
        let (k, n) = week(&mut random);
        let found = expected_share(&before, Some(k), n, Better::Lower);
        let own = share(k, n);
        let centre = found.centre.unwrap();
        matches!(found.expected.verdict, Verdict::Better | Verdict::Worse)
            && !(own.low.unwrap()..=own.high.unwrap()).contains(&centre)
    };
    100.0 * (0..n_series).filter(is_called).count() as f64 / f64::from(n_series)
}

#[test]
fn of_a_hundred_weeks_that_do_not_change_at_most_three_are_called_changed() {
    // Of 4,000 series the standard error of 3 in 100 is 0.27. An individuals chart of the shares called 10 to 11 in 100 of
    // weeks with few events.
    for strays in [0.0, 0.02] {
        for p in [0.02, 0.1, 0.5, 0.9] {
            for n_events in [3.0, 8.0, 20.0, 60.0, 300.0] {
                let found = called(p, n_events, strays);
                assert!(found <= 3.0, "{found} in 100 of weeks of {n_events} events with p = {p}, straying {strays}");
            }
        }
    }
    // Where the chance itself strays much, as of teams with a fortnight's rhythm, the twelve weeks tell how much.
    for (p, n_events) in [(0.1, 20.0), (0.3, 60.0), (0.5, 300.0)] {
        let found = called(p, n_events, 0.1);
        assert!(found <= 3.0, "{found} in 100 with p = {p} and {n_events} events, straying much");
    }
}

#[test]
fn a_share_that_doubles_or_halves_is_noticed_where_there_is_enough_to_see_it_by() {
    let noticed = |before: Counted, after: Counted| {
        let before = weeks(&[before; 12]);
        verdict(&before, after.0, after.1, Better::Lower)
    };
    assert_eq!(noticed((4, 40), (8, 40)), Verdict::NoClearChange);
    assert_eq!(noticed((30, 300), (60, 300)), Verdict::Worse);
    assert_eq!(noticed((60, 300), (30, 300)), Verdict::Better);
}
