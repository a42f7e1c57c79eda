//! Argo CD: an application's history is its successful deployments, its last operation tells of a failed one.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use facts::{AnyFact, Deployment, DeploymentKind, DeploymentResult, Person};
use serde::{Deserialize, Deserializer, Serialize};

use crate::pull::{Answer, Ask, Each, Misread, Next, Note, Page, Probe, Setting, Source};

/// What to read of Argo CD.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// What an application's environment is read from: `project`, `cluster`, `namespace` or `label:NAME`.
    pub environment_from: String,
    /// What its service is read from: `name` or `label:NAME`.
    pub service_from: String,
    /// Only these projects; all where empty.
    pub projects: Vec<String>,
}

impl Default for Options {
    fn default() -> Options {
        Options { environment_from: "cluster".into(), service_from: "name".into(), projects: Vec::new() }
    }
}

/// What was seen of each application: its own history is short, and forgets what ran before.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Position {
    seen: BTreeMap<String, Vec<Seen>>,
}

/// An entry of an application's history, as far as later ones need it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Seen {
    id: i64,
    revision: Option<String>,
}

/// How many entries of an application are remembered.
const REMEMBERED: usize = 100;

/// Argo CD as a source.
pub struct ArgoCd {
    setting: Setting,
    options: Options,
}

#[derive(Deserialize)]
struct Applications {
    /// Null is an empty list, as Argo CD writes it; an answer without one is of something else.
    #[serde(deserialize_with = "Option::deserialize")]
    items: Option<Each<Application>>,
}

#[derive(Deserialize)]
struct Application {
    metadata: Metadata,
    spec: Spec,
    status: Option<Status>,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    namespace: Option<String>,
    /// Another for an application that was deleted and made again: its history counts from the begin.
    uid: Option<String>,
    #[serde(default, deserialize_with = "null_is_none")]
    labels: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Spec {
    project: Option<String>,
    destination: Option<Destination>,
    source: Option<Origin>,
    #[serde(default)]
    sources: Vec<Origin>,
}

#[derive(Deserialize)]
struct Destination {
    name: Option<String>,
    server: Option<String>,
    namespace: Option<String>,
}

#[derive(Deserialize)]
struct Origin {
    #[serde(rename = "repoURL")]
    repo_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    #[serde(default, deserialize_with = "null_is_none")]
    history: Vec<Entry>,
    operation_state: Option<Operation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: i64,
    deployed_at: Option<DateTime<Utc>>,
    deploy_started_at: Option<DateTime<Utc>>,
    revision: Option<String>,
    #[serde(default)]
    revisions: Vec<String>,
    source: Option<Origin>,
    initiated_by: Option<Initiator>,
}

#[derive(Deserialize)]
struct Initiator {
    username: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Operation {
    phase: String,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    sync_result: Option<SyncResult>,
    operation: Option<Asked>,
}

#[derive(Deserialize)]
struct SyncResult {
    revision: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    initiated_by: Option<Initiator>,
}

/// Go writes null for an empty list or map.
fn null_is_none<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl ArgoCd {
    /// A source of all applications, or those of some projects.
    pub fn new(setting: Setting, options: Options) -> Result<ArgoCd, String> {
        let is_known = |from: &str| matches!(from, "project" | "cluster" | "namespace") || from.starts_with("label:");
        if !is_known(&options.environment_from) {
            return Err(format!(
                "environment_from = \"{}\" is not known; write project, cluster, namespace or label:NAME",
                options.environment_from
            ));
        }
        if options.service_from != "name" && !options.service_from.starts_with("label:") {
            return Err(format!("service_from = \"{}\" is not known; write name or label:NAME", options.service_from));
        }
        Ok(ArgoCd { setting, options })
    }

    fn application(&self, application: Application, seen: &mut Vec<Seen>, notes: &mut Vec<Note>) -> Vec<AnyFact> {
        let name = application.metadata.name.clone();
        let Some(status) = application.status.as_ref() else { return Vec::new() };
        let oldest = status.history.iter().map(|entry| entry.id).min();
        if let (Some(newest_seen), Some(oldest)) = (seen.iter().map(|entry| entry.id).max(), oldest)
            && oldest > newest_seen + 1
        {
            notes.push(Note::LeftOut(format!(
                "application {name}: {} deployments between two runs are gone from its history; collect more often, or raise its revisionHistoryLimit (ten by default)",
                oldest - newest_seen - 1
            )));
        }
        let Some((service, environment)) = self.names(&application, notes) else { return Vec::new() };
        let id = identity(application.metadata.namespace.as_deref(), &name, application.metadata.uid.as_deref());
        let own = application.spec.source.as_ref().or(application.spec.sources.first());
        let mut facts = Vec::new();
        // What the history has forgotten is remembered here.
        seen.retain(|entry| oldest.is_none_or(|oldest| entry.id < oldest));
        for entry in &status.history {
            let revision =
                entry.revision.clone().or_else(|| entry.revisions.first().cloned()).filter(|it| !it.is_empty());
            let Some(finished_at) = entry.deployed_at else {
                notes.push(Note::LeftOut(format!("application {id}: entry {} does not say when it ended", entry.id)));
                continue;
            };
            let earlier: Vec<Option<String>> = seen.iter().map(|entry| entry.revision.clone()).collect();
            let (previous, is_rollback) = before(&earlier, revision.as_ref());
            facts.push(
                Deployment {
                    id: format!("{id}/{}", entry.id),
                    service: service.clone(),
                    environment: environment.clone(),
                    finished_at,
                    result: DeploymentResult::Success,
                    started_at: entry.deploy_started_at.filter(|at| *at <= finished_at),
                    revision: revision.clone(),
                    previous_revision: previous,
                    repository: repository(entry.source.as_ref().or(own)),
                    kind: is_rollback.then_some(DeploymentKind::Rollback),
                    actor: actor(entry.initiated_by.as_ref()),
                    url: None,
                }
                .into(),
            );
            seen.push(Seen { id: entry.id, revision });
        }
        if let Some(operation) = &status.operation_state
            && matches!(operation.phase.as_str(), "Failed" | "Error")
            && let (Some(started_at), Some(finished_at)) = (operation.started_at, operation.finished_at)
        {
            facts.push(
                Deployment {
                    id: format!("{id}/failed/{}", started_at.timestamp()),
                    service,
                    environment,
                    finished_at,
                    result: DeploymentResult::Failure,
                    started_at: Some(started_at.min(finished_at)),
                    revision: operation.sync_result.as_ref().and_then(|result| result.revision.clone()),
                    previous_revision: seen.iter().rev().find_map(|entry| entry.revision.clone()),
                    repository: repository(own),
                    kind: None,
                    actor: actor(operation.operation.as_ref().and_then(|asked| asked.initiated_by.as_ref())),
                    url: None,
                }
                .into(),
            );
        }
        seen.drain(..seen.len().saturating_sub(REMEMBERED));
        facts
    }

    fn names(&self, application: &Application, notes: &mut Vec<Note>) -> Option<(String, String)> {
        let destination = application.spec.destination.as_ref();
        let traits = Traits {
            name: &application.metadata.name,
            project: application.spec.project.clone(),
            cluster: destination.and_then(|to| to.name.clone().or_else(|| to.server.clone())),
            namespace: destination.and_then(|to| to.namespace.clone()),
            label: &|name| application.metadata.labels.get(name).cloned(),
        };
        traits.names(&self.setting, &self.options, notes)
    }
}

/// What an application says of itself, of which its service and environment are made.
pub(crate) struct Traits<'a> {
    pub name: &'a str,
    pub project: Option<String>,
    pub cluster: Option<String>,
    pub namespace: Option<String>,
    pub label: &'a dyn Fn(&str) -> Option<String>,
}

impl Traits<'_> {
    /// Its service and environment, told where there is none.
    pub(crate) fn names(self, setting: &Setting, options: &Options, notes: &mut Vec<Note>) -> Option<(String, String)> {
        let label = |from: &str| (self.label)(from.strip_prefix("label:")?);
        let own = match options.environment_from.as_str() {
            "project" => self.project.clone(),
            "cluster" => self.cluster.clone(),
            "namespace" => self.namespace.clone(),
            other => label(other),
        };
        let service = match options.service_from.as_str() {
            "name" => Some(self.name.to_owned()),
            other => label(other),
        };
        let mapped = |what: &'static str, from: &str, own: Option<String>, notes: &mut Vec<Note>| {
            let mapping = if what == "service" { &setting.services } else { &setting.environments };
            let Some(own) = own else {
                notes.push(self.lacks(what, from));
                return None;
            };
            let found = mapping.or_own(&own, &own);
            if found.is_none() {
                notes.push(Note::Unmapped { what, subject: own });
            }
            found
        };
        let service = mapped("service", &options.service_from, service, notes)?;
        Some((service, mapped("environment", &options.environment_from, own, notes)?))
    }

    /// That it has nothing of what a name is read from, which no mapping mends.
    fn lacks(&self, what: &str, from: &str) -> Note {
        let name = self.name;
        Note::LeftOut(match from.strip_prefix("label:") {
            Some(label) => {
                format!("application {name} has no label `{label}`: set it there, or choose another {what}_from")
            }
            None => format!("application {name} names no {from}: choose another {what}_from"),
        })
    }
}

/// What ran before a revision, by the revisions of an application's history up to there: the one just before, and whether this
/// goes back to one that ran before that.
pub(crate) fn before(earlier: &[Option<String>], revision: Option<&String>) -> (Option<String>, bool) {
    let previous = earlier.iter().rev().flatten().next().cloned();
    let is_rollback = revision.is_some()
        && revision != previous.as_ref()
        && earlier.iter().any(|earlier| earlier.as_ref() == revision);
    (previous, is_rollback)
}

/// What the deployments of an application are known by: two namespaces may hold applications of one name, and one that
/// was deleted and made again counts its history from the begin.
pub(crate) fn identity(namespace: Option<&str>, name: &str, uid: Option<&str>) -> String {
    let uid = uid.and_then(|uid| uid.split('-').next());
    let parts = [namespace, Some(name), uid];
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}

fn actor(initiator: Option<&Initiator>) -> Option<Person> {
    initiator?.username.clone().filter(|name| !name.is_empty()).map(Person)
}

fn repository(origin: Option<&Origin>) -> Option<String> {
    repository_at(origin?.repo_url.as_deref()?)
}

/// `owner/name` of a repository's address.
pub(crate) fn repository_at(url: &str) -> Option<String> {
    let path = url.split_once("://").map_or_else(
        || url.split_once(':').map(|(_, path)| path),
        |(_, rest)| rest.split_once('/').map(|(_, path)| path),
    )?;
    Some(path.trim_matches('/').trim_end_matches(".git").to_owned()).filter(|path| !path.is_empty())
}

impl Source for ArgoCd {
    type Position = Position;

    fn begin(&self, last: Option<Position>, _since: Option<DateTime<Utc>>, _now: DateTime<Utc>) -> Position {
        last.unwrap_or_default()
    }

    fn ask(&self, _position: &Position) -> Ask {
        let projects: String = self.options.projects.iter().map(|project| format!("&projects={project}")).collect();
        Ask::get(format!(
            "api/v1/applications?fields=items.metadata.name,items.metadata.namespace,items.metadata.uid,items.metadata.labels,items.spec,items.status.history,items.status.operationState{projects}"
        ))
    }

    fn read(&self, position: &Position, answer: &Answer) -> Result<Page<Position>, Misread> {
        let applications: Applications = answer.json()?;
        let mut onward = position.clone();
        let (mut facts, mut notes) = (Vec::new(), Vec::new());
        let items = applications.items.map(|items| items.take("applications", &mut notes)).transpose()?;
        for application in items.unwrap_or_default() {
            let metadata = &application.metadata;
            let key = identity(metadata.namespace.as_deref(), &metadata.name, metadata.uid.as_deref());
            let seen = onward.seen.entry(key).or_default();
            facts.extend(self.application(application, seen, &mut notes));
        }
        Ok(Page { facts, next: Next::Done(onward), notes, remains: Vec::new() })
    }

    fn probes(&self, _begin: &Position) -> Vec<Probe> {
        vec![Probe {
            purpose: "applications with their history",
            needs: "an account with the policy `applications, get, */*`",
            ask: Source::ask(self, &Position::default()),
        }]
    }

    fn explain(&self, answer: &Answer) -> Option<String> {
        match answer.status {
            401 => Some("Argo CD refuses the token: it is wrong or expired. Make one with: argocd account generate-token".into()),
            403 => Some("the token's account may not get applications; give it the policy `p, ACCOUNT, applications, get, */*, allow`".into()),
            _ => None,
        }
    }
}
