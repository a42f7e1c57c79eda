//! What can be had is read beside what cannot, in every run.

use std::sync::{Arc, Mutex};

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use collectors::backstage::{self, Backstage};
use collectors::github::{GitHub, Options};
use collectors::pagerduty::{self, PagerDuty};
use collectors::pull::{
    Answer, AnySource, Authorization, Next, Note, Outcome, Setting, Sink, Source, Stopped, Transport, collect,
};
use facts::AnyFact;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::github::{Kept, changes, client, now, quick};
use super::passed_over::{failing, serve};
use crate::support::at;

async fn collected(source: &dyn AnySource, transport: &Transport, kept: &Arc<Kept>, since: Option<&str>) -> Outcome {
    let (_stop, cancel) = watch::channel(false);
    let sink: Arc<dyn Sink> = Arc::clone(kept) as Arc<dyn Sink>;
    collect(source, transport, sink, quick(), since.map(at), now, cancel).await
}

fn github(repositories: &[&str], compare: bool) -> GitHub {
    let repositories = repositories.iter().map(|name| (*name).to_owned()).collect();
    GitHub::new(Setting::default(), Options { repositories, compare, ..Options::default() }).unwrap()
}

fn pull(number: i64, merged_at: &str) -> Value {
    json!({
        "number": number, "createdAt": merged_at, "updatedAt": merged_at, "mergedAt": merged_at, "baseRefName": "main",
    })
}

fn deployment(id: i64, created_at: &str) -> Value {
    let statuses = json!([{ "state": "SUCCESS", "createdAt": created_at }]);
    json!({
        "databaseId": id, "environment": "production", "task": "deploy", "commitOid": format!("c{id}"),
        "createdAt": created_at, "statuses": { "nodes": statuses },
    })
}

fn repository(variables: &Value, pulls: &[Value], deployments: &[Value]) -> Response {
    let page = json!({ "hasNextPage": false });
    let name = format!("{}/{}", variables["owner"].as_str().unwrap(), variables["name"].as_str().unwrap());
    let repository = json!({
        "nameWithOwner": name, "pullRequests": { "pageInfo": page, "nodes": pulls },
        "deployments": { "pageInfo": page, "nodes": deployments },
    });
    Json(json!({ "data": { "repository": repository } })).into_response()
}

fn is_of_deployments(body: &Value) -> bool {
    body["query"].as_str().unwrap_or_default().contains("deployments(")
}

fn ids_of_deployments(kept: &Kept) -> Vec<String> {
    let facts = kept.facts.lock().unwrap();
    let ids = facts.values().filter_map(|fact| match fact {
        AnyFact::Deployment(one) => Some(one.id.clone()),
        _ => None,
    });
    ids.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_section_that_always_fails_leaves_the_others_to_be_read_by_every_run() {
    let pulls = Arc::new(Mutex::new(vec![pull(1, "2026-02-01T12:00:00Z")]));
    let of_server = Arc::clone(&pulls);
    let base = serve(move |_, body| match is_of_deployments(body) {
        true => failing(),
        false => repository(&body["variables"], &of_server.lock().unwrap(), &[]),
    })
    .await;
    let kept = Arc::new(Kept::default());
    for n in 1..4_usize {
        let outcome = collected(&github(&["acme/shop"], false), &client(&base, "good"), &kept, None).await;
        let said = outcome.stopped.unwrap().to_string();
        assert!(said.contains("the deployments of acme/shop"), "{said}");
        assert_eq!(changes(&kept).len(), n);
        pulls.lock().unwrap().insert(0, pull(n as i64 + 1, "2026-02-25T12:00:00Z"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_new_is_read_though_an_older_page_always_fails() {
    let is_mended = Arc::new(Mutex::new(false));
    let of_server = Arc::clone(&is_mended);
    let pulls = Arc::new(Mutex::new(vec![pull(1, "2026-02-01T12:00:00Z")]));
    let shown = Arc::clone(&pulls);
    let base = serve(move |_, body| {
        let variables = &body["variables"];
        if variables["after"] == "older" {
            return if *of_server.lock().unwrap() {
                repository(variables, &[pull(100, "2025-02-01T12:00:00Z")], &[])
            } else {
                failing()
            };
        }
        let page = json!({ "hasNextPage": true, "endCursor": "older" });
        let pulls = json!({ "pageInfo": page, "nodes": *shown.lock().unwrap() });
        let none = json!({ "pageInfo": { "hasNextPage": false }, "nodes": [] });
        let repository = json!({ "nameWithOwner": "acme/shop", "pullRequests": pulls, "deployments": none });
        Json(json!({ "data": { "repository": repository } })).into_response()
    })
    .await;
    let (source, transport, kept) = (github(&["acme/shop"], false), client(&base, "good"), Arc::new(Kept::default()));
    for n in 1..4_usize {
        assert!(collected(&source, &transport, &kept, None).await.stopped.is_some());
        assert_eq!(changes(&kept).len(), n);
        pulls.lock().unwrap().insert(0, pull(n as i64 + 1, "2026-02-25T12:00:00Z"));
    }
    *is_mended.lock().unwrap() = true;
    for _ in 0..2 {
        assert!(collected(&source, &transport, &kept, None).await.stopped.is_none());
        assert_eq!(changes(&kept).len(), 5);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_to_be_read_again_from_a_day_and_was_not_given_is_read_by_the_next_run() {
    for refused in [false, true] {
        let (is_failing, deployments) = (Arc::new(Mutex::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (of_server, shown) = (Arc::clone(&is_failing), Arc::clone(&deployments));
        let base = serve(move |_, body| {
            let variables = &body["variables"];
            match is_of_deployments(body) && *of_server.lock().unwrap() {
                true if refused => {
                    let path = json!(["repository", "deployments"]);
                    let error = json!({ "type": "FORBIDDEN", "path": path, "message": "Resource not accessible" });
                    let repository = json!({ "nameWithOwner": "acme/shop", "deployments": null });
                    Json(json!({ "data": { "repository": repository }, "errors": [error] })).into_response()
                }
                true => failing(),
                false => {
                    // One a page, newest first.
                    let n = variables["after"].as_str().map_or(0, |after| after.parse().unwrap());
                    let all: &Vec<Value> = &shown.lock().unwrap();
                    let page = json!({ "hasNextPage": n + 1 < all.len(), "endCursor": (n + 1).to_string() });
                    let nodes: Vec<&Value> = all.iter().skip(n).take(1).collect();
                    let none = json!({ "pageInfo": { "hasNextPage": false }, "nodes": [] });
                    let repository = json!({
                        "nameWithOwner": "acme/shop", "pullRequests": none,
                        "deployments": { "pageInfo": page, "nodes": nodes },
                    });
                    Json(json!({ "data": { "repository": repository } })).into_response()
                }
            }
        })
        .await;
        let (source, transport) = (github(&["acme/shop"], false), client(&base, "good"));
        let kept = Arc::new(Kept::default());
        assert!(collected(&source, &transport, &kept, None).await.stopped.is_none());
        let days = ["2026-02-28T12:00:00Z", "2025-08-01T12:00:00Z", "2025-07-01T12:00:00Z"];
        *deployments.lock().unwrap() = (1..).zip(days).map(|(id, day)| deployment(id, day)).collect();
        *is_failing.lock().unwrap() = true;
        assert!(collected(&source, &transport, &kept, Some("2025-01-01T00:00:00Z")).await.stopped.is_some());
        *is_failing.lock().unwrap() = false;
        assert!(collected(&source, &transport, &kept, None).await.stopped.is_none());
        assert_eq!(ids_of_deployments(&kept), ["1", "2", "3"], "refused: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_that_may_not_be_compared_hold_up_nothing() {
    for status in [403, 409, 451] {
        let base = serve(move |_, body| {
            if body.is_null() {
                return (StatusCode::from_u16(status).unwrap(), "{\"message\":\"no\"}").into_response();
            }
            let deployments = [deployment(2, "2026-02-02T12:00:00Z"), deployment(1, "2026-02-01T12:00:00Z")];
            repository(&body["variables"], &[pull(1, "2026-02-01T12:00:00Z")], &deployments)
        })
        .await;
        let kept = Arc::new(Kept::default());
        let source = github(&["acme/shop", "acme/web"], true);
        for _ in 0..2 {
            let outcome = collected(&source, &client(&base, "good"), &kept, None).await;
            let stopped = outcome.stopped.map(|stopped| stopped.to_string());
            let is_denied = stopped.as_ref().is_some_and(|said| said.contains("Contents: read"));
            assert_eq!((stopped.is_some(), is_denied), (status == 403, status == 403), "{stopped:?}");
            let n_told = |(note, n): (&Note, &u64)| format!("{note:?}").contains("cannot be compared").then_some(*n);
            assert_eq!(outcome.notes.iter().filter_map(n_told).sum::<u64>(), 1, "one try a run");
            assert_eq!(changes(&kept).len(), 2);
        }
    }
}

#[test]
fn a_failure_at_one_of_many_is_no_matter_of_that_one_alone() {
    let source = github(&["acme/shop"], false);
    let begin = source.begin_at(None);
    let read = |error: Value| {
        let page = json!({ "pageInfo": { "hasNextPage": false }, "nodes": [pull(1, "2026-02-01T12:00:00Z")] });
        let repository = json!({ "nameWithOwner": "acme/shop", "pullRequests": page });
        let mut error = error;
        error["path"] = json!(["repository", "pullRequests", "nodes", 0, "reviews"]);
        let body = json!({ "data": { "repository": repository }, "errors": [error] });
        Source::read(&source, &begin, &Answer::of(body.to_string(), now()))
    };
    let limits = json!({ "type": "RESOURCE_LIMITS_EXCEEDED", "message": "Resource limits for this query exceeded." });
    let wrong = json!({ "message": "Something went wrong while executing your query." });
    for error in [limits, wrong] {
        assert!(read(error).unwrap_err().again_at.is_none());
    }
    assert_eq!(read(json!({ "type": "FORBIDDEN", "message": "no" })).unwrap().facts.len(), 1);
}

trait BeginAt: Source {
    fn begin_at(&self, last: Option<Self::Position>) -> Self::Position {
        Source::begin(self, last, None, now())
    }
}

impl<S: Source> BeginAt for S {}

#[test]
fn an_incident_that_was_opened_again_and_is_not_given_holds_up_no_other() {
    let setting = Setting { since: Some(at("2026-02-20T00:00:00Z")), ..Setting::default() };
    let source = PagerDuty::new(setting, pagerduty::Options::default());
    let why = || Stopped::Refused { path: "incidents/OLD".into(), status: 403, reason: "no".into() };
    let entry =
        json!({ "type": "reopen_log_entry", "created_at": "2026-02-20T10:00:00Z", "incident": { "id": "OLD" } });
    let log = json!({ "log_entries": [entry] });
    let mut position = source.begin_at(None);
    assert!(Source::pass_over(&source, &position, &why()).is_none(), "the log is needed");
    for body in [log, json!({ "incidents": [] })] {
        let page = Source::read(&source, &position, &Answer::of(body.to_string(), now())).unwrap();
        let Next::Ask(next) = page.next else { panic!() };
        position = next;
    }
    // A run that was cut here has read the log, and looks back as far as after one that came to its end.
    let cut =
        Source::begin(&source, Some(position.clone()), Some(at("2026-04-30T00:00:00Z")), at("2026-05-01T00:00:00Z"));
    assert!(Source::ask(&source, &cut).path.contains("since=2026-02-15T00:00:00Z"));
    assert_eq!(Source::ask(&source, &position).path, "incidents/OLD");
    let page = Source::pass_over(&source, &position, &why()).unwrap();
    assert_eq!(page.notes.len(), 1);
    let Next::Done(done) = page.next else { panic!() };
    let mut again = source.begin_at(Some(done));
    for body in [json!({ "log_entries": [] }), json!({ "incidents": [] })] {
        let page = Source::read(&source, &again, &Answer::of(body.to_string(), now())).unwrap();
        let Next::Ask(next) = page.next else { panic!() };
        again = next;
    }
    assert_eq!(Source::ask(&source, &again).path, "incidents/OLD", "asked for again");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tasks_whose_events_are_never_given_hold_up_none_that_come_later() {
    for status in [403, 500] {
        let n_good = Arc::new(Mutex::new(2));
        let of_server = Arc::clone(&n_good);
        let base = serve(move |path, _| {
            let spec = json!({ "templateInfo": { "entityRef": "template:default/svc" }, "parameters": { "owner": "pay" } });
            let task = |id: String| {
                json!({ "id": id, "createdAt": "2026-02-28T23:30:00Z", "status": "completed", "spec": spec })
            };
            let good = (0..*of_server.lock().unwrap()).map(|n| task(format!("good{n}")));
            let tasks: Vec<Value> = good.chain((0..25).map(|n| task(format!("bad{n}")))).collect();
            Json(match path {
                "/api/catalog/entities/by-query" => json!({ "items": [], "pageInfo": {} }),
                "/api/scaffolder/v2/tasks" => json!({ "tasks": tasks }),
                path if path.contains("bad") => return StatusCode::from_u16(status).unwrap().into_response(),
                _ => json!([{ "type": "completion", "createdAt": "2026-02-28T23:40:00Z" }]),
            })
            .into_response()
        })
        .await;
        let source = Backstage::new(Setting::default(), backstage::Options::default());
        let transport = Transport::plain(&base, Authorization::None, None, now).unwrap();
        let kept = Arc::new(Kept::default());
        for n in 2..5 {
            *n_good.lock().unwrap() = n;
            assert!(collected(&source, &transport, &kept, None).await.stopped.is_some());
            assert_eq!(kept.facts.lock().unwrap().len(), n);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_known_within_words_and_however_they_are_written() {
    let made = "ghs_ABCDEFGHIJKLMNOP1234567890abcdef";
    let own = "ATATT3x+Foo/Bar=AB12CD";
    let signed = "eyJhbGciOiJ9.eyJpc3MiOiIxIn0.c2ln";
    let said = [
        format!("token%3D{made}"),
        format!("\\n{made}"),
        format!("token_{made}"),
        format!("token_{signed}"),
        own.replace('+', "%2b").replace('/', "%2f").replace('=', "%3d"),
        own.replace('+', "%2B").replace('=', "%3D"),
        own.replace('=', "\\u003d"),
    ];
    for text in said {
        let body = format!("{{\"message\":\"bad {text} it is\"}}");
        let base = serve(move |_, _| (StatusCode::FORBIDDEN, body.clone()).into_response()).await;
        let transport = client(&base, "good").hiding(vec![own.into()]);
        let outcome = collected(&github(&["acme/shop"], false), &transport, &Arc::new(Kept::default()), None).await;
        let told = format!("{:?}", outcome.stopped);
        assert!(told.contains("it is") && !told.contains("Foo") && !told.contains("ABCDEF"), "{text}: {told}");
        assert!(!told.contains("c2ln"), "{told}");
    }
}
