//! Draws: a column of values for each input, the same for the same seed.
//!
//! The draws of an input are stratified (one in each of as many equally likely parts as there are draws, in shuffled
//! order: Latin hypercube sampling), so that an input's own distribution is met closely. Each input has a stream of
//! random numbers of its own, found by its name: an input that is added changes nothing of the others' draws.

use std::collections::BTreeMap;

use rand::Rng;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::distribution::Distribution;
use super::quantity::Quantity;

/// A value of each draw, or of each case looked at.
pub(crate) type Column = Vec<f64>;

/// A column for each input.
pub(crate) struct Columns {
    /// The number of draws.
    pub n: usize,
    columns: BTreeMap<String, Column>,
}

impl Columns {
    /// Draws each of the inputs `n` times.
    pub fn draw<'a>(
        inputs: impl Iterator<Item = (&'a String, Quantity, &'a Distribution)>,
        seed: u64,
        n: usize,
    ) -> Columns {
        let columns =
            inputs.map(|(name, quantity, distribution)| (name.clone(), column(name, quantity, distribution, seed, n)));
        Columns { n, columns: columns.collect() }
    }

    /// Columns that are made already, each of `n` values.
    pub fn of(n: usize, columns: BTreeMap<String, Column>) -> Columns {
        Columns { n, columns }
    }

    /// The column of an input.
    pub fn get(&self, name: &str) -> Option<&Column> {
        self.columns.get(name)
    }
}

fn column(name: &str, quantity: Quantity, distribution: &Distribution, seed: u64, n: usize) -> Column {
    if let Distribution::Fixed { value } = distribution {
        return vec![*value; n];
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(stream_of(name));
    let mut strata: Vec<usize> = (0..n).collect();
    strata.shuffle(&mut random);
    let share = |stratum: usize, within: f64| ((stratum as f64 + within) / n as f64).clamp(1e-9, 1.0 - 1e-9);
    strata.into_iter().map(|stratum| quantity.clamp(distribution.quantile(share(stratum, random.random())))).collect()
}

/// FNV-1a: the same number for the same name, on every machine and in every version.
fn stream_of(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The value below which a share `p` of the draws lies, between two draws in proportion.
pub(crate) fn quantile_of_sorted(sorted: &[f64], p: f64) -> Option<f64> {
    let place = p * sorted.len().checked_sub(1)? as f64;
    let below = place.floor() as usize;
    let (low, high) = (sorted[below], sorted[(below + 1).min(sorted.len() - 1)]);
    Some(low + (high - low) * (place - below as f64))
}
