//! Where chance comes from: one stream of random numbers per purpose and subject, so that a change to one part of the
//! organisation leaves all others as they were.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Poisson};

/// The generator used throughout. Its output is defined and the same on every machine.
pub(super) type Random = ChaCha8Rng;

/// The stream for one purpose and one subject (the index of a team or a service).
pub(super) fn stream(seed: u64, purpose: &str, index: usize) -> Random {
    // FNV-1a spreads the three parts over 64 bits; the generator's own seeding does the rest.
    let mut state = seed ^ 0xcbf2_9ce4_8422_2325;
    for byte in purpose.bytes().chain((index as u64).to_le_bytes()) {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    ChaCha8Rng::seed_from_u64(state)
}

/// A Poisson count; a mean of zero or less gives zero.
pub(super) fn poisson(random: &mut Random, mean: f64) -> u64 {
    if mean <= 0.0 {
        return 0;
    }
    Poisson::new(mean).expect("the mean is positive and finite").sample(random) as u64
}

/// One of the items, each as likely as the others.
pub(super) fn pick<'a, T: ?Sized>(random: &mut Random, items: &[&'a T]) -> &'a T {
    items[random.random_range(0..items.len())]
}

/// One of the items, in proportion to its weight.
pub(super) fn pick_weighted<T: Copy>(random: &mut Random, items: &[(T, f64)]) -> T {
    let total: f64 = items.iter().map(|(_, weight)| weight).sum();
    let mut left = random.random::<f64>() * total;
    for (item, weight) in items {
        left -= weight;
        if left < 0.0 {
            return *item;
        }
    }
    items[items.len() - 1].0
}

/// A number with two decimals, as people and price lists write them.
pub(super) fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
