//! Argo CD notifications, in the form that the template in docs/argocd-notifications.yaml gives them.

use facts::{Deployment, DeploymentKind, DeploymentResult};
use serde_json::Value;

use super::{Read, Unreadable, optional_text, optional_time, text, time};
use crate::argocd::{Options, Traits, before};
use crate::pull::{Note, Setting};

pub(super) fn read(setting: &Setting, body: &Value) -> Result<Read, Unreadable> {
    let application = text(&body["application"], "application")?;
    let result = match text(&body["phase"], "phase")?.as_str() {
        "Succeeded" => DeploymentResult::Success,
        "Failed" | "Error" => DeploymentResult::Failure,
        "Running" | "Terminating" => return Ok(Read::default()),
        other => return Err(Unreadable::unknown("phase", other)),
    };
    let finished_at = time(&body["finished_at"], "finished_at")?;
    let started_at = optional_time(&body["started_at"]);
    let namespace = optional_text(&body["namespace"]);
    let uid = optional_text(&body["uid"]);
    let qualified = crate::argocd::identity(namespace.as_deref(), &application, uid.as_deref());
    let mut read = Read::default();
    let projects = &setting.argocd.projects;
    if !projects.is_empty() && !projects.contains(&text(&body["project"], "project")?) {
        let note = format!("applications of project {}, which is not among the source's projects", body["project"]);
        return Ok(Read { notes: vec![Note::LeftOut(note)], ..read });
    }
    has_what_is_read(&setting.argocd, body)?;
    let traits = Traits {
        name: &application,
        project: optional_text(&body["project"]),
        cluster: optional_text(&body["environment"]),
        namespace: optional_text(&body["destination_namespace"]),
        label: Box::new(|name| optional_text(&body["labels"][name])),
    };
    let own_number = body["history_id"].as_i64();
    let names = traits.own(&setting.argocd).names(setting, &setting.argocd, &application, &mut read.notes);
    // What a label lacks may be read from elsewhere later on: the push waits for that.
    for note in std::mem::take(&mut read.notes) {
        match note {
            Note::LeftOut(reason) => read.add_odd(reason),
            note => read.notes.push(note),
        }
    }
    if let Some((service, environment)) = names {
        let history = History::of(body);
        let mut revision = optional_text(&body["revision"]);
        if result == DeploymentResult::Success {
            revision = revision.or_else(|| history.revision(own_number?));
        }
        let until = own_number.filter(|_| result == DeploymentResult::Success);
        let (previous_revision, is_back) = before(&history.before(until), revision.as_ref());
        let is_rollback = is_back && result == DeploymentResult::Success;
        // As when it is read from the API: by the number in the history, or for a failed one by its begin.
        let id = match (result, own_number, started_at) {
            (DeploymentResult::Success, Some(number), _) => format!("{qualified}/{number}"),
            (_, _, Some(started)) => format!("{qualified}/failed/{}", started.timestamp()),
            _ => format!("{qualified}/at/{}", finished_at.timestamp()),
        };
        read.tell(
            Deployment {
                id,
                service,
                environment,
                finished_at,
                result,
                started_at: started_at.filter(|at| *at <= finished_at),
                revision,
                previous_revision,
                repository: optional_text(&body["repository"]).as_deref().and_then(crate::argocd::repository_at),
                kind: is_rollback.then_some(DeploymentKind::Rollback),
                actor: None,
                url: optional_text(&body["url"]),
            }
            .into(),
        );
    }
    Ok(read)
}

/// What the source's options read must be in the body, be it empty: an earlier template may not send it.
fn has_what_is_read(options: &Options, body: &Value) -> Result<(), Unreadable> {
    for (option, from) in [("environment_from", &options.environment_from), ("service_from", &options.service_from)] {
        let key = match from.as_str() {
            "name" => continue,
            "cluster" => "environment",
            "project" => "project",
            "namespace" => "destination_namespace",
            _ => "labels",
        };
        if body[key].is_null() {
            return Err(Unreadable(format!(
                "{key} is missing, which {option} = \"{from}\" reads; use the template of docs/argocd-notifications.yaml"
            )));
        }
    }
    Ok(())
}

/// The entries of an application's history, oldest first: number and revision.
struct History(Vec<(i64, Option<String>)>);

impl History {
    fn of(body: &Value) -> History {
        let entries = body["history"].as_array().into_iter().flatten();
        History(entries.filter_map(|entry| Some((entry["id"].as_i64()?, optional_text(&entry["revision"])))).collect())
    }

    fn revision(&self, number: i64) -> Option<String> {
        self.0.iter().find(|(own, _)| *own == number)?.1.clone()
    }

    /// The revisions before an entry; without one all.
    fn before(&self, number: Option<i64>) -> Vec<Option<String>> {
        let is_before = |own: i64| number.is_none_or(|number| own < number);
        self.0.iter().filter(|(own, _)| is_before(*own)).map(|(_, revision)| revision.clone()).collect()
    }
}
