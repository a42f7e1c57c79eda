//! CDEvents 0.3 to 0.6, over CloudEvents' HTTP binding (binary, structured, batch) or plain.

use facts::{Change, Deployment, DeploymentKind, DeploymentResult, Incident, Ticket, TicketKind};
use serde_json::{Value, json};

use super::{
    Delivery, Read, Sort, Told, Unreadable, environment, nothing, optional_text, optional_time, service, text, time,
};
use crate::pull::{Note, Setting};

/// Several events in one push.
const BATCH: &str = "application/cloudevents-batch+json";

pub(super) fn read(setting: &Setting, delivery: &Delivery<'_>, body: &Value) -> Result<Read, Unreadable> {
    if delivery.is_of(BATCH) {
        let events = body.as_array().ok_or_else(|| Unreadable("a batch of CloudEvents must be an array".into()))?;
        let mut all = Read::default();
        for (number, event) in events.iter().enumerate() {
            match structured(setting, event) {
                Ok(read) => {
                    all.facts.extend(read.facts);
                    all.notes.extend(read.notes);
                    read.odd.into_iter().for_each(|reason| all.add_odd(reason));
                }
                // One odd event does not spoil the others.
                Err(Unreadable(reason)) => all.add_odd(format!("event {} of the batch: {reason}", number + 1)),
            }
        }
        return Ok(all);
    }
    if is_structured(delivery, body) {
        return structured(setting, body);
    }
    // In binary form the body is the event itself, as when it comes plain.
    event(setting, body)
}

fn is_structured(delivery: &Delivery<'_>, body: &Value) -> bool {
    delivery.is_of("application/cloudevents+json")
        || (body["specversion"].is_string() && !(body["data"].is_null() && body["data_base64"].is_null()))
}

/// By CloudEvents, source and id together name an event: they stand in headers, or in the envelope.
pub(super) fn delivery_id(delivery: &Delivery<'_>) -> Option<String> {
    if let (Some(source), Some(id)) = (delivery.header("ce-source"), delivery.header("ce-id")) {
        return Some(joined(source, ' ', id));
    }
    let body = super::json(Sort::Cdevents, delivery).ok()?;
    if delivery.is_of(BATCH) || !is_structured(delivery, &body) {
        return None;
    }
    Some(joined(body["source"].as_str()?, ' ', body["id"].as_str()?))
}

fn structured(setting: &Setting, envelope: &Value) -> Result<Read, Unreadable> {
    if let Some(encoded) = envelope["data_base64"].as_str() {
        use base64::Engine as _;
        let bytes = base64::engine::general_purpose::STANDARD.decode(encoded);
        let data = bytes.ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        let data = data.ok_or_else(|| Unreadable("data_base64 holds no JSON".into()))?;
        return event(setting, &data);
    }
    event(setting, &envelope["data"])
}

fn event(setting: &Setting, body: &Value) -> Result<Read, Unreadable> {
    let context = &body["context"];
    // The key was `version` up to 0.4, and is `specversion` since.
    if context["version"].is_null() && context["specversion"].is_null() {
        return Err(Unreadable("context.version (or specversion) is missing: this is no CDEvent".into()));
    }
    let sort = text(&context["type"], "context.type")?;
    // dev.cdevents.SUBJECT.PREDICATE.VERSION
    let mut parts = sort.strip_prefix("dev.cdevents.").unwrap_or_default().split('.');
    let (subject, predicate) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if !is_of_the_specification(&sort, subject, predicate) {
        let note = format!("events of the type {sort}, which is none of CDEvents'; is it misspelt?");
        return Ok(Read { notes: vec![Note::LeftOut(note)], ..Read::default() });
    }
    let at = time(&context["timestamp"], "context.timestamp")?;
    let (source, subject_id) = (optional_text(&context["source"]), text(&body["subject"]["id"], "subject.id")?);
    let event = Event {
        setting,
        at,
        id: within(source.clone(), text(&context["id"], "context.id")?),
        subject: within(optional_text(&body["subject"]["source"]).or(source), subject_id.clone()),
        subject_id,
        content: &body["subject"]["content"],
        custom: if body["customData"].is_null() { json!({}) } else { body["customData"].clone() },
        predicate,
    };
    match (subject, predicate) {
        ("service", "deployed" | "upgraded" | "rolledback") => event.deployment(),
        ("service", "removed") => event.removal(),
        ("incident", "detected" | "reported" | "resolved") => event.incident(),
        ("ticket", "created" | "updated" | "closed") => event.ticket(),
        ("change", "merged") => event.change(),
        ("pipelinerun", "finished") => event.pipeline_run(),
        _ => Ok(nothing(&format!("{subject}.{predicate}"))),
    }
}

/// The events of the specification, by what they are about; most are no facts here.
const KNOWN: [(&str, &[&str]); 17] = [
    ("approval", &["created", "updated", "closed"]),
    ("artifact", &["packaged", "signed", "published", "downloaded", "deleted"]),
    ("branch", &["created", "deleted"]),
    ("build", &["queued", "started", "finished"]),
    ("change", &["created", "reviewed", "merged", "abandoned", "updated"]),
    ("environment", &["created", "modified", "deleted"]),
    ("incident", &["detected", "reported", "resolved"]),
    ("pipelinerun", &["queued", "started", "finished"]),
    ("repository", &["created", "modified", "deleted"]),
    ("service", &["deployed", "upgraded", "rolledback", "removed", "published"]),
    ("taskrun", &["queued", "started", "finished"]),
    ("testcase", &["queued", "started", "finished"]),
    ("testcaserun", &["queued", "started", "finished", "skipped"]),
    ("testoutput", &["published"]),
    ("testsuite", &["started", "finished"]),
    ("testsuiterun", &["queued", "started", "finished"]),
    ("ticket", &["created", "updated", "closed"]),
];

/// Whether a type is one of the specification's, or one that it leaves to others (`dev.cdeventsx.TOOL-...`).
fn is_of_the_specification(sort: &str, subject: &str, predicate: &str) -> bool {
    let is_known = |(own, predicates): &(&str, &[&str])| *own == subject && predicates.contains(&predicate);
    sort.starts_with("dev.cdeventsx.") || KNOWN.iter().any(is_known)
}

/// Two producers may count alike: by CDEvents an id names an event, or a subject, within its source.
fn within(source: Option<String>, id: String) -> String {
    joined(source.as_deref().unwrap_or_default(), '#', &escaped(&id, '#'))
}

/// A source and an id as one. The sign between them is written as an address writes it where the source holds it, so that no
/// two pairs are called alike.
fn joined(source: &str, sign: char, id: &str) -> String {
    format!("{}{sign}{id}", escaped(source, sign))
}

fn escaped(text: &str, sign: char) -> String {
    text.replace('%', "%25").replace(sign, &format!("%{:02X}", u32::from(sign)))
}

struct Event<'a> {
    setting: &'a Setting,
    at: chrono::DateTime<chrono::Utc>,
    id: String,
    /// What names the subject among those of all producers.
    subject: String,
    subject_id: String,
    content: &'a Value,
    custom: Value,
    predicate: &'a str,
}

impl Event<'_> {
    /// A name that the content gives as text or as a reference.
    fn named(&self, key: &str) -> Option<String> {
        optional_text(&self.content[key]["id"]).or_else(|| optional_text(&self.content[key]))
    }

    fn deployment(self) -> Result<Read, Unreadable> {
        let mut read = Read::default();
        let own =
            self.named("environment").ok_or_else(|| Unreadable("subject.content.environment.id is missing".into()))?;
        let names = (
            service(self.setting, &self.subject_id, &mut read.notes),
            environment(self.setting, &own, &mut read.notes),
        );
        let (Some(service), Some(environment)) = names else { return Ok(read) };
        read.tell(
            Deployment {
                id: self.id,
                service,
                environment,
                finished_at: self.at,
                // The specification has these events for what succeeded only.
                result: DeploymentResult::Success,
                started_at: None,
                revision: optional_text(&self.custom["revision"])
                    .or_else(|| self.content["artifactId"].as_str().and_then(version_of)),
                previous_revision: None,
                repository: optional_text(&self.custom["repository"]),
                kind: (self.predicate == "rolledback").then_some(DeploymentKind::Rollback),
                actor: None,
                url: optional_text(&self.custom["url"]),
            }
            .into(),
        );
        Ok(read)
    }

    /// A service that was removed from one environment may go on in others, and nothing that is kept is of a service in an
    /// environment: that is told as left out, and the catalogue or whoever knows says when the service is retired.
    fn removal(self) -> Result<Read, Unreadable> {
        let environment = self.named("environment").unwrap_or_else(|| "an environment".into());
        let note = Note::LeftOut(format!(
            "service {} was removed from {environment}; if it is retired altogether, tell a `service` fact with retired = true",
            facts::shorten(&self.subject_id)
        ));
        Ok(Read { notes: vec![note], ..Read::default() })
    }

    fn incident(self) -> Result<Read, Unreadable> {
        let mut read = Read::default();
        let service = self.named("service").and_then(|own| service(self.setting, &own, &mut read.notes));
        let is_end = self.predicate == "resolved";
        let opened_at = optional_time(&self.custom["opened_at"]).or_else(|| (!is_end).then_some(self.at));
        read.facts.push(Told {
            fact: Incident {
                id: self.subject,
                opened_at: opened_at.unwrap_or(self.at),
                service,
                acknowledged_at: None,
                resolved_at: is_end.then_some(self.at),
                severity: optional_text(&self.custom["severity"]),
                caused_by_deployment: optional_text(&self.custom["caused_by_deployment"]),
                title: optional_text(&self.content["description"]),
                url: optional_text(&self.content["ticketURI"]),
            }
            .into(),
            has_begin: opened_at.is_some(),
            at: Some(self.at),
            reopened_at: None,
            filled: &[],
        });
        Ok(read)
    }

    fn ticket(self) -> Result<Read, Unreadable> {
        let mut read = Read::default();
        let team = optional_text(&self.content["group"])
            .and_then(|own| super::named("team", self.setting.teams.or_own(&own, &own), &own, &mut read.notes));
        let sort = optional_text(&self.content["ticketType"]).unwrap_or_default().to_lowercase();
        let kind = match sort.as_str() {
            "bug" | "defect" => Some(TicketKind::Bug),
            "question" | "support" => Some(TicketKind::Question),
            "request" | "enhancement" | "feature" | "task" | "incident" => Some(TicketKind::Request),
            _ => None,
        };
        let unknown = optional_text(&self.content["ticketType"]).filter(|_| kind.is_none());
        read.notes.extend(unknown.clone().map(|word| Note::UnknownWord { field: "ticketType", word }));
        let is_begin = self.predicate == "created";
        let opened_at = optional_time(&self.custom["opened_at"]).or_else(|| is_begin.then_some(self.at));
        let queue = optional_text(&self.custom["queue"]);
        let filled: &[&str] = if queue.is_none() { &["queue"] } else { &[] };
        read.facts.push(Told {
            fact: Ticket {
                id: self.subject,
                queue: queue.unwrap_or_else(|| self.setting.name.clone()),
                opened_at: opened_at.unwrap_or(self.at),
                kind,
                category: unknown,
                team,
                first_response_at: None,
                resolved_at: (self.predicate == "closed").then_some(self.at),
                answered_by_docs: None,
                url: optional_text(&self.content["uri"]),
            }
            .into(),
            has_begin: opened_at.is_some(),
            at: Some(self.at),
            reopened_at: None,
            filled,
        });
        Ok(read)
    }

    fn change(self) -> Result<Read, Unreadable> {
        let repository =
            self.named("repository").ok_or_else(|| Unreadable("subject.content.repository.id is missing".into()))?;
        let change = Change {
            // Numbers are of a repository, and repositories of a producer.
            id: format!("{}@{}", self.subject, escaped(&repository, '@')),
            repository,
            merged_at: self.at,
            merge_revision: optional_text(&self.custom["revision"]),
            first_commit_at: None,
            opened_at: None,
            first_review_at: None,
            approved_at: None,
            author: None,
            additions: None,
            deletions: None,
            reverts: None,
            title: optional_text(&self.content["description"]),
            url: None,
        };
        let told = Told { fact: change.into(), has_begin: true, at: Some(self.at), reopened_at: None, filled: &[] };
        Ok(Read { facts: vec![told], ..Read::default() })
    }

    /// A pipeline's run is a deployment only where its sender says of what and to where.
    fn pipeline_run(self) -> Result<Read, Unreadable> {
        let (Some(own), Some(service_name)) =
            (optional_text(&self.custom["environment"]), optional_text(&self.custom["service"]))
        else {
            return Ok(Read {
                notes: vec![Note::LeftOut(
                    "pipeline runs whose customData names no service and environment are no deployments".into(),
                )],
                ..Read::default()
            });
        };
        let outcome = self.content["outcome"].as_str().or_else(|| self.content["outcome"]["value"].as_str());
        let result = match outcome.unwrap_or_default() {
            "success" => DeploymentResult::Success,
            "failure" | "error" => DeploymentResult::Failure,
            "cancel" | "cancelled" => DeploymentResult::Cancelled,
            other => return Err(Unreadable::unknown("subject.content.outcome", other)),
        };
        let mut read = Read::default();
        let names =
            (service(self.setting, &service_name, &mut read.notes), environment(self.setting, &own, &mut read.notes));
        if let (Some(service), Some(environment)) = names {
            read.tell(
                Deployment {
                    // Events of services are deployments too, and may count as runs do.
                    id: format!("{}#pipelinerun", self.subject),
                    service,
                    environment,
                    finished_at: self.at,
                    result,
                    started_at: None,
                    revision: optional_text(&self.custom["revision"]),
                    previous_revision: None,
                    repository: optional_text(&self.custom["repository"]),
                    kind: None,
                    actor: None,
                    url: optional_text(&self.content["uri"]).or_else(|| optional_text(&self.content["url"])),
                }
                .into(),
            );
        }
        Ok(read)
    }
}

/// The version in a package URL: what follows its `@`.
fn version_of(purl: &str) -> Option<String> {
    let version = purl.split(['?', '#']).next()?.rsplit_once('@')?.1;
    Some(version.replace("%3A", ":").replace("%3a", ":"))
}
