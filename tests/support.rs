//! What several tests share: a key, times, and stores in folders of their own.

use chrono::{DateTime, Utc};
use facts::{Batch, BatchBuilder, Fact, PersonKey};
use store::{MartRules, Store, StoreOptions};

/// A key for hashing people.
pub fn key() -> PersonKey {
    PersonKey::new(b"a secret for the tests only").unwrap()
}

/// An instant, from RFC 3339.
pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap_or_else(|_| panic!("{text} is no time"))
}

/// A new store in a folder.
pub fn store_in(folder: &tempfile::TempDir) -> Store {
    let options = StoreOptions { path: folder.path().join("test.duckdb"), rules: MartRules::default(), ..StoreOptions::default() };
    Store::open(&options, at("2026-01-01T00:00:00Z")).unwrap()
}

/// A batch of facts of one kind from the source `test`.
pub fn batch<F: Fact>(facts: &[F]) -> Batch {
    let mut builder = BatchBuilder::new(F::SPEC.kind, &key(), "test", at("2026-01-01T00:00:00Z"));
    for fact in facts {
        builder.push_fact(fact).unwrap();
    }
    builder.finish()
}
