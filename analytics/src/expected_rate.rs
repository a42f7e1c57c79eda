//! Whether a number of events is unusual against the numbers of the periods before it: the limits of a u-chart on the scale of
//! the square root, as wide as chance makes a number of events, or as wide as the twelve before strayed where that is more
//! (Laney 2002, as for shares).
//!
//! An individuals chart of the rates themselves knows nothing of how many events each rests on: of what happens once in some
//! weeks, the median of twelve weeks is none, and every single event lay outside. On this scale (Anscombe 1948) numbers
//! of events stray by a half wherever they lie.

use crate::catalogue::Better;
use crate::expected::{Expected, ExpectedAbout, FEWEST, N_BEFORE, Verdict, by_distance, reach};

/// The standard deviation of the square root of a number of events.
const DEVIATION: f64 = 0.5;
/// What is added to a number before its root is taken.
const ANSCOMBE: f64 = 0.375;

/// How many events in how long a time.
pub type Happened = (u64, f64);

/// Judges a number of events by those of the buckets before it, oldest first; of more than twelve the last twelve count.
/// `exposure` is the time that the bucket's number is of, also where the number itself may still change.
pub fn expected_rate(before: &[Option<Happened>], n: Option<u64>, exposure: f64, better: Better) -> ExpectedAbout {
    let before = &before[before.len().saturating_sub(N_BEFORE)..];
    let known = || before.iter().flatten().copied().filter(|(_, exposure)| *exposure > 0.0);
    if known().count() < FEWEST || exposure <= 0.0 {
        return ExpectedAbout { expected: Expected { range: None, verdict: Verdict::TooLittleData }, centre: None };
    }
    let (n_all, exposure_all) = known().fold((0, 0.0), |(n_all, all), (n, exposure)| (n_all + n, all + exposure));
    let rate = n_all as f64 / exposure_all;
    let mut standard = [None; N_BEFORE];
    for (standard, happened) in standard.iter_mut().zip(before) {
        let known = happened.filter(|(_, exposure)| *exposure > 0.0);
        *standard = known.map(|(n, exposure)| (root(n as f64) - root(rate * exposure)) / DEVIATION);
    }
    let centre = root(rate * exposure);
    // Both the number itself and the centre stray.
    let reach = reach(&standard) * DEVIATION * (1.0 + exposure / exposure_all).sqrt();
    let per_time = |root: f64| (root.max(0.0).powi(2) - ANSCOMBE).max(0.0) / exposure;
    let verdict = by_distance(n.map(|n| root(n as f64) - centre), reach, better);
    let range = Some((per_time(centre - reach), per_time(centre + reach)));
    ExpectedAbout { expected: Expected { range, verdict }, centre: Some(rate) }
}

/// A number of events on the scale on which it strays alike wherever it lies.
fn root(n: f64) -> f64 {
    (n + ANSCOMBE).sqrt()
}
