//! A server on loopback that speaks as GitHub does of one repository: as many changes as wanted, each in the shape of a
//! recorded one, in pages of a hundred. All pages are made before the first is asked for, so that what is measured is
//! who asks.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

const RECORDED: &str = include_str!("../../tests/fixtures/github/pull_requests.json");
const PAGE: usize = 100;

/// The repository that is replayed.
pub const REPOSITORY: &str = "acme/ants";

/// What is replayed, and how often it was asked.
pub struct Replay {
    pages: HashMap<usize, Bytes>,
    n_requests: AtomicU64,
}

impl Replay {
    /// Changes merged every five minutes up to a time.
    pub fn new(n_changes: usize, end: DateTime<Utc>) -> anyhow::Result<Arc<Replay>> {
        let recorded: Vec<Value> = serde_json::from_str(RECORDED)?;
        let mut pages = HashMap::new();
        for first in (0..n_changes).step_by(PAGE) {
            let last = (first + PAGE).min(n_changes);
            let info = json!({ "hasNextPage": last < n_changes, "endCursor": last.to_string() });
            let page = |nodes: Vec<Value>| json!({ "pageInfo": info, "nodes": nodes });
            let changes = (first..last).map(|number| change(&recorded[number % recorded.len()], number, end));
            let commits = (first..last).map(|number| merge(number, end));
            let repository = json!({
                "nameWithOwner": REPOSITORY,
                "pullRequests": page(changes.collect()),
                "defaultBranchRef": { "name": "master", "target": { "history": page(commits.collect()) } },
            });
            let answer = json!({ "data": { "repository": repository } });
            pages.insert(first, Bytes::from(answer.to_string()));
        }
        Ok(Arc::new(Replay { pages, n_requests: AtomicU64::new(0) }))
    }

    /// How often it was asked.
    pub fn n_requests(&self) -> u64 {
        self.n_requests.load(Ordering::Relaxed)
    }

    /// The routes.
    pub fn routes(self: Arc<Replay>) -> Router {
        Router::new().fallback(answer).with_state(self)
    }
}

async fn answer(State(replay): State<Arc<Replay>>, body: Bytes) -> Response {
    replay.n_requests.fetch_add(1, Ordering::Relaxed);
    let question: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = question["query"].as_str().unwrap_or_default();
    let after = question["variables"]["after"].as_str().and_then(|after| after.parse().ok()).unwrap_or(0);
    let page = if text.starts_with("query Changes(") { replay.pages.get(&after).cloned() } else { None };
    let body = page.unwrap_or_else(|| {
        // Of whatever else is asked for, there is none.
        let none = json!({ "pageInfo": { "hasNextPage": false, "endCursor": null }, "nodes": [] });
        let repository = json!({ "nameWithOwner": REPOSITORY, "deployments": none, "issues": none, "object": null });
        Bytes::from(json!({ "data": { "repository": repository } }).to_string())
    });
    let budget =
        [("x-ratelimit-limit", "5000"), ("x-ratelimit-remaining", "4000"), ("x-ratelimit-reset", "1900000000")];
    (budget, [(CONTENT_TYPE, "application/json")], body).into_response()
}

fn merged_at(number: usize, end: DateTime<Utc>) -> DateTime<Utc> {
    end - TimeDelta::minutes(5 * (number as i64 + 1))
}

fn in_text(time: DateTime<Utc>) -> Value {
    time.to_rfc3339_opts(SecondsFormat::Secs, true).into()
}

fn merge_revision(number: usize) -> String {
    format!("{number:040x}")
}

fn change(recorded: &Value, number: usize, end: DateTime<Utc>) -> Value {
    let mut change = recorded.clone();
    let merged = merged_at(number, end);
    change["number"] = (number + 1).into();
    change["baseRefName"] = "master".into();
    change["createdAt"] = in_text(merged - TimeDelta::hours(5));
    change["mergedAt"] = in_text(merged);
    change["updatedAt"] = in_text(merged);
    change["mergeCommit"] = json!({ "oid": merge_revision(number), "messageBody": "" });
    let commits = change["commits"]["nodes"].as_array_mut().into_iter().flatten();
    for (place, commit) in commits.enumerate() {
        let commit = &mut commit["commit"];
        commit["oid"] = format!("{:032x}{:08x}", number, place + 1).into();
        commit["authoredDate"] = in_text(merged - TimeDelta::hours(9));
        commit["committedDate"] = in_text(merged - TimeDelta::hours(9));
    }
    for review in change["reviews"]["nodes"].as_array_mut().into_iter().flatten() {
        review["submittedAt"] = in_text(merged - TimeDelta::hours(2));
    }
    change
}

fn merge(number: usize, end: DateTime<Utc>) -> Value {
    let merged = in_text(merged_at(number, end));
    json!({
        "oid": merge_revision(number), "authoredDate": merged, "committedDate": merged, "messageHeadline": "Merged",
        "messageBody": "", "url": null, "additions": 1, "deletions": 1,
        "author": { "user": { "login": format!("u{}", number % 300) }, "email": null },
        "parents": { "totalCount": 1 },
        "associatedPullRequests": {
            "nodes": [{ "number": number + 1, "merged": true, "baseRepository": { "nameWithOwner": REPOSITORY } }],
        },
    })
}
