//! PagerDuty, by recorded incidents with their logs.

use collectors::pagerduty::{Options, PagerDuty};
use collectors::pull::{Ask, Note, Setting, Source};
use facts::AnyFact;
use serde_json::{Value, json};

use super::{recorded, walk};
use crate::support::at;

fn source() -> PagerDuty {
    PagerDuty::new(Setting { since: Some(at("2022-11-01T00:00:00Z")), ..Setting::default() }, Options::default())
}

/// The recording as PagerDuty pages it: the log of a window, then its incidents, by one a page.
fn answer(ask: &Ask) -> (u16, Value) {
    let incidents = recorded("pagerduty/incidents.json");
    let incidents = incidents.as_array().unwrap();
    let offset: usize = ask.path.split("offset=").nth(1).unwrap().split('&').next().unwrap().parse().unwrap();
    let is_first_window = ask.path.contains("since=2022-11-01");
    if ask.path.starts_with("log_entries") {
        let log: Vec<&Value> = incidents.iter().flat_map(|one| one["log_entries"].as_array().unwrap()).collect();
        let page: Vec<&&Value> = log.iter().skip(offset).take(if is_first_window { 20 } else { 0 }).collect();
        return (200, json!({ "log_entries": page, "more": is_first_window && offset + 20 < log.len() }));
    }
    let page: Vec<&Value> = incidents.iter().skip(offset).take(usize::from(is_first_window)).collect();
    (200, json!({ "incidents": page, "more": is_first_window && offset + 1 < incidents.len() }))
}

#[test]
fn recorded_incidents_have_the_times_of_their_log() {
    let source = source();
    let begin = source.begin(None, None, at("2022-12-24T00:00:00Z"));
    let (facts, notes, _, _) = walk(&source, begin, answer);
    // Worked out from the recorded log entries: the first acknowledgement of each, and the end of the resolved one.
    let wanted = [
        ("Q3YON8WNWTZMRQ", "2022-11-03T06:23:06Z", Some("2022-11-03T06:23:07Z"), None, "high"),
        ("Q3CZAU7Q4008QD", "2022-11-03T06:44:28Z", Some("2022-11-03T06:44:37Z"), None, "high"),
        ("Q1OHFWFP3GPXOG", "2022-11-03T06:45:36Z", Some("2022-11-03T06:45:46Z"), Some("2022-11-03T06:51:44Z"), "low"),
    ];
    assert_eq!(facts.len(), wanted.len());
    for (fact, (id, opened, acknowledged, resolved, severity)) in facts.iter().zip(wanted) {
        let AnyFact::Incident(incident) = fact else { panic!("{fact:?}") };
        assert_eq!(incident.id, id);
        assert_eq!(incident.opened_at, at(opened));
        assert_eq!(incident.acknowledged_at, acknowledged.map(at));
        assert_eq!(incident.resolved_at, resolved.map(at));
        assert_eq!(incident.severity.as_deref(), Some(severity));
        assert_eq!(incident.service.as_deref(), Some("DevService"));
    }
    assert!(notes.is_empty(), "{notes:?}");
}

#[test]
fn a_later_run_reads_again_from_the_overlap_on() {
    let source = source();
    let begin = source.begin(None, None, at("2022-12-24T00:00:00Z"));
    let (_, _, done, asked) = walk(&source, begin, answer);
    assert!(asked[0].starts_with("log_entries?is_overview=true&since=2022-11-01T00:00:00Z&until=2022-12-08T00:00:00Z"));
    let again = source.begin(Some(done), None, at("2022-12-25T00:00:00Z"));
    assert!(source.ask(&again).path.contains("since=2022-12-10T00:00:00Z"), "14 days before the first run began");
}

#[test]
fn odd_incidents_are_left_out_or_told_and_spoil_no_page() {
    let source = source();
    let begin = source.begin(None, None, at("2022-11-02T00:00:00Z"));
    let (facts, notes, _, _) = walk(&source, begin, |ask| {
        if ask.path.starts_with("log_entries") {
            return (200, json!({ "log_entries": [], "more": false }));
        }
        let incidents = json!([
            { "id": "A", "status": "resolved", "created_at": null },
            { "id": "B", "status": "snoozed", "created_at": "2022-11-01T10:00:00Z", "service": null },
        ]);
        (200, json!({ "incidents": incidents, "more": false }))
    });
    assert_eq!(facts.len(), 1);
    assert!(notes.contains(&Note::UnknownWord { field: "status", word: "snoozed".into() }));
    assert!(matches!(&notes[0], Note::LeftOut(reason) if reason.contains("incident A")));
}
