//! Where facts of sources go: into the store, or, for who only tries, as far as knowing what they would do there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use anyhow::Context as _;
use facts::{AnyFact, BatchBuilder, Kind, PersonKey, Remains, RowOrigin};
use serde_json::Value;
use store::{CursorUpdate, KindSummary, StandingEnd, Store, Turn};

use crate::progress::Progress;

/// Facts that were refused, by what is wrong with them, and how often.
pub(crate) type Refused = BTreeMap<String, u64>;

/// What writing came to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Written {
    /// What was written, by kind.
    pub summary: BTreeMap<Kind, KindSummary>,
    /// What was refused.
    pub refused: Refused,
    /// Facts of a time later than now, by kind.
    pub in_future: BTreeMap<Kind, u64>,
}

/// Writes facts of one source.
pub(crate) struct StoreSink {
    pub store: Store,
    pub key: PersonKey,
    pub source: String,
    is_dry_run: bool,
    /// What a fact leaves open is left as it stands.
    fills: bool,
    progress: Mutex<Progress>,
    written: Mutex<Written>,
}

impl StoreSink {
    /// A sink for a source.
    pub fn new(store: Store, key: PersonKey, source: &str, progress: Progress) -> StoreSink {
        let progress = Mutex::new(progress);
        let (source, written) = (source.to_owned(), Mutex::default());
        StoreSink { store, key, source, is_dry_run: false, fills: false, progress, written }
    }

    /// The same, which leaves what stands where a fact leaves it open, if the source tells in part.
    pub fn filling(self, fills: bool) -> StoreSink {
        StoreSink { fills, ..self }
    }

    /// The same, which writes nothing.
    pub fn dry(self) -> StoreSink {
        StoreSink { is_dry_run: true, ..self }
    }

    /// What was written and what was refused.
    pub fn written(&self) -> Written {
        self.written.lock().map(|written| written.clone()).unwrap_or_default()
    }
}

/// Facts in batches, and those that break a rule of the intake.
pub(crate) fn batches(facts: &[AnyFact], key: &PersonKey, source: &str) -> (Vec<facts::Batch>, Refused) {
    let mut builders: BTreeMap<Kind, BatchBuilder> = BTreeMap::new();
    let mut refused = Refused::new();
    let now = crate::now();
    for fact in facts {
        let kind = fact.kind();
        let builder = builders.entry(kind).or_insert_with(|| BatchBuilder::new(kind, key, source, now));
        if let Err(problems) = builder.push(&fact.cells(), RowOrigin::default()) {
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            *refused.entry(format!("the {kind} cannot be taken: {}", problems.join("; "))).or_default() += 1;
        }
    }
    (builders.into_values().map(|mut builder| builder.finish()).filter(|batch| !batch.is_empty()).collect(), refused)
}

fn identifiers(facts: &[AnyFact], kind: Kind) -> BTreeSet<String> {
    let Some(id) = kind.spec().position("id") else { return BTreeSet::new() };
    facts.iter().filter(|fact| fact.kind() == kind).map(|fact| fact.cells()[id].to_string()).collect()
}

/// Adds what one write did to what earlier ones did.
pub(crate) fn add(total: &mut BTreeMap<Kind, KindSummary>, summary: BTreeMap<Kind, KindSummary>) {
    for (kind, of_kind) in summary {
        let sum = total.entry(kind).or_default();
        sum.read += of_kind.read;
        sum.new += of_kind.new;
        sum.changed += of_kind.changed;
        sum.unchanged += of_kind.unchanged;
        sum.removed += of_kind.removed;
    }
}

impl collectors::pull::Sink for StoreSink {
    fn position(&self) -> anyhow::Result<Option<String>> {
        Ok(self.store.cursor(&self.source)?)
    }

    fn store(&self, facts: Vec<AnyFact>, remains: Vec<Remains>, position: &Value) -> anyhow::Result<()> {
        let (batches, refused) = batches(&facts, &self.key, &self.source);
        let update = CursorUpdate { source: self.source.clone(), cursor: position.to_string(), is_whole: false };
        let mut intake = self.store.begin(crate::now())?;
        for batch in &batches {
            intake.stage(batch)?;
            let is_in_part = remains.iter().any(|one| matches!(one, Remains::InPart(kind) if *kind == batch.kind));
            if self.fills || is_in_part {
                // Whether it has ended it always says.
                intake.keep_what_stands(batch.kind, StandingEnd::Passes, &[])?;
            }
        }
        // What is listed no more goes first, in a transaction of its own: whatever happens in between, the position is
        // not there yet, and the listing is read again.
        let mut withdrawn: BTreeMap<Kind, KindSummary> = BTreeMap::new();
        let mut turns: Vec<Turn> = Vec::new();
        // Every page may name some; they are taken back at once.
        let mut others: BTreeMap<Kind, Vec<String>> = BTreeMap::new();
        let mut of_pulls: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for remains in &remains {
            let (kind, removed) = match (remains, self.is_dry_run) {
                (Remains::Since(kind, id, at), _) => {
                    let (kind, id, whole_at) = (*kind, id.clone(), Some(*at));
                    turns.push(Turn { kind, id, whole_at, reopened_at: None, told: None });
                    continue;
                }
                // Seen to above.
                (Remains::InPart(_), _) => continue,
                (Remains::OnTrunk(trunk), _) => {
                    intake.keep_of_trunk(&self.source, trunk)?;
                    continue;
                }
                (Remains::Listed(listing), true) => (listing.kind, self.store.gone_of_listing(&self.source, listing)?),
                (Remains::Listed(listing), false) => {
                    (listing.kind, self.store.keep_of_listing(&self.source, listing, crate::now())?)
                }
                (Remains::AllBut(kind, ids), _) => {
                    others.entry(*kind).or_default().extend(ids.iter().cloned());
                    continue;
                }
                (Remains::OfPulls { repository, revisions }, _) => {
                    of_pulls.entry(repository).or_default().extend(revisions.iter().cloned());
                    continue;
                }
            };
            withdrawn.entry(kind).or_default().removed += removed;
        }
        for (repository, revisions) in of_pulls {
            let standing = self.store.changes_of(&self.source, repository, &revisions)?;
            others.entry(Kind::Change).or_default().extend(standing);
        }
        for (kind, mut ids) in others {
            // What is told now stands.
            let told = identifiers(&facts, kind);
            ids.retain(|id| !told.contains(id));
            let removed = match self.is_dry_run {
                true => self.store.begins(kind, &self.source, &ids)?.len() as i64,
                false => self.store.withdraw(&self.source, kind, &ids, crate::now())?,
            };
            withdrawn.entry(kind).or_default().removed += removed;
        }
        withdrawn.retain(|_, summary| summary.removed > 0);
        if !self.is_dry_run {
            self.store.note_turns(&self.source, &turns, crate::now())?;
        }
        let summary = match self.is_dry_run {
            true => intake.preview().context("comparing")?,
            false => intake.commit(Some(&update)).context("writing")?,
        };
        if let Ok(mut written) = self.written.lock() {
            add(&mut written.summary, withdrawn);
            add(&mut written.summary, summary);
            for (reason, n) in refused {
                *written.refused.entry(reason).or_default() += n;
            }
            for batch in batches.iter().filter(|batch| batch.n_future > 0) {
                *written.in_future.entry(batch.kind).or_default() += batch.n_future as u64;
            }
        }
        Ok(())
    }

    fn progress(&self, _requests: u64, facts: u64) {
        if let Ok(mut progress) = self.progress.lock() {
            progress.at(facts);
        }
    }
}
