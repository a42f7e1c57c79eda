//! GitHub's deployments as it pushes them: by what the source takes for one (`deployments`), as they are read from its API.

use facts::DeploymentResult;
use serde::Deserialize as _;
use serde_json::Value;

use super::github::{person, repository};
use super::{Read, Unreadable, integer, nothing, optional_text, optional_time, text, time};
use crate::github::{Deployed, DeploymentsFrom, Ended, WorkflowRun, kind_of_task, unknown_conclusion};
use crate::pull::{Note, Setting};

pub(super) fn read(setting: &Setting, event: &str, action: &str, body: &Value) -> Result<Read, Unreadable> {
    let mut read = Read::default();
    let deployed = match (setting.github.deployments, event) {
        (DeploymentsFrom::Deployments, "deployment_status") => by_status(body)?,
        (DeploymentsFrom::WorkflowRuns, "workflow_run") => by_run(setting, body, &mut read.notes)?,
        (DeploymentsFrom::Releases, "release") if action != "deleted" => by_release(setting, body)?,
        _ => return Ok(nothing(&format!("{event}, by which this source's deployments are not told"))),
    };
    if let Some(deployed) = deployed {
        let told = deployed.of_services(setting, &repository(body)?, &mut read.notes);
        told.into_iter().for_each(|(deployment, _)| read.tell(deployment.into()));
    }
    Ok(read)
}

fn by_status(body: &Value) -> Result<Option<Deployed>, Unreadable> {
    let (status, deployment) = (&body["deployment_status"], &body["deployment"]);
    let result = match text(&status["state"], "deployment_status.state")?.as_str() {
        "success" => DeploymentResult::Success,
        "failure" | "error" => DeploymentResult::Failure,
        // Under way, or replaced by a later one: neither ends it.
        "pending" | "queued" | "in_progress" | "waiting" | "inactive" => return Ok(None),
        other => return Err(Unreadable::unknown("deployment_status.state", other)),
    };
    let finished_at = time(&status["created_at"], "deployment_status.created_at")?;
    let created_at = optional_time(&deployment["created_at"]);
    Ok(Some(Deployed {
        id: integer(&deployment["id"], "deployment.id")?.to_string(),
        environment: text(&deployment["environment"], "deployment.environment")?,
        revision: optional_text(&deployment["sha"]),
        created_at: created_at.unwrap_or(finished_at),
        ended: Some(Ended {
            started_at: created_at,
            finished_at,
            result,
            url: optional_text(&status["log_url"]).or_else(|| optional_text(&status["target_url"])),
        }),
        kind: deployment["task"].as_str().and_then(kind_of_task),
        actor: person(&deployment["creator"]),
    }))
}

fn by_run(setting: &Setting, body: &Value, notes: &mut Vec<Note>) -> Result<Option<Deployed>, Unreadable> {
    let run = &body["workflow_run"];
    let path = text(&run["path"], "workflow_run.path")?;
    let file = path.split('@').next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    let number = run["workflow_id"].as_i64().map(|number| number.to_string());
    if !setting.github.workflows.iter().any(|named| named == file || Some(named) == number.as_ref()) {
        return Ok(None);
    }
    let run = WorkflowRun::deserialize(run).map_err(|error| Unreadable(format!("workflow_run: {error}")))?;
    notes.extend(unknown_conclusion(&run));
    Ok(Some(Deployed::of_run(&setting.github.environment, &run)))
}

fn by_release(setting: &Setting, body: &Value) -> Result<Option<Deployed>, Unreadable> {
    let release = &body["release"];
    let Some(published_at) = optional_time(&release["published_at"]) else { return Ok(None) };
    if release["draft"] == true || release["prerelease"] == true {
        return Ok(None);
    }
    Ok(Some(Deployed {
        id: format!("release-{}", integer(&release["id"], "release.id")?),
        environment: setting.github.environment.clone(),
        // What the tag points at is not told; the next run of `cairn collect` tells it.
        revision: None,
        created_at: published_at,
        ended: Some(Ended {
            started_at: None,
            finished_at: published_at,
            result: DeploymentResult::Success,
            url: optional_text(&release["html_url"]),
        }),
        kind: None,
        actor: person(&release["author"]),
    }))
}
