//! The server over real HTTP: who may do what, what it answers, how it stops.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use crate::command_line::{cairn, run};

mod annotations;
mod api;
mod bodies;
mod held;
pub mod hooks;
mod inbox;
mod order;
mod room;
mod rows;
mod schedule;
mod slow;
mod tokens;
mod unchanged;
mod variables;

/// A running server; stopped when dropped.
pub struct Server {
    child: Child,
    pub address: String,
}

impl Server {
    pub fn start(folder: &Path, listen: &str) -> Server {
        let mut child =
            cairn(folder, &["serve", "--listen", listen]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.split_whitespace().find(|word| word.starts_with("http://")).unwrap().replace("0.0.0.0", "127.0.0.1");
        Server { child, address }
    }

    /// Status and body of a request.
    pub fn ask(&self, method: &str, path: &str, token: Option<&str>, body: &str) -> (u16, String) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.address));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let mut response = agent.run(request.body(body.to_owned()).unwrap()).unwrap();
        (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
    }

    pub fn get(&self, path: &str) -> (u16, String) {
        self.ask("GET", path, None, "")
    }

    /// The whole answer to a request with a header.
    pub fn get_with(&self, path: &str, name: &str, value: &str) -> ureq::http::Response<String> {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let asked = agent.get(format!("{}{path}", self.address)).header(name, value).call().unwrap();
        let (parts, mut body) = asked.into_parts();
        ureq::http::Response::from_parts(parts, body.read_to_string().unwrap())
    }

    /// The message of a refusal, after its status and code were looked at.
    pub fn refusal(&self, path: &str, status: u16, code: &str) -> String {
        let (found, body) = self.get(path);
        let error = json(&body)["error"].clone();
        assert_eq!((found, error["code"].as_str()), (status, Some(code)), "{path}: {body}");
        error["message"].as_str().unwrap().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Takes rows of a kind in, as `cairn import` does.
pub fn import(folder: &Path, kind: &str, rows: &str) {
    std::fs::write(folder.join("rows.ndjson"), rows).unwrap();
    let done = run(folder, &["import", kind, "rows.ndjson"]);
    assert!(done.is_well, "{}", done.err);
}

/// A new token of a scope.
pub fn token(folder: &Path, name: &str, scope: &str) -> String {
    let made = run(folder, &["token", "create", "--name", name, "--scope", scope]);
    assert!(made.is_well, "{}", made.err);
    made.out.trim().to_owned()
}

pub fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|_| panic!("no JSON: {text}"))
}
