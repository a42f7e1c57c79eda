//! Argo CD notifications, in the form that the template in docs/argocd-notifications.yaml gives them.

use facts::{Deployment, DeploymentResult};
use serde_json::Value;

use super::{Read, Unreadable, environment, optional_text, optional_time, service, text, time};
use crate::pull::Setting;

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
    let own = text(&body["environment"], "environment")?;
    let names = (service(setting, &application, &mut read.notes), environment(setting, &own, &mut read.notes));
    if let (Some(service), Some(environment)) = names {
        // As when it is read from the API: by the number in the history, or for a failed one by its begin.
        let id = match (result, body["history_id"].as_i64(), started_at) {
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
                revision: optional_text(&body["revision"]),
                previous_revision: None,
                repository: optional_text(&body["repository"]).as_deref().and_then(crate::argocd::repository_at),
                kind: None,
                actor: None,
                url: optional_text(&body["url"]),
            }
            .into(),
        );
    }
    Ok(read)
}
