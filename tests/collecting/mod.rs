//! Sources: what they make of recorded real answers, and the one loop that reads them.

mod argocd;
mod backstage;
mod beside;
mod cdevents;
mod changed_later;
mod checking;
mod faulty_server;
mod files;
mod github;
mod github_app;
mod github_denied;
mod github_deployments;
mod github_issues;
mod github_schema;
mod hooks;
mod hooks_argocd;
mod hooks_github;
mod hooks_names;
mod hooks_odd;
mod jira;
mod kubernetes;
mod left_behind;
mod mapping;
mod pagerduty;
mod passed_over;
mod prometheus;
mod reading;
mod run_again;
mod taken_back;
mod tls;

use collectors::pull::{Answer, Ask, Next, Note, Source};
use facts::AnyFact;
use serde_json::Value;

use crate::support::at;

/// A recorded answer.
fn recorded(path: &str) -> Value {
    let path = format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Reads a source to its end from a position on; the answers are given by what was asked. Each position survives being
/// written down, as it must when a run stops there.
fn walk<S: Source>(
    source: &S,
    mut position: S::Position,
    answer: impl Fn(&Ask) -> (u16, Value),
) -> (Vec<AnyFact>, Vec<Note>, S::Position, Vec<String>) {
    let (mut facts, mut notes, mut asked) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..1_000 {
        let ask = source.ask(&position);
        let (status, body) = answer(&ask);
        asked.push(ask.path);
        let answer = Answer { status, ..Answer::of(body.to_string(), at("2026-11-23T12:30:00Z")) };
        let page = source.read(&position, &answer).unwrap();
        facts.extend(page.facts);
        notes.extend(page.notes);
        match page.next {
            Next::Done(position) => return (facts, notes, position, asked),
            Next::Ask(next) => position = serde_json::from_value(serde_json::to_value(&next).unwrap()).unwrap(),
        }
    }
    panic!("the walk does not end");
}
