//! The standard error that the draws of a bootstrap show.

use super::clusters::quantile;

/// From the middle half of the draws, as wide as a normal distribution's of that error: a draw that happens to hold hardly any
/// control lies far out, and says nothing of how the estimate varies. None of fewer than ten draws.
pub(super) fn error(mut draws: Vec<f64>) -> Option<f64> {
    const QUARTILES_APART: f64 = 1.348_979_500_392_163_6;
    if draws.len() < 10 {
        return None;
    }
    draws.sort_unstable_by(f64::total_cmp);
    let error = (quantile(&draws, 0.75)? - quantile(&draws, 0.25)?) / QUARTILES_APART;
    (error > 0.0).then_some(error)
}
