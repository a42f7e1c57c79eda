//! Weeks and months against what the twelve before them let expect, over facts in a store.

use analytics::expected::Verdict;
use analytics::{Answer, Question, Row};
use facts::Incident;

use crate::support::{ask, at, batch, change, deployed, deployment, engine, incident, store_in, write};

const HOUR: f64 = 3_600.0;
/// An hour and two hours by turns: the median of their logarithms lies at the root of 2 hours, the median range is ln 2,
/// and 3.145 of those reach from the root of 2 divided by 2^3.145 to the root of 2 times as much.
const TO_AND_FRO: [u32; 12] = [60, 120, 60, 120, 60, 120, 60, 120, 60, 120, 60, 120];

/// The Monday of a week, the first being that of 6 January 2025.
fn monday(week: u32) -> chrono::DateTime<chrono::Utc> {
    at("2025-01-06T00:00:00Z") + chrono::TimeDelta::weeks(i64::from(week) - 1)
}

fn day(week: u32) -> String {
    monday(week).format("%Y-%m-%d").to_string()
}

/// Eleven incidents on the Tuesday of a week, a minute apart, of so many minutes but for a few seconds: the sixth, which is
/// the median, of just so many. Open ones took none. Of fewer no figure would rest on enough to be judged.
fn restored(service: &str, week: u32, minutes: Option<u32>) -> Vec<Incident> {
    let one = |number: i64| {
        let opened_at = monday(week) + chrono::TimeDelta::hours(30) + chrono::TimeDelta::minutes(number);
        let id = format!("{service}-{week}-{number}");
        let mut incident = incident(&id, Some(service), "2025-01-01T00:00:00Z", None, None);
        incident.opened_at = opened_at;
        let lasts = |minutes: u32| chrono::TimeDelta::seconds(i64::from(minutes) * 60 + number - 5);
        incident.resolved_at = minutes.map(|minutes| opened_at + lasts(minutes));
        incident
    };
    (0..11).map(one).collect()
}

/// Eleven incidents in each week, from the first on.
fn each_week(service: &str, minutes: &[u32]) -> Vec<Incident> {
    (1..).zip(minutes).flat_map(|(week, minutes)| restored(service, week, Some(*minutes))).collect()
}

fn answer(facts: &[facts::Batch], question: (&str, &str, &str, &str, &str, &str)) -> Answer {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(&store, facts);
    let (metric, from, to, grain, by, filter) = question;
    ask(&engine(&store, "UTC"), metric, from, to, grain, by, filter)
}

/// The answer for the thirteenth week alone.
fn thirteenth(incidents: &[Incident], by: &str, filter: &str) -> Answer {
    answer(&[batch(incidents)], ("time_to_restore", &day(13), &day(14), "week", by, filter))
}

fn assert_range(row: &Row, low: f64, high: f64) {
    let (found_low, found_high) = row.expected.unwrap().range.unwrap();
    assert!((found_low / low - 1.0).abs() < 1e-9 && (found_high / high - 1.0).abs() < 1e-9, "{:?}", row.expected);
}

fn verdict(row: &Row) -> Verdict {
    row.expected.unwrap().verdict
}

#[test]
fn a_week_asked_for_alone_is_judged_by_the_twelve_before_it() {
    let with = |minutes: u32| [each_week("shop", &TO_AND_FRO), restored("shop", 13, Some(minutes))].concat();
    let root = 2_f64.sqrt() * HOUR;
    for (minutes, expected) in [
        (12 * 60, Verdict::NoClearChange),
        (13 * 60, Verdict::Worse),
        (10, Verdict::NoClearChange),
        (9, Verdict::Better),
    ] {
        let answer = thirteenth(&with(minutes), "", "");
        // 1.41421 h / 8.8459 = 0.15987 h = 9.6 minutes, to 12.51 h.
        assert_range(&answer.rows[0], root / 2_f64.powf(3.145), root * 2_f64.powf(3.145));
        assert_eq!((answer.rows.len(), verdict(&answer.rows[0])), (1, expected), "{minutes}");
        // What it is judged by is no part of what was asked.
        assert_eq!((answer.coverage.usable, answer.coverage.relevant), (11, 11));
        assert_eq!(answer.window.from, monday(13));
    }
    let long = answer(&[batch(&with(13 * 60))], ("time_to_restore", &day(1), &day(14), "week", "", ""));
    assert_eq!(long.rows[12], thirteenth(&with(13 * 60), "", "").rows[0], "the window asked for does not matter");
    assert_eq!(verdict(&long.rows[7]), Verdict::TooLittleData, "seven weeks before it");
    assert_eq!(verdict(&long.rows[8]), Verdict::NoClearChange, "eight weeks before it");
}

#[test]
fn groups_and_filters_are_judged_by_their_own_weeks() {
    let incidents = [
        each_week("shop", &TO_AND_FRO),
        // Always half an hour: whatever differs is unusual.
        each_week("cart", &[30; 12]),
        // Of a service without an incident in the thirteenth week nothing was asked.
        each_week("gone", &[30; 12]),
        restored("shop", 13, Some(60)),
        restored("cart", 13, Some(60)),
    ]
    .concat();
    let by_service = thirteenth(&incidents, "service", "");
    let found: Vec<(Option<&str>, Verdict)> =
        by_service.rows.iter().map(|row| (row.group[0].1.as_deref(), verdict(row))).collect();
    assert_eq!(found, [(Some("cart"), Verdict::Worse), (Some("shop"), Verdict::NoClearChange)]);
    assert_range(&by_service.rows[0], 0.5 * HOUR, 0.5 * HOUR);
    let cart = thirteenth(&incidents, "", "service=cart");
    assert_eq!(cart.rows[0].expected, by_service.rows[0].expected);
    assert_eq!((cart.coverage.usable, cart.coverage.relevant), (11, 11));
}

#[test]
fn of_a_service_that_deploys_for_the_first_time_nothing_was_expected_before() {
    let deployed = |service: &str, week: u32| {
        let at = (monday(week) + chrono::TimeDelta::hours(10)).to_rfc3339();
        deployment(&format!("{service}-{week}"), service, &at)
    };
    // One deploys each week from the first on, the other from the twelfth on.
    let mut facts: Vec<_> = (1..=14).map(|week| deployed("old", week)).collect();
    facts.extend((12..=14).map(|week| deployed("new", week)));
    let found = answer(&[batch(&facts)], ("deployment_frequency", &day(13), &day(14), "week", "service", ""));
    let verdicts: Vec<_> = found.rows.iter().map(|row| (row.group[0].1.as_deref(), verdict(row))).collect();
    assert_eq!(verdicts, [(Some("new"), Verdict::TooLittleData), (Some("old"), Verdict::NoClearChange)]);
}

#[test]
fn a_week_that_is_cut_by_the_window_is_not_judged_and_the_others_are_as_in_any_window() {
    let incidents = [each_week("shop", &TO_AND_FRO), restored("shop", 13, Some(13 * 60))].concat();
    // From the Wednesday of the twelfth week, whose incidents were on Tuesday.
    let wednesday = (monday(12) + chrono::TimeDelta::days(2)).format("%Y-%m-%d").to_string();
    let answer = answer(&[batch(&incidents)], ("time_to_restore", &wednesday, &day(14), "week", "", ""));
    let [cut, whole] = &answer.rows[..] else { panic!("{:?}", answer.rows) };
    assert_eq!((cut.time, cut.estimate.n, cut.is_complete, cut.expected), (monday(12), 0, false, None));
    // The whole of the twelfth week counts among the twelve before.
    assert_eq!(*whole, thirteenth(&incidents, "", "").rows[0]);
    assert_eq!(verdict(whole), Verdict::Worse);
    assert_eq!(answer.coverage.relevant, 11);
}

#[test]
fn a_figure_that_rests_on_little_gets_no_verdict() {
    // Twelve weeks of twenty deployments of which one or two failed, by turns; then one of two: half, far above.
    let week = |week: u32, n: i64, n_failed: i64| -> (Vec<facts::Deployment>, Vec<Incident>) {
        let at = |number: i64| monday(week) + chrono::TimeDelta::hours(30 + 2 * number);
        let deployments = (0..n).map(|number| {
            let mut one = deployment(&format!("{week}-{number}"), "shop", "2025-01-01T00:00:00Z");
            one.finished_at = at(number);
            one.started_at = None;
            one
        });
        let incidents = (0..n_failed).map(|number| {
            let cause = format!("{week}-{number}");
            let mut one = incident(&cause, Some("shop"), "2025-01-01T00:00:00Z", None, Some(&cause));
            one.opened_at = at(number);
            one.resolved_at = Some(at(number) + chrono::TimeDelta::hours(1));
            one
        });
        (deployments.collect(), incidents.collect())
    };
    let judged = |n: i64, n_failed: i64| {
        let weeks = (1..=12).map(|number| week(number, 20, 1 + i64::from(number % 2))).chain([week(13, n, n_failed)]);
        let (deployments, incidents): (Vec<_>, Vec<_>) = weeks.unzip();
        let facts = [batch(&deployments.concat()), batch(&incidents.concat())];
        let answer = answer(&facts, ("change_fail_rate", &day(13), &day(14), "week", "", ""));
        (answer.rows[0].estimate.value.unwrap(), verdict(&answer.rows[0]))
    };
    // Of 240 failed 18: on the scale of the arcsine's root the centre is asin(sqrt(18.375 / 240.75)) = 0.2799, and of 20 three
    // standard deviations are 3 * sqrt(1 / 82 + 1 / 962) = 0.3451. 6 of 20 lie 0.3076 from the centre, 7 of 20 0.3588.
    assert_eq!(judged(3, 1), (1.0 / 3.0, Verdict::NoClearChange));
    assert_eq!(judged(20, 7), (0.35, Verdict::Worse));
    assert_eq!(judged(20, 6), (0.3, Verdict::NoClearChange));
}

#[test]
fn a_median_that_is_still_growing_is_worse_once_it_is_longer_than_expected() {
    let incidents = [each_week("shop", &TO_AND_FRO), restored("shop", 13, None)].concat();
    let answer = thirteenth(&incidents, "", "");
    assert_eq!((answer.rows[0].estimate.value, verdict(&answer.rows[0])), (None, Verdict::Worse));
}

#[test]
fn months_are_judged_and_days_quarters_and_whole_windows_are_not() {
    let incidents: Vec<Incident> = (1..=39).flat_map(|week| restored("shop", week, Some(60))).collect();
    let judged = |grain: &str| {
        let answer = answer(&[batch(&incidents)], ("time_to_restore", "2025-08-01", "2025-10-01", grain, "", ""));
        answer.rows.last().unwrap().expected
    };
    // January to August are eight.
    assert_eq!(judged("month").unwrap().verdict, Verdict::NoClearChange);
    assert_eq!((judged("day"), judged("quarter"), judged("all")), (None, None, None));
}

#[test]
fn a_state_is_judged_by_what_held_at_the_ends_of_the_weeks_before() {
    let quotas = |last: u32| {
        let used = [50, 52].repeat(6).into_iter().chain([last]);
        let rows = (1..).zip(used).map(|(week, used)| format!("red,production,cpu,{}T06:00:00Z,100,{used}", day(week)));
        let csv = format!("team,environment,resource,at,quota_limit,used\n{}", rows.collect::<Vec<_>>().join("\n"));
        answer(&super::told::rows(facts::Kind::Quota, &csv), ("quota_utilisation", &day(13), &day(14), "week", "", ""))
    };
    // The median is 51 %, each range 2: 51 - 3.145 * 2 = 44.71 to 57.29 %. Less is better.
    assert_range(&quotas(57).rows[0], 0.4471, 0.5729);
    let found = [57, 58, 45, 44].map(|last| verdict(&quotas(last).rows[0]));
    assert_eq!(found, [Verdict::NoClearChange, Verdict::Worse, Verdict::NoClearChange, Verdict::Better]);
}

#[test]
fn a_week_that_has_not_ended_is_not_judged_nor_one_that_may_still_change() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let deployments: Vec<facts::Deployment> =
        (1..=14).map(|week| deployment(&week.to_string(), "shop", &format!("{}T10:00:00Z", day(week)))).collect();
    write(&store, &[batch(&deployments)]);
    let engine = engine(&store, "UTC");
    let judged = |metric: &str, now: &str| {
        let question =
            Question { metric: metric.into(), from: Some(day(12)), to: Some(day(15)), ..Question::default() };
        let asked = question.read(chrono_tz::UTC, at(now)).unwrap();
        let answer = engine.answer(&asked, at(now)).unwrap();
        answer.rows.iter().map(|row| row.expected.map(|expected| expected.verdict)).collect::<Vec<_>>()
    };
    // In the fourteenth week: no failure may yet turn out to be one of the thirteenth.
    let (same, unclear) = (Some(Verdict::NoClearChange), Some(Verdict::TooLittleData));
    assert_eq!(judged("change_fail_rate", "2025-04-09T00:00:00Z"), [same, unclear, None]);
    assert_eq!(judged("deployment_frequency", "2025-04-09T00:00:00Z"), [same, same, None]);
    assert_eq!(judged("change_fail_rate", "2025-05-01T00:00:00Z"), [same, same, same]);
}

#[test]
fn a_composed_score_is_judged_by_its_own_weeks() {
    // Each week a change of half an hour is deployed, fails, and is remedied after half an hour; in the fourteenth too, which
    // tells that the sources had not fallen silent.
    let weeks = || 1..=14;
    let time = |week: u32, clock: &str| format!("{}T{clock}:00Z", day(week));
    let deployments = weeks().map(|week| {
        let mut deployment = deployment(&format!("d{week}"), "shop", &time(week, "10:30"));
        deployment.repository = Some("acme/shop".into());
        deployment
    });
    let changes = weeks().map(|week| {
        let mut change = change(&format!("c{week}"), "acme/shop", &time(week, "10:10"));
        change.first_commit_at = Some(at(&time(week, "10:00")));
        change.merge_revision = Some(format!("{week:040}"));
        change
    });
    let incidents = weeks().map(|week| {
        let ends = Some(time(week, "11:30"));
        let cause = format!("d{week}");
        incident(&format!("i{week}"), Some("shop"), &time(week, "11:00"), ends.as_deref(), Some(&cause))
    });
    let listed = weeks().map(|week| deployed(&format!("d{week}"), &format!("{week:040}")));
    let facts = [
        batch(&deployments.collect::<Vec<_>>()),
        batch(&changes.collect::<Vec<_>>()),
        batch(&incidents.collect::<Vec<_>>()),
        batch(&listed.collect::<Vec<_>>()),
    ];
    let answer = answer(&facts, ("dora_score", &day(13), &day(14), "week", "", ""));
    let row = &answer.rows[0];
    let score = row.estimate.value.expect("all five are known");
    assert_eq!(row.expected.unwrap().range, Some((score, score)));
    assert_eq!(verdict(row), Verdict::NoClearChange);
}

#[test]
fn more_groups_than_can_be_judged_are_still_answered() {
    // 40 000 cells are asked for; with twelve weeks before each there would be 520 000.
    let time = format!("{}T10:00:00Z", day(13));
    // One in the week after tells that the source had not fallen silent.
    let after = deployment("after", "s0", &format!("{}T10:00:00Z", day(14)));
    let deployments: Vec<facts::Deployment> =
        (0..40_000).map(|n| deployment(&n.to_string(), &format!("s{n}"), &time)).chain([after]).collect();
    let answer = answer(&[batch(&deployments)], ("deployment_frequency", &day(13), &day(14), "week", "service", ""));
    assert_eq!(answer.rows.len(), 40_000);
    assert!(answer.rows.iter().all(|row| row.estimate.n == 1 && verdict(row) == Verdict::TooLittleData));
}
