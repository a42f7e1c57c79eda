//! PagerDuty's webhooks, version 3.

use facts::Incident;
use serde_json::Value;

use super::{Read, Told, Unreadable, nothing, optional_text, optional_time, text, time};
use crate::mapping::Subject;
use crate::pull::{Note, Setting};

pub(super) fn read(setting: &Setting, body: &Value) -> Result<Read, Unreadable> {
    let event = &body["event"];
    let sort = text(&event["event_type"], "event.event_type")?;
    if text(&event["data"]["type"], "event.data.type")? != "incident" {
        return Ok(nothing(&sort));
    }
    let data = &event["data"];
    let wanted = &setting.pagerduty.service_ids;
    if !wanted.is_empty() && !wanted.iter().any(|id| data["service"]["id"] == **id) {
        let note = "incidents of services that are not among the source's service_ids";
        return Ok(Read { notes: vec![Note::LeftOut(note.into())], ..Read::default() });
    }
    let at = time(&event["occurred_at"], "event.occurred_at")?;
    let mut read = Read::default();
    let own = optional_text(&data["service"]["summary"]).or_else(|| optional_text(&data["service"]["id"]));
    let by_id = data["service"]["id"].as_str().map(Subject::Name);
    let service = own.as_deref().and_then(|own| {
        let names: Vec<Subject<'_>> = [Subject::Name(own)].into_iter().chain(by_id).collect();
        super::service_of(setting, own, &names, &mut read.notes)
    });
    let opened_at = optional_time(&data["created_at"]).or_else(|| (sort == "incident.triggered").then_some(at));
    read.facts.push(Told {
        fact: Incident {
            id: text(&data["id"], "event.data.id")?,
            // Only the first event happens when the incident is opened; later ones carry when that was.
            opened_at: opened_at.unwrap_or(at),
            service,
            acknowledged_at: (sort == "incident.acknowledged").then_some(at),
            resolved_at: (sort == "incident.resolved").then_some(at),
            severity: optional_text(&data["priority"]["summary"]).or_else(|| optional_text(&data["urgency"])),
            caused_by_deployment: None,
            title: optional_text(&data["title"]),
            url: optional_text(&data["html_url"]),
        }
        .into(),
        has_begin: opened_at.is_some(),
        at: Some(at),
        reopened_at: (sort == "incident.reopened").then_some(at),
        filled: &[],
    });
    Ok(read)
}
