//! Alertmanager's webhook receiver: each alert is an incident.

use facts::Incident;
use serde_json::Value;

use super::{Delivery, Read, Unreadable, list, optional_text, optional_time, text, time};
use crate::pull::{Note, Setting};

pub(super) fn read(setting: &Setting, delivery: &Delivery<'_>, body: &Value) -> Result<Read, Unreadable> {
    let alerts = list(&body["alerts"], "alerts")?;
    // Alertmanager tells how things are now and not since when: what arrives later is later. An alert that fires once more
    // with the same begin goes on.
    let mut read = Read { whole_at: Some(delivery.at), ..Read::default() };
    if let Some(n) = body["truncatedAlerts"].as_u64().filter(|n| *n > 0) {
        let note =
            format!("{n} alerts that Alertmanager cut off a notification; set max_alerts = 0 in its webhook_config");
        read.notes.push(Note::LeftOut(note));
    }
    for (number, alert) in alerts.iter().enumerate() {
        // One odd alert does not spoil the others of its group.
        if let Err(Unreadable(reason)) = incident(setting, alert, &mut read) {
            read.add_odd(format!("alert {}: {reason}", number + 1));
        }
    }
    Ok(read)
}

fn incident(setting: &Setting, alert: &Value, read: &mut Read) -> Result<(), Unreadable> {
    let labels = &alert["labels"];
    let opened_at = time(&alert["startsAt"], "alerts.startsAt")?;
    // The same alert may fire again later, and is another incident then.
    let id = format!("{}/{}", text(&alert["fingerprint"], "alerts.fingerprint")?, opened_at.timestamp_millis());
    let status = text(&alert["status"], "alerts.status")?;
    let is_resolved = match status.as_str() {
        "firing" => false,
        "resolved" => true,
        // Whether it goes on is not known, and an incident that nothing ends would stay open for good.
        _ => {
            let error = Unreadable::unknown("alerts.status", &status);
            read.notes.push(Note::UnknownWord { field: "alert status", word: status });
            return Err(error);
        }
    };
    let own =
        ["service", "component", "job"].iter().find_map(|label| labels[*label].as_str().filter(|own| !own.is_empty()));
    let service = own.and_then(|own| super::service(setting, own, &mut read.notes));
    if own.is_none() {
        read.notes.push(Note::LeftOut("alerts without a label service, component or job belong to no service".into()));
    }
    // While an alert fires, its end is told as the year 1, or as when it would time out.
    let ends_at = optional_time(&alert["endsAt"]).filter(|at| *at >= opened_at);
    if is_resolved && ends_at.is_none() {
        return Err(Unreadable(format!(
            "it is resolved, and alerts.endsAt is no time after its begin: {}",
            alert["endsAt"]
        )));
    }
    read.tell(
        Incident {
            id,
            opened_at,
            service,
            acknowledged_at: None,
            resolved_at: ends_at.filter(|_| is_resolved),
            severity: optional_text(&labels["severity"]),
            caused_by_deployment: None,
            title: optional_text(&alert["annotations"]["summary"]).or_else(|| optional_text(&labels["alertname"])),
            url: optional_text(&alert["generatorURL"]),
        }
        .into(),
    );
    Ok(())
}
