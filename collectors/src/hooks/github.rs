//! GitHub's webhooks. What they tell carries the same identifiers as what is read from its API.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use facts::{Change, Commit, Incident, Kind, Person};
use serde_json::Value;

use super::{
    Delivery, Read, Told, Unreadable, github_deployments, integer, list, nothing, optional_text, optional_time, text,
    time,
};
use crate::github::{of_issue, reverts, severity};
use crate::pull::{Note, Setting};

pub(super) fn read(
    setting: &Setting,
    delivery: &Delivery<'_>,
    body: &Value,
    names: &BTreeMap<i64, String>,
) -> Result<Read, Unreadable> {
    let event = delivery
        .header("x-github-event")
        .ok_or_else(|| Unreadable("the header X-GitHub-Event is missing: this is no webhook of GitHub".into()))?;
    // The signature is of the body alone: what was signed as one event must not be told as another.
    let strange = of_other_events(event).iter().find(|key| !body[**key].is_null());
    if let Some(key) = strange {
        return Err(Unreadable(format!(
            "the header X-GitHub-Event says {event}, and the body has a `{key}`, as no such event has"
        )));
    }
    let own = optional_text(&body["repository"]["full_name"]);
    let told = body["repository"]["id"].as_i64().and_then(|number| names.get(&number));
    // A webhook of a whole organisation tells of repositories that nobody asked for.
    let is_asked_for = |name: &String| is_named(&setting.github.repositories, name);
    if let Some(name) = own.as_ref().filter(|own| !is_asked_for(own) && !told.is_some_and(is_asked_for)) {
        let note = format!("pushes of {name}, which is not among the source's repositories");
        return Ok(Read { notes: vec![Note::LeftOut(note)], ..Read::default() });
    }
    match told.filter(|told| Some(*told) != own.as_ref()) {
        // It was renamed, and what was read of it goes on under the name it had.
        Some(told) => {
            let mut renamed = body.clone();
            renamed["repository"]["full_name"] = Value::String(told.clone());
            read_event(setting, event, &renamed)
        }
        None => read_event(setting, event, body),
    }
}

fn read_event(setting: &Setting, event: &str, body: &Value) -> Result<Read, Unreadable> {
    let action = body["action"].as_str().unwrap_or_default();
    match (event, action) {
        ("deployment_status" | "workflow_run" | "release", action) => {
            github_deployments::read(setting, event, action, body)
        }
        ("pull_request", "closed") if merged(body)? => change(body),
        ("push", _) if !setting.github.commits => Ok(nothing("push, where commits = false")),
        ("push", _) => commits(body),
        ("issues", action) => incident(setting, body, action),
        (other, _) => Ok(nothing(other)),
    }
}

/// What the bodies of other events have beside what an event tells of.
fn of_other_events(event: &str) -> &'static [&'static str] {
    match event {
        "issues" => &["comment", "sub_issue", "parent_issue"],
        "pull_request" => &["review", "comment", "thread"],
        "workflow_run" => &["deployment_status", "deployment", "workflow_job", "check_run"],
        "push" => &["action", "ref_type"],
        _ => &[],
    }
}

/// Whether a pull request was merged, which GitHub says of each.
fn merged(body: &Value) -> Result<bool, Unreadable> {
    let said = &body["pull_request"]["merged"];
    said.as_bool().ok_or_else(|| Unreadable(format!("pull_request.merged is {said}, and true or false is wanted")))
}

/// Whether a source that names some repositories, or all of an owner, is about one; GitHub knows no letter case.
fn is_named(repositories: &[String], name: &str) -> bool {
    let is_of = |named: &String| match named.strip_suffix("/*") {
        Some(owner) => name.split('/').next().is_some_and(|own| own.eq_ignore_ascii_case(owner)),
        None => named.eq_ignore_ascii_case(name),
    };
    repositories.is_empty() || repositories.iter().any(is_of)
}

pub(super) fn repository(body: &Value) -> Result<String, Unreadable> {
    text(&body["repository"]["full_name"], "repository.full_name")
}

pub(super) fn person(user: &Value) -> Option<Person> {
    let login = user["login"].as_str()?;
    Some(if user["type"] == "Bot" {
        Person(format!("bot:{}", login.trim_end_matches("[bot]")))
    } else {
        Person(login.to_owned())
    })
}

fn change(body: &Value) -> Result<Read, Unreadable> {
    let pull = &body["pull_request"];
    let number = integer(&pull["number"], "pull_request.number")?;
    let trunk = text(&pull["base"]["repo"]["default_branch"], "pull_request.base.repo.default_branch")?;
    if text(&pull["base"]["ref"], "pull_request.base.ref")? != trunk {
        return Ok(nothing("pull_request into another branch than the trunk"));
    }
    let repository = repository(body)?;
    let said = |key: &str| pull[key].as_str().unwrap_or_default();
    let change = Change {
        id: format!("{repository}#{number}"),
        merged_at: time(&pull["merged_at"], "pull_request.merged_at")?,
        merge_revision: optional_text(&pull["merge_commit_sha"]),
        first_commit_at: None,
        opened_at: optional_time(&pull["created_at"]),
        first_review_at: None,
        approved_at: None,
        author: person(&pull["user"]),
        additions: pull["additions"].as_i64(),
        deletions: pull["deletions"].as_i64(),
        reverts: reverts(&repository, said("title"), said("body")),
        repository,
        title: optional_text(&pull["title"]),
        url: optional_text(&pull["html_url"]),
    };
    let mut read = Read::default();
    read.tell(change.into());
    Ok(read)
}

/// How the messages of merges begin, as GitHub and git write them.
const MERGES: [&str; 6] = [
    "Merge pull request #",
    "Merge branch ",
    "Merge branches ",
    "Merge remote-tracking branch",
    "Merge tag '",
    "Merge commit '",
];

fn commits(body: &Value) -> Result<Read, Unreadable> {
    let trunk = text(&body["repository"]["default_branch"], "repository.default_branch")?;
    if text(&body["ref"], "ref")? != format!("refs/heads/{trunk}") {
        return Ok(nothing("push to another branch than the trunk"));
    }
    let repository = repository(body)?;
    let mut read = Read::default();
    let commits = list(&body["commits"], "commits")?;
    for (number, commit) in commits.iter().enumerate() {
        // A push does not say which commits are merges: git's own messages tell.
        let message = commit["message"].as_str().unwrap_or_default();
        if MERGES.iter().any(|begin| message.starts_with(begin)) {
            continue;
        }
        // One odd commit does not spoil the others.
        match pushed_commit(&repository, commit) {
            Ok(commit) => read.tell(commit.into()),
            Err(Unreadable(reason)) => read.add_odd(format!("commit {}: {reason}", number + 1)),
        }
    }
    Ok(read)
}

fn pushed_commit(repository: &str, commit: &Value) -> Result<Commit, Unreadable> {
    let at = time(&commit["timestamp"], "commits.timestamp")?;
    Ok(Commit {
        revision: text(&commit["id"], "commits.id")?,
        repository: repository.to_owned(),
        authored_at: at,
        committed_at: at,
        change_id: None,
        url: optional_text(&commit["url"]),
    })
}

fn incident(setting: &Setting, body: &Value, action: &str) -> Result<Read, Unreadable> {
    let issue = &body["issue"];
    // What is said of a pull request's labels comes as an event of issues too.
    if !issue["pull_request"].is_null() {
        return Ok(nothing("issues, of a pull request"));
    }
    let repository = repository(body)?;
    let number = integer(&issue["number"], "issue.number")?;
    let id = format!("{repository}#{number}");
    // In another repository it has another number, and is told of from there.
    if matches!(action, "deleted" | "transferred") {
        let whole_at = Some(DateTime::<Utc>::MAX_UTC);
        let withdrawn = vec![(Kind::Incident, id.clone()), (Kind::Ticket, id)];
        return Ok(Read { withdrawn, whole_at, ..Read::default() });
    }
    let whole_at = optional_time(&issue["updated_at"]);
    // Whether the issue is shown with the label that was just taken off differs.
    let taken_off = if action == "unlabeled" { body["label"]["name"].as_str() } else { None };
    // An event that does not say which it has is odd, and takes nothing back.
    let labels = list(&issue["labels"], "issue.labels")?.iter().filter_map(|label| label["name"].as_str());
    let labels: Vec<&str> = labels.filter(|label| Some(*label) != taken_off).collect();
    let wanted = &setting.github.incident_labels;
    if !labels.iter().any(|label| wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(label))) {
        return Ok(Read {
            withdrawn: vec![(Kind::Incident, id)],
            whole_at,
            ..nothing("issues without an incident label")
        });
    }
    if issue["state"] == "closed" && optional_time(&issue["closed_at"]).is_none() {
        return Err(Unreadable("the issue is closed, and issue.closed_at does not say when".into()));
    }
    let mut read = Read { whole_at, ..Read::default() };
    let service = of_issue(&setting.services, &repository, &labels, &mut read.notes);
    read.facts.push(Told {
        fact: Incident {
            id,
            opened_at: time(&issue["created_at"], "issue.created_at")?,
            service,
            acknowledged_at: None,
            resolved_at: optional_time(&issue["closed_at"]),
            severity: severity(&labels),
            caused_by_deployment: None,
            title: optional_text(&issue["title"]),
            url: optional_text(&issue["html_url"]),
        }
        .into(),
        has_begin: true,
        at: None,
        reopened_at: None,
        filled: &[],
    });
    Ok(read)
}
