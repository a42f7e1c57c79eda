//! commit_lead_time

use facts::{Commit, DeployedCommit, Deployment};

use crate::support::{ask, at, batch, deployed, deployment, engine, store_in, write};

fn commit(revision: &str, repository: &str, authored_at: &str) -> Commit {
    Commit {
        revision: revision.into(),
        repository: repository.into(),
        authored_at: at(authored_at),
        committed_at: at(authored_at),
        change_id: None,
        url: None,
    }
}

#[test]
fn a_commit_counts_once_with_the_first_successful_production_deployment_that_brought_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let of = |environment: &str, deployment: Deployment| Deployment {
        environment: environment.into(),
        repository: Some("acme/shop".into()),
        ..deployment
    };
    write(
        &store,
        &[
            batch(&[
                of("staging", deployment("d1", "shop", "2025-03-03T12:00:00Z")),
                of("production-us", deployment("d3", "shop", "2025-03-05T12:00:00Z")),
                of("production-eu", deployment("d2", "shop", "2025-03-04T12:00:00Z")),
            ]),
            batch(&[commit("c1", "acme/shop", "2025-03-03T10:00:00Z")]),
            batch(&[deployed("d1", "c1"), deployed("d2", "c1"), deployed("d3", "c1")]),
        ],
    );
    let answer = ask(&engine(&store, "UTC"), "commit_lead_time", "2025-03-01", "2025-04-01", "all", "environment", "");
    assert_eq!(answer.rows.len(), 1);
    assert_eq!(answer.rows[0].group[0].1.as_deref(), Some("production-eu"));
    assert_eq!((answer.rows[0].estimate.n, answer.rows[0].estimate.value), (1, Some(26.0 * 3600.0)));
}

#[test]
fn the_same_revision_in_two_repositories_is_two_commits() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(
        &store,
        &[
            batch(&[
                Deployment { repository: Some("acme/a".into()), ..deployment("d1", "a", "2025-03-04T00:00:00Z") },
                Deployment { repository: Some("acme/b".into()), ..deployment("d2", "b", "2025-03-06T00:00:00Z") },
            ]),
            batch(&[commit("1", "acme/a", "2025-03-03T00:00:00Z"), commit("1", "acme/b", "2025-03-03T00:00:00Z")]),
            batch(&[deployed("d1", "1"), DeployedCommit { repository: Some("acme/b".into()), ..deployed("d2", "1") }]),
        ],
    );
    let answer = ask(&engine(&store, "UTC"), "commit_lead_time", "2025-03-01", "2025-04-01", "all", "repository", "");
    let values: Vec<Option<f64>> = answer.rows.iter().map(|row| row.estimate.value).collect();
    assert_eq!(values, [Some(86_400.0), Some(3.0 * 86_400.0)]);
}
