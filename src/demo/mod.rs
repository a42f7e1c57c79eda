//! A made-up organisation, for `cairn demo` and for tests that ask whether the metrics find what was planted.
//!
//! The same [`Options`] always give the same facts. [`Truth`] states the parameters they were drawn from; it holds no
//! statistics of the sample. There is no clock and no environment in here, and no database but the one that
//! [`hold`] is given.

mod calendar;
mod catalogue;
mod changes;
mod delivery;
mod failures;
mod improvements;
mod incidents;
mod intake;
mod money;
mod names;
mod onboarding;
mod people;
mod plan;
mod platform;
mod policies;
mod provisioning;
mod random;
mod record;
mod support;
mod surveys;
mod truth;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

pub use calendar::day_weight;
pub use catalogue::{APPROVED_PIPELINES, TEMPLATES};
pub use improvements::{GOLDEN_PATH, PROGRESSIVE_DELIVERY};
pub use intake::hold;
pub use surveys::SurveyWave;
pub use truth::{Durations, Effect, Planted, PlantedImprovement, ProvisioningTruth, TeamTruth, Truth, WaveTruth};

use calendar::Calendar;
use plan::Plan;

/// Which organisation to make.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Another seed, another organisation.
    pub seed: u64,
    /// Its size: 1.0 is 20 teams, 120 services and 350 engineers. There are at least 4 teams, however small it is.
    pub scale: f64,
    /// The organisation's "now". The history covers the 18 months before it, and nothing has happened after it.
    pub end: DateTime<Utc>,
    /// The zone of its working hours and holidays.
    pub time_zone: Tz,
}

impl Options {
    /// The usual organisation: seed 1, full size, seen at `end`.
    pub fn ending(end: DateTime<Utc>, time_zone: Tz) -> Options {
        Options { seed: 1, scale: 1.0, end, time_zone }
    }
}

/// All facts of an organisation, and what was planted in them. No kind of fact is empty.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each field holds the facts whose kind it is named after")]
pub struct Organisation {
    /// The parameters that the facts were drawn from.
    pub truth: Truth,
    pub deployments: Vec<facts::Deployment>,
    pub changes: Vec<facts::Change>,
    pub commits: Vec<facts::Commit>,
    pub deployed_commits: Vec<facts::DeployedCommit>,
    pub incidents: Vec<facts::Incident>,
    pub tickets: Vec<facts::Ticket>,
    pub services: Vec<facts::Service>,
    pub teams: Vec<facts::Team>,
    pub engineers: Vec<facts::Engineer>,
    pub provisioning: Vec<facts::Provisioning>,
    pub policy_results: Vec<facts::PolicyResult>,
    pub policy_blocks: Vec<facts::PolicyBlock>,
    pub exemptions: Vec<facts::Exemption>,
    pub quotas: Vec<facts::Quota>,
    pub availability: Vec<facts::Availability>,
    pub improvements: Vec<facts::Improvement>,
    pub costs: Vec<facts::Cost>,
    pub time_savings: Vec<facts::TimeSaving>,
    /// The waves of the survey, which are no facts: the store takes their answers and publishes cells.
    pub surveys: Vec<SurveyWave>,
}

/// Makes an organisation.
pub fn generate(options: &Options) -> Organisation {
    let plan = plan(options);
    let delivered = record::facts(&plan);
    let (policy_results, exemptions) = policies::results_and_exemptions(&plan);
    Organisation {
        deployments: delivered.deployments,
        changes: delivered.changes,
        commits: delivered.commits,
        deployed_commits: delivered.deployed_commits,
        incidents: delivered.incidents,
        tickets: support::tickets(&plan),
        services: catalogue::facts(&plan),
        teams: plan.people.team_facts(&plan.calendar, &plan.truth.teams),
        engineers: plan.people.engineer_facts(&plan.calendar, &plan.truth.teams),
        provisioning: provisioning::facts(&plan),
        policy_results,
        policy_blocks: policies::blocks(&plan),
        exemptions,
        quotas: platform::quotas(&plan),
        availability: platform::availability(&plan),
        improvements: improvements::facts(&plan.truth.improvements),
        costs: money::costs(&plan),
        time_savings: money::time_savings(&plan),
        surveys: surveys::waves(&plan),
        truth: plan.truth,
    }
}

fn plan(options: &Options) -> Plan {
    let Options { seed, scale, end, time_zone } = *options;
    let sized = |n_at_full_scale: f64| (n_at_full_scale * scale).round() as usize;
    let n_teams = sized(20.0).max(4);
    let n_services = sized(120.0).clamp(3 * n_teams, 6 * n_teams);
    let n_engineers = sized(350.0).max(8 * n_teams);

    let calendar = Calendar::new(time_zone, end);
    let names = people::teams(n_teams);
    let just_names: Vec<String> = names.iter().map(|(name, _)| name.clone()).collect();
    let improvements = improvements::plan(seed, &calendar, &just_names);
    let teams: Vec<TeamTruth> = (names.iter().enumerate())
        .map(|(team, (name, kind))| improvements::team_truth(seed, team, name, *kind, &improvements))
        .collect();
    let people = people::People::plan(seed, &calendar, &teams, n_engineers);
    let services = catalogue::plan(seed, &calendar, n_teams, n_services);
    let truth = Truth {
        start: calendar.start,
        end,
        improvements,
        teams,
        two_region_services: (services.iter().filter(|service| service.environments.len() > 1))
            .map(|service| service.name.clone())
            .collect(),
        background_recovery: incidents::RECOVERY,
        availability: platform::COMPONENTS.map(|(component, share)| (component.to_owned(), share)).to_vec(),
        provisioning: provisioning::TRUTH,
        ticket_spike: support::spike(&calendar),
        surveys: surveys::truth(&calendar),
    };
    Plan { seed, calendar, truth, people, services }
}
