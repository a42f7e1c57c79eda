//! A file that is empty is a store that is yet to be made.

use std::fs;

use store::{Store, StoreError, StoreOptions, Value};

use crate::support::at;

fn open(folder: &tempfile::TempDir) -> Result<Store, StoreError> {
    let options = StoreOptions { path: folder.path().join("new.duckdb"), ..StoreOptions::default() };
    Store::open(&options, at("2026-01-01T00:00:00Z"))
}

#[test]
fn an_empty_file_is_a_new_store() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("new.duckdb"), "").unwrap();
    let store = open(&folder).unwrap();
    let n_facts = store.query("select count(*) from facts.deployment", &[]).unwrap().rows;
    assert!(matches!(&n_facts[0][..], [Value::Integer(0)]), "{n_facts:?}");
    drop(store);
    // What was made is opened again.
    open(&folder).unwrap();
}

#[cfg(unix)]
#[test]
fn a_file_made_for_its_owner_only_stays_so() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new.duckdb");
    fs::write(&file, "").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    open(&folder).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn an_empty_file_with_a_log_beside_it_lost_its_content_and_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("new.duckdb"), "").unwrap();
    fs::write(folder.path().join("new.duckdb.wal"), "what was written last").unwrap();
    assert!(matches!(open(&folder), Err(StoreError::Foreign { .. })));
    assert_eq!(fs::metadata(folder.path().join("new.duckdb")).unwrap().len(), 0);
    assert!(folder.path().join("new.duckdb.wal").exists());
}
