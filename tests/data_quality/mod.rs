//! What is wrong with the data: a small organisation in which one thing of each sort is, counted by hand.

use analytics::quality::{Asked, Checks, Finding, Quality, look};
use facts::{Change, Deployment, Service};
use store::{SourceNote, SourceRun, Store};

use crate::support::{at, batch, change, deployed, deployment, incident, service, store_in, write};

fn organisation() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let revision = |name: &str, deployment| Deployment { revision: Some(name.into()), ..deployment };
    write(
        &store,
        &[
            batch(&[
                service("shop", "2025-01-01T00:00:00Z", "payments", Some("acme/shop")),
                service("list", "2025-01-01T00:00:00Z", "payments", Some("acme/list")),
                Service { team: None, ..service("orphan", "2025-01-01T00:00:00Z", "", None) },
            ]),
            batch(&[
                revision("r1", deployment("1", "shop", "2025-12-02T00:00:00Z")),
                // Neither a revision nor commits.
                deployment("2", "shop", "2025-12-03T00:00:00Z"),
                // Of a service that the catalogue does not know.
                revision("r3", deployment("3", "ghost", "2025-12-03T00:00:00Z")),
                // In the future: the tests' present is 2026-01-01.
                revision("r4", deployment("4", "shop", "2026-05-01T00:00:00Z")),
                // Lists its commits.
                deployment("5", "list", "2025-11-20T00:00:00Z"),
            ]),
            batch(&[deployed("5", "x2")]),
            batch(&[
                // By its time alone in the first deployment of shop.
                change("c1", "acme/shop", "2025-12-01T00:00:00Z"),
                // The commit of the one was listed, by a deployment before it began; that of the other never.
                Change {
                    merge_revision: Some("x2".into()),
                    first_commit_at: Some(at("2025-11-22T00:00:00Z")),
                    ..change("l2", "acme/list", "2025-11-25T00:00:00Z")
                },
                Change { merge_revision: Some("x1".into()), ..change("l1", "acme/list", "2025-11-01T00:00:00Z") },
            ]),
            batch(&[
                incident("i1", Some("shop"), "2025-12-30T00:00:00Z", Some("2025-12-30T01:00:00Z"), None),
                incident("i2", None, "2025-12-30T00:00:00Z", None, None),
                incident("i3", Some("shop"), "2025-12-30T00:00:00Z", None, None),
            ]),
            batch(&[facts::Engineer {
                id: facts::Person("somebody".into()),
                joined_at: at("2025-12-01T00:00:00Z"),
                team: Some("nobody knows".into()),
                left_at: None,
                url: None,
            }]),
        ],
    );
    let note = |sort, what: &str, subject: &str| SourceNote { sort, what: what.into(), subject: subject.into(), n: 7 };
    store
        .note_run(&SourceRun {
            source: "gh".into(),
            kind: "github".into(),
            began_at: at("2025-12-31T00:00:00Z"),
            ended_at: at("2025-12-31T00:01:00Z"),
            requests: 3,
            retries: 0,
            facts: 0,
            error: Some("GitHub refuses the token".into()),
            rate: None,
            notes: vec![note("unmapped", "service", "acme/unmapped"), note("left_out", "", "a fork")],
        })
        .unwrap();
    (store, folder)
}

fn looked(store: &Store, asked: &Asked) -> Quality {
    look(store, &Checks::read(sql::CHECKS).unwrap(), asked, at("2026-01-01T00:00:00Z")).unwrap()
}

fn finding<'a>(quality: &'a Quality, check: &str) -> &'a Finding {
    let found = quality.findings.iter().find(|finding| finding.check == check);
    found.unwrap_or_else(|| panic!("{check} found nothing: {quality:?}"))
}

#[test]
fn each_check_finds_the_one_row_that_is_wrong_among_those_it_looks_at() {
    let (store, _folder) = organisation();
    let quality = looked(&store, &Asked::default());
    for (check, subject, relevant) in [
        ("deployments_without_revision", "2", 5),
        // Of the changes that reached production one was listed.
        ("estimated_lead_times", "c1", 2),
        // The other one of a month ago is in production; the third was merged after its repository last deployed.
        ("unlinked_changes", "l1", 2),
        ("services_without_owner", "orphan", 3),
        ("unknown_services", "ghost", 3),
        ("unknown_teams", "nobody knows", 1),
        ("incidents_without_service", "i2", 3),
        // One change has both ends, and one incident.
        ("negative_durations", "l2", 2),
        // Five deployments, three changes, three incidents.
        ("future_times", "4", 11),
        ("late_sources", "gh", 2),
        // What is left out by rule is nothing to mend.
        ("unmapped_names", "acme/unmapped", 1),
    ] {
        let found = finding(&quality, check);
        assert_eq!((found.n, found.relevant), (1, relevant), "{check}: {found:?}");
        assert_eq!(found.rows[0].subject, subject, "{check}");
        assert!(!found.fix.is_empty() && !found.rows[0].detail.is_empty(), "{check}");
    }
    let mapping = &finding(&quality, "unmapped_names").rows[0].detail;
    assert_eq!(mapping, r#"7 times; add services = [{ match = "acme/unmapped", name = "..." }]"#);
    assert!(finding(&quality, "late_sources").rows[0].detail.contains("refuses the token"));
    let weights: Vec<f64> =
        quality.findings.iter().map(|finding| finding.share * finding.metrics.len() as f64).collect();
    assert!(weights.is_sorted_by(|one, next| one >= next), "{weights:?}");
}

#[test]
fn one_metric_and_one_check_can_be_asked_for_and_rows_are_paged() {
    let (store, _folder) = organisation();
    let of_metric = looked(&store, &Asked { metric: Some("time_to_restore".into()), ..Asked::default() });
    assert!(of_metric.findings.iter().all(|finding| finding.metrics.contains(&"time_to_restore".to_owned())));
    assert!(of_metric.findings.iter().all(|finding| finding.check != "unlinked_changes"));
    assert!(of_metric.findings.iter().any(|finding| finding.check == "negative_durations"));
    let of_check = Asked { check: Some("future_times".into()), offset: 1, ..Asked::default() };
    let page = looked(&store, &of_check);
    assert_eq!((page.findings.len(), page.findings[0].n, page.findings[0].rows.len()), (1, 1, 0));
    let unknown = Asked { check: Some("future_tims".into()), ..Asked::default() };
    let error = look(&store, &Checks::read(sql::CHECKS).unwrap(), &unknown, at("2026-01-01T00:00:00Z")).unwrap_err();
    assert!(error.to_string().contains("`future_times`"), "{error}");
}

#[test]
fn a_store_without_facts_has_nothing_wrong_and_says_that_it_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    let quality = looked(&store_in(&folder), &Asked::default());
    assert!(!quality.has_facts && quality.findings.is_empty() && quality.well.is_empty());
}

#[test]
fn a_push_that_is_no_fact_is_found_with_its_reason() {
    let (store, _folder) = organisation();
    let push = store::Push {
        source: "hooks".into(),
        delivery: "d1".into(),
        received_at: at("2025-12-31T00:00:00Z"),
        headers: "[]".into(),
        body: b"{}".to_vec(),
    };
    store.accept(&[push]).unwrap();
    let number = store.waiting(10).unwrap()[0].number;
    store.bury(number, "deployment.id is missing").unwrap();
    let quality = looked(&store, &Asked::default());
    let found = finding(&quality, "dead_letters");
    assert_eq!((found.n, &*found.rows[0].detail), (1, "deployment.id is missing"));
}

#[test]
fn every_metric_that_a_check_names_is_there_and_every_check_is_tested() {
    let catalogue = analytics::Catalogue::read(sql::METRICS).unwrap();
    let own = include_str!("mod.rs");
    for check in Checks::read(sql::CHECKS).unwrap().iter() {
        for metric in &check.metrics {
            assert!(catalogue.get(metric).is_ok(), "{}: there is no metric {metric}", check.name);
        }
        assert!(own.contains(&format!("\"{}\"", check.name)), "{} has no test", check.name);
    }
}
