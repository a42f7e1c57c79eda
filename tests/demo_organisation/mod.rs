//! The made-up organisation: that it is whole, plausible, and drawn from the parameters it says it was drawn from.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic like tests")]

mod figures;
pub mod improvements;
mod planted;
mod surveys;
mod whole;

use std::collections::HashMap;
use std::sync::OnceLock;

use cairn::demo::{Options, Organisation, generate};
use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Tz;
use facts::{Deployment, DeploymentResult};

fn options() -> Options {
    let end = Utc.with_ymd_and_hms(2026, 2, 18, 11, 30, 0).unwrap();
    Options::ending(end, Tz::Europe__Berlin)
}

fn small() -> Options {
    Options { scale: 0.1, ..options() }
}

/// The organisation at full size, made once for all tests.
pub fn full() -> &'static Organisation {
    static FULL: OnceLock<Organisation> = OnceLock::new();
    FULL.get_or_init(|| generate(&options()))
}

/// Who owned each service when, read from the catalogue facts alone.
struct Owners<'a>(HashMap<&'a str, Vec<(DateTime<Utc>, &'a str)>>);

impl<'a> Owners<'a> {
    fn of(organisation: &'a Organisation) -> Owners<'a> {
        let mut owners: HashMap<&str, Vec<_>> = HashMap::new();
        for row in &organisation.services {
            let since = (row.valid_from.unwrap(), row.team.as_deref().unwrap());
            owners.entry(&row.name).or_default().push(since);
        }
        owners.values_mut().for_each(|rows| rows.sort());
        Owners(owners)
    }

    fn at(&self, service: &str, at: DateTime<Utc>) -> &'a str {
        self.0[service].iter().rev().find(|(since, _)| *since <= at).unwrap().1
    }
}

/// The successful deployments to production of each service that has one production environment, in order of time.
fn production(organisation: &Organisation) -> HashMap<&str, Vec<&Deployment>> {
    let mut by_service: HashMap<&str, Vec<&Deployment>> = HashMap::new();
    for deployment in &organisation.deployments {
        if deployment.environment == "production" && deployment.result == DeploymentResult::Success {
            by_service.entry(&deployment.service).or_default().push(deployment);
        }
    }
    by_service.values_mut().for_each(|deployments| deployments.sort_by_key(|deployment| deployment.finished_at));
    by_service
}
