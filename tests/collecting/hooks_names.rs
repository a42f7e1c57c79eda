//! By what pushes, and the things they tell of, are known: never two by the same.

use collectors::hooks::{Delivery, Sort, delivery_id};
use collectors::pull::Note;
use facts::{AnyFact, TicketKind};
use serde_json::{Value, json};

use super::hooks::{headers, one, told};
use crate::support::at;

fn event(source: &str, id: &str, sort: &str, subject: &str, content: Value) -> Value {
    json!({
        "context": {
            "specversion": "0.5.1", "id": id, "source": source, "type": format!("dev.cdevents.{sort}.0.3.0"),
            "timestamp": "2026-01-01T10:00:00Z",
        },
        "subject": { "id": subject, "content": content },
        "customData": { "service": "shop", "environment": "production" },
    })
}

fn id(event: &Value) -> String {
    match one(told(Sort::Cdevents, &[], event)) {
        AnyFact::Deployment(deployment) => deployment.id,
        AnyFact::Incident(incident) => incident.id,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_sign_within_a_source_or_an_id_makes_no_two_things_one() {
    let deployed = |source: &str, id: &str| {
        event(source, id, "service.deployed", "shop", json!({ "environment": { "id": "production" } }))
    };
    let pairs = [("/a#b", "c"), ("/a", "b#c"), ("/a%23b", "c"), ("/a", "c")];
    let mut ids: Vec<String> = pairs.iter().map(|(source, own)| id(&deployed(source, own))).collect();
    assert_eq!(ids[3], "/a#c");
    // A run and an event of a service that count alike.
    ids.push(id(&event("/a", "1", "pipelinerun.finished", "c", json!({ "outcome": "success" }))));
    ids.push(id(&deployed("/a", "c#pipelinerun")));
    let n = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), n, "{ids:?}");
    // Events of one run, or of one incident, meet.
    let run = |id: &str| event("/a", id, "pipelinerun.finished", "c", json!({ "outcome": "success" }));
    assert_eq!(id(&run("1")), id(&run("2")));
}

#[test]
fn a_blank_within_a_source_makes_no_push_a_repeat_of_another() {
    let of = |source: &str, id: &str| {
        let headers = headers(&[("ce-source", source), ("ce-id", id)]);
        delivery_id(Sort::Cdevents, &Delivery { headers: &headers, body: b"{}", at: at("2026-01-01T00:00:00Z") })
    };
    assert_eq!(of("/x", "y z"), "/x y z");
    assert_ne!(of("/x", "y z"), of("/x y", "z"));
    assert_ne!(of("/x%20y", "z"), of("/x y", "z"));
}

#[test]
fn a_ticket_type_that_is_not_known_is_kept_as_text_and_told() {
    let ticket = |sort: &str| {
        let read = told(Sort::Cdevents, &[], &event("/t", "1", "ticket.created", "T1", json!({ "ticketType": sort })))
            .unwrap();
        let notes = read.notes.clone();
        let AnyFact::Ticket(ticket) = one(Ok(read)) else { panic!() };
        (ticket.kind, ticket.category, notes)
    };
    let unknown = Note::UnknownWord { field: "ticketType", word: "Chore".into() };
    assert_eq!(ticket("Chore"), (None, Some("Chore".into()), vec![unknown]));
    assert_eq!(ticket("Task"), (Some(TicketKind::Request), None, Vec::new()));
    assert_eq!(ticket("bug").0, Some(TicketKind::Bug));
}

#[test]
fn a_structured_event_whose_data_is_encoded_needs_no_content_type_of_its_own() {
    use base64::Engine as _;
    let inner = event("/a", "E3", "service.upgraded", "shop", json!({ "environment": { "id": "production" } }));
    let encoded = base64::engine::general_purpose::STANDARD.encode(inner.to_string());
    let envelope = json!({ "specversion": "1.0", "id": "E3", "source": "/a", "type": "t", "data_base64": encoded });
    let plain = [("content-type", "application/json")];
    assert_eq!(one(told(Sort::Cdevents, &plain, &envelope)), one(told(Sort::Cdevents, &[], &inner)));
}
