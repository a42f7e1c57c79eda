//! hours_saved

use facts::Kind;

use super::told::{Told, figure};

#[test]
fn what_was_measured_and_what_was_said_are_never_added() {
    let told = Told::of(&[(
        Kind::TimeSaving,
        "id,capability,at,hours,occurrences,team,basis
        1,pipeline,2025-03-03T00:00:00Z,0.5,10,red,telemetry
        2,templates,2025-03-04T00:00:00Z,7,1,red,telemetry
        3,pipeline,2025-03-05T00:00:00Z,2,13,red,survey
        4,pipeline,2025-04-05T00:00:00Z,1,1,red,",
    )]);
    let march = "2025-03-01 2025-04-01 all";
    let answer = told.ask("hours_saved", march, "", "");
    assert_eq!((answer.rows[0].estimate.value, answer.rows[0].estimate.n), (None, 3));
    assert_eq!((answer.coverage.usable, answer.coverage.relevant), (0, 3));
    let reason = answer.coverage.reasons.keys().next().unwrap();
    assert_eq!(reason, "more than one basis, never added together: ask by basis, or for one of them");
    assert_eq!(told.figures("hours_saved", march, "basis"), [figure("survey", 26.0, 1), figure("telemetry", 12.0, 2)]);
    assert_eq!(told.row("hours_saved", "2025-03-01 2025-04-01", "basis=telemetry").estimate.value, Some(12.0));
    // Within a capability the bases are apart as well.
    let by = told.figures("hours_saved", march, "capability");
    assert_eq!(by, [("pipeline".to_owned(), None, 2), figure("templates", 7.0, 1)]);
    assert_eq!(told.figures("hours_saved", "2025-04-01 2025-05-01 all", "basis"), [figure("not told", 1.0, 1)]);
}

#[test]
fn two_hundred_engineers_who_save_three_hours_save_six_hundred() {
    let told = Told::of(&[(
        Kind::TimeSaving,
        "id,capability,at,hours,occurrences,basis\n1,platform,2025-03-03T00:00:00Z,3,200,survey",
    )]);
    assert_eq!(told.figures("hours_saved", "2025-03-03 2025-03-10 week", ""), [figure("", 600.0, 1)]);
}
