//! A process killed at any moment of an import leaves the state before or the state after, and repeating it ends well.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{cairn, run};
use crate::support::at;

const ROWS: usize = 40_000;

fn rows() -> String {
    (0..ROWS).fold(String::from("id,service,environment,finished_at,result,revision\n"), |mut text, n| {
        let (day, hour, minute) = (n / 1440 % 28 + 1, n / 60 % 24, n % 60);
        writeln!(text, "d{n},s{},production,2025-03-{day:02}T{hour:02}:{minute:02}:00Z,success,r{n}", n % 50).unwrap();
        text
    })
}

/// All that is in facts and marts, as counts and checksums.
fn contents(folder: &Path) -> Vec<Vec<store::Value>> {
    let options = store::StoreOptions { path: folder.join("cairn.duckdb"), ..store::StoreOptions::default() };
    let opened = store::Store::open(&options, at("2026-01-01T00:00:00Z")).unwrap();
    ["facts.deployment", "marts.deployment_outcome"]
        .iter()
        .map(|table| {
            let key = if table.starts_with("facts") { "fact_hash" } else { "deployment_hash" };
            let sql = format!("select count(*), count(distinct {key}), bit_xor({key})::varchar from {table}");
            opened.query(&sql, &[]).unwrap().rows.remove(0)
        })
        .collect()
}

#[test]
fn an_import_killed_at_random_moments_and_repeated_ends_as_an_undisturbed_one() {
    let undisturbed = tempfile::tempdir().unwrap();
    fs::write(undisturbed.path().join("d.csv"), rows()).unwrap();
    let begun = Instant::now();
    assert!(run(undisturbed.path(), &["import", "deployment", "d.csv"]).is_well);
    let whole = begun.elapsed();
    let expected = contents(undisturbed.path());

    let disturbed = tempfile::tempdir().unwrap();
    fs::write(disturbed.path().join("d.csv"), rows()).unwrap();
    for attempt in 0..12_u32 {
        // Moments spread over the whole run, a different one each time; no clockwork falls on the same step twice.
        let moment = whole.mul_f64(f64::from(attempt) / 12.0) + Duration::from_micros(u64::from(rand::random::<u16>()));
        let mut child = cairn(disturbed.path(), &["import", "deployment", "d.csv"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while begun.elapsed() < moment && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What a kill left is all or nothing.
        let found = contents(disturbed.path());
        let n = found[0][0].clone();
        assert!(n == store::Value::Integer(0) || found == expected, "after {moment:?}: {found:?}");
        if attempt % 4 == 3 {
            // Begin again from an empty store, so that later moments meet the writing of new rows too.
            for file in ["cairn.duckdb", "cairn.duckdb.wal"] {
                let _ = fs::remove_file(disturbed.path().join(file));
            }
        }
    }
    assert!(run(disturbed.path(), &["import", "deployment", "d.csv"]).is_well);
    assert_eq!(contents(disturbed.path()), expected);
}
