//! A run with `--since`, or with another configuration, leaves nothing out that an earlier one did not come to.

use collectors::backstage::{self, Backstage};
use collectors::pagerduty::{self, PagerDuty};
use collectors::prometheus::{Expression, Options, Prometheus};
use collectors::pull::{Answer, Ask, Next, Setting, Source};
use facts::{AnyFact, ProvisioningResult};
use serde_json::{Value, json};

use super::walk;
use crate::support::at;

/// A backend of some scaffolder tasks of one kind.
fn tasks(of: &'static [(&'static str, &'static str, &'static str)]) -> impl Fn(&Ask) -> (u16, Value) {
    move |ask: &Ask| {
        if ask.path.contains("by-query") {
            return (200, json!({ "items": [], "pageInfo": {} }));
        }
        if ask.path.contains("/events") {
            return (200, json!([{ "type": "completion", "createdAt": "2026-11-20T11:00:00Z" }]));
        }
        let spec = json!({
            "templateInfo": { "entityRef": "template:default/svc" },
            "parameters": { "owner": "group:default/pay", "name": "x" },
        });
        let task = |(id, created, status): &(&str, &str, &str)| json!({ "id": id, "createdAt": created, "status": status, "spec": spec });
        (200, json!({ "tasks": of.iter().map(task).collect::<Vec<_>>() }))
    }
}

#[test]
fn a_task_that_runs_is_not_forgotten_by_reading_again_from_a_later_time() {
    let source = Backstage::new(Setting::default(), backstage::Options::default());
    let ended = |facts: Vec<AnyFact>| {
        facts.iter().any(|fact| {
            matches!(fact, AnyFact::Provisioning(one) if one.id == "t1" && one.result == Some(ProvisioningResult::Succeeded))
        })
    };
    let begin = source.begin(None, None, at("2026-11-20T10:30:00Z"));
    let (_, _, done, _) = walk(&source, begin, tasks(&[("t1", "2026-11-20T10:00:00Z", "processing")]));
    let since = Some(at("2026-11-28T00:00:00Z"));
    let begin = source.begin(Some(done), since, at("2026-11-29T00:00:00Z"));
    let (_, _, done, _) = walk(&source, begin, tasks(&[("t1", "2026-11-20T10:00:00Z", "processing")]));
    let begin = source.begin(Some(done), None, at("2026-11-30T00:00:00Z"));
    assert!(ended(walk(&source, begin, tasks(&[("t1", "2026-11-20T10:00:00Z", "completed")])).0));
    // Nor one that a first run, which was cut, did not come to.
    let cut = source.begin(None, None, at("2026-11-29T00:00:00Z"));
    let begin = source.begin(Some(cut), since, at("2026-11-29T01:00:00Z"));
    assert!(ended(walk(&source, begin, tasks(&[("t1", "2026-11-20T10:00:00Z", "completed")])).0));
}

#[test]
fn the_oldest_open_incident_is_not_forgotten_by_reading_again_after_a_run_that_was_cut() {
    let setting = Setting { since: Some(at("2026-08-01T00:00:00Z")), ..Setting::default() };
    let source = PagerDuty::new(setting, pagerduty::Options::default());
    let body = |ask: &Ask| {
        let reopened =
            json!({ "type": "reopen_log_entry", "created_at": "2026-08-05T10:00:00Z", "incident": { "id": "OLD" } });
        let open = json!({ "id": "OPEN", "status": "triggered", "created_at": "2026-08-10T10:00:00Z" });
        match ask.path.starts_with("log_entries") {
            true => json!({ "log_entries": [reopened] }),
            false => json!({ "incidents": [open] }),
        }
    };
    let mut position = source.begin(None, None, at("2026-11-29T00:00:00Z"));
    // The log of the first window and its incidents, and then it is cut.
    for _ in 0..2 {
        let answer = Answer::of(body(&source.ask(&position)).to_string(), at("2026-11-29T00:00:00Z"));
        let Next::Ask(next) = source.read(&position, &answer).unwrap().next else { panic!("there is more") };
        position = next;
    }
    let begin = source.begin(Some(position), Some(at("2026-11-20T00:00:00Z")), at("2026-11-29T01:00:00Z"));
    assert!(source.ask(&begin).path.contains("since=2026-08-10T10:00:00Z"), "{}", source.ask(&begin).path);
    let (_, _, _, asked) = walk(&source, begin, |ask| match ask.path.as_str() {
        "incidents/OLD" => (404, json!({})),
        _ => (200, json!({ "log_entries": [], "incidents": [] })),
    });
    assert!(asked.iter().any(|path| path == "incidents/OLD"), "it was opened again: {asked:?}");
}

fn prometheus(order: &[&str]) -> Prometheus {
    let one = |name: &&str| Expression {
        component: Some((*name).to_owned()),
        component_label: None,
        up: format!("up_of_{name}"),
    };
    let options = Options { expressions: order.iter().map(one).collect(), ..Options::default() };
    Prometheus::new(Setting::default(), options).unwrap()
}

#[test]
fn expressions_in_another_order_and_a_day_that_grew_lose_no_hour() {
    let empty = || json!({ "status": "success", "data": { "result": [] } });
    let since = Some(at("2026-11-28T00:00:00Z"));
    let first = prometheus(&["a", "b"]);
    let begin = first.begin(None, since, at("2026-11-29T12:00:00Z"));
    let answer = Answer::of(empty().to_string(), at("2026-11-29T12:00:00Z"));
    let Next::Ask(cut) = first.read(&begin, &answer).unwrap().next else { panic!("there is more") };
    let other = prometheus(&["b", "a"]);
    let begin = other.begin(Some(cut), None, at("2026-11-29T12:10:00Z"));
    let (_, _, _, asked) = walk(&other, begin, |_| (200, empty()));
    let of = |asked: &[String], day: &str| -> Vec<String> {
        let from = format!("start={}", at(day).timestamp() + 60);
        asked.iter().filter(|path| path.contains(&from)).map(|path| path[25..32].to_owned()).collect()
    };
    assert_eq!(of(&asked, "2026-11-28T00:00:00Z"), ["up_of_b"], "that of a was read before: {asked:?}");
    assert_eq!(of(&asked, "2026-11-29T00:00:00Z").len(), 2);
    // Cut within a day that was not over, and gone on with when it was longer.
    let begin = first.begin(None, Some(at("2026-11-29T00:00:00Z")), at("2026-11-29T12:00:00Z"));
    let Next::Ask(cut) = first.read(&begin, &answer).unwrap().next else { panic!("there is more") };
    let begin = first.begin(Some(cut), None, at("2026-11-29T14:00:00Z"));
    let (_, _, _, asked) = walk(&first, begin, |_| (200, empty()));
    assert_eq!(of(&asked, "2026-11-29T00:00:00Z").len(), 2, "{asked:?}");
}

#[test]
fn a_sample_of_no_time_that_a_clock_shows_is_none() {
    let source = prometheus(&["a"]);
    for time in [-1e300, 1e300, 8_210_266_876_859.0] {
        let begin = source.begin(None, Some(at("2026-11-29T00:00:00Z")), at("2026-11-29T12:00:00Z"));
        let series = json!([{ "metric": {}, "values": [[time, "1"]] }]);
        let (facts, _, _, _) =
            walk(&source, begin, |_| (200, json!({ "status": "success", "data": { "result": series } })));
        assert!(facts.is_empty(), "{time}: {facts:?}");
    }
}
