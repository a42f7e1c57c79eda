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
    // Asked for no basis, it is what was measured, and says so.
    let answer = told.ask("hours_saved", march, "", "");
    assert_eq!((answer.rows[0].estimate.value, answer.rows[0].estimate.n), (Some(12.0), 2));
    let on = answer.rests_on.as_ref().unwrap();
    assert_eq!((on.dimension.as_str(), on.name.as_str()), ("basis", "telemetry"));
    assert_eq!(serde_json::to_value(&answer).unwrap()["rests_on"]["name"], "telemetry");
    // Asked for several, it is not known.
    let both = told.ask("hours_saved", march, "", "basis=telemetry,survey");
    assert_eq!((both.rows[0].estimate.value, both.rests_on), (None, None));
    let reason = both.coverage.reasons.keys().next().unwrap();
    assert_eq!(reason, "more than one basis, never added together: ask by basis, or for one of them");
    assert_eq!(told.figures("hours_saved", march, "basis"), [figure("survey", 26.0, 1), figure("telemetry", 12.0, 2)]);
    assert_eq!(told.row("hours_saved", "2025-03-01 2025-04-01", "basis=telemetry").estimate.value, Some(12.0));
    let by = told.figures("hours_saved", march, "capability");
    assert_eq!(by, [figure("pipeline", 5.0, 1), figure("templates", 7.0, 1)]);
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

#[test]
fn before_people_were_asked_what_they_would_have_said_is_not_known() {
    let told = Told::of(&[(
        Kind::TimeSaving,
        "id,capability,at,hours,occurrences,basis
        1,pipeline,2025-01-10T00:00:00Z,1,10,telemetry
        2,pipeline,2025-03-10T00:00:00Z,2,10,survey
        3,pipeline,2025-05-10T00:00:00Z,3,10,survey
        4,pipeline,2025-06-10T00:00:00Z,4,10,telemetry",
    )]);
    let months = |filter: &str| {
        let answer = told.ask("hours_saved", "2025-01-01 2025-07-01 month", "", filter);
        (answer.rows.iter().map(|row| row.estimate.value).collect::<Vec<_>>(), answer.coverage.reasons)
    };
    let (survey, reasons) = months("basis=survey");
    // January and February before the first statement, and June after the last.
    assert_eq!(survey, [None, None, Some(20.0), Some(0.0), Some(30.0), None]);
    assert_eq!(reasons["basis survey was not told of at the time, which is not 0"], 3);
    let (telemetry, reasons) = months("");
    assert_eq!(telemetry, [Some(10.0), Some(0.0), Some(0.0), Some(0.0), Some(0.0), Some(40.0)]);
    assert!(reasons.is_empty(), "{reasons:?}");
    let by = told.figures("hours_saved", "2025-01-01 2025-02-01 all", "basis");
    assert_eq!(by, [figure("telemetry", 10.0, 1)]);
}
