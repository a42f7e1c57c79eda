//! "platform_ticket_volume", "ticket_first_response" and "ticket_resolution".

use facts::Kind;

use super::told::{Told, figure, rounded};

/// Three tickets in the week from 3 March on, of 20 engineers of red and 30 of blue; one late in the year.
fn told() -> Told {
    Told::of(&[
        (
            Kind::Team,
            "name,valid_from,engineers
            red,2025-01-01T00:00:00Z,20
            blue,2025-01-01T00:00:00Z,30",
        ),
        (
            Kind::Ticket,
            "id,queue,opened_at,category,kind,team,first_response_at,resolved_at,answered_by_docs
            1,platform,2025-03-03T10:00:00Z,ci,bug,red,2025-03-03T11:00:00Z,2025-03-04T10:00:00Z,true
            2,platform,2025-03-04T10:00:00Z,ci,question,red,2025-03-04T13:00:00Z,2025-03-06T10:00:00Z,false
            3,platform,2025-03-09T10:00:00Z,access,request,blue,2025-03-09T15:00:00Z,,
            4,platform,2025-12-31T10:00:00Z,access,request,blue,,,",
        ),
    ])
}

#[test]
fn tickets_are_counted_per_week_and_per_hundred_engineers() {
    let told = told();
    let row = told.row("platform_ticket_volume", "2025-03-03 2025-03-10", "");
    assert_eq!((rounded(row.estimate.value), row.estimate.n), (Some(3.0), 3));
    // Exact Poisson for 3: 0.619 to 8.767.
    assert!((row.estimate.low.unwrap() - 0.619).abs() < 1e-3 && (row.estimate.high.unwrap() - 8.767).abs() < 1e-3);
    assert_eq!(rounded(row.beside("per_100_engineers")), Some(6.0));
    // Of two it was noted.
    assert_eq!(row.beside("answered_by_docs"), Some(0.5));
    assert_eq!((row.usable, row.relevant), (3, 3), "head counts are no tickets");
    let red = told.row("platform_ticket_volume", "2025-03-03 2025-03-10", "team=red");
    assert_eq!((rounded(red.estimate.value), rounded(red.beside("per_100_engineers"))), (Some(2.0), Some(10.0)));
    let quiet = told.row("platform_ticket_volume", "2025-03-10 2025-03-24", "");
    assert_eq!((quiet.estimate.value, quiet.beside("per_100_engineers")), (Some(0.0), Some(0.0)));
}

#[test]
fn responses_and_resolutions_are_medians_over_the_waiting_too() {
    let told = told();
    let year = "2025-01-01 2026-01-01 all";
    let hour = 3_600.0;
    // 1 h, 3 h, 5 h, and 14 h so far: half are left after 3 h, and a quarter after 5.
    assert_eq!(told.figures("ticket_first_response", year, ""), [figure("", 4.0 * hour, 4)]);
    // 24 h, 48 h; the last has waited for 14 h, the third since March: after 24 h two thirds are left, after 48 h one.
    assert_eq!(told.figures("ticket_resolution", year, ""), [figure("", 48.0 * hour, 4)]);
    assert_eq!(
        told.figures("ticket_first_response", "2025-03-01 2025-04-01 all", "category"),
        [figure("access", 5.0 * hour, 1), figure("ci", 2.0 * hour, 2)]
    );
}

#[test]
fn what_is_to_end_in_the_future_is_open() {
    // The present is New Year's Day of 2026: three days after each began.
    let told = Told::of(&[
        (
            Kind::Ticket,
            "id,queue,opened_at,first_response_at,resolved_at
            1,platform,2025-12-29T00:00:00Z,2026-02-01T00:00:00Z,2026-03-01T00:00:00Z",
        ),
        (
            Kind::Provisioning,
            "id,kind,environment,team,channel,requested_at,ready_at
            1,database,development,red,self_service,2025-12-29T00:00:00Z,2026-02-01T00:00:00Z",
        ),
        (
            Kind::Exemption,
            "id,policy,requested_at,decided_at,decision
            1,signed,2025-12-29T00:00:00Z,2026-02-01T00:00:00Z,granted",
        ),
    ]);
    for metric in ["ticket_first_response", "ticket_resolution", "time_to_provision", "exemption_decision_time"] {
        let row = told.row(metric, "2025-12-29 2026-01-01", "");
        assert_eq!((row.estimate.value, row.more("n_open")), (None, Some(1.0)), "{metric}");
        assert_eq!(row.more("more_than"), Some(3.0 * 86_400.0), "{metric}");
    }
}
