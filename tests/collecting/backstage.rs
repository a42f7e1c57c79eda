//! Backstage, by answers of a real backend.

use collectors::backstage::{Backstage, Options};
use collectors::mapping::{Line, Mapping};
use collectors::pull::{Ask, Note, Setting, Source};
use facts::{AnyFact, Channel, Provisioning, ProvisioningResult};
use serde_json::{Value, json};

use super::{recorded, walk};
use crate::support::at;

fn source() -> Backstage {
    let options = Options { platform_teams: vec!["platform".into()], ..Options::default() };
    Backstage::new(Setting::default(), options)
}

fn answer(ask: &Ask) -> (u16, Value) {
    let path = ask.path.as_str();
    if path.contains("by-query") {
        // The real pages hold every kind of entity; the cursor of the first leads to the second.
        let all = recorded("backstage/catalog_entities.json");
        let half = all.as_array().unwrap().len() / 2;
        if path.contains("cursor=next") {
            return (200, json!({ "items": all.as_array().unwrap()[half..], "pageInfo": {} }));
        }
        let items = &all.as_array().unwrap()[..half];
        return (200, json!({ "items": items, "pageInfo": { "nextCursor": "next" } }));
    }
    let tasks = recorded("backstage/scaffolder_tasks.json");
    if path.contains("/events") {
        let known = tasks["tasks"].as_array().unwrap();
        let number = known.iter().position(|task| path.contains(task["id"].as_str().unwrap())).unwrap() + 1;
        return (200, recorded(&format!("backstage/task_{number}_events.json")));
    }
    (200, tasks)
}

#[test]
fn the_recorded_catalogue_gives_services_and_teams_and_its_tasks_provisioning() {
    let source = source();
    let begin = source.begin(None, None, at("2026-11-23T05:00:00Z"));
    let (facts, _, _, _) = walk(&source, begin, answer);
    let services: Vec<_> = facts
        .iter()
        .filter_map(|fact| match fact {
            AnyFact::Service(service) => Some(service.clone()),
            _ => None,
        })
        .collect();
    let payments = services.iter().find(|service| service.name == "payments").unwrap();
    assert_eq!(payments.team.as_deref(), Some("payments"));
    assert_eq!(payments.system.as_deref(), Some("checkout"));
    assert_eq!(payments.lifecycle.as_deref(), Some("production"));
    assert_eq!(payments.repository.as_deref(), Some("example/payments"));
    assert_eq!(payments.template.as_deref(), Some("rust-service"));
    let shop = services.iter().find(|service| service.name == "web-shop").unwrap();
    assert_eq!((shop.kind.as_deref(), shop.template.as_deref()), (Some("website"), None));
    let teams: Vec<(String, Option<facts::TeamKind>, Option<String>)> = facts
        .iter()
        .filter_map(|fact| match fact {
            AnyFact::Team(team) => Some((team.name.clone(), team.kind, team.parent.clone())),
            _ => None,
        })
        .collect();
    assert!(teams.contains(&("platform".into(), Some(facts::TeamKind::Platform), None)));
    assert!(teams.contains(&("payments".into(), Some(facts::TeamKind::Product), Some("platform".into()))));
    let tasks: Vec<&Provisioning> = facts
        .iter()
        .filter_map(|fact| match fact {
            AnyFact::Provisioning(task) => Some(task),
            _ => None,
        })
        .collect();
    assert_eq!(tasks.len(), 3);
    let orders = tasks.iter().find(|task| task.service.as_deref() == Some("orders")).unwrap();
    assert_eq!(orders.kind, "rust-service");
    assert_eq!((orders.team.as_str(), orders.channel), ("payments", Channel::SelfService));
    assert_eq!(orders.requested_at, at("2026-11-23T04:44:30Z"));
    // The time of its completion event.
    assert_eq!(orders.ready_at, Some(at("2026-11-23T04:44:31Z")));
    let refunds = tasks.iter().find(|task| task.service.as_deref() == Some("refunds")).unwrap();
    assert_eq!((refunds.result, refunds.ready_at), (Some(ProvisioningResult::Failed), None));
    // The one that nobody is said to have created has an owner among its parameters all the same.
    assert_eq!(tasks.iter().find(|task| task.service.as_deref() == Some("ledger")).unwrap().team, "platform");
}

#[test]
fn a_component_that_is_gone_is_retired_and_ended_tasks_are_not_read_again() {
    let source = source();
    let begin = source.begin(None, None, at("2026-11-23T08:00:00Z"));
    let (_, _, done, _) = walk(&source, begin, answer);
    let again = source.begin(Some(done), None, at("2026-11-24T08:00:00Z"));
    let (facts, _, _, asked) = walk(&source, again, |ask| {
        let (status, mut body) = answer(ask);
        if let Some(items) = body["items"].as_array_mut() {
            items.retain(|item| item["metadata"]["name"] != "web-shop");
        }
        (status, body)
    });
    assert_eq!(retired(&facts), ["web-shop"]);
    assert!(!asked.iter().any(|path| path.contains("/events")), "{asked:?}");
}

fn retired(facts: &[AnyFact]) -> Vec<&str> {
    let is_retired = |service: &&facts::Service| service.retired == Some(true);
    let services = facts.iter().filter_map(|fact| match fact {
        AnyFact::Service(service) => Some(service),
        _ => None,
    });
    services.filter(is_retired).map(|service| service.name.as_str()).collect()
}

#[test]
fn a_catalogue_that_lost_all_services_at_once_retires_none_unless_asked_to_read_anew() {
    let source = source();
    let (known, _, done, _) = walk(&source, source.begin(None, None, at("2026-11-23T08:00:00Z")), answer);
    let n_known = known.iter().filter(|fact| matches!(fact, AnyFact::Service(_))).count();
    assert!(n_known > 1);
    // As Backstage answers a token that may read nothing: with 200 and no entities.
    let empty = |ask: &Ask| match ask.path.contains("/entities/") {
        true => (200, json!({ "items": [], "totalItems": 0, "pageInfo": {} })),
        false => answer(ask),
    };
    let (facts, notes, next, _) = walk(&source, source.begin(Some(done), None, at("2026-11-24T08:00:00Z")), empty);
    assert_eq!(retired(&facts), [""; 0]);
    assert!(
        matches!(&notes[..], [Note::Denied(said)] if said.contains(&format!("{n_known} of the {n_known} services no more"))),
        "{notes:?}"
    );
    // Nor does another Backstage that is read again and again.
    let another = |ask: &Ask| match ask.path.contains("/entities/") {
        true => (200, json!({ "items": [{ "kind": "Component", "metadata": { "name": "stranger" }, "spec": {} }] })),
        false => answer(ask),
    };
    let mut next = next;
    for day in ["2026-11-24T10:00:00Z", "2026-11-24T12:00:00Z", "2026-11-24T14:00:00Z"] {
        let (facts, _, done, _) = walk(&source, source.begin(Some(next), None, at(day)), another);
        assert_eq!(retired(&facts), [""; 0]);
        next = done;
    }
    // What was known is not forgotten: one that is really gone is seen once the others are back.
    let (facts, _, next, _) = walk(&source, source.begin(Some(next), None, at("2026-11-25T08:00:00Z")), answer);
    assert_eq!(retired(&facts), ["stranger"]);
    let since = Some(at("2026-11-01T00:00:00Z"));
    let (facts, _, _, _) = walk(&source, source.begin(Some(next), since, at("2026-11-26T08:00:00Z")), empty);
    assert_eq!(retired(&facts).len(), n_known);
}

#[test]
fn a_task_that_still_runs_is_pending_and_read_again() {
    let source = source();
    let begin = source.begin(None, None, at("2026-11-23T08:00:00Z"));
    let running = |ask: &Ask| {
        let (status, mut body) = answer(ask);
        if body["tasks"].is_array() {
            body["tasks"] = json!([body["tasks"][0]]);
            body["tasks"][0]["status"] = json!("processing");
        }
        (status, body)
    };
    let (facts, _, done, _) = walk(&source, begin, running);
    let pending = facts
        .iter()
        .any(|fact| matches!(fact, AnyFact::Provisioning(task) if task.result == Some(ProvisioningResult::Pending)));
    assert!(pending);
    // Days later it has ended.
    let again = source.begin(Some(done), None, at("2026-11-26T08:00:00Z"));
    let (facts, _, _, _) = walk(&source, again, answer);
    let ended = facts.iter().any(|fact| {
        matches!(fact, AnyFact::Provisioning(task) if task.service.as_deref() == Some("orders") && task.ready_at.is_some())
    });
    assert!(ended);
}

#[test]
fn a_reference_is_of_the_namespace_that_it_is_made_in_and_parents_are_mapped_as_teams_are() {
    let line = |pattern: &str, name: &str| Line { pattern: pattern.into(), path: None, name: name.into() };
    let teams = Mapping::new(&[line("money", "Finance"), line("*", "*")]).unwrap();
    let source = Backstage::new(Setting { teams, ..Setting::default() }, Options::default());
    let entity = |kind: &str, name: &str, namespace: &str, spec: Value| json!({ "kind": kind, "metadata": { "name": name, "namespace": namespace }, "spec": spec });
    let items = [
        entity("Group", "pay", "default", json!({ "parent": "money" })),
        entity("Group", "pay", "acme", json!({ "parent": "money" })),
        entity("Group", "web", "acme", json!({ "parent": "group:default/money" })),
        entity("Component", "shop", "acme", json!({ "owner": "pay" })),
        entity("Component", "api", "default", json!({ "owner": "User:default/ann" })),
    ];
    let begin = source.begin(None, None, at("2026-11-23T05:00:00Z"));
    let (facts, _, _, _) = walk(&source, begin, |ask| match ask.path.contains("by-query") {
        true => (200, json!({ "items": items, "pageInfo": {} })),
        false => (200, json!({ "tasks": [] })),
    });
    let told: Vec<(String, Option<String>)> = facts
        .into_iter()
        .map(|fact| match fact {
            AnyFact::Team(one) => (one.name, one.parent),
            AnyFact::Service(one) => (one.name, one.team),
            other => panic!("{other:?}"),
        })
        .collect();
    let pair = |name: &str, of: Option<&str>| (name.to_owned(), of.map(str::to_owned));
    assert_eq!(
        told,
        [
            pair("pay", Some("Finance")),
            pair("acme/pay", Some("acme/money")),
            pair("acme/web", Some("Finance")),
            pair("acme/shop", Some("acme/pay")),
            pair("api", None),
        ]
    );
}
