//! The bootstrap that draws whole clusters (services, teams), since what one service does today it did yesterday too:
//! events of a cluster are not independent, clusters are taken to be (Cameron, Gelbach and Miller, Review of Economics
//! and Statistics 90, 2008, 414-427).

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::Estimated;

/// Draws of a bootstrap where nothing speaks against it.
pub const DRAWS: usize = 999;

/// How often each cluster is in a draw.
pub(super) struct Draws {
    random: ChaCha8Rng,
    /// Of each cluster its number in the draw.
    pub weights: Vec<f64>,
}

impl Draws {
    /// The same seed gives the same draws: the same data, the same answer.
    pub fn new(n_clusters: usize, seed: u64) -> Draws {
        Draws { random: ChaCha8Rng::seed_from_u64(seed), weights: vec![0.0; n_clusters] }
    }

    /// Draws as many clusters as there are, with replacement.
    pub fn next(&mut self) -> &[f64] {
        let n = self.weights.len();
        self.weights.fill(0.0);
        for _ in 0..n {
            self.weights[self.random.random_range(0..n)] += 1.0;
        }
        &self.weights
    }
}

/// A duration of a cluster, before or after.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lasted {
    /// The cluster's number.
    pub cluster: usize,
    /// Whether it lies after the improvement's arrival.
    pub is_after: bool,
    /// How long it was.
    pub value: f64,
    /// It has not ended yet.
    pub is_open: bool,
}

/// Two figures and how they differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// The figure before.
    pub before: f64,
    /// The figure after.
    pub after: f64,
    /// After less before.
    pub difference: Estimated,
    /// After over before; none where the figure before is 0.
    pub ratio: Option<Estimated>,
}

/// How the median changed; where durations are open it is Kaplan and Meier's. Clusters are drawn with all that is theirs,
/// before and after. The intervals are the 2.5 and 97.5 % points of the draws. None without values on both sides.
pub fn medians(lasted: &[Lasted], n_clusters: usize, draws: usize, seed: u64) -> Option<Change> {
    let side = |is_after: bool| {
        let mut side: Vec<Lasted> = lasted.iter().filter(|one| one.is_after == is_after).copied().collect();
        // Where an end and a censoring fall together the end comes first.
        side.sort_unstable_by(|a, b| a.value.total_cmp(&b.value).then(a.is_open.cmp(&b.is_open)));
        side
    };
    let (before, after) = (side(false), side(true));
    change(n_clusters, draws, seed, |weights| Some((median(&before, weights)?, median(&after, weights)?)))
}

/// Events and the days in which they were counted, before and after, of one cluster.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counted {
    /// Events and days before.
    pub before: (f64, f64),
    /// Events and days after.
    pub after: (f64, f64),
}

/// How events per day and cluster changed.
pub fn rates(counted: &[Counted], draws: usize, seed: u64) -> Option<Change> {
    let rate = |weights: &[f64], of: fn(&Counted) -> (f64, f64)| {
        let (events, days) = counted
            .iter()
            .zip(weights)
            .fold((0.0, 0.0), |(events, days), (one, weight)| (events + weight * of(one).0, days + weight * of(one).1));
        (days > 0.0).then_some(events / days)
    };
    change(counted.len(), draws, seed, |weights| {
        Some((rate(weights, |one| one.before)?, rate(weights, |one| one.after)?))
    })
}

fn change(
    n_clusters: usize,
    draws: usize,
    seed: u64,
    figures: impl Fn(&[f64]) -> Option<(f64, f64)>,
) -> Option<Change> {
    let (before, after) = figures(&vec![1.0; n_clusters])?;
    let mut drawn = Draws::new(n_clusters, seed);
    let found: Vec<(f64, f64)> = (0..draws).filter_map(|_| figures(drawn.next())).collect();
    let of = |value: f64, mut values: Vec<f64>| {
        values.sort_unstable_by(f64::total_cmp);
        Some(Estimated { value, low: quantile(&values, 0.025)?, high: quantile(&values, 0.975)? })
    };
    let ratios: Vec<f64> = found.iter().filter(|pair| pair.0 > 0.0).map(|(before, after)| after / before).collect();
    Some(Change {
        before,
        after,
        difference: of(after - before, found.iter().map(|(before, after)| after - before).collect())?,
        ratio: if before > 0.0 { of(after / before, ratios) } else { None },
    })
}

/// The quantile of sorted values, interpolated (Hyndman and Fan's type 7).
pub(super) fn quantile(sorted: &[f64], probability: f64) -> Option<f64> {
    let position = probability * (sorted.len().checked_sub(1)?) as f64;
    let rank = position.floor() as usize;
    let next = sorted[(rank + 1).min(sorted.len() - 1)];
    Some(sorted[rank] + position.fract() * (next - sorted[rank]))
}

/// Where the curve of those still lasting comes down to one half; where it rests on it, the middle of the rest. Without
/// open ones that is the plain median.
fn median(sorted: &[Lasted], weights: &[f64]) -> Option<f64> {
    const TOUCHES: f64 = 1e-9;
    let mut at_risk: f64 = sorted.iter().map(|one| weights[one.cluster]).sum();
    let mut surviving = 1.0;
    let mut rests_from = None;
    for one in sorted {
        let weight = weights[one.cluster];
        if weight == 0.0 {
            continue;
        }
        if !one.is_open {
            if let Some(from) = rests_from {
                return Some(f64::midpoint(from, one.value));
            }
            surviving *= 1.0 - weight / at_risk;
            if (surviving - 0.5).abs() <= TOUCHES {
                rests_from = Some(one.value);
            } else if surviving < 0.5 {
                return Some(one.value);
            }
        }
        at_risk -= weight;
    }
    rests_from
}
