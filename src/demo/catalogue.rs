//! Services: who owns them when, where they run, and how their catalogue entries change.

use chrono::{DateTime, Days, TimeDelta, Utc};
use facts::Service;
use rand::Rng;

use super::calendar::{Calendar, DAY, seconds};
use super::names::{TEAMS, numbered};
use super::plan::Plan;
use super::random::{Random, pick, stream};

/// The templates that the platform offers.
pub const TEMPLATES: [&str; 3] = ["service-template", "website-template", "worker-template"];
/// The reusable pipelines that count as approved; any other is a team's own.
pub const APPROVED_PIPELINES: [&str; 2] = ["golden-path-pipeline", "build-and-deploy"];

/// A service, its owners and its span of life.
pub(super) struct ServicePlan {
    pub(super) name: String,
    pub(super) repository: String,
    pub(super) environments: &'static [&'static str],
    pub(super) created_at: DateTime<Utc>,
    pub(super) retired_at: Option<DateTime<Utc>>,
    owner: usize,
    /// The later owner, and since when.
    moved: Option<(DateTime<Utc>, usize)>,
    system: &'static str,
}

impl ServicePlan {
    pub(super) fn owner_at(&self, at: DateTime<Utc>) -> usize {
        self.moved.filter(|(moved_at, _)| *moved_at <= at).map_or(self.owner, |(_, owner)| owner)
    }

    pub(super) fn is_live(&self, at: DateTime<Utc>) -> bool {
        self.created_at <= at && self.retired_at.is_none_or(|retired_at| at < retired_at)
    }
}

/// The services: dealt out to the teams in turn. Which are new, which move, which retire and which run in two regions
/// goes by their number, so that even a small organisation has some of each.
pub(super) fn plan(seed: u64, calendar: &Calendar, n_teams: usize, n_services: usize) -> Vec<ServicePlan> {
    let at_day = |days: f64| calendar.midnight(calendar.day_of(calendar.start + seconds(days * DAY)));
    (0..n_services)
        .map(|number| {
            let mut random = stream(seed, "service", number);
            let owner = number % n_teams;
            let blueprint = &TEAMS[owner % TEAMS.len()];
            let name = numbered(blueprint.services[number / n_teams], owner / TEAMS.len());
            let is_new = number % 9 == 4;
            let created = if is_new { random.random_range(20.0..330.0) } else { -random.random_range(40.0..1500.0) };
            let moves_on = at_day(random.random_range(150.0..400.0));
            let next_owner = (owner + random.random_range(1..n_teams)) % n_teams;
            let retires_on = at_day(random.random_range(380.0..500.0));
            ServicePlan {
                repository: format!("acme/{name}"),
                name,
                environments: if number % 24 == 1 { &["production-eu", "production-us"] } else { &["production"] },
                created_at: at_day(created),
                retired_at: (number % 17 == 11).then_some(retires_on),
                owner,
                moved: (number % 12 == 5 && !is_new).then_some((moves_on, next_owner)),
                system: blueprint.system,
            }
        })
        .collect()
}

/// What changes in a catalogue entry.
enum Step {
    Owner(usize),
    Template(&'static str),
    Pipeline(&'static str, &'static str),
    Lifecycle(&'static str),
    Retired,
}

/// One row per service at its creation, and one more whenever its entry changes.
pub(super) fn facts(plan: &Plan) -> Vec<Service> {
    let mut rows = Vec::new();
    for (number, service) in plan.services.iter().enumerate() {
        let mut random = plan.stream("catalogue", number);
        let is_new = service.created_at > plan.calendar.start;
        let form = if number % 7 == 3 {
            1
        } else if number % 7 == 5 {
            2
        } else {
            0
        };
        let mut entry = Service {
            name: service.name.clone(),
            valid_from: Some(service.created_at),
            team: Some(plan.truth.teams[service.owner].name.clone()),
            system: Some(service.system.to_owned()),
            lifecycle: Some(if is_new { "experimental" } else { "production" }.to_owned()),
            kind: Some(["service", "website", "worker"][form].to_owned()),
            repository: Some(service.repository.clone()),
            template: None,
            template_version: None,
            pipeline: Some(format!("{}-pipeline", service.name)),
            pipeline_version: None,
            retired: Some(false),
            url: Some(format!("https://portal.example/catalogue/{}", service.name)),
        };
        if random.random_bool(if is_new { 0.9 } else { 0.5 }) {
            entry.template = Some(TEMPLATES[form].to_owned());
            entry.template_version =
                Some(if is_new { "2.2" } else { pick(&mut random, &["1.4", "2.0", "2.1"]) }.to_owned());
        }
        if entry.template.is_some() || random.random_bool(0.3) {
            entry.pipeline = Some("build-and-deploy".to_owned());
            entry.pipeline_version = Some(pick(&mut random, &["1", "2", "2"]).to_owned());
        }
        rows.push(entry.clone());
        for (at, step) in steps(plan, service, entry.template.is_some(), &mut random) {
            // Nothing happens to an entry before it exists, after its end, or after the end of the history.
            let is_over = service.retired_at.is_some_and(|retired_at| at > retired_at);
            if at <= service.created_at || is_over || at > plan.calendar.end {
                continue;
            }
            match step {
                Step::Owner(team) => entry.team = Some(plan.truth.teams[team].name.clone()),
                Step::Template(version) => {
                    entry.template = Some(TEMPLATES[form].to_owned());
                    entry.template_version = Some(version.to_owned());
                }
                Step::Pipeline(pipeline, version) => {
                    entry.pipeline = Some(pipeline.to_owned());
                    entry.pipeline_version = Some(version.to_owned());
                }
                Step::Lifecycle(stage) => entry.lifecycle = Some(stage.to_owned()),
                Step::Retired => entry.retired = Some(true),
            }
            if rows.last().is_some_and(|last| last.name == entry.name && last.valid_from == Some(at)) {
                rows.pop();
            }
            rows.push(Service { valid_from: Some(at), ..entry.clone() });
        }
    }
    rows
}

/// What happens to a service's entry, in order of time.
fn steps(plan: &Plan, service: &ServicePlan, has_template: bool, random: &mut Random) -> Vec<(DateTime<Utc>, Step)> {
    let mut steps = Vec::new();
    let mut later = |days: std::ops::Range<f64>| seconds(random.random_range(days) * DAY);
    if service.created_at > plan.calendar.start {
        steps.push((service.created_at + later(40.0..120.0), Step::Lifecycle("production")));
    }
    if let Some((moved_at, team)) = service.moved {
        steps.push((moved_at, Step::Owner(team)));
    }
    if let Some(retired_at) = service.retired_at {
        steps.push((retired_at - TimeDelta::days(60), Step::Lifecycle("deprecated")));
        steps.push((retired_at, Step::Retired));
    }
    // The pipeline follows its arrival at the team within weeks, the template later and not everywhere.
    let arrival = |team: usize| plan.truth.teams[team].deploy.changed_at;
    let adopted = arrival(service.owner).filter(|at| service.owner_at(*at) == service.owner);
    match adopted.map(|at| at.max(service.created_at)) {
        Some(at) => {
            let adopts_at = at + later(1.0..30.0);
            steps.push((adopts_at, Step::Pipeline("golden-path-pipeline", "1.0")));
            let template_at = adopts_at + later(0.0..80.0);
            let upgrade_at = adopts_at + later(60.0..500.0);
            if has_template || later(0.0..1.0) > seconds(0.4 * DAY) {
                steps.push((template_at, Step::Template("3.0")));
            }
            if upgrade_at > adopts_at + Days::new(90) {
                steps.push((upgrade_at, Step::Pipeline("golden-path-pipeline", "1.1")));
            }
        }
        None if has_template => steps.push((plan.calendar.start + later(100.0..900.0), Step::Template("2.2"))),
        None => {}
    }
    for (at, step) in &mut steps {
        // People edit entries during the day; owners and retirements change with the day.
        if !matches!(step, Step::Owner(_) | Step::Retired) {
            *at = plan.calendar.next_working_moment(*at, random);
        }
    }
    steps.sort_by_key(|(at, _)| *at);
    steps
}
