//! The typical shift between two independent samples: Hodges and Lehmann's estimate with the interval and the test of
//! Mann and Whitney (Hollander and Wolfe, Nonparametric Statistical Methods, 4.1 to 4.3).

use statrs::distribution::{ContinuousCDF, Normal};

use super::{Estimated, Z};

/// A shift and how surprising it would be by chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// The median of all differences between a value of the first sample and one of the second; positive where the first
    /// is larger.
    pub shift: Estimated,
    /// Two-sided, of no shift.
    pub p: f64,
}

/// With at most so many values in each sample the exact distribution is counted; beyond, its normal approximation holds
/// to more digits than anybody reads.
const EXACT_UP_TO: usize = 40;

/// The shift of one sample against the other. None where the samples are too small for a 95 % interval: it needs at
/// least 4 and 4, or 3 and 5, or 2 and 8.
pub fn shift(one: &[f64], other: &[f64]) -> Option<Shift> {
    let (mut one, mut other) = (one.to_vec(), other.to_vec());
    one.sort_unstable_by(f64::total_cmp);
    other.sort_unstable_by(f64::total_cmp);
    let n_pairs = one.len() * other.len();
    let below = rank(one.len(), other.len())?;
    let at = |rank: usize| difference_at(&one, &other, rank);
    let value = if n_pairs % 2 == 1 { at(n_pairs / 2) } else { f64::midpoint(at(n_pairs / 2 - 1), at(n_pairs / 2)) };
    let shift = Estimated { value, low: at(below - 1), high: at(n_pairs - below) };
    Some(Shift { shift, p: p_value(&one, &other) })
}

/// How many of the ordered differences lie outside the interval on each side, plus one: the smallest q of which more
/// than 2.5 % of all orders have a statistic of at most q. That is R's `qwilcox(0.025, m, n)`.
fn rank(m: usize, n: usize) -> Option<usize> {
    if m == 0 || n == 0 {
        return None;
    }
    if m.max(n) <= EXACT_UP_TO {
        let counts = orders(m, n);
        let total: f64 = counts.iter().sum();
        let mut sum = 0.0;
        let quantile = counts.iter().position(|count| {
            sum += count;
            sum / total >= 0.025
        })?;
        return (quantile > 0).then_some(quantile);
    }
    let (m, n) = (m as f64, n as f64);
    let quantile = (m * n / 2.0 - Z * (m * n * (m + n + 1.0) / 12.0).sqrt()).floor();
    (quantile >= 1.0).then_some(quantile as usize)
}

/// For each value of Mann and Whitney's statistic the number of orders that have it, as a share of all but for a factor.
fn orders(m: usize, n: usize) -> Vec<f64> {
    // The Gaussian binomial coefficient: multiplied by (1 - x^(n+i)) and divided by (1 - x^i) for each i up to m.
    let size = m * n + 1;
    let mut counts = vec![0.0; size];
    counts[0] = 1.0;
    for i in 1..=m {
        for position in (n + i..size).rev() {
            counts[position] -= counts[position - n - i];
        }
        for position in i..size {
            counts[position] += counts[position - i];
        }
    }
    counts
}

/// The difference of a rank (from 0) among all differences of two sorted samples, without writing them all down: the
/// smallest number that so many of them do not exceed, found bit by bit.
fn difference_at(one: &[f64], other: &[f64], rank: usize) -> f64 {
    let n_up_to = |bound: f64| {
        // As the first value grows, fewer of the second are small enough to be taken from it; both go one way only.
        let (mut count, mut from) = (0, 0);
        for x in one {
            while from < other.len() && x - other[from] > bound {
                from += 1;
            }
            count += other.len() - from;
        }
        count
    };
    let (mut low, mut high) = (ordered(f64::NEG_INFINITY), ordered(f64::INFINITY));
    while low < high {
        let middle = low + (high - low) / 2;
        if n_up_to(unordered(middle)) > rank {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    unordered(low)
}

/// A number's bits in such a form that their order is the numbers' order.
fn ordered(number: f64) -> u64 {
    let bits = number.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

fn unordered(bits: u64) -> f64 {
    f64::from_bits(if bits >> 63 == 1 { bits & !(1 << 63) } else { !bits })
}

/// Exact where the samples are small and no values are tied, else normal with the variance that ties leave and a
/// correction for continuity, as R's `wilcox.test` gives it.
fn p_value(one: &[f64], other: &[f64]) -> f64 {
    let (m, n) = (one.len() as f64, other.len() as f64);
    let mut all: Vec<f64> = one.iter().chain(other).copied().collect();
    all.sort_unstable_by(f64::total_cmp);
    let tied: Vec<f64> = all.chunk_by(|a, b| a == b).map(|same| same.len() as f64).collect();
    let mut statistic = 0.0;
    for x in one {
        let below = other.partition_point(|y| y < x);
        let up_to = other.partition_point(|y| y <= x);
        statistic += below as f64 + (up_to - below) as f64 / 2.0;
    }
    if one.len().max(other.len()) <= EXACT_UP_TO && tied.iter().all(|n_same| *n_same == 1.0) {
        let counts = orders(one.len(), other.len());
        let total: f64 = counts.iter().sum();
        let smaller = statistic.min(m * n - statistic) as usize;
        return (2.0 * counts[..=smaller].iter().sum::<f64>() / total).min(1.0);
    }
    let size = m + n;
    let ties: f64 = tied.iter().map(|n_same| n_same.powi(3) - n_same).sum();
    let variance = m * n / 12.0 * (size + 1.0 - ties / (size * (size - 1.0)));
    if variance <= 0.0 {
        return 1.0;
    }
    let distance = ((statistic - m * n / 2.0).abs() - 0.5).max(0.0) / variance.sqrt();
    2.0 * (1.0 - Normal::standard().cdf(distance))
}
