//! How long the marts take: made anew from all facts, and refreshed after a batch of a thousand.

use std::time::Instant;

use facts::PersonKey;
use store::Store;

use super::fill::Rows;
use super::organisation::Organisation;
use super::report::Figure;

const ROUNDS: u64 = 5;
const REBUILD_SECONDS: f64 = 5.0;
const REFRESH_MS: f64 = 100.0;

/// Measures a full rebuild.
pub fn rebuild(store: &Store, organisation: &Organisation) -> anyhow::Result<Figure> {
    let begun = Instant::now();
    store.rebuild()?;
    let limit = REBUILD_SECONDS * organisation.scale.allowance;
    Ok(Figure::new("full rebuild of the marts", "s", Some(begun.elapsed().as_secs_f64())).at_most("rebuild", limit))
}

/// Measures batches of a thousand new facts: the whole write, and the marts' part of it.
pub fn refresh(store: &Store, organisation: &Organisation, key: &PersonKey) -> anyhow::Result<Vec<Figure>> {
    let (mut writes, mut marts) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        // No two rounds over one store are the same, even when an earlier run left its batches there.
        let round = store.data_version().unsigned_abs();
        let mut rows = Rows::new(key, organisation.end());
        for delivery in organisation.last_day(round) {
            rows.push_delivery(&delivery, &mut |_| anyhow::bail!("a thousand facts filled a batch"))?;
        }
        let batches = rows.rest();
        let begun = Instant::now();
        let summary = store.write(&batches, None, organisation.end())?;
        writes.push(begun.elapsed().as_secs_f64() * 1_000.0);
        marts.push(store.last_refresh().as_secs_f64() * 1_000.0);
        let n_new: i64 = summary.values().map(|kind| kind.new).sum();
        anyhow::ensure!(n_new == 1_000, "the batch had {n_new} new facts instead of 1000");
    }
    Ok(vec![
        Figure::of_rounds("1000 new facts: whole write", "ms", writes),
        Figure::of_rounds("1000 new facts: marts refreshed", "ms", marts).at_most("refresh", REFRESH_MS),
    ])
}
