//! PagerDuty, by recorded incidents with their logs.

use collectors::pagerduty::{Options, PagerDuty};
use collectors::pull::{Answer, Ask, Next, Note, Setting, Source};
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
fn a_later_run_reads_again_from_what_was_open_on() {
    let source = source();
    let begin = source.begin(None, None, at("2022-12-24T00:00:00Z"));
    let (_, _, done, asked) = walk(&source, begin, answer);
    assert!(asked[0].starts_with("log_entries?is_overview=true&since=2022-11-01T00:00:00Z&until=2022-12-08T00:00:00Z"));
    let again = source.begin(Some(done), None, at("2022-12-25T00:00:00Z"));
    assert!(source.ask(&again).path.contains("since=2022-11-03T06:23:06Z"), "the oldest of them is open still");
}

#[test]
fn an_incident_that_was_open_is_read_again_however_long_it_lasts() {
    let source = source();
    let with = |status: &'static str| {
        move |ask: &Ask| {
            let is_its_window = ask.path.contains("since=2022-11-01") || ask.path.contains("since=2022-11-05");
            let incident = json!({
                "id": "A", "status": status, "created_at": "2022-11-05T10:00:00Z", "resolved_at": "2022-12-27T10:00:00Z",
            });
            let incidents = if is_its_window { vec![incident] } else { Vec::new() };
            let log: [Value; 0] = [];
            (
                200,
                if ask.path.starts_with("log_entries") {
                    json!({ "log_entries": log })
                } else {
                    json!({ "incidents": incidents })
                },
            )
        }
    };
    let (_, _, done, _) = walk(&source, source.begin(None, None, at("2022-12-24T00:00:00Z")), with("triggered"));
    let again = source.begin(Some(done), None, at("2022-12-28T00:00:00Z"));
    let (facts, _, done, asked) = walk(&source, again, with("resolved"));
    assert!(asked[0].contains("since=2022-11-05T10:00:00Z"), "{asked:?}");
    let [AnyFact::Incident(incident)] = &facts[..] else { panic!("{facts:?}") };
    assert_eq!(incident.resolved_at, Some(at("2022-12-27T10:00:00Z")));
    // Nothing is open any more.
    let again = source.begin(Some(done), None, at("2022-12-29T00:00:00Z"));
    assert!(source.ask(&again).path.contains("since=2022-12-14T00:00:00Z"));
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

#[test]
fn where_there_is_more_than_can_be_paged_through_the_window_is_halved() {
    let source = source();
    let begin = source.begin(None, None, at("2022-11-20T00:00:00Z"));
    // 12 000 incidents, one every two minutes from the first on: 10 000 are all that PagerDuty lets page through.
    let first = at("2022-11-01T00:00:00Z");
    let opened = |number: i64| first + chrono::Duration::minutes(2 * number);
    let (facts, notes, _, asked) = walk(&source, begin, |ask| {
        let number = |key: &str| ask.path.split(key).nth(1).unwrap().split('&').next().unwrap().to_owned();
        let offset: i64 = number("offset=").parse().unwrap();
        assert!(offset + 100 <= 10_000, "asked deeper than is allowed: {}", ask.path);
        if ask.path.starts_with("log_entries") {
            return (200, json!({ "log_entries": [], "more": false }));
        }
        let (from, to) = (at(&number("since=")), at(&number("until=")));
        let within: Vec<i64> = (0..12_000).filter(|number| (from..to).contains(&opened(*number))).collect();
        let page: Vec<Value> = within
            .iter()
            .skip(offset as usize)
            .take(100)
            .map(|number| json!({ "id": number.to_string(), "status": "triggered", "created_at": opened(*number) }))
            .collect();
        (200, json!({ "incidents": page, "more": within.len() as i64 > offset + 100 }))
    });
    let ids: std::collections::BTreeSet<&str> = facts
        .iter()
        .map(|fact| match fact {
            AnyFact::Incident(incident) => &*incident.id,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!((ids.len(), notes.len()), (12_000, 0));
    // The log is asked for once more, for the half.
    assert!(asked.iter().filter(|path| path.starts_with("log_entries")).count() >= 2);
}

/// An account that logs a lot: an entry every so many seconds of three days, of which each fourth acknowledges an incident.
/// Of incidents there is one per entry that is none, opened when the entry says and acknowledged by the next fourth.
fn busy(ask: &Ask, seconds: i64, has_total: bool) -> (u16, Value) {
    let first = at("2022-11-01T00:00:00Z");
    let parameter = |key: &str| ask.path.split(key).nth(1).unwrap().split('&').next().unwrap().to_owned();
    let offset: i64 = parameter("offset=").parse().unwrap();
    assert!(offset + 100 <= 10_000, "asked deeper than is allowed: {}", ask.path);
    let place = |at: chrono::DateTime<chrono::Utc>| {
        ((at - first).num_seconds() + seconds - 1).div_euclid(seconds).clamp(0, 3 * 86_400 / seconds)
    };
    let (from, to) = (place(at(&parameter("since="))), place(at(&parameter("until="))));
    let log = ask.path.starts_with("log_entries");
    let page: Vec<Value> = (from + offset..to.min(from + offset + 100))
        .map(|number| {
            let at = first + chrono::Duration::seconds(number * seconds);
            match log {
                true if number % 4 == 3 => json!({
                    "type": "acknowledge_log_entry", "created_at": at, "incident": { "id": (number - 3).to_string() },
                }),
                true => json!({ "type": "notify_log_entry", "created_at": at }),
                false => json!({ "id": number.to_string(), "status": "acknowledged", "created_at": at }),
            }
        })
        .collect();
    let mut body = json!({ "more": from + offset + 100 < to });
    body[if log { "log_entries" } else { "incidents" }] = json!(page);
    if has_total && ask.path.contains("total=true") {
        body["total"] = json!(to - from);
    }
    (200, body)
}

/// Reads all of such an account; the facts, the notes and the number of requests.
fn read_busy(seconds: i64, has_total: bool) -> (Vec<facts::Incident>, Vec<Note>, usize) {
    let source = source();
    let mut position = source.begin(None, None, at("2022-11-04T00:00:00Z"));
    let (mut incidents, mut notes) = (Vec::new(), Vec::new());
    for n_asked in 1..20_000 {
        let (status, body) = busy(&source.ask(&position), seconds, has_total);
        let answer = Answer { status, ..Answer::of(body.to_string(), at("2022-11-04T00:00:00Z")) };
        let page = source.read(&position, &answer).unwrap();
        incidents.extend(page.facts.into_iter().map(|fact| match fact {
            AnyFact::Incident(incident) => incident,
            other => panic!("{other:?}"),
        }));
        notes.extend(page.notes);
        match page.next {
            Next::Done(_) => return (incidents, notes, n_asked),
            Next::Ask(next) => position = next,
        }
    }
    panic!("it does not end");
}

#[test]
fn more_than_ten_thousand_log_entries_within_a_day_are_read_hour_by_hour() {
    // One in five seconds: 17,280 a day, of the log and of incidents alike.
    for has_total in [true, false] {
        let (incidents, notes, n_asked) = read_busy(5, has_total);
        assert!(notes.is_empty(), "{notes:?}");
        let by_id: std::collections::BTreeMap<i64, &facts::Incident> =
            incidents.iter().map(|incident| (incident.id.parse().unwrap(), incident)).collect();
        assert_eq!(by_id.len(), 3 * 17_280);
        // Number 17,280 is the first of the second day; it was acknowledged fifteen seconds later.
        for (id, opened, acknowledged) in [
            (0, "2022-11-01T00:00:00Z", "2022-11-01T00:00:15Z"),
            (17_280, "2022-11-02T00:00:00Z", "2022-11-02T00:00:15Z"),
            (17_276, "2022-11-01T23:59:40Z", "2022-11-01T23:59:55Z"),
        ] {
            assert_eq!(
                (by_id[&id].opened_at, by_id[&id].acknowledged_at),
                (at(opened), Some(at(acknowledged))),
                "{id}"
            );
        }
        // 519 pages of incidents and twice as many of the log (each day's with the day after it) have to be read; what
        // looking for the right length costs beside that is little where the total is told.
        assert!(n_asked < if has_total { 1_700 } else { 6_000 }, "{n_asked}");
    }
}

#[test]
fn a_minute_with_more_than_can_be_paged_through_is_told_and_the_rest_is_read() {
    let source = source();
    // 12,000 incidents within half a minute, and one an hour later.
    let burst = at("2022-11-01T10:00:00Z");
    let begin = source.begin(None, None, at("2022-11-01T20:00:00Z"));
    let mut position = begin;
    let (mut ids, mut notes) = (std::collections::BTreeSet::new(), Vec::new());
    for _ in 0..5_000 {
        let ask = source.ask(&position);
        let parameter = |key: &str| ask.path.split(key).nth(1).unwrap().split('&').next().unwrap().to_owned();
        let (from, to) = (at(&parameter("since=")), at(&parameter("until=")));
        let offset: usize = parameter("offset=").parse().unwrap();
        let body = if ask.path.starts_with("log_entries") {
            json!({ "log_entries": [], "more": false })
        } else {
            let opened = |number: i64| {
                burst + chrono::Duration::milliseconds(if number < 12_000 { number * 2 } else { 3_600_000 })
            };
            let within: Vec<i64> = (0..=12_000).filter(|number| (from..to).contains(&opened(*number))).collect();
            let page = within.iter().skip(offset).take(100);
            let page = page.map(
                |number| json!({ "id": number.to_string(), "status": "triggered", "created_at": opened(*number) }),
            );
            json!({ "incidents": page.collect::<Vec<_>>(), "more": within.len() > offset + 100 })
        };
        let page = source.read(&position, &Answer::of(body.to_string(), at("2022-11-01T20:00:00Z"))).unwrap();
        ids.extend(page.facts.into_iter().map(|fact| match fact {
            AnyFact::Incident(incident) => incident.id,
            other => panic!("{other:?}"),
        }));
        notes.extend(page.notes);
        match page.next {
            Next::Ask(next) => position = next,
            Next::Done(_) => break,
        }
    }
    assert_eq!(ids.len(), 10_001, "all that can be paged through, and the one after it");
    assert!(ids.contains("12000"));
    // A day is halved down to 84 seconds, since half of that is less than a minute.
    let told = "more than 10000 incidents between 2022-11-01T09:59:03Z and 2022-11-01T10:00:27Z";
    assert!(matches!(&notes[..], [Note::LeftOut(reason)] if reason.contains(told)), "{notes:?}");
}

#[test]
fn reading_again_from_a_day_leaves_out_nothing_that_was_not_read_yet() {
    let source = source();
    let begin = source.begin(None, None, at("2022-12-24T00:00:00Z"));
    // A run that was cut in its first window, from the first of November on.
    let Next::Ask(cut) =
        source.read(&begin, &Answer::of("{\"log_entries\":[]}", at("2022-12-24T00:00:00Z"))).unwrap().next
    else {
        panic!()
    };
    let later = source.begin(Some(cut.clone()), Some(at("2022-12-20T00:00:00Z")), at("2022-12-25T00:00:00Z"));
    assert!(source.ask(&later).path.contains("since=2022-11-01T00:00:00Z"), "{}", source.ask(&later).path);
    let earlier = source.begin(Some(cut), Some(at("2022-10-01T00:00:00Z")), at("2022-12-25T00:00:00Z"));
    assert!(source.ask(&earlier).path.contains("since=2022-10-01T00:00:00Z"));
    // After a run that came to its end, what came since is read too: from what was open then on.
    let (_, _, done, _) = walk(&source, begin, answer);
    let after = source.begin(Some(done), Some(at("2022-12-20T00:00:00Z")), at("2022-12-25T00:00:00Z"));
    assert!(source.ask(&after).path.contains("since=2022-11-03T06:23:06Z"));
}

#[test]
fn pages_without_an_end_end() {
    let source = source();
    let mut position = source.begin(None, None, at("2022-11-20T00:00:00Z"));
    let page = json!({ "log_entries": vec![json!({ "type": "notify_log_entry", "created_at": "2022-11-01T00:00:00Z" }); 100], "more": true });
    for _ in 0..10_000 {
        match source.read(&position, &Answer::of(page.to_string(), at("2022-11-20T00:00:00Z"))) {
            Ok(page) => match page.next {
                Next::Ask(next) => position = next,
                Next::Done(_) => panic!("there is more"),
            },
            Err(error) => {
                assert!(error.to_string().contains("`more` without end"), "{error}");
                return;
            }
        }
    }
    panic!("it never ends");
}

#[test]
fn one_odd_element_spoils_no_page_and_nothing_but_odd_ones_is_an_error() {
    let source = source();
    let mut position = source.begin(None, None, at("2022-11-02T00:00:00Z"));
    let at_once = |body: Value| Answer::of(body.to_string(), at("2022-11-02T00:00:00Z"));
    let log = source.read(&position, &at_once(json!({ "log_entries": [null, null, null], "more": false })));
    assert!(log.unwrap_err().to_string().contains("none of the log entries can be read"));
    let Next::Ask(next) = source.read(&position, &at_once(json!({ "log_entries": [] }))).unwrap().next else {
        panic!()
    };
    position = next;
    let incidents = json!([null, { "id": "A", "status": "triggered", "created_at": "2022-11-01T10:00:00Z" }]);
    let page = source.read(&position, &at_once(json!({ "incidents": incidents }))).unwrap();
    assert_eq!(page.facts.len(), 1);
    assert!(
        matches!(&page.notes[..], [Note::LeftOut(reason)] if reason.contains("one of the incidents")),
        "{:?}",
        page.notes
    );
}
