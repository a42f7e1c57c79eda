//! For which time a source told of something: by what it says now, not by what it once said by mistake.

use facts::{Deployment, Kind};
use store::{Store, Value};

use crate::support::{at, batch_of, deployment, incident, store_in};

fn tell(store: &Store, id: &str, finished_at: &str) {
    let told = Deployment { finished_at: at(finished_at), ..deployment(id, "shop", finished_at) };
    store.write(&[batch_of("test", &[told])], None, at("2026-01-01T00:00:00Z")).unwrap();
}

fn span(store: &Store, kind: Kind) -> Vec<Value> {
    let sql = format!("select first_at, last_at from meta.source_span where source = 'test' and kind = '{kind}'");
    store.query(&sql, &[]).unwrap().rows.concat()
}

fn from_to(from: &str, to: &str) -> Vec<Value> {
    [from, to].map(|time| Value::Time(at(time).timestamp_micros())).to_vec()
}

#[test]
fn a_time_that_is_corrected_counts_no_longer() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    tell(&store, "d1", "2025-01-02T10:00:00Z");
    tell(&store, "d2", "2025-10-04T10:00:00Z");
    tell(&store, "d3", "2025-10-03T10:00:00Z");
    assert_eq!(span(&store, Kind::Deployment), from_to("2025-01-02T10:00:00Z", "2025-10-04T10:00:00Z"));
    tell(&store, "d1", "2025-10-02T10:00:00Z");
    assert_eq!(span(&store, Kind::Deployment), from_to("2025-10-02T10:00:00Z", "2025-10-04T10:00:00Z"));
    tell(&store, "d2", "2025-10-03T12:00:00Z");
    assert_eq!(span(&store, Kind::Deployment), from_to("2025-10-02T10:00:00Z", "2025-10-03T12:00:00Z"));
    // What lies between changes neither end.
    tell(&store, "d3", "2025-10-03T09:00:00Z");
    assert_eq!(span(&store, Kind::Deployment), from_to("2025-10-02T10:00:00Z", "2025-10-03T12:00:00Z"));
    store.rebuild().unwrap();
    assert_eq!(span(&store, Kind::Deployment), from_to("2025-10-02T10:00:00Z", "2025-10-03T12:00:00Z"));
}

#[test]
fn what_is_taken_back_counts_no_longer_unless_nothing_else_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let now = at("2026-01-01T00:00:00Z");
    let opened = |id: &str, opened_at: &str| incident(id, Some("shop"), opened_at, None, None);
    let told = [opened("i1", "2025-03-03T10:00:00Z"), opened("i2", "2025-05-03T10:00:00Z")];
    store.write(&[batch_of("test", &told)], None, now).unwrap();
    store.withdraw("test", Kind::Incident, &["i1".into()], now).unwrap();
    assert_eq!(span(&store, Kind::Incident), from_to("2025-05-03T10:00:00Z", "2025-05-03T10:00:00Z"));
    store.withdraw("test", Kind::Incident, &["i2".into()], now).unwrap();
    assert_eq!(span(&store, Kind::Incident), from_to("2025-05-03T10:00:00Z", "2025-05-03T10:00:00Z"));
}
