//! How much memory DuckDB may take.

use store::{MartRules, Store, StoreOptions, Value};

use crate::support::{at, batch, deployment};

/// The limit in megabytes, as DuckDB says it.
fn limit(store: &Store) -> f64 {
    let told = store.query("select current_setting('memory_limit')", &[]).unwrap();
    let [Value::Text(told)] = &told.rows[0][..] else { panic!("{told:?}") };
    let (number, unit) = told.split_once(' ').unwrap();
    let unit = match unit {
        "MiB" => 1.048_576,
        "GiB" => 1_073.741_824,
        other => panic!("{other}"),
    };
    number.parse::<f64>().unwrap() * unit
}

fn store(folder: &tempfile::TempDir, memory_limit: Option<&str>) -> Store {
    let options = StoreOptions {
        path: folder.path().join("test.duckdb"),
        rules: MartRules::default(),
        memory_limit: memory_limit.map(String::from),
        ..StoreOptions::default()
    };
    Store::open(&options, at("2026-01-01T00:00:00Z")).unwrap()
}

#[test]
fn who_writes_large_files_takes_a_gigabyte_and_the_stores_size_unless_another_limit_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let bounded = store(&folder, None);
    bounded.be_bounded();
    // The store itself is a few megabytes long, and DuckDB rounds what it says.
    assert!((999.0..1_050.0).contains(&limit(&bounded)), "{}", limit(&bounded));
    bounded
        .write(&[batch(&[deployment("1", "shop", "2025-03-03T10:00:00Z")])], None, at("2026-01-01T00:00:00Z"))
        .unwrap();
    assert!((999.0..1_050.0).contains(&limit(&bounded)), "{}", limit(&bounded));
    let folder = tempfile::tempdir().unwrap();
    let given = store(&folder, Some("500MB"));
    given.be_bounded();
    assert!((499.0..501.0).contains(&limit(&given)), "{}", limit(&given));
}
