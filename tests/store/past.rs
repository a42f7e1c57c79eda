//! What was known at an earlier time.

use chrono::{DateTime, Duration, Utc};
use store::{CursorUpdate, Store, StoreOptions, Value};

use crate::support::{at, batch, deployment, store_in};

fn deployed(store: &Store) -> Vec<String> {
    let rows = store.query("select service from facts.deployment order by service", &[]).unwrap().rows;
    let text = |row: Vec<Value>| match row.into_iter().next() {
        Some(Value::Text(text)) => text,
        other => panic!("{other:?}"),
    };
    rows.into_iter().map(text).collect()
}

fn tell(store: &Store, services: &[(&str, &str)], is_whole: bool, now: DateTime<Utc>) {
    let facts: Vec<_> = services.iter().map(|(id, service)| deployment(id, service, "2026-01-05T10:00:00Z")).collect();
    let cursor = CursorUpdate { source: "test".into(), cursor: String::new(), is_whole };
    store.write(&[batch(&facts)], Some(&cursor), now).unwrap();
}

const TODAY: &str = "2026-03-01T00:00:00Z";

#[test]
fn what_was_corrected_or_taken_away_stood_until_then() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    tell(&store, &[("1", "shop"), ("2", "web")], false, at("2026-01-06T00:00:00Z"));
    tell(&store, &[("1", "checkout")], false, at("2026-01-07T00:00:00Z"));
    // The source is read whole, and has only this one more.
    tell(&store, &[("3", "api")], true, at("2026-01-08T00:00:00Z"));
    let then = |moment: &str| deployed(&store.as_of(at(moment), at(TODAY)).unwrap());
    assert_eq!(then("2026-01-06T00:00:00Z"), ["shop", "web"]);
    assert_eq!(then("2026-01-07T23:59:59Z"), ["checkout", "web"]);
    assert_eq!(then("2026-01-08T00:00:00Z"), ["api"]);
    assert_eq!(deployed(&store), ["api"], "the store itself stays as it is");
    // And its folder is gone with it.
    let path = {
        let known = store.as_of(at("2026-01-07T00:00:00Z"), at(TODAY)).unwrap();
        assert!(known.path().exists());
        known.path().to_path_buf()
    };
    assert!(!path.exists());
}

#[test]
fn what_cannot_be_told_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions {
        path: folder.path().join("test.duckdb"),
        keep_corrections: Some(Duration::days(30)),
        ..StoreOptions::default()
    };
    let store = Store::open(&options, at("2026-01-01T00:00:00Z")).unwrap();
    let refusal = |moment: &str| match store.as_of(at(moment), at(TODAY)) {
        Ok(_) => panic!("as of {moment}"),
        Err(error) => error.to_string(),
    };
    assert_eq!(refusal("2026-01-05T00:00:00Z"), "the store holds no facts, now or then");
    tell(&store, &[("1", "shop")], false, at("2026-01-06T00:00:00Z"));
    assert!(refusal("2026-01-05T00:00:00Z").contains("the first fact was taken in at 2026-01-06 00:00 UTC"));
    assert!(refusal("2026-03-02T00:00:00Z").contains("not known yet"));
    tell(&store, &[("1", "web")], false, at("2026-01-07T00:00:00Z"));
    tell(&store, &[("1", "api")], false, at("2026-01-20T00:00:00Z"));
    assert_eq!(deployed(&store.as_of(at("2026-01-06T12:00:00Z"), at(TODAY)).unwrap()), ["shop"]);
    // Thirty days after the first correction it is dropped with the next, and with it what stood before.
    tell(&store, &[("1", "pay")], false, at("2026-02-10T00:00:00Z"));
    assert!(refusal("2026-01-06T12:00:00Z").contains("corrections are kept since 2026-01-11 00:00 UTC"));
    assert_eq!(deployed(&store.as_of(at("2026-01-11T00:00:00Z"), at(TODAY)).unwrap()), ["web"]);
}

#[test]
fn the_past_has_every_column_of_the_present() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let differing = store
        .query(
            "with present as (
                select table_name, column_name, data_type from duckdb_columns() where schema_name = 'facts'
            ),
            past as (
                select table_name, column_name, data_type from duckdb_columns()
                where schema_name = 'past' and column_name != 'superseded_at'
            )
            (from present except from past) union all (from past except from present)",
            &[],
        )
        .unwrap();
    assert!(differing.rows.is_empty(), "{:?}", differing.rows);
}
