//! A deployment of GitHub's, read or pushed, and the services it is one of.

use chrono::{DateTime, Utc};
use facts::{Deployment, DeploymentKind, DeploymentResult, Person};

use super::answers::WorkflowRun;
use super::convert;
use crate::mapping::{Mapping, Part, Subject};
use crate::pull::{Note, Setting};

/// A deployment as it was told, whatever it was told by.
pub(crate) struct Deployed {
    pub id: String,
    pub environment: String,
    pub revision: Option<String>,
    pub created_at: DateTime<Utc>,
    /// None while it goes on.
    pub ended: Option<Ended>,
    pub kind: Option<DeploymentKind>,
    pub actor: Option<Person>,
}

/// How a deployment ended.
pub(crate) struct Ended {
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: DateTime<Utc>,
    pub result: DeploymentResult,
    pub url: Option<String>,
}

impl Deployed {
    /// A workflow's run.
    pub(crate) fn of_run(environment: &str, run: &WorkflowRun) -> Deployed {
        let started = run.run_started_at.unwrap_or(run.created_at);
        // Run again it deploys again: what the first attempt did stays.
        let attempt = run.run_attempt.filter(|attempt| *attempt > 1);
        Deployed {
            id: attempt.map_or_else(|| format!("run-{}", run.id), |attempt| format!("run-{}-{attempt}", run.id)),
            environment: environment.to_owned(),
            revision: Some(run.head_sha.clone()),
            created_at: if attempt.is_some() { started } else { run.created_at },
            ended: convert::conclusion(run).map(|result| Ended {
                started_at: Some(started),
                finished_at: run.updated_at.max(started),
                result,
                url: run.html_url.clone(),
            }),
            kind: run.name.iter().chain(&run.path).chain(&run.event).find_map(|text| convert::kind_of_task(text)),
            actor: run.actor.as_ref().map(|actor| Person(actor.login.clone())),
        }
    }

    /// The deployments of services that it is, each with the service's folder; none while it goes on.
    pub(crate) fn of_services(
        &self,
        setting: &Setting,
        repository: &str,
        notes: &mut Vec<Note>,
    ) -> Vec<(Deployment, Option<String>)> {
        let Some(Ended { started_at, finished_at, result, url }) = &self.ended else { return Vec::new() };
        let Some(environment) = setting.environments.or_own(&self.environment, &self.environment) else {
            notes.push(Note::Unmapped { what: "environment", subject: self.environment.clone() });
            return Vec::new();
        };
        let parts = parts(&setting.services, repository, Some(&self.environment), notes);
        let deployment = |part: &Part| Deployment {
            id: identifier(&self.id, &parts, &part.name),
            service: part.name.clone(),
            environment: environment.clone(),
            finished_at: *finished_at,
            result: *result,
            started_at: started_at.map(|at| at.min(*finished_at)),
            revision: self.revision.clone(),
            previous_revision: None,
            repository: Some(repository.to_owned()),
            kind: self.kind,
            actor: self.actor.clone(),
            url: url.clone(),
        };
        parts.iter().map(|part| (deployment(part), part.path.clone())).collect()
    }
}

/// The services of a repository, told where there is none. Where it holds several, the environment's name may tell which
/// one is deployed.
pub(super) fn parts(
    services: &Mapping,
    repository: &str,
    environment: Option<&str>,
    notes: &mut Vec<Note>,
) -> Vec<Part> {
    if services.is_empty() {
        let own = repository.rsplit('/').next().unwrap_or(repository).to_owned();
        return vec![Part { name: own, path: None }];
    }
    let both = environment.filter(|environment| !environment.is_empty()).map(|own| format!("{repository}@{own}"));
    let both = both.as_deref().map(|both| Subject::Joined(both, '@'));
    let subjects: Vec<Subject<'_>> = both.into_iter().chain([Subject::Name(repository)]).collect();
    let found = services.parts(&subjects);
    if found.is_empty() {
        notes.push(Note::Unmapped { what: "service", subject: repository.to_owned() });
    }
    found
}

/// The service of an issue: of its repository, if that holds one, or of one of its labels, whichever line comes first.
pub(crate) fn of_issue(services: &Mapping, repository: &str, labels: &[&str], notes: &mut Vec<Note>) -> Option<String> {
    let labels: Vec<Subject<'_>> = labels.iter().map(|label| Subject::Name(label)).collect();
    let subjects = [&[Subject::Name(repository)], &labels[..]].concat();
    if services.is_empty() || services.parts(&subjects).is_empty() {
        return parts(services, repository, None, notes).pop().map(|own| own.name);
    }
    match services.parts(&subjects).as_slice() {
        [only] => Some(only.name.clone()),
        // Of several in a repository a label may tell which.
        _ => {
            let found = services.find_any(&labels);
            if found.is_none() {
                notes.push(Note::LeftOut(format!(
                    "the service of an incident of {repository}, which holds several: no label of its issue is one that a line of services matches, such as {{ match = \"<label>\", name = \"<service>\" }}"
                )));
            }
            found
        }
    }
}

/// `run-7` and `run-7-2` of `run-7-3`: what the attempts before it are known by.
pub(super) fn earlier_attempts(id: &str) -> Vec<String> {
    let (own, service) = id.find(':').map_or((id, ""), |at| id.split_at(at));
    let number = own.strip_prefix("run-").and_then(|numbers| numbers.split_once('-'));
    let Some((run, Ok(attempt))) = number.map(|(run, attempt)| (run, attempt.parse::<u32>())) else {
        return Vec::new();
    };
    // Nobody runs anything again more often, and what is told may be nonsense.
    let earlier = (1..attempt.min(1_000)).map(|earlier| match earlier {
        1 => format!("run-{run}{service}"),
        _ => format!("run-{run}-{earlier}{service}"),
    });
    earlier.collect()
}

/// What the deployments of a repository's parts are known by: GitHub knows one for all of them. The first part has GitHub's own,
/// so that a part added later leaves those told before as they are.
fn identifier(id: &str, parts: &[Part], service: &str) -> String {
    match parts.first() {
        Some(first) if first.name != service => format!("{id}:{service}"),
        _ => id.to_owned(),
    }
}
