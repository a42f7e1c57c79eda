//! That what is measured from the facts alone agrees with what was planted, within four standard errors.

use std::collections::{HashMap, HashSet};

use cairn::demo::{Effect, Organisation, TeamTruth, day_weight};
use chrono::{DateTime, TimeDelta, Utc};
use facts::DeploymentKind;

use super::{Owners, full, options, production};

/// Successes among trials, with what is expected of them.
#[derive(Default, Clone, Copy)]
struct Tally {
    n: f64,
    successes: f64,
    expected: f64,
    variance: f64,
}

impl Tally {
    fn add(&mut self, probability: f64, is_success: bool) {
        self.n += 1.0;
        self.successes += f64::from(u8::from(is_success));
        self.expected += probability;
        self.variance += probability * (1.0 - probability);
    }

    fn check(&self, what: &str) {
        assert!(self.n >= 30.0, "{what}: only {} observations", self.n);
        let errors = (self.successes - self.expected) / self.variance.sqrt();
        assert!(
            errors.abs() < 4.0,
            "{what}: {} of {}, expected {:.1}: {errors:.1} standard errors",
            self.successes,
            self.n,
            self.expected
        );
    }
}

fn truth_of<'a>(organisation: &'a Organisation, team: &str) -> &'a TeamTruth {
    organisation.truth.teams.iter().find(|truth| truth.name == team).unwrap()
}

fn side(changed_at: Option<DateTime<Utc>>, at: DateTime<Utc>) -> &'static str {
    if changed_at.is_some_and(|changed_at| changed_at <= at) { "after" } else { "before" }
}

#[test]
fn as_many_deployments_fail_as_each_team_was_given() {
    let tallies = failures(full());
    assert!(tallies.len() > 30, "{}", tallies.len());
    for ((team, side), tally) in tallies {
        tally.check(&format!("failures of {team} {side}"));
    }
}

/// Failed deployments by team, before and after what makes fewer fail, as the definition of the metric counts them.
fn failures(organisation: &Organisation) -> HashMap<(&str, &str), Tally> {
    let owners = Owners::of(organisation);
    let named: HashSet<&str> =
        organisation.incidents.iter().filter_map(|row| row.caused_by_deployment.as_deref()).collect();
    let mut unexplained: HashMap<&str, Vec<DateTime<Utc>>> = HashMap::new();
    for incident in organisation.incidents.iter().filter(|row| row.caused_by_deployment.is_none()) {
        if let Some(service) = &incident.service {
            unexplained.entry(service).or_default().push(incident.opened_at);
        }
    }
    let day = TimeDelta::hours(24);
    let mut tallies: HashMap<(&str, &str), Tally> = HashMap::new();
    for (service, deployments) in production(organisation) {
        for (position, deployment) in deployments.iter().enumerate() {
            let finished_at = deployment.finished_at;
            if finished_at > options().end - day {
                continue; // not yet settled
            }
            let next = deployments.get(position + 1);
            let until = next.map_or(finished_at + day, |next| next.finished_at).min(finished_at + day);
            let is_mended = next
                .is_some_and(|next| next.kind != Some(DeploymentKind::Deploy) && next.finished_at <= finished_at + day);
            let opened = unexplained.get(service).into_iter().flatten();
            let has_followed = opened.into_iter().any(|opened_at| (finished_at..until).contains(opened_at));
            let is_failed = named.contains(deployment.id.as_str()) || is_mended || has_followed;
            let truth = truth_of(organisation, owners.at(service, finished_at));
            let planted = truth.change_fail_probability;
            let tally = tallies.entry((&truth.name, side(planted.changed_at, finished_at))).or_default();
            tally.add(planted.at(finished_at), is_failed);
        }
    }
    tallies
}

#[test]
fn half_of_the_changes_take_longer_to_production_than_the_planted_median() {
    let organisation = full();
    let owners = Owners::of(organisation);
    let changes: HashMap<&str, _> =
        organisation.changes.iter().map(|row| (row.merge_revision.as_deref().unwrap(), row)).collect();
    let deployments: HashMap<&str, _> = organisation.deployments.iter().map(|row| (row.id.as_str(), row)).collect();
    let mut tallies: HashMap<(&str, &str), Tally> = HashMap::new();
    for row in &organisation.deployed_commits {
        let deployment = deployments[row.deployment_id.as_str()];
        let is_planned = deployment.kind == Some(DeploymentKind::Deploy);
        if !["production", "production-eu"].contains(&deployment.environment.as_str()) || !is_planned {
            continue;
        }
        let Some(change) = changes.get(row.revision.as_str()) else { continue };
        let truth = truth_of(organisation, owners.at(&deployment.service, deployment.finished_at));
        let median = truth.deploy.at(deployment.finished_at).median_seconds;
        let lasted = (deployment.finished_at - change.merged_at).num_seconds() as f64;
        let tally = tallies.entry((&truth.name, side(truth.deploy.changed_at, deployment.finished_at))).or_default();
        tally.add(0.5, lasted > median);
    }
    assert!(tallies.len() > 30, "{}", tallies.len());
    for ((team, side), tally) in tallies {
        tally.check(&format!("deploy stage of {team} {side}"));
    }
}

#[test]
fn half_of_the_reviews_wait_longer_than_the_planted_median() {
    let organisation = full();
    let owners = Owners::of(organisation);
    let (mut coding, mut pickup, mut review) = (Tally::default(), Tally::default(), Tally::default());
    for change in &organisation.changes {
        let is_of_people = !change.author.as_ref().unwrap().0.ends_with("[bot]");
        let title = change.title.as_deref().unwrap();
        let is_planned = !title.starts_with("Hotfix") && !title.starts_with("Revert");
        let (Some(opened_at), Some(reviewed_at)) = (change.opened_at, change.first_review_at) else { continue };
        let service = change.repository.trim_start_matches("acme/");
        if is_of_people && is_planned && owners.0[service].iter().all(|(_, team)| *team == owners.0[service][0].1) {
            let truth = truth_of(organisation, owners.0[service][0].1);
            let longer =
                |from: DateTime<Utc>, to: DateTime<Utc>, median: f64| (to - from).num_seconds() as f64 > median;
            coding.add(0.5, longer(change.first_commit_at.unwrap(), opened_at, truth.coding.median_seconds));
            pickup.add(0.5, longer(opened_at, reviewed_at, truth.pickup.median_seconds));
            review.add(0.5, longer(reviewed_at, change.merged_at, truth.review.median_seconds));
        }
    }
    coding.check("coding");
    pickup.check("pickup");
    review.check("review");
}

#[test]
fn each_team_rolls_out_as_often_as_planted() {
    let organisation = full();
    let mut by_team: HashMap<&str, (f64, f64)> = HashMap::new();
    let weights: f64 = (organisation.truth.start.date_naive().iter_days())
        .take_while(|day| *day < options().end.date_naive())
        .map(day_weight)
        .sum();
    let owners = Owners::of(organisation);
    let retired: HashSet<&str> =
        organisation.services.iter().filter(|row| row.retired == Some(true)).map(|row| row.name.as_str()).collect();
    for (service, deployments) in production(organisation) {
        let (since, team) = owners.0[service][0];
        let is_steady = owners.0[service].iter().all(|(_, other)| *other == team);
        if since < organisation.truth.start && is_steady && !retired.contains(service) {
            let (counted, expected) = by_team.entry(team).or_default();
            *counted += deployments.iter().filter(|row| row.kind == Some(DeploymentKind::Deploy)).count() as f64;
            *expected += truth_of(organisation, team).planned_rollouts_per_working_day * weights;
        }
    }
    for (team, (counted, expected)) in by_team {
        let errors = (counted - expected) / expected.sqrt();
        assert!(errors.abs() < 4.0, "{team}: {counted} roll-outs, expected {expected:.0}: {errors:.1} standard errors");
    }
}

#[test]
fn new_hires_deploy_first_when_they_were_meant_to() {
    let organisation = full();
    let mut first: HashMap<&str, DateTime<Utc>> = HashMap::new();
    for deployment in &organisation.deployments {
        let at = first.entry(&deployment.actor.as_ref().unwrap().0).or_insert(deployment.finished_at);
        *at = (*at).min(deployment.finished_at);
    }
    let mut tally = Tally::default();
    for engineer in &organisation.engineers {
        let is_hire = engineer.joined_at > organisation.truth.start;
        let planted = truth_of(organisation, engineer.team.as_deref().unwrap()).first_deployment.at(engineer.joined_at);
        // The last weeks are left out, because who is slow has not got there yet.
        if is_hire && engineer.joined_at < options().end - TimeDelta::days(20) {
            let lasted = first.get(engineer.id.0.as_str()).map(|at| (*at - engineer.joined_at).num_seconds() as f64);
            tally.add(0.5, lasted.is_none_or(|lasted| lasted > planted.median_seconds));
        }
    }
    tally.check("first deployments");
}

#[test]
fn components_are_up_as_much_as_planted() {
    for (component, planted) in &full().truth.availability {
        let rows = || full().availability.iter().filter(|row| row.component == *component);
        let down: f64 = rows().map(|row| (row.to - row.from).num_seconds() as f64 - row.up_seconds).sum();
        let measured: f64 = rows().map(|row| (row.to - row.from).num_seconds() as f64).sum();
        // A day has an outage with probability 1/12, of exponential length: 46 outages in 18 months, so that the sum
        // has a relative standard error of about sqrt(2 / 46).
        let ratio = down / measured / (1.0 - planted);
        assert!(
            (ratio - 1.0).abs() < 4.0 * (2.0_f64 / 46.0).sqrt(),
            "{component}: {ratio:.2} times the planted time down"
        );
    }
}

#[test]
fn improvements_arrive_one_after_the_other_and_some_teams_never_see_them() {
    let truth = &full().truth;
    assert_eq!(truth.improvements[0].effect, Effect::DeployStageMedian { factor: 0.5 });
    assert_eq!(truth.improvements[1].effect, Effect::ChangeFailProbability { factor: 0.5 });
    for improvement in &truth.improvements {
        assert_eq!(improvement.arrivals.len(), 14);
        assert!(improvement.arrivals.is_sorted_by_key(|(_, at)| *at));
        let rows: Vec<_> = full().improvements.iter().filter(|row| row.name == improvement.name).collect();
        let announcements = rows.iter().filter(|row| row.team.is_none()).map(|row| row.at);
        assert_eq!(announcements.collect::<Vec<_>>(), [improvement.announced_at]);
        let arrivals = rows.iter().filter_map(|row| Some((row.team.clone()?, row.at)));
        assert_eq!(arrivals.collect::<Vec<_>>(), improvement.arrivals);
    }
}
