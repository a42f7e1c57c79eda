//! A part that cannot be had holds up nothing else, and is asked for again; limits are recognised however they are told.

use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use collectors::backstage::{self, Backstage};
use collectors::github::{GitHub, Options};
use collectors::pull::{Answer, Authorization, Outcome, Setting, Sink, Source, Stopped, Transport, collect};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::github::{Kept, changes, client, now, quick};
use crate::support::at;

/// Answers all requests by a function of the path and the body.
pub async fn serve(answer: impl Fn(&str, &Value) -> Response + Clone + Send + Sync + 'static) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let app = axum::Router::new().fallback(move |uri: Uri, body: String| async move {
        answer(uri.path(), &serde_json::from_str(&body).unwrap_or(Value::Null))
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    base
}

pub fn failing() -> Response {
    (StatusCode::BAD_GATEWAY, "<html>Unicorn").into_response()
}

/// A repository of one change, with nothing else.
fn repository(variables: &Value) -> Value {
    let name = format!("{}/{}", variables["owner"].as_str().unwrap(), variables["name"].as_str().unwrap());
    let pull = json!({
        "number": 1, "createdAt": "2026-02-01T08:00:00Z", "updatedAt": "2026-02-01T12:00:00Z",
        "mergedAt": "2026-02-01T12:00:00Z", "baseRefName": "main",
    });
    let empty = json!({ "pageInfo": { "hasNextPage": false }, "nodes": [] });
    // Two pages of changes, the second without any.
    let is_first = variables["after"].is_null();
    let pulls = json!({
        "pageInfo": { "hasNextPage": is_first, "endCursor": "2" }, "nodes": if is_first { vec![pull] } else { vec![] },
    });
    let repository = json!({
        "nameWithOwner": name, "pullRequests": pulls, "deployments": empty,
        "defaultBranchRef": { "name": "main", "target": { "history": empty } },
    });
    json!({ "data": { "repository": repository } })
}

async fn read(base: &str, repositories: &[&str], kept: &Arc<Kept>) -> Outcome {
    let repositories = repositories.iter().map(|name| (*name).to_owned()).collect();
    let options = Options { repositories, compare: false, ..Options::default() };
    let source = GitHub::new(Setting::default(), options).unwrap();
    let (_stop, cancel) = watch::channel(false);
    let sink: Arc<dyn Sink> = Arc::clone(kept) as Arc<dyn Sink>;
    collect(&source, &client(base, "good"), sink, quick(), None, now, cancel).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_of_which_github_gives_no_more_holds_up_no_other_and_is_taken_up_where_it_stood() {
    let is_mended = Arc::new(Mutex::new(false));
    let pages = Arc::new(Mutex::new(Vec::new()));
    let (of_server, asked) = (Arc::clone(&is_mended), Arc::clone(&pages));
    let base = serve(move |_, body| {
        let variables = &body["variables"];
        if variables["name"] == "big" {
            asked.lock().unwrap().push((variables["after"].clone(), variables["size"].clone()));
            if variables["after"] == "2" && !*of_server.lock().unwrap() {
                return failing();
            }
        }
        axum::Json(repository(variables)).into_response()
    })
    .await;
    let kept = Arc::new(Kept::default());
    let all = ["acme/big", "acme/shop", "acme/web"];
    for _ in 0..2 {
        let stopped = read(&base, &all, &kept).await.stopped.unwrap().to_string();
        assert!(stopped.contains("changes with their reviews of acme/big") && stopped.contains("502"), "{stopped}");
        let ids: Vec<String> = changes(&kept).into_iter().map(|change| change.id).collect();
        assert_eq!(ids, ["acme/big#1", "acme/shop#1", "acme/web#1"]);
    }
    let sizes: Vec<u64> = pages.lock().unwrap().iter().filter_map(|(_, size)| size.as_u64()).collect();
    assert!(sizes.contains(&100) && sizes.contains(&6), "less was asked for: {sizes:?}");
    *is_mended.lock().unwrap() = true;
    pages.lock().unwrap().clear();
    assert!(read(&base, &all, &kept).await.stopped.is_none());
    let pages_asked: Vec<Value> = pages.lock().unwrap().iter().map(|(after, _)| after.clone()).take(2).collect();
    assert_eq!(pages_asked, [Value::Null, json!("2")], "what is new, and then not from the begin");
    let position: Value = serde_json::from_str(kept.position.lock().unwrap().as_ref().unwrap()).unwrap();
    assert!(position["read_to"]["acme/big"].is_string() && position["held"] == json!({}), "{position}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_given_the_run_ends_where_it_was() {
    let is_down = Arc::new(Mutex::new(false));
    let of_server = Arc::clone(&is_down);
    let base = serve(move |_, body| {
        let mut is_down = of_server.lock().unwrap();
        if *is_down {
            return failing();
        }
        *is_down = body["variables"]["name"] == "r1" && !body["variables"]["after"].is_null();
        axum::Json(repository(&body["variables"])).into_response()
    })
    .await;
    let names: Vec<String> = (0..9).map(|number| format!("acme/r{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let kept = Arc::new(Kept::default());
    let stopped = read(&base, &names, &kept).await.stopped;
    assert!(matches!(stopped, Some(Stopped::Refused { status: 502, .. })), "{stopped:?}");
    let position: Value = serde_json::from_str(kept.position.lock().unwrap().as_ref().unwrap()).unwrap();
    assert_eq!((&position["repositories"][0], &position["is_done"]), (&json!("acme/r1"), &json!(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scaffolder_task_whose_events_cannot_be_read_holds_up_no_other_and_is_asked_for_again() {
    let is_mended = Arc::new(Mutex::new(false));
    let of_server = Arc::clone(&is_mended);
    let base = serve(move |path, _| {
        let spec = json!({ "templateInfo": { "entityRef": "template:default/svc" }, "parameters": { "owner": "pay" } });
        let task =
            |id: &str| json!({ "id": id, "createdAt": "2025-02-20T10:00:00Z", "status": "completed", "spec": spec });
        axum::Json(match path {
            "/api/catalog/entities/by-query" => json!({ "items": [], "pageInfo": {} }),
            "/api/scaffolder/v2/tasks" => json!({ "tasks": [task("t1"), task("t2")] }),
            "/api/scaffolder/v2/tasks/t1/events" if !*of_server.lock().unwrap() => json!({ "weird": 1 }),
            _ => json!([{ "type": "completion", "createdAt": "2025-02-20T11:00:00Z" }]),
        })
        .into_response()
    })
    .await;
    let source = Backstage::new(Setting::default(), backstage::Options::default());
    let transport = Transport::plain(&base, Authorization::None, None, now).unwrap();
    let kept = Arc::new(Kept::default());
    let run = || async {
        let (_stop, cancel) = watch::channel(false);
        let sink: Arc<dyn Sink> = Arc::clone(&kept) as Arc<dyn Sink>;
        collect(&source, &transport, sink, quick(), None, now, cancel).await
    };
    for n_told in [1, 1, 2] {
        *is_mended.lock().unwrap() = n_told == 2;
        let stopped = run().await.stopped.map(|stopped| stopped.to_string());
        assert_eq!(kept.facts.lock().unwrap().len(), n_told, "{stopped:?}");
        assert_eq!(stopped.is_some_and(|stopped| stopped.contains("task t1")), n_told == 1);
    }
}

#[test]
fn limits_are_known_by_every_word_that_github_has_for_them() {
    let options = Options { repositories: vec!["acme/shop".into()], ..Options::default() };
    let source = GitHub::new(Setting::default(), options).unwrap();
    let asked_at = at("2026-02-01T10:00:00Z");
    let misread = |body: Value, headers: &[(&str, &str)]| {
        let answer = Answer::of(body.to_string(), asked_at);
        let answer = headers.iter().fold(answer, |answer, (name, value)| answer.with_header(name, value));
        source.read(&source.begin(None, None, asked_at), &answer).unwrap_err()
    };
    let of_sort = |sort: &str| json!({ "errors": [{ "type": sort, "message": "API rate limit exceeded" }] });
    let spent = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1769940010")];
    let secondary = "You have exceeded a secondary rate limit. Please wait.";
    for (body, headers, seconds) in [
        (of_sort("RATE_LIMITED"), &spent[..], 11),
        (of_sort("RATE_LIMIT"), &spent[..], 11),
        (of_sort("RATE_LIMIT"), &[][..], 60),
        // A time that no clock shows.
        (of_sort("RATE_LIMIT"), &[("x-ratelimit-reset", "8210266876799")][..], 60),
        (json!({ "data": null, "errors": [{ "message": secondary }] }), &[("retry-after", "7")][..], 7),
        (json!({ "message": secondary }), &[("retry-after", "7")][..], 7),
    ] {
        let again_at = misread(body.clone(), headers).again_at;
        assert_eq!(again_at, Some(asked_at + chrono::Duration::seconds(seconds)), "{body} {headers:?}");
    }
    let failed = misread(
        json!({ "data": null, "errors": [{ "message": "Something went wrong while executing your query." }] }),
        &[],
    );
    assert!(failed.may_pass && failed.again_at.is_none());
    assert_eq!(misread(json!({ "message": "Be kind" }), &[]).message, "Be kind");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_github_fails_over_is_tried_as_often_as_one_it_answers_with_502() {
    let n_left = Arc::new(Mutex::new(4));
    let base = serve(move |_, body| {
        let mut n_left = n_left.lock().unwrap();
        if *n_left == 0 {
            return axum::Json(repository(&body["variables"])).into_response();
        }
        *n_left -= 1;
        let error = json!({ "message": "Something went wrong while executing your query." });
        (HeaderMap::new(), axum::Json(json!({ "data": null, "errors": [error] }))).into_response()
    })
    .await;
    let outcome = read(&base, &["acme/shop"], &Arc::new(Kept::default())).await;
    assert!(outcome.stopped.is_none() && outcome.retries == 4, "{outcome:?}");
}
