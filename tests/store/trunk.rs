//! A force-push takes commits away: they were told of, and hold no longer.

use facts::{Change, Commit, Trunk};
use store::{Store, Value};

use crate::support::{at, batch_of, change, store_in};

fn direct(revision: &str, repository: &str, at_text: &str) -> (Change, Commit) {
    let change = Change { merge_revision: Some(revision.into()), ..change(revision, repository, at_text) };
    let commit = Commit {
        revision: revision.into(),
        repository: repository.into(),
        authored_at: at(at_text),
        committed_at: at(at_text),
        change_id: Some(revision.into()),
        url: None,
    };
    (change, commit)
}

fn names(store: &Store, sql: &str) -> Vec<String> {
    let rows = store.query(sql, &[]).unwrap().rows;
    rows.into_iter().flatten().map(|value| if let Value::Text(name) = value { name } else { panic!() }).collect()
}

#[test]
fn what_the_trunk_holds_no_longer_is_no_change_and_nothing_else_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let told = [
        direct("kept", "acme/shop", "2025-12-02T00:00:00Z"),
        direct("lost", "acme/shop", "2025-12-03T00:00:00Z"),
        direct("before", "acme/shop", "2025-11-30T00:00:00Z"),
        direct("elsewhere", "acme/other", "2025-12-03T00:00:00Z"),
    ];
    let (mut changes, mut commits): (Vec<Change>, Vec<Commit>) = told.into_iter().unzip();
    // A pull request that was squashed: its own commit is not on the trunk and never was.
    changes.push(Change {
        merge_revision: Some("kept".into()),
        ..change("acme/shop#1", "acme/shop", "2025-12-02T00:00:00Z")
    });
    let branch = direct("branch", "acme/shop", "2025-12-02T00:00:00Z").1;
    commits.push(Commit { change_id: Some("acme/shop#1".into()), ..branch });
    let other = direct("lost", "acme/shop", "2025-12-03T00:00:00Z").0;
    let all = [batch_of("gh", &changes), batch_of("gh", &commits), batch_of("enterprise", &[other])];
    store.write(&all, None, at("2026-01-01T00:00:00Z")).unwrap();

    let mut intake = store.begin(at("2026-01-01T00:00:00Z")).unwrap();
    let trunk = Trunk {
        repository: "acme/shop".into(),
        from: at("2025-12-01T00:00:00Z"),
        to: at("2025-12-31T00:00:00Z"),
        revisions: vec!["kept".into(), "new".into()],
    };
    intake.keep_of_trunk("gh", &trunk).unwrap();
    let summary = intake.commit(None).unwrap();
    assert_eq!(summary[&facts::Kind::Change].removed, 1);
    assert_eq!(
        names(&store, "select source || ' ' || id from facts.change order by all"),
        ["enterprise lost", "gh acme/shop#1", "gh before", "gh elsewhere", "gh kept"]
    );
    assert_eq!(
        names(&store, "select revision from facts.commit order by all"),
        ["before", "branch", "elsewhere", "kept"]
    );
    // The marts know it no more either; the other instance's is still there.
    assert_eq!(
        names(
            &store,
            "select named.name from marts.change_delivery
        join marts.change_name as named on named.subject = change_hash
        where named.name = 'lost'"
        ),
        ["lost"]
    );
}
