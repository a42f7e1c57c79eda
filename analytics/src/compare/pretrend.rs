//! Whether those treated later went along with their controls before: a joint test that all effects before the arrival
//! are none. A difference in differences is worth no more than this.

use std::collections::BTreeMap;

use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use super::linear::Matrix;
use super::panel::Panel;

/// The joint test of the effects before.
#[derive(Debug, Clone, PartialEq)]
pub struct PreTrend {
    /// The periods before, by the time to the first treatment.
    pub times: Vec<isize>,
    /// Wald's statistic.
    pub statistic: f64,
    /// How surprising it would be if all were none.
    pub p: f64,
    /// The largest of the effects before, by size.
    pub largest: f64,
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
    let p = 1.0 - distribution.cdf(statistic * (n - k) / (k * (n - 1.0)));
    let largest = effects.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs()))?;
    Some(PreTrend { times: tested, statistic, p, largest })
}
