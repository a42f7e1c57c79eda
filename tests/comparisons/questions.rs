//! Whole comparisons over a store: which design is chosen, what is said, and what bad input is answered.

use analytics::compare::{CompareQuestion, Comparison, Design, Verb};
use analytics::{AnalyticsError, Engine};
use chrono::{DateTime, TimeDelta, Utc};
use facts::{Change, Deployment, Improvement, Service};

use crate::support::{at, batch, change, deployed, deployment, engine, service, store_in, write};

const WEEKS: i64 = 52;
const BEGIN: &str = "2025-01-06T00:00:00Z";

fn week(number: i64) -> DateTime<Utc> {
    at(BEGIN) + TimeDelta::weeks(number)
}

fn improvement(id: &str, team: Option<&str>, service: Option<&str>, arrived: DateTime<Utc>) -> Improvement {
    Improvement {
        id: id.into(),
        name: "Paved road".into(),
        at: arrived,
        team: team.map(String::from),
        service: service.map(String::from),
        url: None,
    }
}

/// An organisation of teams with one service each that brings ten changes a week; a change of team `t` takes the hours
/// that `hours(t, week)` says, times a spread of 0.5 to 1.5 in a fixed order.
fn organisation(
    n_teams: usize,
    hours: impl Fn(usize, i64) -> f64,
    improvements: &[Improvement],
) -> (tempfile::TempDir, Engine) {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let (mut services, mut changes, mut deployments, mut brought) = (vec![], vec![], vec![], vec![]);
    for team in 0..n_teams {
        let name = format!("shop-{team}");
        services.push(Service { ..service(&name, "2024-01-01T00:00:00Z", &format!("team-{team}"), Some(&name)) });
        for number in 0..WEEKS {
            for one in 0..10 {
                let id = format!("{name}-{number}-{one}");
                let done = week(number) + TimeDelta::hours(10 + 12 * one);
                let spread = 0.55 + 0.1 * ((one * 7 + number * 3) % 10) as f64;
                let took = TimeDelta::seconds((hours(team, number) * spread * 3600.0) as i64);
                changes.push(Change {
                    first_commit_at: Some(done - took),
                    merge_revision: Some(format!("rev-{id}")),
                    ..change(&id, &name, &(done - took / 2).to_rfc3339())
                });
                deployments.push(Deployment {
                    repository: Some(name.clone()),
                    revision: Some(format!("rev-{id}")),
                    ..deployment(&id, &name, &done.to_rfc3339())
                });
                brought.push(facts::DeployedCommit {
                    repository: Some(name.clone()),
                    ..deployed(&id, &format!("rev-{id}"))
                });
            }
        }
    }
    let mut batches = vec![batch(&services), batch(&changes), batch(&deployments), batch(&brought)];
    if !improvements.is_empty() {
        batches.push(batch(improvements));
    }
    write(&store, &batches);
    let engine = engine(&store, "UTC");
    (folder, engine)
}

fn ask(
    engine: &Engine,
    metric: &str,
    name: &str,
    from: Option<&str>,
    to: Option<&str>,
) -> Result<Comparison, AnalyticsError> {
    let question = CompareQuestion {
        metric: metric.into(),
        improvement: name.into(),
        from: from.map(String::from),
        to: to.map(String::from),
    };
    engine.compare(&question, at("2026-01-05T00:00:00Z"))
}

fn refusal(engine: &Engine, metric: &str, name: &str, from: Option<&str>, to: Option<&str>) -> String {
    ask(engine, metric, name, from, to).unwrap_err().to_string()
}

/// Arrivals at the first `n` teams, one every `apart` weeks from week 16 on.
fn arrivals(n: usize, apart: i64) -> Vec<Improvement> {
    (0..n)
        .map(|team| {
            let arrived = week(16 + apart * team as i64) + TimeDelta::days(1);
            improvement(&format!("at-{team}"), Some(&format!("team-{team}")), None, arrived)
        })
        .collect()
}

#[test]
fn a_roll_out_over_time_is_called_an_effect_and_its_factor_found() {
    // Twelve teams; each of eight is twice as fast once reached; levels differ, and a little noise keeps it human.
    let (_folder, engine) = organisation(
        12,
        |team, number| {
            let noise = 1.0 + 0.05 * ((team as i64 * 31 + number * 17) % 13 - 6) as f64 / 6.0;
            let is_reached = team < 8 && number > 16 + 3 * team as i64;
            (6.0 + team as f64) * noise * if is_reached { 0.5 } else { 1.0 }
        },
        &arrivals(8, 3),
    );
    let found = ask(&engine, "change_lead_time", "Paved road", None, None).unwrap();
    assert_eq!(found.verb, Some(Verb::EffectOf), "{found:#?}");
    let first = &found.designs[0];
    assert_eq!(first.design, Design::StaggeredDifferences);
    let effect = first.effects[0];
    assert!((effect.value - 0.5).abs() < 0.03 && effect.is_clear() && effect.high < 0.6, "{effect:?}");
    assert_eq!((first.n.services, first.n.teams), (12, 12));
    assert!(
        first.event_times.iter().any(|time| time.since < -1) && first.event_times.iter().any(|time| time.since > 0)
    );
    assert_eq!((found.adopters.n_adopters, found.adopters.n_not_yet), (8, 4));
    // The weaker designs stand beside it, with weaker words.
    let weaker: Vec<_> = found.designs[1..].iter().map(|design| (design.design, design.verb)).collect();
    assert_eq!(
        weaker,
        [(Design::AdoptersAgainstOthers, Some(Verb::AssociatedWith)), (Design::BeforeAndAfter, Some(Verb::After))]
    );
    assert!(found.says.starts_with("effect of Paved road on Change lead time"), "{}", found.says);
}

#[test]
fn one_date_with_others_that_wait_is_associated_only() {
    let (_folder, engine) = organisation(
        12,
        |team, number| {
            (6.0 + ((team as i64 * 7 + number * 5) % 9) as f64 * 0.1) * if team < 6 && number > 20 { 0.5 } else { 1.0 }
        },
        &(0..6)
            .map(|team| improvement(&format!("{team}"), Some(&format!("team-{team}")), None, week(20)))
            .collect::<Vec<_>>(),
    );
    let found = ask(&engine, "change_lead_time", "Paved road", None, None).unwrap();
    assert_eq!((found.verb, found.designs[0].design), (Some(Verb::AssociatedWith), Design::Differences));
    assert_eq!(found.designs[0].assumptions[0].holds, Some(false));
}

#[test]
fn one_date_for_all_is_told_by_the_series_and_described_only() {
    let all: Vec<Improvement> =
        (0..6).map(|team| improvement(&format!("{team}"), Some(&format!("team-{team}")), None, week(26))).collect();
    let (_folder, engine) =
        organisation(6, |team, number| (6.0 + team as f64) * if number >= 26 { 0.5 } else { 1.0 }, &all);
    let found = ask(&engine, "change_lead_time", "Paved road", None, None).unwrap();
    assert_eq!((found.verb, found.designs[0].design), (Some(Verb::After), Design::InterruptedSeries));
    let level = found.designs[0].effects[0];
    assert!((level.value - 0.5).abs() < 0.02, "{level:?}");
    // Five weeks after the date are too few for the series; before and after still describe. Of the 26 weeks before, the
    // first is not whole: the first change of all comes on its Monday at ten.
    let short = ask(&engine, "change_lead_time", "Paved road", None, Some("2025-08-11")).unwrap();
    let series = short.designs.iter().find(|design| design.design == Design::InterruptedSeries).unwrap();
    assert_eq!(series.verb, None);
    assert!(series.enough.as_ref().unwrap().contains("25 and 5"), "{:?}", series.enough);
    assert_eq!(short.designs[0].design, Design::BeforeAndAfter);
}

#[test]
fn few_teams_are_too_few_to_tell_with_what_would_be_enough() {
    let (_folder, engine) = organisation(3, |_, _| 6.0, &arrivals(2, 3));
    let found = ask(&engine, "change_lead_time", "Paved road", None, None).unwrap();
    assert_eq!(found.verb, None);
    assert!(found.says.starts_with("too little to tell; enough would be at least 8 teams"), "{}", found.says);
    for design in &found.designs {
        assert!(design.effects.is_empty() && design.enough.is_some(), "{design:?}");
    }
}

#[test]
fn what_is_asked_wrongly_is_answered_with_the_nearest_and_the_way_out() {
    let (_folder, engine) = organisation(3, |_, _| 6.0, &arrivals(2, 3));
    let said = |metric: &str, name: &str, from, to| refusal(&engine, metric, name, from, to);
    let unknown = said("change_leed_time", "Paved road", None, None);
    assert!(unknown.contains("did you mean `change_lead_time`?"), "{unknown}");
    let unknown = said("change_lead_time", "Paved rode", None, None);
    assert!(unknown.contains("did you mean `Paved road`?"), "{unknown}");
    let stage = said("change_lead_time.deplo", "Paved road", None, None);
    assert!(stage.contains("did you mean `deploy`?"), "{stage}");
    let state = said("undeployed_changes", "Paved road", None, None);
    assert!(state.contains("no before and after") && state.contains("change_lead_time"), "{state}");
    let composed = said("dora_score", "Paved road", None, None);
    assert!(composed.contains("composed"), "{composed}");
    let empty = said("change_lead_time", "Paved road", Some("2023"), Some("2024"));
    assert!(empty.contains("nothing was observed of change_lead_time from 2023-01-01 to 2024-01-01"), "{empty}");
    let turned = said("change_lead_time", "Paved road", Some("2025-06"), Some("2025-05"));
    assert!(turned.contains("ends"), "{turned}");
    let early = said("change_lead_time", "Paved road", None, Some("2025-03-01"));
    assert!(early.contains("no after yet"), "{early}");
    let days = ask(&engine, "change_lead_time", "Paved road", Some("2025-04-28"), Some("2025-05-01")).unwrap();
    assert!(days.verb.is_none() && days.says.contains("a whole period of 4 weeks"), "{}", days.says);
    let late = said("change_lead_time", "Paved road", Some("2025-11"), None);
    assert!(late.contains("no before"), "{late}");
}

#[test]
fn an_improvement_must_have_arrived_somewhere_and_at_one_kind_of_place() {
    let said = |improvements: &[Improvement]| {
        let (_folder, engine) = organisation(2, |_, _| 6.0, improvements);
        refusal(&engine, "change_lead_time", "Paved road", None, None)
    };
    let announced = said(&[improvement("a", None, None, week(20))]);
    assert!(
        announced.contains("was announced on 2025-05-26") && announced.contains("no team or service"),
        "{announced}"
    );
    let both =
        said(&[improvement("a", Some("team-0"), None, week(20)), improvement("b", None, Some("shop-1"), week(20))]);
    assert!(both.contains("at 1 teams and at 1 services"), "{both}");
    let elsewhere = said(&[improvement("a", Some("team-00"), None, week(20))]);
    assert!(elsewhere.contains("such as team-00 (did you mean `team-0`?)"), "{elsewhere}");
    let before = said(&[improvement("a", Some("team-0"), None, at("2024-06-01T00:00:00Z"))]);
    assert!(before.contains("before 2025-01-06") && before.contains("older facts"), "{before}");
    let none = said(&[]);
    assert!(none.contains("no improvement is known yet"), "{none}");
}

#[test]
fn arrivals_at_services_are_compared_by_service() {
    let arrived: Vec<Improvement> = (0..8)
        .map(|one| {
            improvement(&format!("{one}"), None, Some(&format!("shop-{one}")), week(16 + 3 * one) + TimeDelta::days(1))
        })
        .collect();
    let (_folder, engine) = organisation(
        12,
        |team, number| {
            let noise = 1.0 + 0.05 * ((team as i64 * 31 + number * 17) % 13 - 6) as f64 / 6.0;
            8.0 * noise * if team < 8 && number > 16 + 3 * team as i64 { 0.8 } else { 1.0 }
        },
        &arrived,
    );
    let found = ask(&engine, "change_lead_time", "Paved road", None, None).unwrap();
    assert_eq!(found.adopters.arrival.as_str(), "service");
    let effect = found.designs[0].effects[0];
    assert!(effect.low < 0.8 && 0.8 < effect.high && effect.is_clear(), "{effect:?}");
    // Deployments happened as often as before; nothing failed, which is a share like another.
    let rate = ask(&engine, "deployment_frequency", "Paved road", None, None).unwrap();
    assert!(!rate.designs[0].effects[0].is_clear() || rate.designs[0].effects[0].value.abs() < 0.05, "{rate:#?}");
    assert!(ask(&engine, "change_fail_rate", "Paved road", None, None).is_ok());
}
