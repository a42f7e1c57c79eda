//! The plan of the organisation, from which all facts are drawn: who is there, what they own, and what is true of them.

use chrono::{DateTime, Utc};

use super::calendar::Calendar;
use super::catalogue::ServicePlan;
use super::people::People;
use super::random::{Random, stream};
use super::truth::Truth;

/// Everything that generators of facts need to know of one another's part.
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) calendar: Calendar,
    pub(super) truth: Truth,
    pub(super) people: People,
    pub(super) services: Vec<ServicePlan>,
}

impl Plan {
    /// The random numbers for one purpose and one team or service.
    pub(super) fn stream(&self, purpose: &str, index: usize) -> Random {
        stream(self.seed, purpose, index)
    }

    /// The name of the team that owns a service at an instant.
    pub(super) fn owner(&self, service: &ServicePlan, at: DateTime<Utc>) -> &str {
        &self.truth.teams[service.owner_at(at)].name
    }

    /// The services that a team owns at an instant, by their positions.
    pub(super) fn services_of(&self, team: usize, at: DateTime<Utc>) -> Vec<usize> {
        let is_theirs = |service: &ServicePlan| service.is_live(at) && service.owner_at(at) == team;
        (0..self.services.len()).filter(|number| is_theirs(&self.services[*number])).collect()
    }

    /// Whether the golden-path pipeline has arrived at a team by an instant.
    pub(super) fn has_golden_path(&self, team: usize, at: DateTime<Utc>) -> bool {
        self.truth.teams[team].deploy.changed_at.is_some_and(|arrival| arrival <= at)
    }
}
