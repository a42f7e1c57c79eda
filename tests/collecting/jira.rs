//! Jira, by recorded issues of a site in Chinese, whose statuses and types are named in the site's language.

use collectors::jira::{Edition, Jira, Options};
use collectors::pull::{Answer, Next, Note, Setting, Source};
use facts::{AnyFact, Kind, Remains, Ticket, TicketKind};
use serde_json::{Value, json};

use super::{recorded, walk};
use crate::support::at;

fn source(edition: Edition) -> Jira {
    let options = Options {
        edition,
        projects: vec!["EE".into(), "K5".into()],
        bug_types: vec!["缺陷".into()],
        request_types: vec!["故事".into(), "Story".into()],
        ..Options::default()
    };
    Jira::new(Setting::default(), options).unwrap()
}

fn tickets(facts: &[AnyFact]) -> Vec<&Ticket> {
    facts
        .iter()
        .map(|fact| match fact {
            AnyFact::Ticket(ticket) => ticket,
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn recorded_issues_become_tickets_by_category_and_type_not_by_status_name() {
    let source = source(Edition::Cloud);
    let begin = source.begin(None, None, at("2026-01-01T00:00:00Z"));
    let (facts, notes, _, asked) = walk(&source, begin, |ask| {
        let issues = recorded("jira/issues.json");
        let body = ask.body.as_ref().unwrap();
        assert_eq!(body["jql"], "project in (EE, K5) ORDER BY key ASC");
        let issues = issues.as_array().unwrap();
        match body["nextPageToken"].as_str() {
            None => (200, json!({ "issues": issues[..4], "nextPageToken": "second", "isLast": false })),
            Some(token) => {
                assert_eq!(token, "second");
                (200, json!({ "issues": issues[4..], "isLast": true }))
            }
        }
    });
    assert_eq!(asked.len(), 2);
    let tickets = tickets(&facts);
    // Offsets without a colon: 16:13:13.360+0800 is 08:13:13.360 UTC less eight hours, and so on.
    let first = tickets.iter().find(|ticket| ticket.id == "EE-1").unwrap();
    assert_eq!(first.opened_at, at("2020-06-12T00:13:13.360Z"));
    assert_eq!(first.resolved_at, Some(at("2020-06-19T06:31:18.495Z")));
    assert_eq!(first.first_response_at, None, "nobody but the reporter touched it");
    assert_eq!((first.queue.as_str(), first.kind), ("EE", Some(TicketKind::Request)));
    let second = tickets.iter().find(|ticket| ticket.id == "EE-2").unwrap();
    assert_eq!(second.first_response_at, Some(at("2020-06-23T10:20:59.052Z")));
    let bug = tickets.iter().find(|ticket| ticket.id == "EE-23").unwrap();
    assert_eq!(bug.kind, Some(TicketKind::Bug));
    assert_eq!(bug.url.as_deref(), Some("https://merico.atlassian.net/browse/EE-23"));
    let open = tickets.iter().find(|ticket| ticket.id == "K5-2").unwrap();
    assert_eq!(open.resolved_at, None);
    let unknown =
        |word: &str| notes.iter().any(|note| matches!(note, Note::UnknownWord { word: own, .. } if own == word));
    assert!(unknown("Epic") && unknown("Test Execution"));
}

#[test]
fn a_server_is_paged_by_place_and_a_later_run_asks_for_what_was_updated() {
    let source = source(Edition::Server);
    let begin = source.begin(None, None, at("2026-01-02T00:00:00Z"));
    let (facts, _, done, asked) = walk(&source, begin, |ask| {
        let issues = recorded("jira/issues.json");
        let start = ask.body.as_ref().unwrap()["startAt"].as_u64().unwrap() as usize;
        let issues: Vec<&Value> = issues.as_array().unwrap().iter().skip(start).take(3).collect();
        (200, json!({ "issues": issues, "startAt": start, "total": 7 }))
    });
    assert_eq!((facts.len(), asked.len()), (7, 3));
    let again = source.begin(Some(done), None, at("2026-01-03T00:00:00Z"));
    let jql = source.ask(&again).body.unwrap()["jql"].clone();
    // Two hours of overlap, and fourteen because JQL's times are in a zone that is not known.
    assert_eq!(jql, "project in (EE, K5) AND updated >= \"2026-01-01 08:00\" ORDER BY key ASC");
}

/// An issue of the project OPS.
fn numbered(number: usize) -> Value {
    json!({
        "key": format!("OPS-{number}"),
        "fields": { "created": "2026-01-01T10:00:00.000+0000", "issuetype": { "name": "Bug" }, "project": { "key": "OPS" } },
    })
}

/// Walks through a server's list in pages of ten; after a number of answers issues are deleted, those behind move up.
fn walk_while_deleting(n_issues: usize, deleted: &[(usize, &[usize])], total: bool) -> Vec<usize> {
    let options = Options { edition: Edition::Server, projects: vec!["OPS".into()], ..Options::default() };
    let source = Jira::new(Setting::default(), options).unwrap();
    let state = std::cell::RefCell::new((0, (1..=n_issues).collect::<Vec<usize>>()));
    let begin = source.begin(None, None, at("2026-01-02T00:00:00Z"));
    let (facts, notes, _, _) = walk(&source, begin, |ask| {
        let (n_answered, left) = &mut *state.borrow_mut();
        for (after, gone) in deleted {
            if n_answered == after {
                left.retain(|number| !gone.contains(number));
            }
        }
        *n_answered += 1;
        let start = ask.body.as_ref().unwrap()["startAt"].as_u64().unwrap() as usize;
        let issues: Vec<Value> = left.iter().skip(start).take(10).map(|number| numbered(*number)).collect();
        let mut body = json!({ "issues": issues, "startAt": start });
        if total {
            body["total"] = json!(left.len());
        }
        (200, body)
    });
    assert!(notes.is_empty(), "{notes:?}");
    let number = |ticket: &&Ticket| ticket.id.strip_prefix("OPS-").unwrap().parse().unwrap();
    let mut read: Vec<usize> = tickets(&facts).iter().map(number).collect();
    read.sort_unstable();
    read.dedup();
    read
}

#[test]
fn issues_that_are_deleted_between_pages_of_a_server_take_no_others_with_them() {
    let without = |from: usize, to: usize, gone: &[usize]| -> Vec<usize> {
        (from..=to).filter(|number| !gone.contains(number)).collect()
    };
    let all: Vec<usize> = (1..=25).collect();
    for total in [true, false] {
        assert_eq!(walk_while_deleting(25, &[], total), all);
        // One of those that were read, between the first page and the second: it stays as it was told.
        assert_eq!(walk_while_deleting(25, &[(1, &[3])], total), all);
        // One that was not read yet.
        assert_eq!(walk_while_deleting(25, &[(1, &[15])], total), without(1, 25, &[15]));
        // The last of the page, all of it, and more than that, in the middle of the list.
        assert_eq!(walk_while_deleting(60, &[(2, &[19])], total), (1..=60).collect::<Vec<_>>());
        let page: Vec<usize> = (10..=19).collect();
        assert_eq!(walk_while_deleting(60, &[(2, &page)], total), (1..=60).collect::<Vec<_>>());
        let more: Vec<usize> = (1..=22).collect();
        assert_eq!(walk_while_deleting(60, &[(3, &more)], total), (1..=60).collect::<Vec<_>>());
        // Again and again.
        assert_eq!(
            walk_while_deleting(60, &[(1, &[1]), (3, &[2, 3]), (5, &[11])], total),
            (1..=60).collect::<Vec<_>>()
        );
    }
}

#[test]
fn a_server_that_gives_one_issue_a_page_is_read_to_its_end() {
    let options = Options { edition: Edition::Server, projects: vec!["OPS".into()], ..Options::default() };
    let source = Jira::new(Setting::default(), options).unwrap();
    let begin = source.begin(None, None, at("2026-01-02T00:00:00Z"));
    let (facts, _, _, asked) = walk(&source, begin, |ask| {
        let start = ask.body.as_ref().unwrap()["startAt"].as_u64().unwrap() as usize;
        (200, json!({ "issues": [numbered(start + 1)], "total": 3 }))
    });
    assert_eq!((facts.len(), asked.len()), (3, 3));
}

#[test]
fn types_named_as_incidents_are_incidents() {
    let options =
        Options { projects: vec!["OPS".into()], service_field: Some("components".into()), ..Options::default() };
    let source = Jira::new(Setting::default(), options).unwrap();
    let begin = source.begin(None, None, at("2026-01-02T00:00:00Z"));
    let (facts, notes, _, _) = walk(&source, begin, |_| {
        let fields = json!({
            "created": "2026-01-01T10:00:00.000+0100", "issuetype": { "name": "Incident" }, "summary": "down",
            "components": [{ "name": "shop" }], "priority": { "name": "P1" }, "project": { "key": "OPS" },
            "status": { "statusCategory": { "key": "done" } }, "resolutiondate": null,
            "statuscategorychangedate": "2026-01-01T11:00:00.000+0100",
        });
        let broken = json!({ "key": "OPS-2", "fields": { "created": null } });
        (200, json!({ "issues": [{ "key": "OPS-1", "fields": fields }, broken], "isLast": true }))
    });
    let [AnyFact::Incident(incident)] = &facts[..] else { panic!("{facts:?}") };
    assert_eq!(incident.opened_at, at("2026-01-01T09:00:00Z"));
    assert_eq!(incident.resolved_at, Some(at("2026-01-01T10:00:00Z")));
    assert_eq!((incident.service.as_deref(), incident.severity.as_deref()), (Some("shop"), Some("P1")));
    assert!(matches!(&notes[..], [Note::LeftOut(reason)] if reason.contains("OPS-2")));
}

#[test]
fn an_issue_that_was_moved_or_became_an_incident_leaves_nothing_behind() {
    let source = source(Edition::Cloud);
    let begin = source.begin(None, None, at("2026-01-02T00:00:00Z"));
    let change = |field: &str, from: &str, to: &str| json!({ "field": field, "fromString": from, "toString": to });
    let mut moved = numbered(9);
    moved["changelog"] = json!({ "histories": [{ "items": [change("Key", "OLD-1", "OPS-9")] }] });
    let mut retyped = numbered(10);
    retyped["fields"]["issuetype"]["name"] = "Incident".into();
    retyped["changelog"] = json!({ "histories": [{ "items": [change("issuetype", "Bug", "Incident")] }] });
    let body = json!({ "issues": [moved, retyped, numbered(11)], "isLast": true });
    let page = source.read(&begin, &Answer::of(body.to_string(), at("2026-01-02T00:00:00Z"))).unwrap();
    assert_eq!(page.facts.len(), 3);
    let all_but = |kind: Kind, id: &str| Remains::AllBut(kind, vec![id.to_owned()]);
    let expected = [all_but(Kind::Ticket, "OLD-1"), all_but(Kind::Incident, "OLD-1"), all_but(Kind::Ticket, "OPS-10")];
    assert_eq!(page.remains, expected);
}

#[test]
fn without_projects_or_with_a_key_that_is_none_it_does_not_begin() {
    assert!(Jira::new(Setting::default(), Options::default()).is_err());
    let options = Options { projects: vec!["A) OR (1=1".into()], ..Options::default() };
    assert!(Jira::new(Setting::default(), options).err().unwrap().contains("not a project's key"));
}

#[test]
fn reading_again_from_a_day_leaves_out_nothing_that_was_not_read_yet() {
    let source = source(Edition::Server);
    let updated = |position: &_| source.ask(position).body.unwrap()["jql"].as_str().unwrap().to_owned();
    let asked_from = |text: &str| format!("updated >= \"{text}\"");
    let page = |position: &_| {
        let body = json!({ "issues": [recorded("jira/issues.json")[0]], "total": 7 }).to_string();
        source.read(position, &Answer::of(body, at("2026-01-02T00:00:00Z"))).unwrap().next
    };
    // A first run reads all; cut after its first page, it has read almost nothing.
    let Next::Ask(cut) = page(&source.begin(None, None, at("2026-01-02T00:00:00Z"))) else { panic!() };
    let again = source.begin(Some(cut), Some(at("2026-02-01T00:00:00Z")), at("2026-02-02T00:00:00Z"));
    assert!(!updated(&again).contains("updated"), "{}", updated(&again));
    // A run from the tenth on that was cut: what lies between the tenth and the first of February is still unread. JQL's
    // times are in a zone that is not known, hence fourteen hours more.
    let begin = source.begin(None, Some(at("2026-01-10T00:00:00Z")), at("2026-01-20T00:00:00Z"));
    let Next::Ask(cut) = page(&begin) else { panic!() };
    let again = source.begin(Some(cut.clone()), Some(at("2026-02-01T00:00:00Z")), at("2026-02-02T00:00:00Z"));
    assert!(updated(&again).contains(&asked_from("2026-01-09 10:00")), "{}", updated(&again));
    let earlier = source.begin(Some(cut), Some(at("2026-01-05T00:00:00Z")), at("2026-02-02T00:00:00Z"));
    assert!(updated(&earlier).contains(&asked_from("2026-01-04 10:00")), "{}", updated(&earlier));
    // After a run that came to its end on the second, what came since is read too: from two hours before it.
    let (_, _, done, _) = walk(&source, source.begin(None, None, at("2026-01-02T00:00:00Z")), |_| {
        (200, json!({ "issues": [], "total": 0 }))
    });
    let after = source.begin(Some(done), Some(at("2026-02-01T00:00:00Z")), at("2026-02-02T00:00:00Z"));
    assert!(updated(&after).contains(&asked_from("2026-01-01 08:00")), "{}", updated(&after));
}
