//! Whether those treated later went along with their controls before. A difference in differences is worth no more than
//! this. Two tests look for two kinds of trouble: one, joint, for any effect in the periods nearest to the arrival; the
//! other for a drift over all periods before, which it sees where the joint one does not.

use std::collections::BTreeMap;

use statrs::distribution::{ContinuousCDF, FisherSnedecor, StudentsT};

use super::Estimated;
use super::spread::error;

use super::linear::Matrix;
use super::panel::Panel;

/// The tests of the effects before.
#[derive(Debug, Clone, PartialEq)]
pub struct PreTrend {
    /// The periods that the joint test looks at, by the time to the first treatment.
    pub times: Vec<isize>,
    /// Wald's statistic of the joint test.
    pub statistic: f64,
    /// How surprising it would be if all those effects were none.
    pub joint_p: f64,
    /// The largest of them, by size.
    pub largest: f64,
    /// How much the effects before drift from period to period, with its own p; none with fewer than three periods.
    pub drift: Option<(Estimated, f64)>,
}

impl PreTrend {
    /// The smaller p, made larger for there being two tests (Bonferroni).
    pub fn p(&self) -> f64 {
        self.drift.as_ref().map_or(self.joint_p, |(_, drift_p)| (2.0 * self.joint_p.min(*drift_p)).min(1.0))
    }
}

/// Periods before the base that are tested at most. More would ask for more clusters than there are to tell how the
/// effects hang together.
const MOST_TIMES: usize = 4;

/// Tests the periods nearest to the arrival in which at least half of the treated units take part. Wald's statistic with
/// the covariance of the bootstrap's draws is Hotelling's T-squared, as many clusters as there are being what the covariance
/// was learnt from.
pub(super) fn test(
    panel: &Panel,
    times: &BTreeMap<isize, (f64, f64)>,
    draws: &BTreeMap<isize, Vec<Option<f64>>>,
    n_treated: usize,
) -> Option<PreTrend> {
    let base = -1 - panel.anticipation as isize;
    let most = MOST_TIMES.min(panel.n_clusters.saturating_sub(2) / 3);
    let tested: Vec<isize> = (times.iter().rev())
        .filter(|(time, (_, weight))| **time < base && 2.0 * weight >= n_treated as f64)
        .map(|(time, _)| *time)
        .take(most)
        .collect();
    if tested.is_empty() {
        return None;
    }
    let n_draws = draws[&tested[0]].len();
    let whole: Vec<Vec<f64>> =
        (0..n_draws).filter_map(|draw| tested.iter().map(|time| draws[time][draw]).collect()).collect();
    let size = tested.len();
    let mean: Vec<f64> =
        (0..size).map(|i| whole.iter().map(|draw| draw[i]).sum::<f64>() / whole.len() as f64).collect();
    let mut covariance = Matrix::square(size);
    for i in 0..size {
        for j in 0..size {
            let sum: f64 = whole.iter().map(|draw| (draw[i] - mean[i]) * (draw[j] - mean[j])).sum();
            covariance[(i, j)] = sum / (whole.len() as f64 - 1.0);
        }
    }
    let inverse = covariance.inverse()?;
    let effects: Vec<f64> = tested.iter().map(|time| times[time].0).collect();
    let statistic: f64 =
        (0..size).map(|i| (0..size).map(|j| effects[i] * inverse[(i, j)] * effects[j]).sum::<f64>()).sum();
    let (n, k) = (panel.n_clusters as f64, size as f64);
    let distribution = FisherSnedecor::new(k, n - k).ok()?;
    let joint_p = 1.0 - distribution.cdf(statistic * (n - k) / (k * (n - 1.0)));
    let largest = effects.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs()))?;
    let drift = drift(base, times, draws, panel.n_clusters);
    Some(PreTrend { times: tested, statistic, joint_p, largest, drift })
}

/// The slope of all effects up to the base (where it is 0 by construction) over time, each with the weight of its units.
fn drift(
    base: isize,
    times: &BTreeMap<isize, (f64, f64)>,
    draws: &BTreeMap<isize, Vec<Option<f64>>>,
    n_clusters: usize,
) -> Option<(Estimated, f64)> {
    let before: Vec<(isize, f64)> =
        times.iter().filter(|(time, _)| **time < base).map(|(time, (_, weight))| (*time, *weight)).collect();
    let base_weight = before.last()?.1;
    let slope = |effect: &dyn Fn(isize) -> Option<f64>| {
        let points: Vec<(f64, f64, f64)> = (before.iter())
            .filter_map(|(time, weight)| Some((*time as f64, effect(*time)?, *weight)))
            .chain([(base as f64, 0.0, base_weight)])
            .collect();
        let total: f64 = points.iter().map(|point| point.2).sum();
        let middle = points.iter().map(|(time, _, weight)| weight * time).sum::<f64>() / total;
        let spread: f64 = points.iter().map(|(time, _, weight)| weight * (time - middle).powi(2)).sum();
        (points.len() >= 3).then(|| {
            points.iter().map(|(time, effect, weight)| weight * (time - middle) * effect).sum::<f64>() / spread
        })
    };
    let value = slope(&|time| times.get(&time).map(|(effect, _)| *effect))?;
    let n_draws = draws[&before[0].0].len();
    let drawn: Vec<f64> =
        (0..n_draws).filter_map(|draw| slope(&|time| draws.get(&time).and_then(|values| values[draw]))).collect();
    let error = error(drawn)?;
    let distribution = StudentsT::new(0.0, 1.0, n_clusters as f64 - 1.0).ok()?;
    let p = 2.0 * (1.0 - distribution.cdf((value / error).abs()));
    Some((Estimated::about(value, distribution.inverse_cdf(0.975) * error), p))
}
