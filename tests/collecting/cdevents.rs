//! CDEvents: the specification's own events, in every version and form.

use collectors::hooks::{Delivery, Sort, delivery_id, verify};
use collectors::pull::Note;
use facts::{AnyFact, DeploymentKind, DeploymentResult};
use serde_json::json;

use super::hooks::{headers, one, told};
use super::recorded;
use crate::support::at;

#[test]
fn the_specifications_own_events_are_read_in_every_version() {
    for version in ["v0.3.0", "v0.4.1", "v0.5.1", "v0.6.0"] {
        let AnyFact::Deployment(deployment) =
            one(told(Sort::Cdevents, &[], &recorded(&format!("cdevents/{version}_service_deployed.json"))))
        else {
            panic!()
        };
        assert_eq!((deployment.service.as_str(), deployment.environment.as_str()), ("mySubject123", "test123"));
        assert_eq!(deployment.finished_at, at("2023-03-20T14:27:05.315384Z"));
        assert_eq!(deployment.result, DeploymentResult::Success);
        let digest = "sha256:0b31b1c02ff458ad9b7b81cbdf8f028bd54699fa151f221d1e8de6817db93427";
        assert_eq!(deployment.revision.as_deref(), Some(digest), "{version}");
    }
    let AnyFact::Deployment(back) =
        one(told(Sort::Cdevents, &[], &recorded("cdevents/v0.5.1_service_rolledback.json")))
    else {
        panic!()
    };
    assert_eq!(back.kind, Some(DeploymentKind::Rollback));
    let AnyFact::Incident(incident) =
        one(told(Sort::Cdevents, &[], &recorded("cdevents/v0.5.1_incident_resolved.json")))
    else {
        panic!()
    };
    assert_eq!((incident.id.as_str(), incident.service.as_deref()), ("/monitoring/prod1#incident-123", Some("myApp")));
    assert_eq!(incident.resolved_at, Some(at("2022-11-11T13:52:20.079Z")));
    let AnyFact::Change(change) = one(told(Sort::Cdevents, &[], &recorded("cdevents/v0.5.1_change_merged.json")))
    else {
        panic!()
    };
    let named = ("/event/source/123#mySubject123@TestRepo/TestOrg", "TestRepo/TestOrg");
    assert_eq!((change.id.as_str(), change.repository.as_str()), named);
    let AnyFact::Ticket(ticket) = one(told(Sort::Cdevents, &[], &recorded("cdevents/v0.6.0_ticket_closed.json")))
    else {
        panic!()
    };
    assert_eq!((ticket.id.as_str(), ticket.team.as_deref()), ("/ticketing/system#ticket-123", Some("security")));
    assert_eq!(ticket.resolved_at, Some(at("2022-11-11T13:52:20.079Z")));
    // A pipeline's run that names no service and environment is no deployment.
    let run = told(Sort::Cdevents, &[], &recorded("cdevents/v0.5.1_pipelinerun_finished.json")).unwrap();
    assert!(run.facts.is_empty() && run.notes.len() == 1);
}

#[test]
fn one_odd_event_of_a_batch_spoils_no_other_and_letter_case_means_nothing() {
    let batch = [("content-type", "Application/CloudEvents-Batch+JSON; charset=utf-8")];
    let event = json!({
        "context": { "version": "0.4.1", "id": "1", "type": "dev.cdevents.incident.detected.0.2.0", "timestamp": "2026-01-01T00:00:00Z" },
        "subject": { "id": "i-1", "content": {} },
    });
    let read = told(Sort::Cdevents, &batch, &json!([{ "data": event }, { "data": null }, { "data": {} }])).unwrap();
    assert_eq!(read.facts.len(), 1);
    assert_eq!(read.odd.len(), 2);
    assert!(read.odd[0].starts_with("event 2 of the batch: context.version"), "{:?}", read.odd);
    let headers = headers(&[("authorization", "bearer secret")]);
    let delivery = Delivery { headers: &headers, body: b"{}", at: at("2026-01-01T00:00:00Z") };
    assert_eq!(verify(Sort::Cdevents, b"secret", &delivery), Ok(()));
    assert!(verify(Sort::Cdevents, b"Secret", &delivery).is_err());
}

#[test]
fn a_structured_event_is_known_by_its_source_and_id_and_not_by_its_bytes() {
    let id = |body: &str| {
        let headers = headers(&[("content-type", "application/cloudevents+json")]);
        delivery_id(
            Sort::Cdevents,
            &Delivery { headers: &headers, body: body.as_bytes(), at: at("2026-01-01T00:00:00Z") },
        )
    };
    let first = id(r#"{"specversion":"1.0","id":"7","source":"/ci","data":{}}"#);
    assert_eq!(first, "/ci 7");
    assert_eq!(first, id(r#"{ "id": "7", "source": "/ci", "specversion": "1.0", "data": { "more": 1 } }"#));
    assert_ne!(first, id(r#"{"specversion":"1.0","id":"8","source":"/ci","data":{}}"#));
}

#[test]
fn cloudevents_come_binary_structured_and_in_batches() {
    let event = recorded("cdevents/v0.4.1_service_deployed.json");
    let binary =
        [("ce-id", "1"), ("ce-source", "/ci"), ("ce-specversion", "1.0"), ("content-type", "application/json")];
    let plain = one(told(Sort::Cdevents, &binary, &event));
    let envelope = json!({ "specversion": "1.0", "id": "1", "source": "/ci", "type": "t", "data": event });
    let structured = [("content-type", "application/cloudevents+json; charset=utf-8")];
    assert_eq!(one(told(Sort::Cdevents, &structured, &envelope)), plain);
    let batch = [("content-type", "application/cloudevents-batch+json")];
    let told_twice = told(Sort::Cdevents, &batch, &json!([envelope, envelope])).unwrap().facts;
    assert_eq!(told_twice.iter().map(|told| &told.fact).collect::<Vec<_>>(), [&plain, &plain]);
    assert!(told(Sort::Cdevents, &batch, &envelope).unwrap_err().0.contains("array"));
    assert!(told(Sort::Cdevents, &[], &json!({ "hello": 1 })).unwrap_err().0.contains("no CDEvent"));
}

#[test]
fn a_service_that_was_removed_from_an_environment_is_told_as_left_out() {
    let read = told(Sort::Cdevents, &[], &recorded("cdevents/v0.5.1_service_removed.json")).unwrap();
    assert!(read.facts.is_empty());
    let [Note::LeftOut(reason)] = &read.notes[..] else { panic!("{:?}", read.notes) };
    assert!(reason.contains("service mySubject123 was removed from test123") && reason.contains("retired"), "{reason}");
}

#[test]
fn an_event_of_a_type_that_is_none_is_told_and_one_that_is_no_fact_here_is_not() {
    let of = |sort: &str| {
        let event = json!({
            "context": { "version": "0.4.1", "id": "1", "type": sort, "timestamp": "2026-01-01T00:00:00Z" },
            "subject": { "id": "shop", "content": { "environment": { "id": "production" } } },
        });
        told(Sort::Cdevents, &[], &event).unwrap()
    };
    assert_eq!(of("dev.cdevents.service.deployed.0.2.0").facts.len(), 1);
    for sort in ["dev.cdevents.servic.deployed.0.2.0", "dev.cdevents.service.deploy.0.2.0", "service.deployed", "x"] {
        let read = of(sort);
        assert!(read.facts.is_empty());
        assert!(matches!(&read.notes[..], [Note::LeftOut(said)] if said.contains(sort)), "{read:?}");
    }
    for sort in ["dev.cdevents.build.finished.0.2.0", "dev.cdeventsx.mytool-thing.created.0.1.0"] {
        assert!(matches!(&of(sort).notes[..], [Note::OfNoUse(_)]), "{sort}");
    }
}
