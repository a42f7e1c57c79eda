//! Sources that are late, failed, or said what could not be taken; pushes that became no facts.

use facts::Kind;
use store::{CursorUpdate, Held, Push, SourceNote, SourceRun, Store};

use super::{bad, found, is, rows};
use crate::metrics::told::Told;
use crate::support::{at, batch_of, incident, store_in};

fn run(source: &str, facts: u64, error: Option<&str>, notes: &[(&'static str, &str, &str, u64)]) -> SourceRun {
    let note = |(sort, what, subject, n): &(&'static str, &str, &str, u64)| SourceNote {
        sort,
        what: (*what).to_owned(),
        subject: (*subject).to_owned(),
        n: *n,
    };
    SourceRun {
        source: source.into(),
        kind: "github".into(),
        began_at: at("2025-12-31T10:00:00Z"),
        ended_at: at("2025-12-31T10:01:00Z"),
        requests: 1,
        retries: 0,
        facts,
        error: error.map(String::from),
        rate: None,
        notes: notes.iter().map(note).collect(),
    }
}

/// A source that pushed once, so that more is to be expected.
fn pushes(store: &Store, source: &str) {
    let push = Push {
        source: source.into(),
        delivery: "once".into(),
        received_at: at("2025-12-01T00:00:00Z"),
        headers: "[]".into(),
        body: b"{}".to_vec(),
    };
    store.accept(&[push]).unwrap();
    store.taken(&store.waiting(10, u64::MAX).unwrap().pushes, &[], at("2025-12-01T00:00:00Z")).unwrap();
}

#[test]
fn a_source_is_late_after_three_times_its_usual_gap_or_when_its_run_failed() {
    // The present is 1 January. Daily tells each day up to 28 December: 4 days of silence, more than 3 x 1.
    // Slow tells every other day up to 26 December: 6 days, no more than 3 x 2. Rare and young told on few days only, so
    // nothing is usual with them: rare has been silent for months, young for 14 days, which is not more than two weeks.
    let told = Told::of(&[(
        Kind::Incident,
        "source,id,opened_at
        daily,1,2025-12-24T00:00:00Z
        daily,2,2025-12-25T00:00:00Z
        daily,3,2025-12-26T00:00:00Z
        daily,4,2025-12-27T00:00:00Z
        daily,5,2025-12-28T00:00:00Z
        slow,1,2025-12-18T00:00:00Z
        slow,2,2025-12-20T00:00:00Z
        slow,3,2025-12-22T00:00:00Z
        slow,4,2025-12-24T00:00:00Z
        slow,5,2025-12-26T00:00:00Z
        rare,1,2025-03-01T00:00:00Z
        rare,2,2025-03-02T00:00:00Z
        rare,3,2025-03-03T00:00:00Z
        rare,4,2025-03-04T00:00:00Z
        young,1,2025-12-18T00:00:00Z",
    )]);
    // As far as is known they were imported once, and nothing more is to be expected.
    assert_eq!(bad(&told.store, "sources_late"), (0, 0, Vec::new()));
    ["daily", "slow", "rare", "young"].into_iter().for_each(|source| pushes(&told.store, source));
    assert_eq!(bad(&told.store, "sources_late"), is(2, 4, &["daily", "rare"]));
    told.store.note_run(&run("slow", 0, Some("the token was refused"), &[])).unwrap();
    told.store.note_run(&run("rare", 0, Some("stopped; the next run goes on from here"), &[])).unwrap();
    told.store.note_run(&run("new", 0, Some("no such host"), &[])).unwrap();
    // New told nothing yet; rare was only asked to stop, and is late as before.
    let (n, relevant, mut sources) = bad(&told.store, "sources_late");
    sources.sort();
    assert_eq!((n, relevant, sources), is(4, 5, &["daily", "new", "rare", "slow"]));
    let rows = rows(&told.store, "sources_late");
    let slow = rows.iter().find(|row| row.subject.as_deref() == Some("slow")).unwrap();
    assert_eq!(slow.detail.as_deref(), Some("the last run failed: the token was refused"));
    // They told of incidents.
    assert!(found(&told.store, "sources_late").unwrap().metrics.contains(&"time_to_restore".to_owned()));
}

#[test]
fn a_source_that_was_read_up_to_now_is_not_late_though_nothing_happened() {
    let told = Told::of(&[(
        Kind::Incident,
        "source,id,opened_at
        polled,1,2025-03-01T00:00:00Z
        forgotten,1,2025-03-01T00:00:00Z
        cut,1,2025-03-01T00:00:00Z
        clone,1,2025-03-01T00:00:00Z
        old-clone,1,2025-03-01T00:00:00Z",
    )]);
    // The last run of these was on 31 December, but for one that was on the first: 31 days ago.
    told.store.note_run(&run("polled", 0, None, &[])).unwrap();
    let forgotten = SourceRun { ended_at: at("2025-12-01T00:00:00Z"), ..run("forgotten", 0, None, &[]) };
    told.store.note_run(&forgotten).unwrap();
    told.store.note_run(&run("cut", 0, Some("stopped; the next run goes on from here"), &[])).unwrap();
    // Of a clone no runs are kept, but up to where it was read.
    for (source, day) in [("clone", "2025-12-31T00:00:00Z"), ("old-clone", "2025-12-01T00:00:00Z")] {
        let cursor = CursorUpdate { source: source.into(), cursor: "x".into(), is_whole: false };
        told.store.write(&[], Some(&cursor), at(day)).unwrap();
    }
    let (n, relevant, mut sources) = bad(&told.store, "sources_late");
    sources.sort();
    assert_eq!((n, relevant, sources), is(3, 5, &["cut", "forgotten", "old-clone"]));
}

#[test]
fn an_import_that_comes_again_and_again_is_late_when_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    for day in 1..=5 {
        let at_text = format!("2025-12-0{day}T00:00:00Z");
        for (source, n) in [("nightly", 5), ("twice", 2)] {
            if day <= n {
                let fact = [incident(&format!("{day}"), None, &at_text, None, None)];
                store.write(&[batch_of(source, &fact)], None, at(&at_text)).unwrap();
            }
        }
    }
    assert_eq!(bad(&store, "sources_late"), is(1, 2, &["nightly"]));
}

#[test]
fn sources_of_violations_exemptions_and_commits_have_a_pace_too() {
    // Each told of something every day, the last time on December 8: 24 days before what is now.
    let days = |row: &dyn Fn(u32) -> String| (1..=8).map(row).collect::<Vec<_>>().join("\n");
    let told = Told::of(&[
        (
            Kind::PolicyBlock,
            &format!(
                "source,id,policy,at,layer\n{}",
                days(&|day| format!("gate,{day},signed,2025-12-0{day}T00:00:00Z,ci"))
            ),
        ),
        (
            Kind::Exemption,
            &format!(
                "source,id,policy,requested_at\n{}",
                days(&|day| format!("desk,{day},signed,2025-12-0{day}T00:00:00Z"))
            ),
        ),
        (
            Kind::Commit,
            &format!(
                "source,revision,repository,authored_at,committed_at\n{}",
                days(&|day| format!("git,r{day},acme/shop,2025-12-0{day}T00:00:00Z,2025-12-0{day}T00:00:00Z"))
            ),
        ),
    ]);
    ["gate", "desk", "git"].into_iter().for_each(|source| pushes(&told.store, source));
    let (n, relevant, mut sources) = bad(&told.store, "sources_late");
    sources.sort();
    assert_eq!((n, relevant, sources), is(3, 3, &["desk", "gate", "git"]));
}

#[test]
fn notes_stand_for_as_often_as_they_were_met_beside_the_facts_that_were_read() {
    let told = Told::of(&[(Kind::Incident, "source,id,opened_at\npager,1,2025-12-24T00:00:00Z")]);
    told.store
        .note_run(&run(
            "pager",
            90,
            None,
            &[
                ("unmapped", "service", "SHOP-PROD", 10),
                ("unknown_word", "severity", "sev0", 30),
                ("refused", "", "opened_at: is required and missing", 6),
                ("left_out", "", "drafts are left out", 50),
            ],
        ))
        .unwrap();
    assert_eq!(bad(&told.store, "names_unmapped"), is(10, 100, &["SHOP-PROD"]));
    assert_eq!(
        rows(&told.store, "names_unmapped")[0].detail.as_deref(),
        Some(r#"put { match = "SHOP-PROD", name = "..." } into the list `services` of [[source]] pager"#)
    );
    assert_eq!(bad(&told.store, "words_unknown"), is(30, 120, &["sev0"]));
    assert_eq!(bad(&told.store, "facts_refused"), is(6, 96, &["opened_at: is required and missing"]));
    assert_eq!(bad(&told.store, "left_out"), is(50, 140, &["drafts are left out"]));
    // What pushes tell stands beside that, and stays when the source is read again, until it was not told for long.
    let note = |n| SourceNote { sort: "left_out", what: String::new(), subject: "drafts are left out".into(), n };
    told.store.note_pushes("pager", &[note(2)], at("2025-12-31T11:00:00Z")).unwrap();
    told.store.note_pushes("pager", &[note(1)], at("2025-12-31T12:00:00Z")).unwrap();
    assert_eq!(bad(&told.store, "left_out"), is(53, 143, &["drafts are left out", "drafts are left out"]));
    told.store.note_run(&run("pager", 90, None, &[("unmapped", "service", "SHOP-PROD", 10)])).unwrap();
    assert_eq!(bad(&told.store, "left_out"), is(3, 93, &["drafts are left out"]));
    assert_eq!(rows(&told.store, "left_out")[0].detail.as_deref(), Some("left out of pushes"));
    told.store.forget_pushed_notes(at("2026-01-30T11:00:00Z")).unwrap();
    assert_eq!(bad(&told.store, "left_out"), is(3, 93, &["drafts are left out"]));
    told.store.forget_pushed_notes(at("2026-01-30T13:00:00Z")).unwrap();
    assert!(bad(&told.store, "left_out").2.is_empty());
    let metrics = found(&told.store, "names_unmapped").unwrap().metrics;
    assert!(metrics.contains(&"time_to_restore".to_owned()) && !metrics.contains(&"quota_utilisation".to_owned()));
}

#[test]
fn pushes_that_cannot_be_read_and_those_held_back_are_told_apart() {
    let told = Told::of(&[(Kind::Incident, "source,id,opened_at\npager,1,2025-12-24T00:00:00Z")]);
    let push = |delivery: &str| Push {
        source: "pager".into(),
        delivery: delivery.into(),
        received_at: at("2025-12-31T10:00:00Z"),
        headers: "[]".into(),
        body: b"{}".to_vec(),
    };
    told.store.accept(&["a", "b", "c", "d"].map(push)).unwrap();
    let waiting = told.store.waiting(10, u64::MAX).unwrap().pushes;
    told.store.taken(&waiting[..1], &[], at("2025-12-31T10:01:00Z")).unwrap();
    told.store.bury(waiting[1].number, "it is no JSON").unwrap();
    let held = Held {
        number: waiting[2].number,
        reason: "its begin is not known".to_owned(),
        awaits: vec![(Kind::Incident, "7".into())],
    };
    told.store.hold(&[held]).unwrap();
    // One was taken, one is dead, one is held, one waits.
    let subject = |position: usize| format!("push {}", waiting[position].number);
    assert_eq!(bad(&told.store, "pushes_dead"), is(1, 4, &[&subject(1)]));
    assert_eq!(bad(&told.store, "pushes_held"), is(1, 4, &[&subject(2)]));
    assert_eq!(rows(&told.store, "pushes_dead")[0].detail.as_deref(), Some("it is no JSON"));
}

#[test]
fn a_part_that_a_source_did_not_give_harms_the_metrics_made_of_it() {
    let told = Told::of(&[(Kind::Change, "source,id,repository,merged_at\nhub,1,acme/shop,2025-12-24T00:00:00Z")]);
    let denied = "the deployments of acme/shop were not given: the token needs Deployments: read";
    told.store.note_run(&run("hub", 1, Some("a part was denied"), &[("denied", "", denied, 1)])).unwrap();
    told.store.note_run(&run("pager", 1, None, &[])).unwrap();
    // Two sources ran, one was denied something.
    assert_eq!(bad(&told.store, "parts_denied"), is(1, 2, &["hub"]));
    assert_eq!(rows(&told.store, "parts_denied")[0].detail.as_deref(), Some(denied));
    // It told of changes alone; that deployments are missing stands in the reason.
    assert!(found(&told.store, "parts_denied").unwrap().metrics.contains(&"deployment_frequency".to_owned()));
}
