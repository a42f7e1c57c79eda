//! Names that the catalogue does not know, and owners that it lacks.

use facts::Kind;

use super::{all, bad, found, is, rows};
use crate::metrics::told::Told;

#[test]
fn a_service_without_a_team_is_missed_unless_it_is_retired() {
    let told = Told::of(&[(
        Kind::Service,
        "name,team,valid_from,retired
        shop,payments,2025-01-01T00:00:00Z,
        desk,,2025-01-01T00:00:00Z,
        old,,2025-01-01T00:00:00Z,true",
    )]);
    assert_eq!(bad(&told.store, "services_without_owner"), is(1, 2, &["desk"]));
}

#[test]
fn a_service_that_the_catalogue_does_not_know_stands_for_all_that_names_it() {
    let told = Told::of(&[
        (Kind::Service, "name,team,valid_from\nshop,payments,2025-01-01T00:00:00Z"),
        (
            Kind::Deployment,
            "id,service,environment,finished_at,result
            1,shop,production,2025-03-03T10:00:00Z,success
            2,shopp,production,2025-03-04T10:00:00Z,success
            3,shopp,staging,2025-03-05T10:00:00Z,success",
        ),
        (
            Kind::Incident,
            "id,opened_at,service
            1,2025-03-03T10:00:00Z,shopp
            2,2025-03-03T11:00:00Z,mail
            3,2025-03-03T11:00:00Z,",
        ),
    ]);
    // Of three deployments and two incidents that name a service, three name `shopp` and one `mail`.
    assert_eq!(bad(&told.store, "services_unknown"), is(4, 5, &["shopp", "mail"]));
    let finding = found(&told.store, "services_unknown").unwrap();
    assert_eq!((finding.n_rows, finding.share), (2, 0.8));
    assert_eq!(finding.examples[0].detail.as_deref(), Some("deployments: 2, incidents: 1"));
}

#[test]
fn each_source_that_names_an_unknown_service_is_told() {
    let told = Told::of(&[(
        Kind::Deployment,
        "source,id,service,environment,finished_at,result
        hub,1,shop,production,2025-03-03T10:00:00Z,success
        hub,2,shop,production,2025-03-04T10:00:00Z,success
        argo,1,shop,production,2025-03-05T10:00:00Z,success",
    )]);
    let sources: Vec<_> = rows(&told.store, "services_unknown").into_iter().map(|row| (row.source, row.n)).collect();
    assert_eq!(sources, [(Some("hub".into()), 2), (Some("argo".into()), 1)]);
}

#[test]
fn teams_and_services_that_provisioning_quotas_and_policies_name_must_be_known() {
    let told = Told::of(&[
        (Kind::Team, "name,valid_from\npayments,2025-01-01T00:00:00Z"),
        (Kind::Service, "name,team,valid_from\nshop,payments,2025-01-01T00:00:00Z"),
        (
            Kind::Provisioning,
            "id,kind,environment,team,channel,requested_at
            1,database,production,payments,self_service,2025-03-03T10:00:00Z
            2,database,production,paymnts,self_service,2025-03-04T10:00:00Z
            3,queue,production,paymnts,ticket,2025-03-05T10:00:00Z",
        ),
        (
            Kind::Quota,
            "team,environment,resource,at,quota_limit,used
            payments,production,cpu,2025-03-03T10:00:00Z,10,5
            search,production,cpu,2025-03-03T10:00:00Z,10,5",
        ),
        (
            Kind::Ticket,
            "id,queue,opened_at,team
            1,help,2025-03-03T10:00:00Z,serch
            2,help,2025-03-03T10:00:00Z,serch
            3,help,2025-03-03T10:00:00Z,payments
            4,help,2025-03-03T10:00:00Z,",
        ),
        (
            Kind::Engineer,
            "id,joined_at,team
            ann,2025-03-03T10:00:00Z,nobody
            bob,2025-03-03T10:00:00Z,payments
            cid,2025-03-03T10:00:00Z,",
        ),
        (
            Kind::PolicyResult,
            "policy,service,at,result
            no-root,shop,2025-03-03T10:00:00Z,pass
            no-root,kiosk,2025-03-03T10:00:00Z,fail
            limits,kiosk,2025-03-03T10:00:00Z,pass",
        ),
    ]);
    assert_eq!(bad(&told.store, "provisioning_of_unknown_teams"), is(2, 3, &["paymnts"]));
    assert_eq!(bad(&told.store, "quotas_of_unknown_teams"), is(1, 2, &["search"]));
    // What names no team is not looked at.
    assert_eq!(bad(&told.store, "tickets_of_unknown_teams"), is(2, 3, &["serch"]));
    assert_eq!(bad(&told.store, "engineers_of_unknown_teams"), is(1, 2, &["nobody"]));
    assert_eq!(bad(&told.store, "policies_of_unknown_services"), is(2, 3, &["kiosk"]));
}

#[test]
fn a_service_whose_deployments_all_go_elsewhere_is_told_with_where_they_go() {
    let told = Told::of(&[(
        Kind::Deployment,
        "id,service,environment,finished_at,result
        1,shop,produktion,2025-03-03T10:00:00Z,success
        2,shop,staging,2025-03-04T10:00:00Z,success
        3,desk,staging,2025-03-04T10:00:00Z,success
        4,desk,production,2025-03-05T10:00:00Z,failure",
    )]);
    assert_eq!(bad(&told.store, "services_never_in_production"), is(2, 4, &["shop"]));
    let details: Vec<Option<String>> =
        rows(&told.store, "services_never_in_production").into_iter().map(|row| row.detail).collect();
    assert_eq!(details, [Some("deployments: 2, to: produktion, staging".to_owned())]);
}

#[test]
fn a_kind_of_fact_that_nothing_tells_is_missed_by_the_metrics_made_of_it() {
    let told = Told::of(&[(Kind::Ticket, "id,queue,opened_at\n1,help,2025-03-03T10:00:00Z")]);
    // Sixteen kinds are needed, one was told.
    let (n, relevant, kinds) = bad(&told.store, "kinds_never_told");
    assert_eq!((n, relevant), (15, 16));
    assert!(kinds.contains(&"quota".to_owned()) && !kinds.contains(&"ticket".to_owned()), "{kinds:?}");
    let finding = found(&told.store, "kinds_never_told").unwrap();
    assert!(finding.metrics.contains(&"quota_utilisation".to_owned()));
    // It needs tickets, and tickets alone.
    assert!(!finding.metrics.contains(&"ticket_resolution".to_owned()));
    assert!(rows(&told.store, "kinds_never_told").iter().any(|row| {
        row.subject.as_deref() == Some("quota") && row.detail.as_deref() == Some("cairn import quota FILE")
    }));
}

#[test]
fn of_one_metric_only_the_kinds_that_it_is_made_of_are_missed() {
    let told = Told::of(&[(
        Kind::Deployment,
        "id,service,environment,finished_at,result\n1,shop,production,2025-03-03T10:00:00Z,success",
    )]);
    let found = all(&told.store, Some("change_fail_rate"));
    let finding = found.findings.iter().find(|finding| finding.check == "kinds_never_told").unwrap();
    // It is made of deployments, which are told, and incidents.
    assert_eq!((finding.n, finding.relevant), (1, 2));
    let subjects: Vec<_> = finding.examples.iter().map(|row| row.subject.as_deref()).collect();
    assert_eq!(subjects, [Some("incident")]);
}
