//! Panels drawn by lot in the shape of the demo's organisation, with a known effect: twenty teams over nineteen periods of
//! four weeks, of which fourteen are reached one after the other over nine months. Pure arithmetic, no store.

use analytics::compare::panel::{Panel, Unit};
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Binomial, Distribution, Poisson, StandardNormal};

/// What is observed in a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Observed {
    /// The logarithm of a median of durations.
    LogMedian,
    /// A share of deployments that failed.
    Share,
}

/// What is planted.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// What is observed.
    pub observed: Observed,
    /// What the improvement multiplies the median or the share by.
    pub factor: f64,
    /// By how much those who adopt get faster each period anyway, on the scale of the cells.
    pub drift: f64,
}

const TEAMS: usize = 20;
const ADOPTERS: usize = 14;
const PERIODS: usize = 19;

/// A panel and the true effect on it.
pub fn draw(plan: Plan, seed: u64) -> (Panel, f64) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let normal = |random: &mut ChaCha8Rng| random.sample::<f64, _>(StandardNormal);
    let mut order: Vec<usize> = (0..TEAMS).collect();
    order.shuffle(&mut random);
    let mut treated_from = [None; TEAMS];
    for (position, team) in order.iter().take(ADOPTERS).enumerate() {
        let day = 130.0 + 270.0 / (ADOPTERS - 1) as f64 * position as f64 + random.random_range(0.0..7.0);
        treated_from[*team] = Some((day / 28.0) as usize + 1);
    }
    // What all share, such as holidays.
    let common: Vec<f64> = (0..PERIODS).map(|_| 0.1 * normal(&mut random)).collect();
    let mut effects = Vec::new();
    let units = treated_from.into_iter().enumerate().map(|(cluster, treated_from)| {
        let median = random.random_range(3.0_f64..12.0).ln();
        let fail = random.random_range(0.07..0.19);
        let rollouts: f64 = random.random_range(0.18..0.5) * 6.0 * 20.0;
        if treated_from.is_some() {
            effects.push(match plan.observed {
                Observed::LogMedian => plan.factor.ln(),
                Observed::Share => fail * (plan.factor - 1.0),
            });
        }
        let values = (0..PERIODS).map(|period| {
            let is_treated = treated_from.is_some_and(|from| period >= from);
            let drift = treated_from.map_or(0.0, |from| plan.drift * (period as f64 - from as f64));
            if treated_from == Some(period + 1) {
                return None;
            }
            match plan.observed {
                Observed::LogMedian => {
                    let n = Poisson::new(3.0 * rollouts).unwrap().sample(&mut random) as usize;
                    let effect = if is_treated { plan.factor.ln() } else { 0.0 };
                    let middle = median + common[period] + 0.1 * normal(&mut random) + drift + effect;
                    let mut values: Vec<f64> = (0..n).map(|_| middle + 0.9 * normal(&mut random)).collect();
                    values.sort_by(f64::total_cmp);
                    values.get(n / 2).copied()
                }
                Observed::Share => {
                    let n = Poisson::new(rollouts).unwrap().sample(&mut random) as u64;
                    let share = fail * if is_treated { plan.factor } else { 1.0 } + drift;
                    let failed = Binomial::new(n, share.clamp(0.0, 1.0)).unwrap().sample(&mut random);
                    (n >= 5).then(|| failed as f64 / n as f64)
                }
            }
        });
        Unit { cluster, treated_from, values: values.collect() }
    });
    let units: Vec<Unit> = units.collect();
    let truth = effects.iter().sum::<f64>() / effects.len() as f64;
    (Panel { units, n_periods: PERIODS, n_clusters: TEAMS, anticipation: 1 }, truth)
}
