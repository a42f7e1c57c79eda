//! One series, one date, no control: interrupted time series by segmented regression (Wagner et al., Journal of Clinical
//! Pharmacy and Therapeutics 27, 2002, 299-309), with errors that stand autocorrelation (Newey and West, Econometrica
//! 55, 1987, 703-708).

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::Estimated;
use super::linear::Matrix;

/// Points needed on each side of the date.
pub const POINTS_NEEDED: usize = 8;

/// What changed at the date.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interrupted {
    /// The step at the date, against where the earlier line would have gone on.
    pub level: Estimated,
    /// The change of the slope, per period.
    pub slope: Estimated,
    /// The standard errors of both.
    pub errors: (f64, f64),
    /// Up to how many periods apart points were taken to depend on one another.
    pub lag: usize,
    /// The correlation of one residual with the next.
    pub autocorrelation: f64,
}

/// Regresses the series on time, on being at or after `first_after`, and on the time since. `points` are periods (whole
/// numbers, some may be missing) and values. None with fewer than [`POINTS_NEEDED`] points on a side.
pub fn interrupted(points: &[(f64, f64)], first_after: f64, lag: Option<usize>) -> Option<Interrupted> {
    let n_after = points.iter().filter(|(time, _)| *time >= first_after).count();
    if n_after < POINTS_NEEDED || points.len() - n_after < POINTS_NEEDED {
        return None;
    }
    let n = points.len();
    // Newey and West's rule of thumb (Review of Economic Studies 61, 1994, 631-653).
    let lag = lag.unwrap_or_else(|| (4.0 * (n as f64 / 100.0).powf(2.0 / 9.0)).floor() as usize);
    let design: Vec<[f64; 4]> = points
        .iter()
        .map(|(time, _)| {
            let is_after = f64::from(u8::from(*time >= first_after));
            [1.0, *time, is_after, is_after * (time - first_after)]
        })
        .collect();
    let (mut crossed, mut aimed) = (Matrix::square(4), [0.0; 4]);
    for (row, (_, value)) in design.iter().zip(points) {
        for i in 0..4 {
            aimed[i] += row[i] * value;
            for j in 0..4 {
                crossed[(i, j)] += row[i] * row[j];
            }
        }
    }
    let bread = crossed.inverse()?;
    let beta: Vec<f64> = (0..4).map(|i| (0..4).map(|j| bread[(i, j)] * aimed[j]).sum()).collect();
    let fitted = |row: &[f64; 4]| row.iter().zip(&beta).map(|(x, b)| x * b).sum::<f64>();
    let residuals: Vec<f64> = design.iter().zip(points).map(|(row, (_, value))| value - fitted(row)).collect();
    let meat = newey_west(&design, &residuals, lag);
    let covariance = bread.times(&meat).times(&bread);
    let freedom = n as f64 - 4.0;
    // What R's sandwich calls adjust = TRUE: the fit takes up as many degrees of freedom as it has coefficients.
    let error = |i: usize| (covariance[(i, i)] * n as f64 / freedom).sqrt();
    let point = StudentsT::new(0.0, 1.0, freedom).expect("a positive number of degrees of freedom").inverse_cdf(0.975);
    let sum: f64 = residuals.iter().map(|residual| residual * residual).sum();
    let next: f64 = residuals.windows(2).map(|pair| pair[0] * pair[1]).sum();
    Some(Interrupted {
        level: Estimated::about(beta[2], point * error(2)),
        slope: Estimated::about(beta[3], point * error(3)),
        errors: (error(2), error(3)),
        lag,
        autocorrelation: if sum > 0.0 { next / sum } else { 0.0 },
    })
}

/// The sum of the products of scores up to `lag` apart, with Bartlett's weights.
fn newey_west(design: &[[f64; 4]], residuals: &[f64], lag: usize) -> Matrix {
    let mut meat = Matrix::square(4);
    for apart in 0..=lag.min(design.len() - 1) {
        let weight = 1.0 - apart as f64 / (lag as f64 + 1.0);
        for later in apart..design.len() {
            let product = weight * residuals[later] * residuals[later - apart];
            for i in 0..4 {
                for j in 0..4 {
                    let both = design[later][i] * design[later - apart][j];
                    meat[(i, j)] += product * both;
                    if apart > 0 {
                        meat[(j, i)] += product * both;
                    }
                }
            }
        }
    }
    meat
}
