//! Whether a share of events is unusual against the shares of the periods before it: the limits of a p-chart on the scale of
//! the arcsine's square root, as wide as chance makes a share of so many, or as wide as the twelve before strayed where that
//! is more (Laney 2002).
//!
//! An individuals chart of the shares themselves, as of other figures, knows nothing of how many each rests on: of weeks of
//! few events a tenth fell outside though nothing had changed. On this scale (Anscombe 1948) the spread of a share hangs on
//! their number alone.

use crate::catalogue::Better;
use crate::expected::{Expected, ExpectedAbout, FEWEST, N_BEFORE, Verdict, by_distance, reach};

/// How many of how many.
pub type Counted = (u64, u64);

/// Judges a share by those of the buckets before it, oldest first; of more than twelve the last twelve count. `n` is how many
/// events the bucket's share is of, also where the share itself may still change.
pub fn expected_share(before: &[Option<Counted>], k: Option<u64>, n: u64, better: Better) -> ExpectedAbout {
    let none = |verdict| ExpectedAbout { expected: Expected { range: None, verdict }, centre: None };
    let before = &before[before.len().saturating_sub(N_BEFORE)..];
    let known = || before.iter().flatten().copied().filter(|(_, n)| *n > 0);
    if known().count() < FEWEST || n == 0 {
        return none(Verdict::TooLittleData);
    }
    let (k_all, n_all) = known().fold((0, 0), |(k_all, n_all), (k, n)| (k_all + k, n_all + n));
    let centre = angle(k_all, n_all);
    let mut standard = [None; N_BEFORE];
    for (standard, counted) in standard.iter_mut().zip(before) {
        *standard = counted.filter(|(_, n)| *n > 0).map(|(k, n)| (angle(k, n) - centre) / variance(n).sqrt());
    }
    // Both the share itself and the centre stray.
    let reach = reach(&standard) * (variance(n) + variance(n_all)).sqrt();
    let range = Some((share(centre - reach, n), share(centre + reach, n)));
    let verdict = by_distance(k.map(|k| angle(k, n) - centre), reach, better);
    ExpectedAbout { expected: Expected { range, verdict }, centre: Some(k_all as f64 / n_all as f64) }
}

/// A share on the scale on which it strays alike wherever it lies.
fn angle(k: u64, n: u64) -> f64 {
    ((k as f64 + 0.375) / (n as f64 + 0.75)).sqrt().asin()
}

/// How far it strays there by chance.
fn variance(n: u64) -> f64 {
    1.0 / (4.0 * n as f64 + 2.0)
}

/// The share of so many that lies at an angle.
fn share(angle: f64, n: u64) -> f64 {
    let angle = angle.clamp(0.0, std::f64::consts::FRAC_PI_2);
    let n = n as f64;
    ((angle.sin().powi(2) * (n + 0.75) - 0.375) / n).clamp(0.0, 1.0)
}
