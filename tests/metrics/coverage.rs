//! How often an interval that says 95 % holds the truth, in conditions as in the made-up organisation: its teams' parameters,
//! its numbers of events, its skewed durations, its clumps. Drawn here anew, many times, through the engine's own functions.
//!
//! The intervals of comparisons are checked against planted effects in `comparisons::planted`.

use analytics::estimate::{Estimate, clustered_durations, durations, rate, share, survival};
use cairn::demo::{Durations, TeamTruth};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Poisson, StandardNormal};

use crate::demo_organisation::full;

type Random = ChaCha8Rng;

const DAY: f64 = 86_400.0;
const SERVICES_OF_A_TEAM: f64 = 6.0;
/// Monday to Thursday, seven tenths of Friday, and a little at weekends.
const WORKING_DAYS: f64 = 4.0 + 0.7 + 2.0 * 0.03;

fn poisson(random: &mut Random, mean: f64) -> u64 {
    Poisson::new(mean).unwrap().sample(random) as u64
}

fn duration(random: &mut Random, durations: Durations) -> f64 {
    let normal: f64 = random.sample(StandardNormal);
    durations.median_seconds * (durations.sigma * normal).exp()
}

/// One of the teams as it was in the end.
fn team(random: &mut Random) -> &'static TeamTruth {
    let teams = &full().truth.teams;
    &teams[random.random_range(0..teams.len())]
}

/// The planned roll-outs of a team in so many weeks.
fn planned(team: &TeamTruth, n_weeks: f64) -> f64 {
    team.planned_rollouts_per_working_day * SERVICES_OF_A_TEAM * WORKING_DAYS * n_weeks
}

/// The share of draws whose interval holds the truth; those without an interval claim nothing.
fn coverage(n_draws: u32, mut draw: impl FnMut(&mut Random) -> (Estimate, f64)) -> f64 {
    let mut random = Random::seed_from_u64(5);
    let (mut n, mut n_held) = (0, 0);
    for _ in 0..n_draws {
        let (estimate, truth) = draw(&mut random);
        let Some(low) = estimate.low else { continue };
        n += 1;
        n_held += u32::from(low <= truth && estimate.high.is_none_or(|high| truth <= high));
    }
    assert!(n > n_draws / 2, "only {n} of {n_draws} draws have an interval");
    f64::from(n_held) / f64::from(n)
}

fn assert_nominal(what: &str, found: f64) {
    assert!((0.93..=0.97).contains(&found), "{what}: {found}");
}

/// The median of a distribution, of so many draws that their error is small beside that of a single answer.
fn median_of(mut draw: impl FnMut(&mut Random) -> f64) -> f64 {
    let mut random = Random::seed_from_u64(6);
    let mut values: Vec<f64> = (0..300_001).map(|_| draw(&mut random)).collect();
    values.sort_unstable_by(f64::total_cmp);
    values[150_000]
}

#[test]
fn shares_of_failed_deployments_are_covered() {
    let failed =
        |random: &mut Random, n: u64, p: f64| share((0..n).filter(|_| random.random_bool(p)).count() as u64, n);
    for (what, n_weeks) in [("a team's week", 1.0), ("a team's twelve weeks", 12.0)] {
        let found = coverage(20_000, |random| {
            let team = team(random);
            let (n, p) = (poisson(random, planned(team, n_weeks)), team.change_fail_probability.after);
            (failed(random, n, p), p)
        });
        assert_nominal(what, found);
    }
    let teams = &full().truth.teams;
    let all: f64 = teams.iter().map(|team| planned(team, 1.0)).sum();
    let p = teams.iter().map(|team| planned(team, 1.0) * team.change_fail_probability.after).sum::<f64>() / all;
    let found = coverage(20_000, |random| {
        let n = poisson(random, all);
        (failed(random, n, p), p)
    });
    assert_nominal("everybody's week", found);
}

#[test]
fn rates_of_what_happens_independently_are_covered() {
    for (what, n_weeks) in [("a team's planned roll-outs in a week", 1.0), ("in twelve", 12.0)] {
        let found = coverage(20_000, |random| {
            let mean = planned(team(random), n_weeks);
            (rate(poisson(random, mean), 7.0 * n_weeks), mean / (7.0 * n_weeks))
        });
        assert_nominal(what, found);
    }
    // 350 engineers, each with some 0.08 tickets a week.
    assert_nominal("tickets", coverage(20_000, |random| (rate(poisson(random, 28.0), 1.0), 28.0)));
}

#[test]
fn exact_intervals_of_few_events_cover_more_and_never_less() {
    // As tickets of one team (1.6 a week) or incidents without a deployment (3.3 a week). No draws: the probability of each
    // number of events whose interval holds the mean. Exactness at every mean is paid for by more than 95 % on average.
    let held = |mean: f64| {
        let mut probability = (-mean).exp();
        let mut held = 0.0;
        for n in 0..60_u32 {
            let found = rate(n.into(), 1.0);
            if found.low.unwrap() <= mean && mean <= found.high.unwrap() {
                held += probability;
            }
            probability *= mean / f64::from(n + 1);
        }
        held
    };
    let all: Vec<f64> = (10..=800).map(|hundredths| held(f64::from(hundredths) / 100.0)).collect();
    assert!(all.iter().all(|held| *held >= 0.95 - 1e-9));
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    assert!((0.97..0.985).contains(&mean), "{mean}");
}

#[test]
fn deployments_that_mend_one_another_are_covered_somewhat_less() {
    // A failed roll-out is mostly followed by the one that mends it, so they come in clumps, and a number of them strays more
    // than Poisson's: with a chance q of a follower, by the root of (1 + q) / (1 - q). At the teams' failure rates that is
    // 6 to 15 % more, and 1.96 standard errors hold 91 to 94 %; the exact interval's surplus makes up for it below ten events.
    let follows = 0.35 + 0.65 * 0.9;
    let clumped = |n_weeks: f64| {
        coverage(20_000, |random| {
            let team = team(random);
            let q = team.change_fail_probability.after * follows;
            let n_planned = poisson(random, planned(team, n_weeks));
            let mut n = 0;
            for _ in 0..n_planned {
                n += 1;
                while random.random_bool(q) {
                    n += 1;
                }
            }
            (rate(n, 1.0), planned(team, n_weeks) / (1.0 - q))
        })
    };
    assert_nominal("a team's week", clumped(1.0));
    let twelve = clumped(12.0);
    assert!((0.92..0.95).contains(&twelve), "{twelve}");
}

/// The stages of a change up to its deployment, and that before it was opened.
fn change(random: &mut Random, team: &TeamTruth) -> (f64, f64) {
    let later = [team.pickup, team.review, team.deploy.after].map(|stage| duration(random, stage)).iter().sum();
    (later, duration(random, team.coding))
}

/// The lead times of a change's commits: the first at the begin, others up to the opening, one in four after it.
fn commits(random: &mut Random, team: &TeamTruth) -> Vec<f64> {
    let (later, coding) = change(random, team);
    let n = poisson(random, 2.3).min(11);
    let other = |random: &mut Random| {
        let (is_late, part) = (random.random_bool(0.25), random.random::<f64>());
        if is_late { later * part } else { later + coding * part }
    };
    std::iter::once(later + coding).chain((0..n).map(|_| other(random))).collect()
}

/// The values of some roll-outs, each with the changes that it brings, and how many of each.
fn rolled_out(random: &mut Random, n: u64, of_change: impl Fn(&mut Random) -> Vec<f64>) -> (Vec<f64>, Vec<u32>) {
    let (mut values, mut sizes) = (Vec::new(), Vec::new());
    for _ in 0..n {
        let before = values.len();
        for _ in 0..(1 + poisson(random, 4.0)).min(12) {
            values.extend(of_change(random));
        }
        sizes.push((values.len() - before) as u32);
    }
    (values, sizes)
}

#[test]
fn medians_of_lead_times_are_covered_though_commits_come_together() {
    for team in &full().truth.teams[..2] {
        let whole = |random: &mut Random| {
            let (later, coding) = change(random, team);
            vec![later + coding]
        };
        let of_change = median_of(|random| whole(random)[0]);
        // Of the commits of a change one is picked, with a chance in proportion to how many there are: a change of many
        // stands in more draws.
        let mut picked = Vec::new();
        let of_commit = median_of(|random| {
            while picked.is_empty() {
                picked = commits(random, team);
            }
            picked.pop().unwrap()
        });
        for n_weeks in [1.0, 12.0] {
            let n_draws = if n_weeks > 1.0 { 2_000 } else { 8_000 };
            let mean = planned(team, n_weeks);
            let changes = coverage(n_draws, |random| {
                let n = poisson(random, mean);
                let (values, sizes) = rolled_out(random, n, whole);
                (clustered_durations(&values, &sizes).median, of_change)
            });
            assert_nominal(&format!("changes of {} in {n_weeks} weeks", team.name), changes);
            let mut one_by_one = Vec::new();
            let together = coverage(n_draws, |random| {
                let n = poisson(random, mean);
                let (values, sizes) = rolled_out(random, n, |random| commits(random, team));
                one_by_one.push(durations(&values).median);
                (clustered_durations(&values, &sizes).median, of_commit)
            });
            assert_nominal(&format!("commits of {} in {n_weeks} weeks", team.name), together);
            // Were they taken as if each were independent, the interval would be too narrow by far.
            let mut one_by_one = one_by_one.into_iter();
            let alone = coverage(n_draws, |_| (one_by_one.next().unwrap(), of_commit));
            assert!(alone < 0.85, "{alone}");
        }
    }
}

#[test]
fn medians_of_what_may_still_be_open_are_covered() {
    let recovery = coverage(20_000, |random| {
        let team = team(random);
        let n = poisson(random, planned(team, 12.0) * team.change_fail_probability.after);
        // Nothing took longer than 20 hours.
        let mut observed: Vec<(f64, bool)> =
            (0..n).map(|_| (duration(random, team.recovery).min(DAY / 1.2), false)).collect();
        (survival(&mut observed).median, team.recovery.median_seconds)
    });
    assert_nominal("recoveries of a team in twelve weeks", recovery);
    let background = full().truth.background_recovery;
    let restored = coverage(10_000, |random| {
        let mut observed: Vec<(f64, bool)> =
            (0..poisson(random, 40.0)).map(|_| (duration(random, background), false)).collect();
        (survival(&mut observed).median, background.median_seconds)
    });
    assert_nominal("incidents in twelve weeks", restored);
    // Requested at any time up to now, and what is not ready by now is open.
    let request = full().truth.provisioning.ticket;
    for (what, n_days, mean) in [("the last week", 7.0, 12.0), ("four weeks", 28.0, 40.0)] {
        let found = coverage(10_000, |random| {
            let n = poisson(random, mean);
            let mut observed: Vec<(f64, bool)> = (0..n)
                .map(|_| {
                    let (lasts, age) = (duration(random, request), random.random_range(0.0..n_days) * DAY);
                    (lasts.min(age), lasts > age)
                })
                .collect();
            (survival(&mut observed).median, request.median_seconds)
        });
        assert_nominal(&format!("requests of {what}"), found);
    }
}
