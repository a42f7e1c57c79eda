//! Deployments, changes and incidents that lack something.

use facts::Kind;

use super::{bad, found, is, rows};
use crate::metrics::told::Told;

#[test]
fn a_deployment_to_production_without_a_revision_is_missed_by_source_and_others_are_not() {
    let told = Told::of(&[(
        Kind::Deployment,
        "source,id,service,environment,finished_at,result,revision
        argo,1,shop,production,2025-03-03T10:00:00Z,success,r1
        argo,2,shop,production,2025-03-04T10:00:00Z,success,
        argo,3,shop,production,2025-03-05T10:00:00Z,failure,
        argo,4,shop,staging,2025-03-05T10:00:00Z,success,
        push,5,shop,production,2025-03-06T10:00:00Z,success,
        push,6,shop,production,2025-03-07T10:00:00Z,success,",
    )]);
    // Successful in production: 1, 2, 5 and 6. The latest comes first.
    assert_eq!(bad(&told.store, "deployments_without_revision"), is(3, 4, &["6", "5", "2"]));
    let finding = found(&told.store, "deployments_without_revision").unwrap();
    let by_source: Vec<(&str, u64, u64)> =
        finding.by_source.iter().map(|one| (one.source.as_deref().unwrap(), one.n, one.relevant)).collect();
    assert_eq!(by_source, [("push", 2, 2), ("argo", 1, 2)]);
    // Three quarters are lost to five metrics.
    assert_eq!((finding.share, finding.metrics.len(), finding.severity), (0.75, 5, 3.75));
}

#[test]
fn a_roll_out_that_lists_no_commits_is_missed_but_no_rollback_and_no_second_environment() {
    let told = Told::of(&[
        (
            Kind::Deployment,
            "id,service,environment,finished_at,result,revision,kind
            1,shop,production,2025-03-03T10:00:00Z,success,r1,deploy
            2,shop,production,2025-03-04T10:00:00Z,success,r2,deploy
            3,shop,production-eu,2025-03-04T11:00:00Z,success,r2,deploy
            4,shop,production,2025-03-05T10:00:00Z,success,r1,rollback",
        ),
        (Kind::DeployedCommit, "deployment_id,revision\n1,r1"),
    ]);
    assert_eq!(bad(&told.store, "deployments_without_commits"), is(1, 2, &["2"]));
}

#[test]
fn lead_times_taken_by_time_changes_left_behind_and_repositories_of_nobody_are_told_apart() {
    let told = Told::of(&[
        (
            Kind::Service,
            "name,team,repository,valid_from
            shop,payments,acme/shop,2025-01-01T00:00:00Z
            desk,support,acme/desk,2025-01-01T00:00:00Z",
        ),
        (
            Kind::Deployment,
            "id,service,environment,finished_at,result,repository
            1,shop,production,2025-03-05T10:00:00Z,success,acme/shop
            2,desk,production,2025-03-05T10:00:00Z,success,acme/desk",
        ),
        (Kind::DeployedCommit, "deployment_id,revision\n2,r3"),
        (
            Kind::Change,
            "id,repository,merged_at,merge_revision,author
            1,acme/shop,2025-03-04T10:00:00Z,r1,ann
            2,acme/shop,2025-03-06T10:00:00Z,r2,ann
            3,acme/desk,2025-03-04T10:00:00Z,r3,ann
            4,acme/desk,2025-03-04T11:00:00Z,r4,ann
            5,acme/library,2025-03-04T11:00:00Z,r5,ann
            6,acme/library,2025-03-05T11:00:00Z,r6,ann",
        ),
    ]);
    // Shop lists nothing, so 1 went out with the next deployment, by time; 3 was listed. Nothing else was delivered.
    assert_eq!(bad(&told.store, "lead_times_estimated"), is(1, 2, &["1"]));
    // 4 is not in the deployment that followed it. 2 came after the last one and waits rightly.
    assert_eq!(bad(&told.store, "changes_never_deployed"), is(1, 3, &["4"]));
    // The library's two changes of six.
    assert_eq!(bad(&told.store, "repositories_without_service"), is(2, 6, &["acme/library"]));
}

#[test]
fn an_incident_without_a_service_is_missed() {
    let told = Told::of(&[(
        Kind::Incident,
        "id,opened_at,service,title
        1,2025-03-03T10:00:00Z,shop,slow
        2,2025-03-03T11:00:00Z,,all is slow",
    )]);
    assert_eq!(bad(&told.store, "incidents_without_service"), is(1, 2, &["2"]));
    assert_eq!(rows(&told.store, "incidents_without_service")[0].detail.as_deref(), Some("all is slow"));
}

#[test]
fn incidents_and_listed_commits_of_deployments_that_nobody_told_of_are_missed() {
    let told = Told::of(&[
        (
            Kind::Deployment,
            "source,id,service,environment,finished_at,result
            hub,1,shop,production,2025-03-03T10:00:00Z,success
            hub,2,shop,staging,2025-03-03T10:00:00Z,success",
        ),
        (
            Kind::Incident,
            "source,id,opened_at,service,caused_by_deployment
            pager,1,2025-03-03T11:00:00Z,shop,1
            pager,2,2025-03-03T12:00:00Z,shop,2
            pager,3,2025-03-03T13:00:00Z,shop,typo
            pager,4,2025-03-03T14:00:00Z,shop,",
        ),
        (
            Kind::DeployedCommit,
            "source,deployment_id,revision
            hub,1,r1
            hub,1,r2
            hub,7,r3
            hub,7,r4
            argo,1,r5",
        ),
    ]);
    // Three incidents name a deployment, of whichever source.
    assert_eq!(bad(&told.store, "incidents_of_unknown_deployments"), is(1, 3, &["3"]));
    assert_eq!(rows(&told.store, "incidents_of_unknown_deployments")[0].detail.as_deref(), Some("caused by typo"));
    // Five commits are listed: two of hub's deployment 7, and one of a deployment 1 that is argo's, not hub's.
    let (n, relevant, mut subjects) = bad(&told.store, "commits_of_unknown_deployments");
    subjects.sort();
    assert_eq!((n, relevant, subjects), is(3, 5, &["1", "7"]));
}

#[test]
fn a_deployment_of_a_revision_that_nobody_told_of_is_missed_where_revisions_matter() {
    let told = Told::of(&[
        (
            Kind::Deployment,
            "id,service,environment,finished_at,result,repository,revision
            1,shop,production,2025-03-03T10:00:00Z,success,acme/shop,r1
            2,shop,production,2025-03-04T10:00:00Z,success,acme/shop,v1.2
            3,shop,production,2025-03-05T10:00:00Z,failure,acme/shop,v1.3
            4,shop,production,2025-03-06T10:00:00Z,success,acme/shop,c1
            5,desk,production,2025-03-06T10:00:00Z,success,acme/desk,v2
            6,mute,production,2025-03-06T10:00:00Z,success,acme/mute,v3",
        ),
        (
            Kind::Change,
            "id,repository,merged_at,merge_revision\n1,acme/shop,2025-03-03T09:00:00Z,r1\n2,acme/desk,2025-03-03T09:00:00Z,r2",
        ),
        (
            Kind::Commit,
            "revision,repository,authored_at,committed_at\nc1,acme/shop,2025-03-05T09:00:00Z,2025-03-05T09:00:00Z",
        ),
        (Kind::DeployedCommit, "deployment_id,revision,repository\n5,r2,acme/desk"),
    ]);
    // The third never got there, the desk lists what it deploys, and of the mute one's repository nothing is told.
    assert_eq!(bad(&told.store, "deployments_of_unknown_revisions"), is(1, 3, &["2"]));
    assert_eq!(rows(&told.store, "deployments_of_unknown_revisions")[0].detail.as_deref(), Some("revision v1.2"));
}
