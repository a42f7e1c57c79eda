//! A small server that speaks GitHub's API over recorded objects, and can misbehave.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Something that goes wrong with one request, before the next is answered well.
#[derive(Debug, Clone)]
pub enum Fault {
    /// 429 with `Retry-After: 0`.
    TooMany,
    /// 403 with the period's end in the past second.
    OutOfBudget,
    /// 200 with a GraphQL error of type RATE_LIMITED.
    GraphRateLimited,
    /// 502 with an HTML page.
    BadGateway,
    /// The connection breaks off in the middle of the body.
    Cut,
    /// A status and a body, once.
    Answer(u16, &'static str),
    /// A redirect to another origin.
    Redirect,
    /// A redirect to another place of the same API, as for a repository that was renamed.
    Moved(&'static str),
}

/// What the server answers from, and what it was asked.
#[derive(Default)]
pub struct Model {
    pub pull_requests: Vec<Value>,
    pub deployments: Vec<Value>,
    pub issues: Vec<Value>,
    pub runs: Vec<Value>,
    pub history: Vec<Value>,
    /// Commits between two revisions: base, head, and what lies between.
    pub between: Vec<(String, String, Vec<Value>)>,
    /// By folder, the commits that touch it.
    pub touching: Vec<(&'static str, Vec<&'static str>)>,
    /// The texts of the workflow files.
    pub workflow_files: Vec<&'static str>,
    /// The deployments' statuses are not given, as for a token that may see the one and not the other.
    pub hides_statuses: bool,
    /// Answers of this name have no part but an error, as for a token without the permission.
    pub denied: Option<(&'static str, &'static str)>,
    pub faults: VecDeque<Option<Fault>>,
    pub asked: Vec<String>,
    /// GitHub's name for a repository that is asked for by an old one.
    pub renamed: Option<(&'static str, &'static str)>,
    /// Called after each answer, to change pages between requests.
    pub after_each: Option<fn(&mut Model)>,
}

pub type Shared = Arc<Mutex<Model>>;

/// Starts the server; its base address.
pub async fn start(model: Shared) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = routes(model);
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    format!("http://{address}")
}

/// The routes of the API.
pub fn routes(model: Shared) -> Router {
    Router::new().fallback(answer).with_state(model)
}

async fn answer(State(model): State<Shared>, uri: Uri, headers: HeaderMap, request: Request) -> Response {
    let body = axum::body::to_bytes(request.into_body(), usize::MAX).await.unwrap();
    let mut model = model.lock().unwrap();
    let query: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let name = query["query"].as_str().map_or_else(
        || uri.to_string(),
        |text| text.trim_start_matches("query ").split('(').next().unwrap_or_default().to_owned(),
    );
    model.asked.push(name.clone());
    if headers.get("authorization").is_none_or(|token| token != "Bearer good") {
        return (StatusCode::UNAUTHORIZED, "{\"message\":\"Bad credentials\"}").into_response();
    }
    let well = if query.is_null() { model.rest(&uri) } else { model.graphql(&name, &query["variables"]) };
    let fault = model.faults.pop_front().flatten();
    let answer = match fault {
        None => {
            let remaining = (5_000 - model.asked.len()).to_string();
            let headers = [
                ("x-ratelimit-limit", "5000"),
                ("x-ratelimit-remaining", &*remaining),
                ("x-ratelimit-reset", "1900000000"),
            ];
            (headers, axum::Json(well)).into_response()
        }
        Some(Fault::TooMany) => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "0")], "slow down").into_response(),
        Some(Fault::OutOfBudget) => {
            let headers = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1000000001")];
            (StatusCode::FORBIDDEN, headers, "{\"message\":\"API rate limit exceeded\"}").into_response()
        }
        Some(Fault::GraphRateLimited) => {
            let body = json!({ "errors": [{ "type": "RATE_LIMITED", "message": "API rate limit exceeded" }] });
            ([("x-ratelimit-reset", "1000000001")], axum::Json(body)).into_response()
        }
        Some(Fault::BadGateway) => (StatusCode::BAD_GATEWAY, "<html>502</html>").into_response(),
        Some(Fault::Cut) => {
            let whole = well.to_string();
            let half = Bytes::copy_from_slice(&whole.as_bytes()[..whole.len() / 2]);
            let parts = [Ok(half), Err(std::io::Error::other("cut"))];
            Body::from_stream(futures_util::stream::iter(parts)).into_response()
        }
        Some(Fault::Answer(status, text)) => (StatusCode::from_u16(status).unwrap(), text).into_response(),
        Some(Fault::Redirect) => {
            (StatusCode::TEMPORARY_REDIRECT, [("location", "http://127.0.0.1:9/steal")], "").into_response()
        }
        Some(Fault::Moved(path)) => {
            let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
            (StatusCode::MOVED_PERMANENTLY, [("location", format!("http://{host}{path}"))], "").into_response()
        }
    };
    if let Some(change) = model.after_each {
        change(&mut model);
    }
    answer
}

impl Model {
    fn graphql(&self, name: &str, variables: &Value) -> Value {
        let after: usize = variables["after"].as_str().map_or(0, |cursor| cursor.parse().unwrap());
        let size = variables["size"].as_u64().unwrap_or(100) as usize;
        let page_from = |after: usize, size: usize, nodes: &[Value]| {
            let end = (after + size).min(nodes.len());
            json!({
                "pageInfo": { "hasNextPage": end < nodes.len(), "endCursor": end.to_string() },
                "nodes": nodes[after.min(end)..end],
            })
        };
        let page = |nodes: &[Value]| page_from(after, size, nodes);
        let own = format!("{}/{}", variables["owner"].as_str().unwrap(), variables["name"].as_str().unwrap_or("-"));
        let known_as = self.renamed.filter(|(old, _)| *old == own).map_or(own.as_str(), |(_, new)| new);
        let mut repository = json!({ "nameWithOwner": known_as, "defaultBranchRef": { "name": "master" } });
        if own == "acme/gone" {
            let error = json!({ "type": "NOT_FOUND", "path": ["repository"], "message": "Could not resolve" });
            return json!({ "data": { "repository": null }, "errors": [error] });
        }
        if let Some((denied, part)) = self.denied
            && denied == name
        {
            let message = "Resource not accessible by personal access token";
            let error = json!({ "type": "FORBIDDEN", "path": ["repository", part], "message": message });
            repository[part] = Value::Null;
            return json!({ "data": { "repository": repository }, "errors": [error] });
        }
        match name {
            "Repositories" => {
                let nodes = [
                    json!({ "nameWithOwner": "acme/one", "isEmpty": false, "isFork": false }),
                    json!({ "nameWithOwner": "acme/fork", "isEmpty": false, "isFork": true }),
                    json!({ "nameWithOwner": "acme/empty", "isEmpty": true, "isFork": false }),
                ];
                return json!({ "data": { "repositoryOwner": { "repositories": page(&nodes) } } });
            }
            "Changes" => {
                repository["pullRequests"] = page(&self.pull_requests);
                if variables["hasCommits"] == true {
                    let after = variables["commitsAfter"].as_str().map_or(0, |cursor| cursor.parse().unwrap());
                    // Smaller pages than GitHub's, so that there are several.
                    let history = page_from(after, 3, &self.history);
                    repository["defaultBranchRef"]["target"] = json!({ "history": history });
                }
            }
            "Commits" => {
                let history = page_from(after, 3, &self.history);
                repository["defaultBranchRef"] = json!({ "target": { "history": history } });
            }
            "Deployments" if self.hides_statuses => {
                repository["deployments"] = page(&self.deployments);
                let nodes = repository["deployments"]["nodes"].as_array_mut().unwrap();
                nodes.iter_mut().for_each(|node| node["statuses"] = Value::Null);
                let path = json!(["repository", "deployments", "nodes", 0, "statuses"]);
                let error = json!({ "type": "FORBIDDEN", "path": path, "message": "Resource not accessible" });
                return json!({ "data": { "repository": repository }, "errors": [error] });
            }
            "Deployments" => repository["deployments"] = page(&self.deployments),
            "Issues" => {
                if variables["hasUpdated"] == true {
                    repository["issues"] = page(&self.issues);
                }
                if variables["hasListing"] == true {
                    let after = variables["listedAfter"].as_str().map_or(0, |cursor| cursor.parse().unwrap());
                    // Smaller pages than GitHub's, so that there are several.
                    repository["listed"] = page_from(after, 2, &self.issues);
                }
            }
            "Workflows" if self.workflow_files.is_empty() => repository["object"] = Value::Null,
            "Workflows" => {
                let entry = |text: &&str| json!({ "name": "a.yml", "object": { "text": text } });
                repository["object"] = json!({ "entries": self.workflow_files.iter().map(entry).collect::<Vec<_>>() });
            }
            "Touching" => {
                let touching = self.touching.iter().find(|(path, _)| variables["path"] == *path).unwrap();
                let nodes: Vec<Value> = touching.1.iter().map(|oid| json!({ "oid": oid })).collect();
                repository["object"] = json!({ "history": page(&nodes) });
            }
            other => panic!("no answer to {other}"),
        }
        json!({ "data": { "repository": repository } })
    }

    fn rest(&self, uri: &Uri) -> Value {
        let path = uri.path();
        if path.contains("/actions/workflows/") {
            return json!({ "total_count": self.runs.len(), "workflow_runs": self.runs });
        }
        let range = path.rsplit('/').next().unwrap();
        let (base, head) = range.split_once("...").unwrap();
        let commits = self.between.iter().find(|(from, to, _)| from == base && to == head).map(|found| &found.2);
        let commits = commits.cloned().unwrap_or_default();
        json!({ "total_commits": commits.len(), "commits": commits })
    }
}
