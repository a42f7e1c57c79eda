//! self_service_rate and time_to_provision: "self_service_rate", "time_to_provision".

use facts::Kind;

use super::told::{Told, figure, rounded};

/// Two by self-service, one of them after approval, one by ticket; one failed, one is still under way.
fn told() -> Told {
    Told::of(&[(
        Kind::Provisioning,
        "id,kind,environment,team,channel,requested_at,approval_required,ready_at,result
        1,database,development,red,self_service,2025-03-03T10:00:00Z,false,2025-03-03T10:01:00Z,succeeded
        2,database,production,red,self_service,2025-03-03T10:00:00Z,true,2025-03-03T10:02:00Z,succeeded
        3,bucket,production,blue,ticket,2025-03-03T10:00:00Z,,2025-03-05T10:00:00Z,succeeded
        4,bucket,production,blue,ticket,2025-03-03T10:00:00Z,,,failed
        5,bucket,production,blue,ticket,2025-12-30T00:00:00Z,,,pending",
    )])
}

#[test]
fn what_was_fulfilled_without_the_platform_team_is_a_share_of_all_that_was_fulfilled() {
    let told = told();
    let row = told.row("self_service_rate", "2025-03-01 2025-04-01", "");
    assert_eq!((rounded(row.estimate.value), row.estimate.n), (rounded(Some(2.0 / 3.0)), 3));
    assert_eq!(rounded(row.beside("untouched")), rounded(Some(1.0 / 3.0)));
    assert_eq!(
        told.figures("self_service_rate", "2025-03-01 2025-04-01 all", "environment"),
        [figure("development", 1.0, 1), figure("production", 0.5, 2)]
    );
}

#[test]
fn what_is_under_way_counts_with_its_time_so_far_and_what_failed_does_not() {
    let told = told();
    let answer = told.ask("time_to_provision", "2025-01-01 2026-01-01 all", "", "");
    let row = &answer.rows[0];
    // 60 s, 120 s, 2 days, and 2 days so far: after 120 s half are left, and stay so until 2 days.
    assert_eq!((row.estimate.value, row.estimate.n), (Some((120.0 + 172_800.0) / 2.0), 4));
    assert_eq!(row.more("n_open"), Some(1.0));
    assert_eq!(answer.coverage.reasons["it failed"], 1);
    let march = "2025-03-01 2025-04-01 all";
    assert_eq!(
        told.figures("time_to_provision", march, "approval"),
        [figure("-", 172_800.0, 1), figure("with approval", 120.0, 1), figure("without approval", 60.0, 1)]
    );
    let tickets = told.row("time_to_provision", "2025-03-01 2025-04-01", "channel=ticket");
    assert_eq!(tickets.estimate.value, Some(172_800.0));
}
