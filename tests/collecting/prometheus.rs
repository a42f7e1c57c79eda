//! Prometheus, by recorded answers.

use collectors::prometheus::{Expression, Options, Prometheus};
use collectors::pull::{Answer, Next, Note, Setting, Source};
use facts::{AnyFact, Availability};
use serde_json::{Value, json};

use super::{recorded, walk};
use crate::support::at;

fn source(component: Option<&str>, label: Option<&str>, step_seconds: i64) -> Prometheus {
    let expression = Expression {
        component: component.map(str::to_owned),
        component_label: label.map(str::to_owned),
        up: "avg by (component) (up)".into(),
    };
    Prometheus::new(Setting::default(), Options { expressions: vec![expression], step_seconds }).unwrap()
}

fn availability(facts: Vec<AnyFact>) -> Vec<Availability> {
    facts
        .into_iter()
        .map(|fact| match fact {
            AnyFact::Availability(availability) => availability,
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn samples_speak_for_the_step_before_them_and_a_gap_is_neither_up_nor_down() {
    let source = source(None, Some("component"), 600);
    let begin = source.begin(None, Some(at("2026-01-01T00:00:00Z")), at("2026-01-01T02:10:00Z"));
    let seconds = |minutes: i64| at("2026-01-01T00:00:00Z").timestamp() + minutes * 60;
    let (facts, notes, _, asked) = walk(&source, begin, |_| {
        // Up for 20 minutes, half up for ten, nothing at 40 and 50, up at 60 and 70, not a number at 80.
        let samples: Vec<Value> = [(10, "1"), (20, "1"), (30, "0.5"), (60, "1"), (70, "1"), (80, "NaN"), (90, "+Inf")]
            .map(|(minutes, value)| json!([seconds(minutes), value]))
            .to_vec();
        let series = json!([{ "metric": { "component": "portal" }, "values": samples }]);
        (200, json!({ "status": "success", "data": { "resultType": "matrix", "result": series } }))
    });
    assert_eq!(asked.len(), 1);
    assert!(asked[0].contains("query=avg+by+%28component%29+%28up%29"), "{asked:?}");
    assert!(asked[0].contains(&format!("start={}&end={}&step=600", seconds(10), seconds(120))));
    let told: Vec<_> = availability(facts).into_iter().map(|one| (one.from, one.to, one.up_seconds)).collect();
    let minute = |minutes| chrono::DateTime::from_timestamp(seconds(minutes), 0).unwrap();
    assert_eq!(
        told,
        [
            // Of the first hour 40 minutes are known, 35 of them up.
            (minute(0), minute(40), 2_100.0),
            (minute(60), minute(70), 600.0),
        ]
    );
    assert_eq!(
        notes.iter().filter(|note| matches!(note, Note::LeftOut(reason) if reason.contains("0 to 1"))).count(),
        2
    );
}

#[test]
fn an_hour_read_again_after_a_gap_was_filled_takes_its_own_place() {
    let source = source(Some("portal"), None, 600);
    let told = |minutes: &[i64]| {
        let begin = source.begin(None, Some(at("2026-01-01T00:00:00Z")), at("2026-01-01T01:00:00Z"));
        let first = at("2026-01-01T00:00:00Z").timestamp();
        let samples: Vec<Value> = minutes.iter().map(|minutes| json!([first + minutes * 60, "1"])).collect();
        let series = json!([{ "metric": {}, "values": samples }]);
        let answer = json!({ "status": "success", "data": { "resultType": "matrix", "result": series } });
        let (facts, _, _, _) = walk(&source, begin, |_| (200, answer.clone()));
        availability(facts).into_iter().map(|one| (one.from, (one.to - one.from).num_minutes())).collect::<Vec<_>>()
    };
    let hour = at("2026-01-01T00:00:00Z");
    assert_eq!(told(&[10, 40, 50, 60]), [(hour, 40)]);
    assert_eq!(told(&[10, 20, 30, 40, 50, 60]), [(hour, 60)]);
}

#[test]
fn a_recorded_range_is_read_as_it_was_told() {
    let source = source(Some("portal"), None, 10);
    let begin = source.begin(None, Some(at("2026-11-23T04:00:00Z")), at("2026-11-23T05:00:00Z"));
    let (facts, _, _, _) = walk(&source, begin, |_| (200, recorded("prometheus/query_range.json")));
    // Recorded every five seconds: 0.6, 0, 0, 1, 1; each taken for a step of ten seconds.
    let up: f64 = availability(facts).iter().map(|one| one.up_seconds).sum();
    assert!((up - 26.0).abs() < 1e-9, "{up}");
}

#[test]
fn an_error_is_told_in_prometheus_own_words() {
    let source = source(Some("portal"), None, 60);
    let begin = source.begin(None, Some(at("2026-11-23T04:00:00Z")), at("2026-11-23T05:00:00Z"));
    let body = recorded("prometheus/error_too_many_points.json").to_string();
    let answer = Answer { status: 400, ..Answer::of(body, at("2026-11-23T05:00:00Z")) };
    let page = source.read(&begin, &answer).unwrap();
    let [Note::Denied(said)] = &page.notes[..] else { panic!("{:?}", page.notes) };
    assert!(said.contains("11,000 points") && said.contains("avg by (component) (up)"), "{said}");
}

#[test]
fn one_expression_that_is_wrong_and_one_series_that_is_odd_keep_no_others_from_being_read() {
    let expression = |component: Option<&str>, label: Option<&str>, up: &str| Expression {
        component: component.map(str::to_owned),
        component_label: label.map(str::to_owned),
        up: up.into(),
    };
    let expressions = vec![expression(Some("portal"), None, "wrong("), expression(None, Some("job"), "up")];
    let source = Prometheus::new(Setting::default(), Options { expressions, step_seconds: 600 }).unwrap();
    let begin = source.begin(None, Some(at("2026-01-01T00:00:00Z")), at("2026-01-01T01:00:00Z"));
    let samples = json!([[at("2026-01-01T00:10:00Z").timestamp(), "1"]]);
    let series = |job: &str| json!({ "metric": { "job": job }, "values": samples });
    let found = json!([series("ci"), series("ci"), { "metric": null }, series("registry")]);
    let (facts, notes, _, asked) = walk(&source, begin, |ask| match ask.path.contains("wrong") {
        true => (400, json!({ "status": "error", "error": "parse error" })),
        false => (200, json!({ "status": "success", "data": { "resultType": "matrix", "result": found } })),
    });
    assert_eq!(asked.len(), 2);
    let components: Vec<String> = availability(facts).into_iter().map(|one| one.component).collect();
    assert_eq!(components, ["ci", "registry"]);
    let told = |what: &str| notes.iter().any(|note| format!("{note:?}").contains(what));
    assert!(
        told("parse error") && told("several series for ci") && told("one of the series cannot be read"),
        "{notes:?}"
    );
}

#[test]
fn only_hours_that_are_over_are_told_and_a_later_run_goes_on() {
    let source = source(Some("portal"), None, 60);
    let empty = |_: &_| (200, json!({ "status": "success", "data": { "resultType": "matrix", "result": [] } }));
    let begin = source.begin(None, Some(at("2026-01-01T00:20:00Z")), at("2026-01-03T02:40:00Z"));
    let (_, _, done, asked) = walk(&source, begin, empty);
    assert_eq!(asked.len(), 3, "a day at a time");
    let again = source.begin(Some(done), None, at("2026-01-03T05:10:00Z"));
    let (_, _, _, asked) = walk(&source, again, empty);
    // From one hour before 02:00 to 05:00.
    let from = at("2026-01-03T01:01:00Z").timestamp();
    assert!(asked[0].contains(&format!("start={from}&end={}", at("2026-01-03T05:00:00Z").timestamp())), "{asked:?}");
}

#[test]
fn steps_that_do_not_divide_an_hour_and_expressions_without_a_component_are_refused() {
    let expression = Expression { component: None, component_label: None, up: "up".into() };
    let wrong = |expressions, step_seconds| {
        Prometheus::new(Setting::default(), Options { expressions, step_seconds }).err().unwrap()
    };
    assert!(wrong(vec![], 60).contains("at least one"));
    assert!(wrong(vec![expression.clone()], 60).contains("either component or component_label"));
    assert!(wrong(vec![Expression { component: Some("a".into()), ..expression }], 7).contains("divide an hour"));
}

#[test]
fn reading_again_from_a_day_leaves_out_nothing_that_was_not_read_yet() {
    let source = source(Some("portal"), None, 60);
    let empty = json!({ "status": "success", "data": { "resultType": "matrix", "result": [] } });
    let start = |position: &_| {
        let path = source.ask(position).path;
        let start: i64 = path.split("start=").nth(1).unwrap().split('&').next().unwrap().parse().unwrap();
        // The first sample of a step speaks for the minute before it.
        chrono::DateTime::from_timestamp(start - 60, 0).unwrap()
    };
    // Five days were to be read, and the run was cut after the first.
    let begin = source.begin(None, Some(at("2026-01-01T00:00:00Z")), at("2026-01-06T00:10:00Z"));
    let answer = Answer::of(empty.to_string(), at("2026-01-06T00:10:00Z"));
    let Next::Ask(cut) = source.read(&begin, &answer).unwrap().next else { panic!() };
    let later = source.begin(Some(cut.clone()), Some(at("2026-01-05T00:00:00Z")), at("2026-01-07T00:00:00Z"));
    assert_eq!(start(&later), at("2026-01-02T00:00:00Z"));
    let earlier = source.begin(Some(cut), Some(at("2025-12-30T00:00:00Z")), at("2026-01-07T00:00:00Z"));
    assert_eq!(start(&earlier), at("2025-12-30T00:00:00Z"));
    // After a run to the end, a later day does not leave out the days since.
    let (_, _, done, _) = walk(&source, begin, |_| (200, empty.clone()));
    let after = source.begin(Some(done), Some(at("2026-01-20T00:00:00Z")), at("2026-01-21T00:00:00Z"));
    assert_eq!(start(&after), at("2026-01-06T00:00:00Z"));
}

#[test]
fn an_expression_that_never_gives_anything_is_told_apart_from_one_that_does_at_times() {
    let source = source(None, Some("job"), 600);
    let notes = |is_given: fn(&str) -> bool| {
        let begin = source.begin(None, Some(at("2026-01-01T00:00:00Z")), at("2026-01-04T00:10:00Z"));
        let (_, notes, _, asked) = walk(&source, begin, |ask| {
            let series = json!([{ "metric": { "job": "ci" }, "values": [] }]);
            let result = if is_given(&ask.path) { series } else { json!([]) };
            (200, json!({ "status": "success", "data": { "resultType": "matrix", "result": result } }))
        });
        assert_eq!(asked.len(), 3);
        notes
    };
    let said = |text: &str| Note::LeftOut(format!("`avg by (component) (up)` {text}"));
    assert_eq!(notes(|_| false), [said("gives no series at all in the time read; is the expression right?")]);
    // The first of January begins with this sample.
    assert_eq!(
        notes(|path| path.contains("start=1767226200")),
        [said("gives nothing at some times"), said("gives nothing at some times")]
    );
    assert!(notes(|_| true).is_empty());
}

#[test]
fn a_series_without_its_label_is_told_with_the_labels_name() {
    let source = source(None, Some("job"), 600);
    let begin = source.begin(None, Some(at("2026-01-01T00:00:00Z")), at("2026-01-01T01:00:00Z"));
    let series = json!([{ "metric": {}, "values": [] }]);
    let answer = json!({ "status": "success", "data": { "resultType": "matrix", "result": series } });
    let (_, notes, _, _) = walk(&source, begin, |_| (200, answer.clone()));
    assert!(matches!(&notes[..], [Note::LeftOut(said)] if said.ends_with("lacks the label `job`")), "{notes:?}");
}
