//! The facts in the form in which the store takes them.

use chrono::{DateTime, Utc};
use facts::{Batch, BatchBuilder, Fact, PersonKey};
use store::{Store, StoreError};

use super::{Organisation, SurveyWave};

/// The most rows that a batch has.
const MAX_ROWS: usize = 50_000;

impl Organisation {
    /// All facts in batches of at most 50 000 rows of one kind; teams and services come first. `now` is the time of
    /// the intake, `source` the name under which the facts are kept, and `key` hashes the people in them.
    pub fn batches(&self, key: &PersonKey, source: &str, now: DateTime<Utc>) -> Vec<Batch> {
        let mut batches = Batches { key, source, now, done: Vec::new() };
        batches.add(&self.teams);
        batches.add(&self.services);
        batches.add(&self.engineers);
        batches.add(&self.improvements);
        batches.add(&self.changes);
        batches.add(&self.commits);
        batches.add(&self.deployments);
        batches.add(&self.deployed_commits);
        batches.add(&self.incidents);
        batches.add(&self.tickets);
        batches.add(&self.provisioning);
        batches.add(&self.policy_results);
        batches.add(&self.policy_blocks);
        batches.add(&self.exemptions);
        batches.add(&self.quotas);
        batches.add(&self.availability);
        batches.add(&self.costs);
        batches.add(&self.time_savings);
        batches.done
    }

    /// How many facts there are, of all kinds.
    pub fn n_facts(&self) -> usize {
        self.teams.len()
            + self.services.len()
            + self.engineers.len()
            + self.improvements.len()
            + self.changes.len()
            + self.commits.len()
            + self.deployments.len()
            + self.deployed_commits.len()
            + self.incidents.len()
            + self.tickets.len()
            + self.provisioning.len()
            + self.policy_results.len()
            + self.policy_blocks.len()
            + self.exemptions.len()
            + self.quotas.len()
            + self.availability.len()
            + self.costs.len()
            + self.time_savings.len()
    }
}

/// Holds a wave of the survey in a store: opened, answered, closed.
pub fn hold(store: &Store, wave: &SurveyWave) -> Result<(), StoreError> {
    store.open_wave(&wave.name, wave.opened_at)?;
    for (team, n) in &wave.invited {
        store.invite(&wave.name, team, *n)?;
    }
    for (team, answers) in &wave.answers {
        store.take_answers(&wave.name, team, answers)?;
    }
    store.close_wave(&wave.name, wave.closed_at)
}

struct Batches<'a> {
    key: &'a PersonKey,
    source: &'a str,
    now: DateTime<Utc>,
    done: Vec<Batch>,
}

impl Batches<'_> {
    fn add<F: Fact>(&mut self, rows: &[F]) {
        for rows in rows.chunks(MAX_ROWS) {
            let mut builder = BatchBuilder::new(F::SPEC.kind, self.key, self.source, self.now);
            for row in rows {
                builder.push_fact(row).expect("the facts made here keep the order of times and leave nothing out");
            }
            self.done.push(builder.finish());
        }
    }
}
