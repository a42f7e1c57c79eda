//! Planted effects: whether intervals of 95 % hold the truth in 95 of 100 organisations, and how often "effect of" is said
//! of nothing. The limits are those of 800 tosses: 95 % plus or minus 2 points is more than two and a half standard errors.

use std::thread;

use analytics::compare::Verb;
use analytics::compare::staggered::{Staggered, staggered};

use super::panels::{Observed, Plan, draw};

const ORGANISATIONS: u64 = 800;
const DRAWS: usize = 199;

/// What is found in each organisation, with the truth.
fn all(plan: Plan) -> Vec<(Staggered, f64)> {
    let some = |seeds: std::ops::Range<u64>| {
        let one = |seed| {
            let (panel, truth) = draw(plan, seed);
            (staggered(&panel, DRAWS, seed).unwrap(), truth)
        };
        seeds.map(one).collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let half = scope.spawn(|| some(0..ORGANISATIONS / 2));
        let mut found = some(ORGANISATIONS / 2..ORGANISATIONS);
        found.extend(half.join().unwrap());
        found
    })
}

fn share(found: &[(Staggered, f64)], of: impl Fn(&Staggered, f64) -> bool) -> f64 {
    found.iter().filter(|(found, truth)| of(found, *truth)).count() as f64 / found.len() as f64
}

fn says_effect_of_something(found: &Staggered) -> bool {
    found.verb() == Verb::EffectOf && !found.overall.holds(0.0)
}

#[test]
fn intervals_hold_a_planted_factor_of_durations_and_it_is_called_an_effect() {
    let found = all(Plan { observed: Observed::LogMedian, factor: 0.7, drift: 0.0 });
    let held = share(&found, |found, truth| found.overall.holds(truth));
    assert!((0.93..=0.97).contains(&held), "{held} of the intervals hold the truth");
    let said = share(&found, |found, _| says_effect_of_something(found));
    assert!(said > 0.9, "said of {said} only");
}

#[test]
fn intervals_hold_a_planted_difference_of_shares() {
    let found = all(Plan { observed: Observed::Share, factor: 0.5, drift: 0.0 });
    let held = share(&found, |found, truth| found.overall.holds(truth));
    assert!((0.93..=0.97).contains(&held), "{held} of the intervals hold the truth");
}

#[test]
fn of_an_improvement_without_effect_one_is_said_in_at_most_five_of_a_hundred() {
    for observed in [Observed::LogMedian, Observed::Share] {
        let found = all(Plan { observed, factor: 1.0, drift: 0.0 });
        let said = share(&found, |found, _| says_effect_of_something(found));
        assert!(said <= 0.05, "{observed:?}: said of {said}");
    }
}

#[test]
fn teams_that_were_getting_faster_anyway_are_found_out_before_it_is_called_an_effect() {
    // Five per cent a period, and no effect at all: the interval excludes none nearly always, so the word must not be said.
    let found = all(Plan { observed: Observed::LogMedian, factor: 1.0, drift: -0.05 });
    let excluded = share(&found, |found, _| !found.overall.holds(0.0));
    let said = share(&found, |found, _| says_effect_of_something(found));
    assert!(excluded > 0.9 && said < 0.1, "{excluded} exclude none, an effect is said of {said}");
}
