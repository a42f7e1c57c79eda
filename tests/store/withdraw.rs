//! What a source says is not so any more is taken back, and nothing else.

use facts::{Incident, Kind, Listing, Ticket};

use crate::support::{ask, at, batch_of, change, deployment, engine, incident, store_in};

const NOW: &str = "2026-01-01T00:00:00Z";

fn names(store: &store::Store, sql: &str) -> Vec<String> {
    let rows = store.query(sql, &[]).unwrap().rows;
    rows.into_iter().flatten().map(|value| if let store::Value::Text(name) = value { name } else { panic!() }).collect()
}

fn open(id: &str, service: &str, opened_at: &str) -> Incident {
    incident(id, Some(service), opened_at, None, None)
}

#[test]
fn of_a_repositorys_issues_those_that_are_listed_no_more_are_incidents_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let told = [
        open("acme/shop#1", "shop", "2025-12-01T00:00:00Z"),
        open("acme/shop#2", "shop", "2025-12-02T00:00:00Z"),
        open("acme/shop#3", "shop", "2025-12-31T12:00:00Z"),
        open("acme/shop2#1", "shop", "2025-12-01T00:00:00Z"),
    ];
    let elsewhere = [open("acme/shop#1", "shop", "2025-12-01T00:00:00Z")];
    let deployed = [deployment("d1", "shop", "2025-11-30T23:00:00Z")];
    let all = [batch_of("gh", &told), batch_of("enterprise", &elsewhere), batch_of("cd", &deployed)];
    store.write(&all, None, at(NOW)).unwrap();
    let listing = Listing {
        kind: Kind::Incident,
        under: "acme/shop#".into(),
        // The third came after the listing began.
        until: at("2025-12-31T11:00:00Z"),
        ids: vec!["acme/shop#2".into(), "acme/shop#4".into()],
    };
    assert_eq!(store.gone_of_listing("gh", &listing).unwrap(), 1);
    assert_eq!(store.keep_of_listing("gh", &listing, at("2026-01-01T01:00:00Z")).unwrap(), 1);
    assert_eq!(store.keep_of_listing("gh", &listing, at("2026-01-01T01:00:00Z")).unwrap(), 0);
    assert_eq!(
        names(&store, "select source || ' ' || id from facts.incident order by all"),
        ["enterprise acme/shop#1", "gh acme/shop#2", "gh acme/shop#3", "gh acme/shop2#1"]
    );
    // The marts have the four that are left, and no more.
    let sql =
        "select count(*)::varchar from marts.incident_outcome semi join facts.incident on fact_hash = incident_hash
        union all select count(*)::varchar from marts.incident_outcome";
    assert_eq!(names(&store, sql), ["4", "4"]);
    // What was known before can still be told.
    let before = store.as_of(at("2026-01-01T00:30:00Z"), at("2026-01-01T02:00:00Z")).unwrap();
    assert_eq!(
        names(&before, "select id from facts.incident where source = 'gh' and id = 'acme/shop#1'"),
        ["acme/shop#1"]
    );
}

#[test]
fn a_revision_that_two_repositories_share_is_the_change_of_one_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    store.write(&[batch_of("gh", &[change("ccc", "acme/b", "2025-12-01T00:00:00Z")])], None, at(NOW)).unwrap();
    let ids = ["ccc".to_owned(), "ddd".to_owned()];
    assert!(store.changes_of("gh", "acme/a", &ids).unwrap().is_empty());
    assert!(store.changes_of("other", "acme/b", &ids).unwrap().is_empty());
    assert_eq!(store.changes_of("gh", "acme/b", &ids).unwrap(), ["ccc"]);
}

#[test]
fn a_deployment_is_no_failure_any_more_when_its_only_incident_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let deployed = [deployment("d1", "shop", "2025-12-01T00:00:00Z"), deployment("d2", "shop", "2025-12-03T00:00:00Z")];
    let told = [open("acme/shop#1", "shop", "2025-12-01T01:00:00Z")];
    store.write(&[batch_of("cd", &deployed), batch_of("gh", &told)], None, at(NOW)).unwrap();
    let failed = |store: &store::Store| {
        ask(&engine(store, "UTC"), "change_fail_rate", "2025-12-01", "2026-01-01", "all", "", "").rows[0].estimate.value
    };
    assert_eq!(failed(&store), Some(0.5));
    assert_eq!(
        store.withdraw("gh", Kind::Incident, &["acme/shop#1".into(), "acme/shop#9".into()], at(NOW)).unwrap(),
        1
    );
    assert_eq!(failed(&store), Some(0.0));
    // What the refresh made is what making everything anew gives.
    let marts = "select columns(*)::varchar from marts.deployment_outcome order by deployment_hash";
    let refreshed = store.query(marts, &[]).unwrap().rows;
    store.rebuild().unwrap();
    assert_eq!(store.query(marts, &[]).unwrap().rows, refreshed);
    assert_eq!(store.withdraw("gh", Kind::Incident, &["acme/shop#1".into()], at(NOW)).unwrap(), 0);
}

#[test]
fn a_ticket_is_taken_back_alike() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let ticket = |id: &str| Ticket {
        id: id.into(),
        queue: "acme/shop".into(),
        opened_at: at("2025-12-01T00:00:00Z"),
        kind: None,
        category: None,
        team: None,
        first_response_at: None,
        resolved_at: None,
        answered_by_docs: None,
        url: None,
    };
    store.write(&[batch_of("gh", &[ticket("acme/shop#1"), ticket("acme/shop#2")])], None, at(NOW)).unwrap();
    let version = store.data_version();
    assert_eq!(store.withdraw("gh", Kind::Ticket, &["acme/shop#1".into()], at(NOW)).unwrap(), 1);
    assert!(store.data_version() > version, "answers that were kept hold no more");
    assert_eq!(names(&store, "select id from facts.ticket"), ["acme/shop#2"]);
}
