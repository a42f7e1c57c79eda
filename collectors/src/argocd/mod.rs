//! Argo CD: an application's history is its successful deployments, its last operation tells of a failed one.

mod answers;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use facts::{AnyFact, Deployment, DeploymentKind, DeploymentResult, Person};
use serde::{Deserialize, Serialize};

use self::answers::{Application, Applications, Initiator, Metadata, Operation, Origin};
use crate::mapping::Mapping;
use crate::pull::{Answer, Ask, Misread, Next, Note, Page, Probe, Setting, Source};

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
    /// Of the last failed operation of each, which attempt it was and how that was told.
    #[serde(default)]
    failed: BTreeMap<String, (DateTime<Utc>, Own)>,
    /// What the names below were read from.
    #[serde(default)]
    named_by: (String, String),
}

/// What an application says its service and environment are, before they are mapped. What was deployed before it was pointed
/// elsewhere is of what it said then.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Own {
    service: Option<String>,
    environment: Option<String>,
}

/// An entry of an application's history, as far as later ones need it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Seen {
    id: i64,
    revision: Option<String>,
    /// As it was told; none where it was not.
    #[serde(default)]
    own: Option<Own>,
}

/// How many entries of an application are remembered.
const REMEMBERED: usize = 100;

/// Argo CD as a source.
pub struct ArgoCd {
    setting: Setting,
    options: Options,
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

    fn application(&self, application: Application, onward: &mut Position, notes: &mut Vec<Note>) -> Vec<AnyFact> {
        let Metadata { name, namespace, uid, .. } = &application.metadata;
        let id = identity(namespace.as_deref(), name, uid.as_deref());
        let seen = onward.seen.entry(id.clone()).or_default();
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
        let today = self.traits(&application).own(&self.options);
        let mut unmapped = Vec::new();
        let mut names = |own: &Own| own.names(&self.setting, &self.options, name, &mut unmapped);
        let origin = application.spec.source.as_ref().or(application.spec.sources.first());
        let mut facts = Vec::new();
        let told: BTreeMap<i64, Own> = seen.iter().filter_map(|entry| Some((entry.id, entry.own.clone()?))).collect();
        // What the history has forgotten is remembered here.
        seen.retain(|entry| oldest.is_none_or(|oldest| entry.id < oldest));
        for entry in &status.history {
            let Some(finished_at) = entry.deployed_at else {
                notes.push(Note::LeftOut(format!("application {id}: entry {} does not say when it ended", entry.id)));
                continue;
            };
            let revision = first_revision(entry.revision.as_ref(), &entry.revisions);
            let earlier: Vec<Option<String>> = seen.iter().map(|entry| entry.revision.clone()).collect();
            let (previous_revision, is_rollback) = before(&earlier, revision.as_ref());
            let own = told.get(&entry.id).unwrap_or(&today);
            let named = names(own);
            let own = named.is_some().then(|| own.clone());
            seen.push(Seen { id: entry.id, revision: revision.clone(), own });
            let Some((service, environment)) = named else { continue };
            facts.push(
                Deployment {
                    id: format!("{id}/{}", entry.id),
                    service,
                    environment,
                    finished_at,
                    result: DeploymentResult::Success,
                    started_at: entry.deploy_started_at.filter(|at| *at <= finished_at),
                    revision,
                    previous_revision,
                    repository: repository(entry.source.as_ref().or(origin)),
                    kind: is_rollback.then_some(DeploymentKind::Rollback),
                    actor: actor(entry.initiated_by.as_ref()),
                    url: None,
                }
                .into(),
            );
        }
        if let Some(operation) = status.operation_state.as_ref().filter(|operation| operation.is_failed_sync())
            && let (Some(started_at), Some(finished_at)) = (operation.started_at, operation.finished_at)
        {
            let told = onward.failed.get(&id).filter(|(at, _)| *at == started_at).map(|(_, own)| own.clone());
            let own = told.unwrap_or(today);
            if let Some((service, environment)) = names(&own) {
                let result = operation.sync_result.as_ref();
                facts.push(
                    Deployment {
                        id: format!("{id}/failed/{}", started_at.timestamp()),
                        service,
                        environment,
                        finished_at,
                        result: DeploymentResult::Failure,
                        started_at: Some(started_at.min(finished_at)),
                        revision: result.and_then(|result| first_revision(result.revision.as_ref(), &result.revisions)),
                        previous_revision: seen.iter().rev().find_map(|entry| entry.revision.clone()),
                        repository: repository(origin),
                        kind: None,
                        actor: actor(operation.operation.as_ref().and_then(|asked| asked.initiated_by.as_ref())),
                        url: None,
                    }
                    .into(),
                );
                onward.failed.insert(id, (started_at, own));
            }
        }
        seen.drain(..seen.len().saturating_sub(REMEMBERED));
        unmapped.dedup();
        notes.extend(unmapped);
        facts
    }

    fn traits<'a>(&self, application: &'a Application) -> Traits<'a> {
        let destination = application.spec.destination.as_ref();
        Traits {
            name: &application.metadata.name,
            project: application.spec.project.clone(),
            cluster: destination.and_then(|to| to.name.clone().or_else(|| to.server.clone())),
            namespace: destination.and_then(|to| to.namespace.clone()),
            label: Box::new(|name| application.metadata.labels.get(name).cloned()),
        }
    }
}

impl Operation {
    fn is_failed_sync(&self) -> bool {
        let sync = self.operation.as_ref().and_then(|asked| asked.sync.as_ref());
        matches!(self.phase.as_str(), "Failed" | "Error") && sync.is_none_or(|sync| sync.dry_run != Some(true))
    }
}

/// The value of a label, by its name.
type Label<'a> = Box<dyn Fn(&str) -> Option<String> + 'a>;

/// What an application says of itself, of which its service and environment are made.
pub(crate) struct Traits<'a> {
    pub name: &'a str,
    pub project: Option<String>,
    pub cluster: Option<String>,
    pub namespace: Option<String>,
    pub label: Label<'a>,
}

impl Traits<'_> {
    /// What of it the options make its service and environment.
    pub(crate) fn own(&self, options: &Options) -> Own {
        let label = |from: &str| (self.label)(from.strip_prefix("label:")?);
        let environment = match options.environment_from.as_str() {
            "project" => self.project.clone(),
            "cluster" => self.cluster.clone(),
            "namespace" => self.namespace.clone(),
            other => label(other),
        };
        let service = match options.service_from.as_str() {
            "name" => Some(self.name.to_owned()),
            other => label(other),
        };
        Own { service, environment }
    }
}

impl Own {
    /// The service and environment of an application, told where there is none.
    pub(crate) fn names(
        &self,
        setting: &Setting,
        options: &Options,
        application: &str,
        notes: &mut Vec<Note>,
    ) -> Option<(String, String)> {
        let mut mapped = |what: &'static str, own: Option<&String>, from: &str, mapping: &Mapping| {
            let Some(own) = own else {
                notes.push(lacks(application, what, from));
                return None;
            };
            let found = mapping.or_own(own, own);
            if found.is_none() {
                notes.push(Note::Unmapped { what, subject: own.clone() });
            }
            found
        };
        let service = mapped("service", self.service.as_ref(), &options.service_from, &setting.services)?;
        let from = &options.environment_from;
        Some((service, mapped("environment", self.environment.as_ref(), from, &setting.environments)?))
    }
}

/// That an application has nothing of what a name is read from, which no mapping mends.
fn lacks(application: &str, what: &str, from: &str) -> Note {
    Note::LeftOut(match from.strip_prefix("label:") {
        Some(label) => {
            format!("application {application} has no label `{label}`: set it there, or choose another {what}_from")
        }
        None => format!("application {application} names no {from}: choose another {what}_from"),
    })
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

/// What was deployed: of an application of several sources, what its first is at.
fn first_revision(one: Option<&String>, several: &[String]) -> Option<String> {
    one.into_iter().chain(several).find(|revision| !revision.is_empty()).cloned()
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
        let mut position = last.unwrap_or_default();
        let named_by = (self.options.service_from.clone(), self.options.environment_from.clone());
        if position.named_by != named_by {
            // What was told is told anew, by what names are read from now.
            position.seen.values_mut().flatten().for_each(|entry| entry.own = None);
            position.failed.clear();
        }
        Position { named_by, ..position }
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
            facts.extend(self.application(application, &mut onward, &mut notes));
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
