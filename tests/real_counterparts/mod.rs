//! Other people's programs, run for real: what they answer is what Cairn reads, and what Cairn answers they read.

mod argocd;
mod backstage;
mod prometheus;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use store::{Store, StoreOptions, Value};

use crate::support::at;

/// A program that runs until this is dropped.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Running {
        Running(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port on which nothing listens.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Whether a program is here. In CI it must be; elsewhere its test is left out, and says so.
fn is_here(program: &str) -> bool {
    is_here_with(program, "--version")
}

/// The same of a program that tells its version by another word.
#[expect(clippy::disallowed_methods, reason = "in CI a missing program is a failure")]
fn is_here_with(program: &str, version: &str) -> bool {
    let found = Command::new(program).arg(version).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let is_here = found.is_ok_and(|status| status.success());
    if !is_here {
        assert!(std::env::var("CI").is_err(), "{program} is not installed");
        eprintln!("SKIPPED: {program} is not installed, so nothing was tried against it");
    }
    is_here
}

/// Asks again and again until the answer is as wanted.
fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "{what}: it never came to it");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Status and body of a request; none while nothing listens.
fn ask(method: &str, url: &str, token: &str, body: &str) -> Option<(u16, String)> {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request = ureq::http::Request::builder()
        .method(method)
        .uri(url)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json");
    let mut response = agent.run(request.body(body.to_owned()).unwrap()).ok()?;
    Some((response.status().as_u16(), response.body_mut().read_to_string().ok()?))
}

/// Rows of the store in a folder, each as text.
pub fn rows(folder: &Path, sql: &str) -> Vec<String> {
    let options = StoreOptions { path: folder.join("cairn.duckdb"), ..StoreOptions::default() };
    let store = Store::open(&options, at("2026-01-01T00:00:00Z")).unwrap();
    let text = |value: &Value| match value {
        Value::Null => "-".to_owned(),
        Value::Boolean(value) => value.to_string(),
        Value::Integer(value) | Value::Time(value) => value.to_string(),
        Value::Real(value) => value.to_string(),
        Value::Text(value) => value.clone(),
    };
    let rows = store.query(sql, &[]).unwrap().rows;
    rows.iter().map(|row| row.iter().map(text).collect::<Vec<_>>().join(" ")).collect()
}
