//! The two improvements, when they arrive where, and what that makes of each team's parameters.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};
use facts::{Improvement, TeamKind};
use rand::Rng;
use rand::seq::SliceRandom;

use super::calendar::{Calendar, DAY, HOUR, MINUTE, is_working_day, seconds};
use super::random::stream;
use super::truth::{Durations, Effect, Planted, PlantedImprovement, TeamTruth};

/// The name of the improvement that shortens the way to production.
pub const GOLDEN_PATH: &str = "Golden-path pipeline";
/// The name of the improvement that makes fewer roll-outs fail.
pub const PROGRESSIVE_DELIVERY: &str = "Progressive delivery";

/// The two improvements for these teams. Each reaches seven in ten of them, one after the other over about nine months,
/// in an order of its own; both orders are drawn by lot, so adopters differ from others by chance only.
pub(super) fn plan(seed: u64, calendar: &Calendar, teams: &[String]) -> Vec<PlantedImprovement> {
    let golden_path = "One reusable pipeline from merge to production, in place of hand-made ones: \
                       it halves the median time from merge to production.";
    let progressive = "Traffic moves to a new revision step by step and back by itself when errors rise: \
                       it halves the probability that a roll-out fails.";
    let improvement = |index: usize, name: &str, description: &str, effect: Effect, first_day: f64| {
        let mut order: Vec<&String> = teams.iter().collect();
        order.shuffle(&mut stream(seed, "improvement", index));
        order.truncate((teams.len() * 7).div_ceil(10));
        let gap = 270.0 / (order.len() - 1).max(1) as f64;
        let arrivals: Vec<(String, DateTime<Utc>)> = (order.into_iter().enumerate())
            .map(|(position, team)| {
                let day =
                    tuesday_from(calendar.day_of(calendar.start + seconds((first_day + gap * position as f64) * DAY)));
                (team.clone(), calendar.at(day, 10.0))
            })
            .collect();
        let announced_at = arrivals[0].1 - Days::new(14);
        PlantedImprovement { name: name.into(), description: description.into(), effect, announced_at, arrivals }
    };
    vec![
        improvement(0, GOLDEN_PATH, golden_path, Effect::DeployStageMedian { factor: 0.5 }, 130.0),
        improvement(1, PROGRESSIVE_DELIVERY, progressive, Effect::ChangeFailProbability { factor: 0.5 }, 160.0),
    ]
}

/// The first Tuesday from a day on that is not a holiday.
fn tuesday_from(day: NaiveDate) -> NaiveDate {
    let mut days = day.iter_days();
    days.find(|day| day.weekday() == Weekday::Tue && is_working_day(*day)).expect("there is a Tuesday every week")
}

/// The parameters of a team, given which improvements arrive there and when.
pub(super) fn team_truth(
    seed: u64,
    team: usize,
    name: &str,
    kind: TeamKind,
    improvements: &[PlantedImprovement],
) -> TeamTruth {
    let mut random = stream(seed, "team", team);
    let mut between = |low: f64, high: f64| random.random_range(low..high);
    let arrival = |wanted: fn(&Effect) -> bool| {
        let improvement = improvements.iter().find(|improvement| wanted(&improvement.effect));
        improvement.and_then(|found| found.arrivals.iter().find(|(at, _)| at == name)).map(|(_, at)| *at)
    };
    let pipeline_at = arrival(|effect| matches!(effect, Effect::DeployStageMedian { .. }));
    let delivery_at = arrival(|effect| matches!(effect, Effect::ChangeFailProbability { .. }));
    let factor = |improvement: usize| match improvements[improvement].effect {
        Effect::DeployStageMedian { factor } | Effect::ChangeFailProbability { factor } => factor,
    };
    let deploy = Durations::new(between(3.0, 12.0) * HOUR, 0.9);
    let fail = between(0.07, 0.19);
    let tickets = between(0.06, 0.13);
    let first_deployment = Durations::new(between(3.0, 5.0) * DAY, 0.6);
    TeamTruth {
        name: name.to_owned(),
        kind,
        planned_rollouts_per_working_day: between(0.18, 0.5),
        coding: Durations::new(between(5.0, 20.0) * HOUR, 1.0),
        pickup: Durations::new(between(1.0, 6.0) * HOUR, 1.1),
        review: Durations::new(between(2.0, 10.0) * HOUR, 1.0),
        deploy: Planted { before: deploy, after: deploy.times(factor(0)), changed_at: pipeline_at },
        change_fail_probability: Planted { before: fail, after: fail * factor(1), changed_at: delivery_at },
        recovery: Durations::new(between(35.0, 90.0) * MINUTE, 0.8),
        tickets_per_engineer_week: Planted { before: tickets, after: tickets * 0.6, changed_at: pipeline_at },
        first_deployment: Planted {
            before: first_deployment,
            after: first_deployment.times(0.5),
            changed_at: pipeline_at,
        },
    }
}

/// One row for each announcement and one for each arrival at a team.
pub(super) fn facts(improvements: &[PlantedImprovement]) -> Vec<Improvement> {
    let mut rows = Vec::new();
    for improvement in improvements {
        let slug = improvement.name.to_lowercase().replace(' ', "-");
        let row = |id: String, at, team| Improvement {
            id,
            name: improvement.name.clone(),
            at,
            team,
            service: None,
            url: Some(format!("https://git.example/acme/platform-news/{slug}")),
        };
        rows.push(row(slug.clone(), improvement.announced_at, None));
        for (team, at) in &improvement.arrivals {
            rows.push(row(format!("{slug}/{team}"), *at, Some(team.clone())));
        }
    }
    rows
}
