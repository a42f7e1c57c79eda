//! The difference between two shares of independent groups: Newcombe's hybrid score interval.

use super::{Estimated, Z};

/// So many of so many. The numbers are real, so that a sample can be made smaller by its design effect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Those that have the property.
    pub k: f64,
    /// All.
    pub n: f64,
}

impl Share {
    /// The share itself.
    pub fn value(self) -> f64 {
        self.k / self.n
    }

    /// The same share of a sample that is smaller by a factor.
    pub fn thinned(self, by: f64) -> Share {
        Share { k: self.k / by, n: self.n / by }
    }

    /// Wilson's score interval.
    fn wilson(self) -> (f64, f64) {
        let (n, p, z2) = (self.n, self.value(), Z * Z);
        let centre = p + z2 / (2.0 * n);
        let spread = Z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
        let scale = 1.0 + z2 / n;
        (((centre - spread) / scale).max(0.0), ((centre + spread) / scale).min(1.0))
    }
}

/// The first share less the second, with its interval: method 10 of Newcombe (Statistics in Medicine 17, 1998, 873-890),
/// which puts the two Wilson intervals together. None where one of the groups is empty.
pub fn difference(one: Share, other: Share) -> Option<Estimated> {
    if one.n <= 0.0 || other.n <= 0.0 {
        return None;
    }
    let (p, q) = (one.value(), other.value());
    let ((one_low, one_high), (other_low, other_high)) = (one.wilson(), other.wilson());
    let value = p - q;
    let low = value - (p - one_low).hypot(other_high - q);
    let high = value + (one_high - p).hypot(q - other_low);
    Some(Estimated { value, low, high })
}

/// By how much clusters (services) inflate the variance of a share: Pearson's statistic of the clusters over its degrees
/// of freedom, at least 1 (Rao and Scott, Biometrics 48, 1992, 577-585, with one common factor). Each cluster is
/// compared with the share of its own group, so a difference between the groups adds nothing.
pub fn design_effect(groups: &[Vec<Share>]) -> f64 {
    let (mut statistic, mut freedom) = (0.0, 0.0);
    for clusters in groups {
        let whole =
            clusters.iter().fold(Share { k: 0.0, n: 0.0 }, |sum, one| Share { k: sum.k + one.k, n: sum.n + one.n });
        let p = whole.value();
        if clusters.len() < 2 || !(p > 0.0 && p < 1.0) {
            continue;
        }
        statistic += clusters.iter().map(|one| (one.k - one.n * p).powi(2) / (one.n * p * (1.0 - p))).sum::<f64>();
        freedom += clusters.len() as f64 - 1.0;
    }
    if freedom > 0.0 { (statistic / freedom).max(1.0) } else { 1.0 }
}
