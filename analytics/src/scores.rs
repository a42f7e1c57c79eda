//! Figures of what people answered, from how many gave each answer. Pure arithmetic.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::estimate::Estimate;

/// The standard normal's 97.5 % point.
const Z: f64 = 1.959_963_984_540_054;
/// With so many draws the interval's ends waver by less than a twentieth of its length.
const N_DRAWS: usize = 2_000;
/// Always the same, so that a published figure is the same whenever it is asked for.
const SEED: u64 = 8;

/// The mean answer of those who answered, where `invited` were asked. `counts` says how many answered 0, 1, 2 and so on.
///
/// The interval is that of a percentile bootstrap over people. What it draws strays from the mean as in a sample of
/// endless many; of `invited` people only those who did not answer are unknown, so what it strays is taken times the
/// root of 1 - n / invited (Cochran, Sampling Techniques, 2.6), and of n / (n - 1), since a sample varies less about its
/// own mean. It does not go beyond the answers that were given.
pub(crate) fn mean(counts: &[u64], invited: u64) -> Estimate {
    let people: Vec<u32> =
        (0_u32..).zip(counts).flat_map(|(value, n)| std::iter::repeat_n(value, *n as usize)).collect();
    let (Some(least), Some(greatest)) = (people.first(), people.last()) else { return Estimate::default() };
    let n = people.len();
    let size = n as f64;
    let mean = people.iter().copied().map(f64::from).sum::<f64>() / size;
    if n < 2 {
        return Estimate { value: Some(mean), n: n as u64, ..Estimate::default() };
    }
    let unknown = 1.0 - size / (invited as f64).max(size);
    let scale = (unknown * size / (size - 1.0)).sqrt();
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let mut drawn: Vec<f64> = (0..N_DRAWS)
        .map(|_| (0..n).map(|_| f64::from(people[random.random_range(0..n)])).sum::<f64>() / size)
        .collect();
    drawn.sort_unstable_by(f64::total_cmp);
    let end = |share: f64| {
        let strayed = drawn[(share * (N_DRAWS - 1) as f64).round() as usize] - mean;
        (mean + scale * strayed).clamp(f64::from(*least), f64::from(*greatest))
    };
    Estimate { value: Some(mean), low: Some(end(0.025)), high: Some(end(0.975)), n: n as u64 }
}

/// The net promoter score in points of 100: those who answered 9 or 10 minus those who answered 0 to 6. Each person adds
/// 1, 0 or -1, and the interval is the normal one of their mean.
pub(crate) fn net_promoters(counts: &[u64]) -> Estimate {
    let n: u64 = counts.iter().sum();
    if n == 0 {
        return Estimate::default();
    }
    let share = |from: usize, to: usize| counts.iter().take(to + 1).skip(from).sum::<u64>() as f64 / n as f64;
    let (promoters, detractors) = (share(9, 10), share(0, 6));
    let net = promoters - detractors;
    let error = ((promoters + detractors - net * net) / n as f64).sqrt();
    let points = |share: f64| Some(100.0 * share.clamp(-1.0, 1.0));
    Estimate { value: points(net), low: points(net - Z * error), high: points(net + Z * error), n }
}
