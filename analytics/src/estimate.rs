//! From observations to a figure with its 95 % interval. Pure arithmetic; sources stand beside the formulas.

use std::sync::OnceLock;

use crate::pile::Numbers;

use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, Gamma, StudentsT};

/// The standard normal's 97.5 % point.
const Z: f64 = 1.959_963_984_540_054;

/// A figure, the interval it lies in with 95 % confidence, and how many observations it rests on.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Estimate {
    /// The figure; none where there is nothing to tell.
    pub value: Option<f64>,
    /// The interval's lower end; none where too little is known for one.
    pub low: Option<f64>,
    /// The interval's upper end; none where too little is known for one, or where it is open.
    pub high: Option<f64>,
    /// The number of observations.
    pub n: u64,
}

/// A duration's figures: median with interval, and the upper quantiles.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct DurationEstimate {
    /// The median.
    pub median: Estimate,
    /// Three quarters were faster.
    pub p75: Option<f64>,
    /// Nine tenths were faster.
    pub p90: Option<f64>,
    /// Where the median lies beyond all that was seen: it is more than this.
    pub more_than: Option<f64>,
}

/// A share of `n` of which `k` have a property: Wilson's score interval (Wilson 1927; Newcombe 1998, method 3).
pub fn share(k: u64, n: u64) -> Estimate {
    if n == 0 {
        return Estimate::default();
    }
    let (size, p) = (n as f64, k as f64 / n as f64);
    let z2 = Z * Z;
    let centre = p + z2 / (2.0 * size);
    let spread = Z * (p * (1.0 - p) / size + z2 / (4.0 * size * size)).sqrt();
    let scale = 1.0 + z2 / size;
    let low = if k == 0 { 0.0 } else { (centre - spread) / scale };
    let high = if k == n { 1.0 } else { (centre + spread) / scale };
    Estimate { value: Some(p), low: Some(low), high: Some(high), n }
}

/// Events per unit of an exposure: the exact Poisson interval (Garwood 1936), by the gamma distribution.
pub fn rate(n: u64, exposure: f64) -> Estimate {
    let (low, high) = remembered(&POISSON, n as usize, poisson_interval);
    Estimate {
        value: Some(n as f64 / exposure),
        low: low.map(|low| low / exposure),
        high: high.map(|high| high / exposure),
        n,
    }
}

/// The interval of the expected number where `n` were seen.
fn poisson_interval(n: usize) -> (Option<f64>, Option<f64>) {
    let point = |shape: f64, probability: f64| Gamma::new(shape, 1.0).map(|gamma| gamma.inverse_cdf(probability)).ok();
    let low = if n == 0 { Some(0.0) } else { point(n as f64, 0.025) };
    (low, point(n as f64 + 1.0, 0.975))
}

/// Up to this number what depends on it alone is found once: an answer of many groups asks for the same few again and
/// again, and each takes some microseconds.
const SMALL: usize = 2_048;

type Remembered<T> = [OnceLock<T>; SMALL];
static POISSON: Remembered<(Option<f64>, Option<f64>)> = [const { OnceLock::new() }; SMALL];
static MEDIAN_RANK: Remembered<Option<usize>> = [const { OnceLock::new() }; SMALL];
static STUDENT: Remembered<f64> = [const { OnceLock::new() }; SMALL];

fn remembered<T: Copy>(found: &'static Remembered<T>, n: usize, find: fn(usize) -> T) -> T {
    found.get(n).map_or_else(|| find(n), |once| *once.get_or_init(|| find(n)))
}

/// The median and upper quantiles of durations. The median of an even number is the mean of the middle two; quantiles
/// interpolate (Hyndman and Fan's type 7); the interval is by order statistics, exact, and none below six observations.
pub fn durations(values: &[f64]) -> DurationEstimate {
    clustered_durations(values, &[])
}

/// The same of durations that come in clusters: the commits of a deployment waited for it together. `sizes` are those of
/// the clusters, in the order of the values. Where each is of one value, or none is told, the interval is that of [`durations`].
pub fn clustered_durations(values: &[f64], sizes: &[u32]) -> DurationEstimate {
    durations_of(&whole_if_all(values), sizes)
}

/// The same of numbers that are known to be whole, or not.
pub(crate) fn durations_of(values: &Numbers, sizes: &[u32]) -> DurationEstimate {
    let in_order = InOrder::of(values.clone());
    let n = values.len();
    if sizes.is_empty() || sizes.len() >= n {
        return in_order.quantiles(remembered(&MEDIAN_RANK, n, interval_rank));
    }
    let median = in_order.quantile(0.5);
    in_order.quantiles(match values {
        Numbers::Whole(values) => clustered_rank(values, |value| f64::from(*value), sizes, median),
        Numbers::Real(values) => clustered_rank(values, |value| *value, sizes, median),
    })
}

fn whole_if_all(values: &[f64]) -> Numbers {
    match values.iter().all(|value| f64::from(*value as u32) == *value) {
        true => Numbers::Whole(values.iter().map(|value| *value as u32).collect()),
        false => Numbers::Real(values.to_vec()),
    }
}

/// Values in their order.
enum InOrder {
    Whole(Vec<u32>),
    Real(Vec<f64>),
}

/// From so many values on it pays to find their order digit by digit.
const MANY: usize = 512;

impl InOrder {
    fn of(values: Numbers) -> InOrder {
        match values {
            Numbers::Whole(mut values) => {
                if values.len() < MANY {
                    values.sort_unstable();
                } else {
                    radsort::sort(&mut values);
                }
                InOrder::Whole(values)
            }
            Numbers::Real(mut values) => {
                values.sort_unstable_by(f64::total_cmp);
                InOrder::Real(values)
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            InOrder::Whole(values) => values.len(),
            InOrder::Real(values) => values.len(),
        }
    }

    fn at(&self, rank: usize) -> f64 {
        match self {
            InOrder::Whole(values) => f64::from(values[rank]),
            InOrder::Real(values) => values[rank],
        }
    }

    /// A quantile; of no values there is none.
    fn quantile(&self, probability: f64) -> f64 {
        let position = probability * (self.len().max(1) - 1) as f64;
        let rank = position.floor() as usize;
        let fraction = position - rank as f64;
        match self.len() {
            0 => f64::NAN,
            _ if fraction == 0.0 => self.at(rank),
            _ => self.at(rank) + fraction * (self.at(rank + 1) - self.at(rank)),
        }
    }

    /// The quantiles, and the interval from the rank `below` to the same rank from above.
    fn quantiles(&self, below: Option<usize>) -> DurationEstimate {
        let n = self.len();
        if n == 0 {
            return DurationEstimate::default();
        }
        DurationEstimate {
            median: Estimate {
                value: Some(self.quantile(0.5)),
                low: below.map(|below| self.at(below)),
                high: below.map(|below| self.at(n - 1 - below)),
                n: n as u64,
            },
            p75: Some(self.quantile(0.75)),
            p90: Some(self.quantile(0.9)),
            more_than: None,
        }
    }
}

/// The rank (from 0) of the lower end of the median's 95 % interval; the upper end has the same rank from above.
/// The largest rank at which less than 2.5 % lie outside (Conover, Practical Nonparametric Statistics, 3.2).
fn interval_rank(n: usize) -> Option<usize> {
    if n < 6 {
        return None;
    }
    let halves = Binomial::new(0.5, n as u64).expect("a half is a probability");
    // The normal approximation is at most one off; the exact distribution decides.
    let near = (n as f64 / 2.0 - Z * (n as f64).sqrt() / 2.0).floor().max(0.0) as u64;
    let is_outside = |k: u64| halves.cdf(k) <= 0.025;
    let mut k = near + 2;
    while k > 0 && !is_outside(k) {
        k -= 1;
    }
    is_outside(k).then_some(k as usize)
}

/// The same where values come in clusters. How many values lie below the median strays as the sum over clusters of how many
/// more of each lie below than above, whose variance is that of the clusters (Woodruff 1952, with the variance of a
/// sample of clusters; Francisco and Fuller 1991). Student's distribution makes up for there being few of them.
fn clustered_rank<T>(values: &[T], real: impl Fn(&T) -> f64, sizes: &[u32], median: f64) -> Option<usize> {
    let n_clusters = sizes.len() as f64;
    if sizes.len() < 6 {
        return None;
    }
    let mut rest = values;
    let mut squares = 0.0;
    for size in sizes {
        let (cluster, others) = rest.split_at(*size as usize);
        rest = others;
        let side = |value: &T| i32::from(real(value) > median) - i32::from(real(value) < median);
        squares += (f64::from(cluster.iter().map(side).sum::<i32>()) / 2.0).powi(2);
    }
    let error = (squares * n_clusters / (n_clusters - 1.0)).sqrt();
    let student = remembered(&STUDENT, sizes.len(), student);
    // Half a rank for going from a step to the next, as from the binomial to the normal.
    let rank = values.len() as f64 / 2.0 - student * error - 0.5;
    (rank >= 0.0).then_some(rank as usize)
}

/// The 97.5 % point of Student's distribution for so many clusters.
fn student(n_clusters: usize) -> f64 {
    let freedom = n_clusters as f64 - 1.0;
    StudentsT::new(0.0, 1.0, freedom).expect("there are at least six clusters").inverse_cdf(0.975)
}

/// The median of durations of which some are still open (`true`): Kaplan and Meier's estimate, its interval by
/// Brookmeyer and Crowley (1982) from Greenwood's variance on the log-log scale, as R's
/// `survfit(conf.type = "log-log")` gives it.
pub fn survival(observations: &mut [(f64, bool)]) -> DurationEstimate {
    let n = observations.len() as u64;
    if n == 0 {
        return DurationEstimate::default();
    }
    // Where an end and a censoring fall together the end comes first.
    observations.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut steps: Vec<Step> = Vec::new();
    let (mut surviving, mut greenwood) = (1.0, 0.0);
    let mut position = 0;
    while position < observations.len() {
        let time = observations[position].0;
        let at_risk = (observations.len() - position) as f64;
        let same = observations[position..].iter().take_while(|(other, _)| *other == time).count();
        let ended = observations[position..position + same].iter().filter(|(_, is_open)| !is_open).count() as f64;
        if ended > 0.0 {
            surviving *= 1.0 - ended / at_risk;
            greenwood += ended / (at_risk * (at_risk - ended));
            steps.push(Step::new(time, surviving, greenwood));
        }
        position += same;
    }
    let last = observations.last().map(|(time, _)| *time);
    let median = crossing(&steps, 0.5, |step| step.surviving);
    let is_enough = n >= 6;
    DurationEstimate {
        median: Estimate {
            value: median,
            low: crossing(&steps, 0.5, |step| step.low).filter(|_| is_enough),
            high: crossing(&steps, 0.5, |step| step.high).filter(|_| is_enough),
            n,
        },
        p75: crossing(&steps, 0.25, |step| step.surviving),
        p90: crossing(&steps, 0.1, |step| step.surviving),
        more_than: if median.is_none() { last } else { None },
    }
}

/// One step down of a survival curve, with the curve's interval there.
struct Step {
    time: f64,
    surviving: f64,
    low: f64,
    high: f64,
}

impl Step {
    fn new(time: f64, surviving: f64, greenwood: f64) -> Step {
        // At 0 the log-log scale has no value; R gives no interval there, and neither end of the curve's is crossed.
        let (low, high) = if surviving > 0.0 && surviving < 1.0 {
            let centre = (-surviving.ln()).ln();
            let error = Z * greenwood.sqrt() / surviving.ln().abs();
            ((-(centre + error).exp()).exp(), (-(centre - error).exp()).exp())
        } else {
            (f64::NAN, f64::NAN)
        };
        Step { time, surviving, low, high }
    }
}

/// The first time at which a curve comes down to a level; where it rests exactly on it, the middle of the rest.
fn crossing(steps: &[Step], level: f64, height: impl Fn(&Step) -> f64) -> Option<f64> {
    const TOUCHES: f64 = 1e-9;
    let first = steps.iter().position(|step| height(step) <= level + TOUCHES)?;
    let step = &steps[first];
    let rests = (height(step) - level).abs() <= TOUCHES;
    match steps.get(first + 1) {
        Some(next) if rests => Some(f64::midpoint(step.time, next.time)),
        _ => Some(step.time),
    }
}
