//! What told in another order, or told again otherwise, once ended elsewhere than it should.

use facts::{Change, Commit, DeployedCommit, Deployment, Incident};
use store::Value;

use super::convergence::{Any, contents, difference, minute, write};
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

#[test]
fn a_commit_or_listing_that_is_told_again_otherwise_leaves_nothing_behind() {
    let of_shop = |id: &str, revision: &str, at: i64| {
        Any::Deployment(Deployment {
            finished_at: minute(at),
            revision: Some(revision.into()),
            repository: Some("acme/0".into()),
            ..deployment(id, "s0", "2025-06-01T00:00:00Z")
        })
    };
    let merged = |id: &str, revision: &str, at: i64, begun: Option<i64>| {
        Any::Change(Change {
            merged_at: minute(at),
            merge_revision: Some(revision.into()),
            first_commit_at: begun.map(minute),
            ..change(id, "acme/0", "2025-06-01T00:00:00Z")
        })
    };
    let commit = |revision: &str, at: i64, change: Option<&str>| {
        Any::Commit(Commit {
            revision: revision.into(),
            repository: "acme/0".into(),
            authored_at: minute(at),
            committed_at: minute(at),
            change_id: change.map(String::from),
            url: None,
        })
    };
    let listing = |revision: &str, repository: &str| {
        Any::DeployedCommit(DeployedCommit {
            deployment_id: "d".into(),
            revision: revision.into(),
            repository: Some(repository.into()),
            url: None,
        })
    };
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
