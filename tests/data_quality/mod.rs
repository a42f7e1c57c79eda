//! What is missing in the data: checks against rows worked out by hand, and how it is told.

use analytics::quality::{BadRow, Checks, DataQuality, Finding, page, report};
use store::Store;

use crate::support::{at, engine};

mod catalogue;
mod delivery;
mod sources;
mod surfaces;
mod times;

/// The present of these tests.
const NOW: &str = "2026-01-01T00:00:00Z";

fn checks(store: &Store) -> Checks {
    Checks::read(sql::CHECKS, engine(store, "UTC").catalogue()).unwrap()
}

fn all(store: &Store, metric: Option<&str>) -> DataQuality {
    report(&engine(store, "UTC"), &checks(store), metric, at(NOW)).unwrap()
}

/// What a check found.
fn found(store: &Store, check: &str) -> Option<Finding> {
    checks(store).get(check).unwrap();
    all(store, None).findings.into_iter().find(|finding| finding.check == check)
}

/// How many are bad, of how many, and the subjects of the bad rows.
fn bad(store: &Store, check: &str) -> (u64, u64, Vec<String>) {
    let Some(finding) = found(store, check) else { return (0, 0, Vec::new()) };
    let subjects = rows(store, check).into_iter().filter_map(|row| row.subject).collect();
    (finding.n, finding.relevant, subjects)
}

fn rows(store: &Store, check: &str) -> Vec<BadRow> {
    page(store, checks(store).get(check).unwrap(), 1_000, 0, at(NOW)).unwrap().rows
}

fn is(n: u64, relevant: u64, subjects: &[&str]) -> (u64, u64, Vec<String>) {
    (n, relevant, subjects.iter().map(|subject| (*subject).to_owned()).collect())
}
