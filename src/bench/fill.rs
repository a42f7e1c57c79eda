//! From the organisation into a store: facts go into batches as they are made, so that no more than a few batches are
//! ever in memory.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use facts::{AnyFact, Batch, BatchBuilder, Fact, Kind, PersonKey, RowOrigin};
use store::{KindSummary, Store};

use super::organisation::{Delivery, Organisation};
use super::platform;
use crate::progress::Progress;

/// How many rows are handed on at once.
const BATCH_ROWS: usize = 50_000;

/// The source that the bench's facts name.
pub const SOURCE: &str = "bench";

/// Rows of several kinds on their way into batches.
pub struct Rows<'a> {
    key: &'a PersonKey,
    now: DateTime<Utc>,
    builders: BTreeMap<Kind, BatchBuilder>,
}

impl<'a> Rows<'a> {
    /// No rows yet.
    pub fn new(key: &'a PersonKey, now: DateTime<Utc>) -> Rows<'a> {
        Rows { key, now, builders: BTreeMap::new() }
    }

    /// Adds a fact; returns a batch when one is full.
    pub fn push<F: Fact>(&mut self, fact: &F) -> anyhow::Result<Option<Batch>> {
        let kind = F::SPEC.kind;
        let builder = self.builders.entry(kind).or_insert_with(|| BatchBuilder::new(kind, self.key, SOURCE, self.now));
        builder
            .push_fact(fact)
            .map_err(|problems| anyhow::anyhow!("the bench made a {kind} that cannot be taken: {problems:?}"))?;
        Ok((builder.len() >= BATCH_ROWS).then(|| builder.finish()))
    }

    /// Adds a fact of whatever kind.
    pub fn push_any(&mut self, fact: &AnyFact) -> anyhow::Result<Option<Batch>> {
        let kind = fact.kind();
        let builder = self.builders.entry(kind).or_insert_with(|| BatchBuilder::new(kind, self.key, SOURCE, self.now));
        builder
            .push(&fact.cells(), RowOrigin::default())
            .map_err(|problems| anyhow::anyhow!("the bench made a {kind} that cannot be taken: {problems:?}"))?;
        Ok((builder.len() >= BATCH_ROWS).then(|| builder.finish()))
    }

    /// Adds a delivery with all that belongs to it; full batches are handed on.
    pub fn push_delivery(
        &mut self,
        delivery: &Delivery,
        hand_on: &mut dyn FnMut(Batch) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.push(&delivery.deployment)?.map(&mut *hand_on).transpose()?;
        for change in &delivery.changes {
            self.push(change)?.map(&mut *hand_on).transpose()?;
        }
        for commit in &delivery.commits {
            self.push(commit)?.map(&mut *hand_on).transpose()?;
        }
        for listed in &delivery.listed {
            self.push(listed)?.map(&mut *hand_on).transpose()?;
        }
        for incident in &delivery.incidents {
            self.push(incident)?.map(&mut *hand_on).transpose()?;
        }
        Ok(())
    }

    /// The batches that are not full.
    pub fn rest(&mut self) -> Vec<Batch> {
        self.builders.values_mut().filter(|builder| !builder.is_empty()).map(BatchBuilder::finish).collect()
    }
}

/// Writes the whole organisation into a store, in one intake, so that its marts are made once.
pub fn fill(
    store: &Store,
    organisation: &Organisation,
    key: &PersonKey,
) -> anyhow::Result<BTreeMap<Kind, KindSummary>> {
    let mut progress = Progress::of_things("making up deployments");
    let mut intake = store.begin(organisation.end())?;
    let mut rows = Rows::new(key, organisation.end());
    for service in organisation.services() {
        rows.push(&service)?.map(|batch| intake.stage(&batch)).transpose()?;
    }
    for fact in platform::facts(organisation) {
        rows.push_any(&fact)?.map(|batch| intake.stage(&batch)).transpose()?;
    }
    for (position, delivery) in (1..).zip(organisation.deliveries()) {
        rows.push_delivery(&delivery, &mut |batch| Ok(intake.stage(&batch)?))?;
        progress.at(position);
    }
    for batch in rows.rest() {
        intake.stage(&batch)?;
    }
    progress.say("writing them, and making the marts");
    Ok(intake.commit(None)?)
}
