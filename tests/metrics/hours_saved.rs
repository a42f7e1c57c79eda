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
        3,pipeline,2025-03-05T00:00:00Z,2,46,red,survey
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
    // Said at the first instant of March 5: 92 hours of the 92 days before, of which four are March's.
    assert_eq!(told.figures("hours_saved", march, "basis"), [figure("survey", 4.0, 4), figure("telemetry", 12.0, 2)]);
    assert_eq!(told.row("hours_saved", "2025-03-01 2025-04-01", "basis=telemetry").estimate.value, Some(12.0));
    let by = told.figures("hours_saved", march, "capability");
    assert_eq!(by, [figure("pipeline", 5.0, 1), figure("templates", 7.0, 1)]);
    assert_eq!(told.figures("hours_saved", "2025-04-01 2025-05-01 all", "basis"), [figure("not told", 1.0, 1)]);
}

#[test]
fn two_hundred_engineers_who_save_three_hours_a_week_save_six_hundred() {
    let told = Told::of(&[(
        Kind::TimeSaving,
        "id,capability,at,hours,occurrences,basis
        1,platform,2025-03-03T00:00:00Z,0,200,survey
        2,platform,2025-03-10T00:00:00Z,3,200,survey",
    )]);
    assert_eq!(told.figures("hours_saved", "2025-03-03 2025-03-10 week", ""), [figure("", 600.0, 7)]);
}

#[test]
fn what_people_say_is_of_the_time_since_they_said_something_before_as_the_value_model_has_it() {
    let told = Told::of(&[(
        Kind::TimeSaving,
        "id,capability,at,hours,occurrences,team,basis
        1,templates,2025-04-03T00:00:00Z,920,1,shop,survey
        2,templates,2025-05-13T09:00:00Z,41,1,shop,survey
        3,templates,2025-04-03T00:00:00Z,46,1,cart,survey
        4,templates,2025-04-03T16:00:00Z,46.5,2,cart,survey
        5,portal,2025-05-13T09:00:00Z,92,1,shop,survey",
    )]);
    let hours = |window: &str, filter: &str| {
        let answer = told.ask("hours_saved", &format!("{window} all"), "", filter);
        super::told::rounded(answer.rows[0].estimate.value)
    };
    // Of shop 10 on each of the 92 days up to April 2, then 41 hours on the 41 days up to May 13, the day on which it was said.
    assert_eq!(hours("2025-01-01 2025-02-16", "team=shop;basis=survey;capability=templates"), Some(460.0));
    assert_eq!(hours("2025-02-16 2025-04-03", "team=shop;basis=survey;capability=templates"), Some(460.0));
    assert_eq!(hours("2025-03-24 2025-04-23", "team=shop;basis=survey;capability=templates"), Some(100.0 + 20.0));
    assert_eq!(hours("2025-05-13 2025-05-14", "team=shop;basis=survey;capability=templates"), Some(1.0));
    // Another capability has statements of its own: this one speaks for 92 days, of which April is 30.
    assert_eq!(hours("2025-04-01 2025-05-01", "basis=survey;capability=portal"), Some(30.0));
    // Of cart the one ends on April 2; the other, said in the afternoon of April 3, speaks for that day alone.
    assert_eq!(hours("2025-04-02 2025-04-03", "team=cart;basis=survey"), Some(0.5));
    assert_eq!(hours("2025-04-03 2025-04-04", "team=cart;basis=survey"), Some(93.0));
    // Since the last statement nobody has said anything.
    assert_eq!(hours("2025-05-14 2025-06-01", "basis=survey"), None);
}

#[test]
fn before_people_were_asked_what_they_would_have_said_is_not_known() {
    let told = Told::of(&[(
        Kind::TimeSaving,
        "id,capability,at,hours,occurrences,basis
        1,pipeline,2025-01-10T00:00:00Z,1,10,telemetry
        2,pipeline,2025-03-10T00:00:00Z,2,46,survey
        3,pipeline,2025-05-10T00:00:00Z,6.1,10,survey
        4,pipeline,2025-06-10T00:00:00Z,4,10,telemetry",
    )]);
    let months = |filter: &str| {
        let answer = told.ask("hours_saved", "2024-11-01 2025-07-01 month", "", filter);
        let values = answer.rows.iter().map(|row| super::told::rounded(row.estimate.value));
        (values.collect::<Vec<_>>(), answer.coverage.reasons)
    };
    let (survey, reasons) = months("basis=survey");
    // An hour on each day: 92 days up to March 9, from December 8 on, then 61 up to May 9. June is after the last statement.
    let told = [24.0, 31.0, 28.0, 31.0, 30.0, 9.0].map(Some);
    assert_eq!(survey, [&[None][..], &told, &[None]].concat());
    assert_eq!(reasons["basis survey was not told of at the time, which is not 0"], 1);
    let (telemetry, reasons) = months("");
    let told = [10.0, 0.0, 0.0, 0.0, 0.0, 40.0].map(Some);
    assert_eq!(telemetry, [&[None, None][..], &told].concat());
    assert!(reasons.is_empty(), "{reasons:?}");
}

#[test]
fn a_week_told_of_in_part_is_not_complete_and_not_judged() {
    let weekly: Vec<String> = (0..14)
        .map(|week| {
            let said = chrono::NaiveDate::from_ymd_opt(2025, 1, 6).unwrap() + chrono::Days::new(7 * week);
            format!("{week},platform,{said}T00:00:00Z,3,200,survey")
        })
        .collect();
    // Tools tell on, up to the end of the window; people spoke last on the seventh of April, and on a Wednesday once more.
    let rows = format!(
        "id,capability,at,hours,occurrences,basis\n{}\nlast,platform,2025-04-10T00:00:00Z,3,50,survey\ntool,platform,2025-04-30T10:00:00Z,1,1,telemetry",
        weekly.join("\n")
    );
    let told = Told::of(&[(Kind::TimeSaving, &rows)]);
    let answer = told.ask("hours_saved", "2025-03-31 2025-04-21 week", "", "basis=survey");
    let seen: Vec<(bool, bool)> = answer
        .rows
        .iter()
        .map(|row| (row.is_complete, row.expected.is_some_and(|expected| expected.range.is_some())))
        .collect();
    assert_eq!(seen, [(true, true), (false, false), (false, false)]);
}
