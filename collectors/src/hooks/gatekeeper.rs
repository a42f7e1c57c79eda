//! Violations that Gatekeeper's audit exports, one message for each.

use facts::{Layer, PolicyBlock, PolicyOutcome, PolicyResult};
use serde_json::Value;

use super::{Delivery, Read, Unreadable, nothing, optional_text, optional_time, text};
use crate::mapping::Subject;
use crate::pull::{Note, Setting};

pub(super) fn read(setting: &Setting, delivery: &Delivery<'_>, body: &Value) -> Result<Read, Unreadable> {
    // Some brokers wrap the message.
    let message = if body["data"].is_object() { &body["data"] } else { body };
    let event = message["eventType"].as_str().unwrap_or("violation_audited");
    // The audit also says when it begins and ends.
    if message["eventType"].is_null() && message["message"].as_str().is_some_and(|said| said.starts_with("audit is ")) {
        return Ok(nothing("an audit's begin or end"));
    }
    let key = if message["constraintName"].is_null() && !message["name"].is_null() { "name" } else { "constraintName" };
    let policy = text(&message[key], key)?;
    let namespace = optional_text(&message["resourceNamespace"]);
    let name = optional_text(&message["resourceName"]);
    let own = namespace.clone().or_else(|| name.clone());
    let mut read = Read::default();
    let action = message["enforcementAction"].as_str().filter(|action| !is_known(action));
    let unknown = action.map(|action| Note::UnknownWord { field: "enforcementAction", word: action.to_owned() });
    let both = namespace.as_ref().zip(name.as_ref()).map(|(namespace, name)| format!("{namespace}/{name}"));
    let both = both.as_deref().map(|both| Subject::Joined(both, '/'));
    let service = own.as_deref().and_then(|own| {
        let names: Vec<Subject<'_>> = [Subject::Name(own)].into_iter().chain(both).collect();
        super::service_of(setting, own, &names, &mut read.notes)
    });
    // The audit's identifier is the time of its begin.
    let times = ["timestamp", "auditTimestamp", "auditId", "id"];
    let at = times.iter().find_map(|key| optional_time(&message[*key])).unwrap_or(delivery.at);
    match event {
        "violation" | "violation_audited" => {
            let Some(service) = service else {
                if own.is_none() {
                    read.notes.push(Note::LeftOut("violations of what has no namespace belong to no service".into()));
                }
                return Ok(read);
            };
            read.notes.extend(unknown);
            read.tell(
                PolicyResult {
                    policy,
                    service,
                    at,
                    result: PolicyOutcome::Fail,
                    layer: Some(Layer::Scan),
                    severity: None,
                    url: None,
                }
                .into(),
            );
            Ok(read)
        }
        // What was only warned of, or tried out, was not stopped.
        "violation_admission" if message["enforcementAction"] != "deny" || message["dryRun"] == true => {
            let mut read = nothing("a violation that was let through at admission");
            read.notes.extend(unknown);
            Ok(read)
        }
        "violation_admission" | "violation_denied" | "denied" => {
            read.notes.extend(unknown);
            read.tell(
                PolicyBlock {
                    id: super::delivery_id(super::Sort::Gatekeeper, delivery),
                    policy,
                    at,
                    layer: Layer::Admission,
                    service,
                    team: None,
                    severity: None,
                    url: None,
                }
                .into(),
            );
            Ok(read)
        }
        other => Ok(nothing(other)),
    }
}

/// Whether Gatekeeper has such an enforcement action.
fn is_known(action: &str) -> bool {
    matches!(action, "deny" | "warn" | "dryrun" | "scoped")
}
