//! What happens to a thing after it was read: it is done again, opened again, renamed, mended; and what bots and strangers say
//! of it meanwhile.

use collectors::backstage::{self, Backstage};
use collectors::github::{DeploymentsFrom, GitHub, Options};
use collectors::jira::{self, Jira};
use collectors::kubernetes::{self, Kubernetes};
use collectors::pagerduty::{self, PagerDuty};
use collectors::pull::{Answer, Ask, Note, Setting, Source};
use facts::{AnyFact, Kind, PolicyOutcome, Remains};
use serde_json::{Value, json};

use super::walk;
use crate::support::at;

fn github(repositories: &[&str]) -> Options {
    let repositories = repositories.iter().map(|name| (*name).to_owned()).collect();
    Options { repositories, commits: false, compare: false, ..Options::default() }
}

/// A repository without anything, but for what is put in.
fn repository(name: &str, with: Value) -> Value {
    let empty = json!({ "pageInfo": { "hasNextPage": false }, "nodes": [] });
    let mut told = json!({
        "nameWithOwner": name, "pullRequests": empty, "deployments": empty, "defaultBranchRef": { "name": "main" },
    });
    for (key, value) in with.as_object().unwrap() {
        told[key] = value.clone();
    }
    json!({ "data": { "repository": told } })
}

fn of_kind<T>(facts: Vec<AnyFact>, pick: impl Fn(AnyFact) -> Option<T>) -> Vec<T> {
    facts.into_iter().filter_map(pick).collect()
}

#[test]
fn a_workflow_that_is_run_again_deploys_again_and_what_it_did_first_stays() {
    let options = Options {
        deployments: DeploymentsFrom::WorkflowRuns,
        workflows: vec!["deploy.yml".into()],
        ..github(&["Acme/Shop"])
    };
    let source = GitHub::new(Setting::default(), options).unwrap();
    let run = |attempt: u32, started: &str, conclusion: &str| {
        json!({
            "id": 7, "name": "deploy", "head_sha": "aaa", "conclusion": conclusion, "run_attempt": attempt,
            "created_at": "2026-02-01T10:00:00Z", "run_started_at": started, "updated_at": started,
        })
    };
    let answer = |run: Value| {
        move |ask: &Ask| match ask.path.contains("/runs?") {
            true => (200, json!({ "total_count": 1, "workflow_runs": [run] })),
            false => (200, repository("acme/shop", json!({}))),
        }
    };
    let begin = source.begin(None, None, at("2026-02-02T00:00:00Z"));
    let (first, _, done, _) = walk(&source, begin, answer(run(1, "2026-02-01T10:00:00Z", "failure")));
    // Nineteen days later, which is more than the overlap.
    let begin = source.begin(Some(done), None, at("2026-02-21T00:00:00Z"));
    let (again, _, _, asked) = walk(&source, begin, answer(run(2, "2026-02-20T10:00:00Z", "success")));
    let runs = asked.iter().find(|path| path.contains("/runs?")).unwrap();
    assert!(runs.contains("created=%3E%3D2026-01-03T00:00:00Z"), "thirty days before the run before: {runs}");
    let told = |facts| {
        of_kind(facts, |fact| match fact {
            AnyFact::Deployment(one) => Some((one.id, one.finished_at, one.repository.unwrap())),
            _ => None,
        })
    };
    let begin = source.begin(None, None, at("2026-02-02T00:00:00Z"));
    let odd = |conclusion| walk(&source, begin.clone(), answer(run(1, "2026-02-01T10:00:00Z", conclusion))).1;
    let unknown = Note::UnknownWord { field: "workflow run's conclusion", word: "exploded".into() };
    assert_eq!((odd("exploded"), odd("skipped")), (vec![unknown], vec![]));
    // GitHub writes the repository's name in its own letters everywhere.
    assert_eq!(told(first), [("run-7".into(), at("2026-02-01T10:00:00Z"), "acme/shop".into())]);
    assert_eq!(told(again), [("run-7-2".into(), at("2026-02-20T10:00:00Z"), "acme/shop".into())]);
}

fn pull(number: i64, base: &str, base_ref: Value, reviews: Value) -> Value {
    json!({
        "number": number, "title": "one", "createdAt": "2026-02-01T08:00:00Z", "updatedAt": "2026-02-01T12:00:00Z",
        "mergedAt": "2026-02-01T12:00:00Z", "baseRefName": base, "baseRef": base_ref,
        "author": { "login": "ann", "__typename": "User" }, "mergeCommit": { "oid": "m", "messageBody": "" },
        "commits": { "totalCount": 0, "nodes": [] }, "reviews": { "nodes": reviews },
    })
}

#[test]
fn what_was_merged_into_the_trunk_under_its_former_name_is_a_change_and_what_bots_say_is_no_review() {
    let review = |login: &str, hour: &str| {
        json!({
            "author": { "login": login, "__typename": "User" }, "state": "APPROVED",
            "submittedAt": format!("2026-02-01T{hour}:00:00Z"),
        })
    };
    let there = json!({ "name": "there" });
    let pulls = json!([
        pull(1, "main", there.clone(), json!([review("Acme-CI-Bot", "09"), review("bob", "11")])),
        pull(2, "master", Value::Null, json!([])),
        pull(3, "master", there, json!([])),
        pull(4, "feature", Value::Null, json!([])),
    ]);
    let pulls = json!({ "pullRequests": { "pageInfo": { "hasNextPage": false }, "nodes": pulls } });
    let setting = Setting { bots: vec!["*-bot".into()], ..Setting::default() };
    let source = GitHub::new(setting, github(&["acme/shop"])).unwrap();
    let begin = source.begin(None, None, at("2026-02-02T00:00:00Z"));
    let (facts, _, _, _) = walk(&source, begin, |_| (200, repository("acme/shop", pulls.clone())));
    let changes = of_kind(facts, |fact| match fact {
        AnyFact::Change(one) => Some((one.id, one.first_review_at, one.approved_at)),
        _ => None,
    });
    let bob = Some(at("2026-02-01T11:00:00Z"));
    assert_eq!(changes, [("acme/shop#1".into(), bob, bob), ("acme/shop#2".into(), None, None)]);
}

#[test]
fn a_repository_of_an_owner_that_is_renamed_goes_on_under_the_name_it_had_and_one_that_is_gone_stops_nothing() {
    let source = GitHub::new(Setting::default(), github(&["acme/*"])).unwrap();
    let answer = |listed: &'static [&'static str], is_renamed: bool| {
        move |ask: &Ask| {
            let variables = &ask.body.as_ref().unwrap()["variables"];
            let Some(name) = variables["name"].as_str() else {
                let nodes: Vec<Value> = listed
                    .iter()
                    .map(
                        |name| json!({ "nameWithOwner": name, "isEmpty": false, "isFork": false, "isArchived": false }),
                    )
                    .collect();
                let page = json!({ "pageInfo": { "hasNextPage": false }, "nodes": nodes });
                return (200, json!({ "data": { "repositoryOwner": { "repositories": page } } }));
            };
            let own = match name {
                "old" if is_renamed => "acme/new",
                "gone" if is_renamed => return (200, json!({ "data": { "repository": null } })),
                name => &format!("acme/{name}"),
            };
            let pulls = json!([pull(1, "main", json!({ "name": "main" }), json!([]))]);
            let pulls = json!({ "pullRequests": { "pageInfo": { "hasNextPage": false }, "nodes": pulls } });
            (200, repository(own, pulls))
        }
    };
    let changes = |facts| {
        of_kind(facts, |fact| match fact {
            AnyFact::Change(one) => Some(one.id),
            _ => None,
        })
    };
    let begin = source.begin(None, None, at("2026-02-02T00:00:00Z"));
    let (first, _, mut done, _) = walk(&source, begin, answer(&["acme/gone", "acme/old"], false));
    assert_eq!(changes(first), ["acme/gone#1", "acme/old#1"]);
    for day in ["03", "04"] {
        let begin = source.begin(Some(done), None, at(&format!("2026-02-{day}T00:00:00Z")));
        let (again, notes, end, _) = walk(&source, begin, answer(&["acme/new"], true));
        assert_eq!(changes(again), ["acme/old#1"], "{day}");
        assert!(!notes.iter().any(|note| matches!(note, Note::Denied(_))), "{notes:?}");
        let told = |words: &str| notes.iter().any(|note| matches!(note, Note::LeftOut(said) if said.contains(words)));
        assert!(told("acme/old is called acme/new now; its facts go on under the name it had"));
        assert_eq!(told("acme/gone was read before and is not there any more"), day == "03");
        done = end;
    }
}

#[test]
fn a_repository_is_known_by_its_number_and_its_old_name_may_be_given_to_another() {
    // What each name leads to: a repository's number and the name that it has.
    type Led = &'static [(&'static str, i64, &'static str)];
    let answer = |listed: &'static [&'static str], led: Led| {
        move |ask: &Ask| {
            let variables = &ask.body.as_ref().unwrap()["variables"];
            let Some(name) = variables["name"].as_str() else {
                let one = |name: &&str| json!({ "nameWithOwner": name, "isEmpty": false, "isFork": false });
                let nodes: Vec<Value> = listed.iter().map(one).collect();
                let page = json!({ "pageInfo": { "hasNextPage": false }, "nodes": nodes });
                return (200, json!({ "data": { "repositoryOwner": { "repositories": page } } }));
            };
            let (_, number, own) = led.iter().find(|(asked, ..)| *asked == name).unwrap();
            let pulls = json!([pull(*number, "main", json!({ "name": "main" }), json!([]))]);
            let pulls = json!({ "pageInfo": { "hasNextPage": false }, "nodes": pulls });
            (200, repository(own, json!({ "databaseId": number, "pullRequests": pulls })))
        }
    };
    let changes = |facts| {
        let mut told = of_kind(facts, |fact| if let AnyFact::Change(one) = fact { Some(one.id) } else { None });
        told.sort();
        told
    };
    let names = |done: &collectors::github::Position| {
        collectors::github::names(&serde_json::to_string(done).unwrap()).into_iter().collect::<Vec<_>>()
    };
    let source = GitHub::new(Setting::default(), github(&["acme/*"])).unwrap();
    let begin = source.begin(None, None, at("2026-02-02T00:00:00Z"));
    let (first, _, done, _) = walk(&source, begin, answer(&["acme/shop"], &[("shop", 1, "acme/shop")]));
    assert_eq!(changes(first), ["acme/shop#1"]);
    // Renamed, it goes on under the name it had, also where the configuration follows.
    let renamed = || answer(&["acme/legacy"], &[("shop", 1, "acme/legacy"), ("legacy", 1, "acme/legacy")]);
    let begin = source.begin(Some(done), None, at("2026-02-03T00:00:00Z"));
    let (again, _, after, _) = walk(&source, begin, renamed());
    assert_eq!((changes(again), names(&after)), (vec!["acme/shop#1".to_owned()], vec![(1, "acme/shop".to_owned())]));
    let following = GitHub::new(Setting::default(), github(&["acme/legacy"])).unwrap();
    let begin = following.begin(Some(after.clone()), None, at("2026-02-04T00:00:00Z"));
    assert_eq!(changes(walk(&following, begin, renamed()).0), ["acme/shop#1"]);
    // Once another has that name it is of the other, in whichever order they are read.
    for listed in [&["acme/legacy", "acme/shop"], &["acme/shop", "acme/legacy"]] {
        let both = answer(listed, &[("shop", 2, "acme/shop"), ("legacy", 1, "acme/legacy")]);
        let begin = source.begin(Some(after.clone()), None, at("2026-02-04T00:00:00Z"));
        let (facts, _, end, _) = walk(&source, begin, both);
        assert_eq!(changes(facts), ["acme/legacy#1", "acme/shop#2"], "{listed:?}");
        assert_eq!(names(&end), [(1, "acme/legacy".to_owned()), (2, "acme/shop".to_owned())], "{listed:?}");
    }
}

#[test]
fn a_violation_that_is_mended_passes_from_when_it_was_seen_to_be() {
    let options = kubernetes::Options { gatekeeper: false, kyverno: true, quotas: false, ..Default::default() };
    let source = Kubernetes::new(Setting::default(), options);
    let result = |outcome: &str, seconds: i64| {
        json!({
            "metadata": { "name": format!("report-{outcome}"), "namespace": "shop" },
            "scope": { "kind": "Pod", "name": format!("pod-{outcome}"), "namespace": "shop" },
            "results": [{ "policy": "team-label", "result": outcome, "timestamp": { "seconds": seconds } }],
        })
    };
    let read = |begin, reports: Value| {
        let (facts, _, done, _) = walk(&source, begin, |ask| match ask.path.contains("clusterpolicyreports") {
            true => (200, json!({ "items": [], "metadata": {} })),
            false => (200, json!({ "items": reports, "metadata": {} })),
        });
        let told = of_kind(facts, |fact| match fact {
            AnyFact::PolicyResult(one) => Some((one.result, one.at)),
            _ => None,
        });
        (told, done)
    };
    // Of ten and of two hours before the answers of this walk, which are of 12:30.
    let (pass, fail) = (result("pass", 1_795_401_000), result("fail", 1_795_429_800));
    let (told, done) = read(source.begin(None, None, at("2026-11-23T12:30:00Z")), json!([pass, fail]));
    assert_eq!(told, [(PolicyOutcome::Fail, at("2026-11-23T10:30:00Z"))]);
    let (told, done) = read(source.begin(Some(done), None, at("2026-11-23T12:30:00Z")), json!([pass]));
    assert_eq!(told, [(PolicyOutcome::Pass, at("2026-11-23T12:30:00Z"))]);
    let (told, _) = read(source.begin(Some(done), None, at("2026-11-23T12:30:00Z")), json!([pass]));
    assert_eq!(told, []);
}

#[test]
fn an_incident_opened_again_after_the_overlap_is_read_again() {
    let source = PagerDuty::new(Setting::default(), pagerduty::Options::default());
    let of = |id: &str, status: &str| json!({ "id": id, "status": status, "created_at": "2026-01-05T10:00:00Z", "resolved_at": null });
    let answer = |ask: &Ask| {
        let is_log = ask.path.starts_with("log_entries");
        match ask.path.as_str() {
            "incidents/A" => (200, json!({ "incident": of("A", "triggered") })),
            "incidents/B" => (404, json!({})),
            _ if is_log => {
                let entry = |id: &str| {
                    json!({
                        "type": "reopen_log_entry_reference", "created_at": "2026-03-01T10:00:00Z", "incident": { "id": id },
                    })
                };
                (200, json!({ "log_entries": [entry("A"), entry("B"), entry("C")], "more": false }))
            }
            _ => (200, json!({ "incidents": [of("C", "resolved")], "more": false })),
        }
    };
    let begin = source.begin(None, Some(at("2026-02-20T00:00:00Z")), at("2026-03-02T00:00:00Z"));
    let (facts, notes, _, asked) = walk(&source, begin, answer);
    let told = of_kind(facts, |fact| match fact {
        AnyFact::Incident(one) => Some((one.id, one.resolved_at)),
        _ => None,
    });
    assert_eq!(told, [("C".into(), None), ("A".into(), None)]);
    assert!(!asked.iter().any(|path| path == "incidents/C"), "it was among those listed");
    let told = |words: &str| notes.iter().any(|note| matches!(note, Note::LeftOut(said) if said.contains(words)));
    assert!(told("incident C is resolved and does not say when") && told("incident B was opened again"));
}

#[test]
fn groups_of_two_namespaces_are_two_teams_a_person_is_none_and_tasks_that_know_no_pages_end() {
    let source = Backstage::new(Setting::default(), backstage::Options::default());
    let entity = |kind: &str, namespace: &str, name: &str, spec: Value| json!({ "kind": kind, "metadata": { "name": name, "namespace": namespace }, "spec": spec });
    let items = json!([
        entity("Group", "default", "pay", json!({ "parent": "eng" })),
        entity("Group", "acme", "pay", json!({ "parent": "group:acme/labs" })),
        entity("Component", "acme", "api", json!({ "owner": "group:acme/pay" })),
        entity("Component", "default", "web", json!({ "owner": "pay" })),
        entity("Component", "default", "toy", json!({ "owner": "user:default/jane.doe" })),
    ]);
    let task = |number: usize| {
        json!({
            "id": format!("t{number}"), "status": "processing", "createdAt": "2026-02-01T10:00:00Z",
            "spec": { "templateInfo": { "entityRef": "template:default/rust" }, "parameters": { "owner": "group:default/pay" } },
        })
    };
    let tasks: Vec<Value> = (0..130).map(task).collect();
    let begin = source.begin(None, None, at("2026-02-02T00:00:00Z"));
    let (facts, _, _, asked) = walk(&source, begin, |ask| match ask.path.contains("tasks") {
        true => (200, json!({ "tasks": tasks })),
        false => (200, json!({ "items": items, "pageInfo": {} })),
    });
    assert!(asked.len() <= 3, "{asked:?}");
    let text = format!("{facts:?}");
    assert!(!text.contains("jane"));
    let teams = of_kind(facts.clone(), |fact| match fact {
        AnyFact::Team(one) => Some((one.name, one.parent.unwrap())),
        _ => None,
    });
    assert_eq!(teams, [("pay".into(), "eng".into()), ("acme/pay".into(), "acme/labs".into())]);
    let owners = of_kind(facts.clone(), |fact| match fact {
        AnyFact::Service(one) => Some((one.name, one.team)),
        _ => None,
    });
    let known = [("acme/api", Some("acme/pay")), ("web", Some("pay")), ("toy", None)];
    assert_eq!(owners, known.map(|(name, team)| (name.to_owned(), team.map(str::to_owned))));
    let made = of_kind(facts, |fact| match fact {
        AnyFact::Provisioning(one) => Some(one.id),
        _ => None,
    });
    assert_eq!(made.len(), 130);
}

#[test]
fn a_repository_that_changes_in_letter_case_only_goes_on_under_its_first_spelling() {
    for configured in ["acme/*", "ACME/shop"] {
        let source = GitHub::new(Setting::default(), github(&[configured])).unwrap();
        let answer = |own: &'static str| {
            move |ask: &Ask| {
                let variables = &ask.body.as_ref().unwrap()["variables"];
                if variables["name"].is_null() {
                    let nodes =
                        json!([{ "nameWithOwner": own, "isEmpty": false, "isFork": false, "isArchived": false }]);
                    let page = json!({ "pageInfo": { "hasNextPage": false }, "nodes": nodes });
                    return (200, json!({ "data": { "repositoryOwner": { "repositories": page } } }));
                }
                let pulls = json!([pull(1, "main", json!({ "name": "there" }), json!([]))]);
                let pulls = json!({ "pullRequests": { "pageInfo": { "hasNextPage": false }, "nodes": pulls } });
                (200, repository(own, pulls))
            }
        };
        let told = |facts| {
            of_kind(facts, |fact| match fact {
                AnyFact::Change(one) => Some((one.id, one.repository)),
                _ => None,
            })
        };
        let expected = [("acme/Shop#1".to_owned(), "acme/Shop".to_owned())];
        let begin = source.begin(None, None, at("2026-02-02T00:00:00Z"));
        let (facts, _, done, asked) = walk(&source, begin, answer("acme/Shop"));
        assert_eq!(told(facts), expected, "{configured}");
        let begin = source.begin(Some(done), None, at("2026-02-03T00:00:00Z"));
        let (facts, _, done, asked_later) = walk(&source, begin, answer("acme/shop"));
        assert_eq!(told(facts), expected, "{configured}");
        assert_eq!(asked.len(), asked_later.len(), "it is read once");
        let begin = source.begin(Some(done), Some(at("2026-01-01T00:00:00Z")), at("2026-02-04T00:00:00Z"));
        assert_eq!(told(walk(&source, begin, answer("acme/shop")).0), expected, "{configured}");
    }
}

#[test]
fn of_an_issue_whose_history_is_cut_the_first_answer_is_left_open() {
    let options = jira::Options { projects: vec!["SHOP".into()], ..Default::default() };
    let source = Jira::new(Setting::default(), options).unwrap();
    let issue = |total: u64| {
        json!({
            "key": "SHOP-1",
            "fields": { "created": "2026-02-01T10:00:00.000+0000", "reporter": { "accountId": "ann" }, "status": {} },
            "changelog": {
                "total": total,
                "histories": [{ "author": { "accountId": "bob" }, "created": "2026-02-09T10:00:00.000+0000", "items": [] }],
            },
        })
    };
    for (total, first) in [(1, Some(at("2026-02-09T10:00:00Z"))), (95, None)] {
        let begin = source.begin(None, None, at("2026-02-10T00:00:00Z"));
        let (facts, notes, _, _) = walk(&source, begin, |_| (200, json!({ "issues": [issue(total)], "isLast": true })));
        let answered = of_kind(facts, |fact| match fact {
            AnyFact::Ticket(one) => Some(one.first_response_at),
            _ => None,
        });
        assert_eq!(answered, [first], "{total}");
        let is_told = notes.iter().any(|note| matches!(note, Note::LeftOut(said) if said.contains("longer history")));
        assert_eq!(is_told, total > 1);
        // What an earlier run knew of it stays.
        let begin = source.begin(None, None, at("2026-02-10T00:00:00Z"));
        let answer =
            Answer::of(json!({ "issues": [issue(total)], "isLast": true }).to_string(), at("2026-02-10T00:00:00Z"));
        let remains = source.read(&begin, &answer).unwrap().remains;
        assert_eq!(remains.contains(&Remains::InPart(Kind::Ticket)), total > 1);
    }
}
