//! What told in another order, or told again otherwise, once ended elsewhere than it should.

use facts::{Change, Commit, DeployedCommit, Deployment, Incident};
use store::Value;

use super::convergence::{contents, difference, write};
use super::worlds::{Any, minute};
use crate::support::{change, deployment, incident, store_in};

#[test]
fn a_change_told_after_its_commit_was_deployed_finds_that_deployment_even_if_it_was_merged_later() {
    let deployment = Deployment {
        finished_at: minute(10),
        repository: Some("acme/shop".into()),
        ..deployment("d", "shop", "2025-03-03T10:00:00Z")
    };
    let commit = Commit {
        revision: "r".into(),
        repository: "acme/shop".into(),
        authored_at: minute(1),
        committed_at: minute(2),
        change_id: Some("c".into()),
        url: None,
    };
    let listing = DeployedCommit {
        deployment_id: "d".into(),
        revision: "r".into(),
        repository: Some("acme/shop".into()),
        url: None,
    };
    let change = Change { merged_at: minute(20), ..change("c", "acme/shop", "2025-03-03T10:00:00Z") };
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(&store, &[Any::Deployment(deployment), Any::Commit(commit), Any::DeployedCommit(listing)]);
    write(&store, &[Any::Change(change)]);
    let deployed =
        store.query("select count(*) from marts.change_delivery where deployed_at is not null", &[]).unwrap();
    assert_eq!(deployed.rows, [[Value::Integer(1)]]);
}

/// What a rebuild finds after these batches is what they left.
fn settles(batches: &[&[Any]]) {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    for batch in batches {
        write(&store, batch);
    }
    let left = contents(&store);
    store.rebuild().unwrap();
    assert_eq!(difference(&left, &contents(&store)), "");
}

/// A deployment from the repository that these worlds have.
fn deployed(id: &str, service: &str, environment: &str, revision: &str, at: i64) -> Any {
    Any::Deployment(Deployment {
        finished_at: minute(at),
        environment: environment.into(),
        revision: Some(revision.into()),
        repository: Some("acme/0".into()),
        ..deployment(id, service, "2025-06-01T00:00:00Z")
    })
}

fn merged(id: &str, revision: &str, at: i64, begun: Option<i64>) -> Any {
    Any::Change(Change {
        merged_at: minute(at),
        merge_revision: Some(revision.into()),
        first_commit_at: begun.map(minute),
        ..change(id, "acme/0", "2025-06-01T00:00:00Z")
    })
}

fn commit_of(change: Option<&str>, revision: &str, at: i64) -> Any {
    Any::Commit(Commit {
        revision: revision.into(),
        repository: "acme/0".into(),
        authored_at: minute(at),
        committed_at: minute(at),
        change_id: change.map(String::from),
        url: None,
    })
}

fn listed(deployment: &str, revision: &str, repository: &str) -> Any {
    Any::DeployedCommit(DeployedCommit {
        deployment_id: deployment.into(),
        revision: revision.into(),
        repository: Some(repository.into()),
        url: None,
    })
}

#[test]
fn a_commit_or_listing_that_is_told_again_otherwise_leaves_nothing_behind() {
    let of_shop = |id: &str, revision: &str, at: i64| deployed(id, "s0", "production", revision, at);
    let commit = |revision: &str, at: i64, change: Option<&str>| commit_of(change, revision, at);
    let listing = |revision: &str, repository: &str| listed("d", revision, repository);
    // The first commit of a change is another's, or nobody's.
    let told = [
        of_shop("d", "m1", 6_000),
        listing("m1", "acme/0"),
        merged("c1", "m1", 5_000, None),
        merged("c2", "m2", 8_000, None),
        commit("x", 1_000, Some("c1")),
        commit("y", 3_000, Some("c1")),
    ];
    settles(&[&told, &[commit("x", 1_000, Some("c2"))]]);
    settles(&[&told, &[commit("x", 1_000, None)]]);
    // A repository's only listing is of another one.
    let told = [
        of_shop("d0", "m0", 3_000),
        of_shop("d", "m1", 6_000),
        merged("c1", "m1", 5_000, Some(4_000)),
        listing("z", "acme/0"),
    ];
    settles(&[&told, &[listing("z", "acme/1")]]);
}

#[test]
fn of_deployments_in_one_instant_the_same_one_is_blamed_whichever_arrived_first() {
    let deployment = |id: u8| {
        let deployment = deployment(&format!("d{id}"), "shop", "2025-03-03T10:00:00Z");
        Any::Deployment(Deployment { finished_at: minute(10), ..deployment })
    };
    let incident = incident("i", Some("shop"), "2025-03-03T10:00:00Z", None, None);
    let incident = Any::Incident(Incident { opened_at: minute(20), ..incident });
    let written_in = |ids: &[u8]| {
        let folder = tempfile::tempdir().unwrap();
        let store = store_in(&folder);
        write(&store, std::slice::from_ref(&incident));
        for id in ids {
            write(&store, &[deployment(*id)]);
        }
        contents(&store)
    };
    assert_eq!(difference(&written_in(&[1, 2, 3, 4]), &written_in(&[4, 3, 2, 1])), "");
}

#[test]
fn what_comes_later_is_placed_as_if_it_had_been_there_wherever_something_that_stands_is_concerned() {
    let production =
        |id: &str, service: &str, revision: &str, at: i64| deployed(id, service, "production", revision, at);
    let merged_after = |id: &str, revision: &str, at: i64| merged(id, revision, at, Some(at - 5));
    let commit = |revision: &str, at: i64| commit_of(None, revision, at);
    let listing = |deployment: &str, revision: &str| listed(deployment, revision, "acme/0");
    // A repository whose deployments list, with a change that waits, one whose commit is told and one that is delivered.
    let before = [
        production("d0", "s0", "m0", 1_000),
        listing("d0", "m0"),
        merged_after("c0", "m0", 900),
        commit("m0", 890),
        merged_after("c1", "m1", 1_100),
        commit("m1", 1_090),
        merged_after("c2", "m2", 1_200),
    ];
    let after: [&[&[Any]]; 15] = [
        // It is delivered, and the other waits on.
        &[&[production("d1", "s0", "m1", 2_000), listing("d1", "m1")]],
        // By two, the later one first.
        &[
            &[production("d2", "s0", "m1", 3_000), listing("d2", "m1")],
            &[production("d1", "s0", "m1", 2_000), listing("d1", "m1")],
        ],
        // In staging first.
        &[
            &[deployed("d1", "s0", "staging", "m1", 1_500), listing("d1", "m1")],
            &[production("d2", "s0", "m1", 2_000), listing("d2", "m1")],
        ],
        // What is deployed already is brought once more, and earlier.
        &[&[production("d1", "s0", "m0", 950), listing("d1", "m0")]],
        // The listing is there before its deployment, or comes after it.
        &[&[listing("d1", "m1"), listing("d1", "m2")], &[production("d1", "s0", "m2", 2_000)]],
        &[&[production("d1", "s0", "m2", 2_000)], &[listing("d1", "m1"), listing("d1", "m2")]],
        &[&[listing("d1", "m1")], &[production("d1", "s0", "m2", 2_000), listing("d1", "m6"), commit("m6", 1_800)]],
        // Commits and changes are told after they were listed.
        &[
            &[production("d1", "s0", "m2", 2_000), listing("d1", "m3")],
            &[commit("m3", 1_900)],
            &[merged_after("c3", "m3", 1_950)],
        ],
        // Another service deploys from there for the first time, after what waits was merged, and lists nothing.
        &[&[production("d1", "s1", "m9", 2_000)]],
        // What its first revision was comes later, and something waits.
        &[&[production("d1", "s1", "m1", 2_000)], &[merged_after("c4", "m1", 1_150), merged_after("c5", "m5", 1_160)]],
        // Or is told by another source as merged later.
        &[
            &[production("d1", "s1", "m1", 2_000)],
            &[merged_after("c4", "m1", 1_800), merged_after("c5", "m5", 1_900)],
            &[merged_after("c18", "m1", 2_100)],
        ],
        // A deployment's listings come one by one, before and after a change that they name.
        &[
            &[production("d1", "s0", "m2", 2_000)],
            &[listing("d1", "m1")],
            &[commit("m8", 1_300)],
            &[merged_after("c6", "m9", 1_400)],
            &[listing("d1", "m8"), listing("d1", "m9")],
        ],
        // A failed run brings nothing, and the next one all.
        &[
            &[
                Any::Deployment(Deployment {
                    result: facts::DeploymentResult::Failure,
                    finished_at: minute(2_000),
                    repository: Some("acme/0".into()),
                    ..deployment("d1", "s0", "2025-06-01T00:00:00Z")
                }),
                listing("d1", "m1"),
            ],
            &[production("d2", "s0", "m2", 3_000), listing("d2", "m1"), listing("d2", "m2")],
        ],
        // One batch delivers a change twice, and tells a change of it again otherwise.
        &[&[
            production("d1", "s0", "m1", 2_000),
            listing("d1", "m1"),
            production("d2", "s0", "m2", 3_000),
            listing("d2", "m1"),
            listing("d2", "m2"),
            merged_after("c6", "m2", 1_210),
        ]],
        // Nothing but commits, changes and deployments of which nothing stands.
        &[&[commit("m7", 1_500)], &[merged_after("c7", "m7", 1_600)], &[production("d7", "s0", "m7", 2_000)]],
    ];
    for batches in after {
        settles(&[&[&before[..]], batches].concat());
    }
    // A change that does not say when its first commit was written was delivered, and one of its commits is told.
    let delivered = [production("d0", "s0", "m0", 1_000), listing("d0", "m0"), merged("c0", "m0", 900, None)];
    settles(&[&delivered, &[commit_of(Some("c0"), "x", 800)]]);
    // A repository whose deployments listed nothing so far, and took changes by their times.
    let unlisted = [production("d0", "s0", "m0", 1_000), merged_after("c0", "m0", 900), merged_after("c1", "m1", 950)];
    settles(&[&unlisted, &[production("d1", "s0", "m2", 2_000), listing("d1", "m2")]]);
    settles(&[&unlisted, &[merged_after("c2", "m2", 850)]]);
}
