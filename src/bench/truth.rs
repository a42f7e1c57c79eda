//! Whether comparisons tell the truth: over many made-up organisations, how often the planted effect lies in the interval
//! that is given for it, and how often an effect is claimed where none was planted.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use analytics::compare::{CompareQuestion, Comparison, Design, Verb};
use analytics::{Catalogue, Engine, EngineOptions, LeadTimeStart, Settings};
use anyhow::Context as _;
use chrono::{DateTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use facts::{Batch, PersonKey};
use store::{Store, StoreOptions};

use super::report::Figure;
use crate::demo::{self, Effect, GOLDEN_PATH, Organisation};

/// The organisations of the bench.
pub const ORGANISATIONS: u64 = 200;
/// Their size: that of the demo, 20 teams and 120 services. A comparison rests on the number of teams: of ten, intervals are
/// wider than they need be (162 of 164 held the truth), and say nothing of how those of twenty fare.
const SCALE: f64 = 1.0;

/// What was found over some organisations.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Truths {
    /// Organisations.
    pub n: u64,
    /// Those whose interval holds the planted effect on the stage from merge to production.
    pub held: u64,
    /// Those of them in which the effect was claimed as such.
    pub claimed: u64,
    /// Those whose interval holds no effect on the stage of review, where none was planted.
    pub held_none: u64,
    /// Those in which an effect was claimed there.
    pub claimed_none: u64,
    /// The seeds whose interval does not hold the planted effect.
    pub missed: Vec<u64>,
}

impl Truths {
    /// Both together.
    fn and(&self, other: &Truths) -> Truths {
        Truths {
            n: self.n + other.n,
            held: self.held + other.held,
            claimed: self.claimed + other.claimed,
            held_none: self.held_none + other.held_none,
            claimed_none: self.claimed_none + other.claimed_none,
            missed: [&self.missed[..], &other.missed].concat(),
        }
    }
}

/// Makes an organisation of each seed, and compares.
pub fn truths(
    folder: &Path,
    seeds: impl IntoIterator<Item = u64>,
    scale: f64,
    mut told: impl FnMut(&Truths),
) -> anyhow::Result<Truths> {
    let key = PersonKey::new(b"people of the bench do not exist")?;
    let end = Utc.with_ymd_and_hms(2026, 2, 18, 11, 30, 0).single().context("a day that exists")?;
    let mut found = Truths::default();
    for seed in seeds {
        let options = demo::Options { seed, scale, ..demo::Options::ending(end, Tz::Europe__Berlin) };
        let organisation = demo::generate(&options);
        let planted = organisation.truth.improvements.iter().find(|planted| planted.name == GOLDEN_PATH);
        let Some(Effect::DeployStageMedian { factor }) = planted.map(|planted| planted.effect) else {
            anyhow::bail!("{GOLDEN_PATH} has no effect on the stage from merge to production");
        };
        let batches = needed(organisation).batches(&key, "demo", end);
        let batches: Vec<Batch> = batches.into_iter().filter(|batch| !batch.is_empty()).collect();
        let path = folder.join(format!("truth-{seed}.duckdb"));
        let answers = {
            let store = Store::open(&StoreOptions { path: path.clone(), ..StoreOptions::default() }, end)?;
            store.write(&batches, None, end)?;
            let engine = engine(&store)?;
            ["change_lead_time.deploy", "change_lead_time.review"].map(|metric| compared(&engine, metric, end))
        };
        std::fs::remove_file(&path).with_context(|| format!("removing {}", path.display()))?;
        let [effect, none] = answers;
        let (effect, none) = (effect?, none?);
        found.n += 1;
        match holds(&effect, factor) {
            true => found.held += 1,
            false => found.missed.push(seed),
        }
        found.claimed += u64::from(claims(&effect));
        found.held_none += u64::from(holds(&none, 1.0));
        found.claimed_none += u64::from(claims(&none));
        told(&found);
    }
    Ok(found)
}

/// What the planted effects are measured from; all else would only take time. Of the commits that a deployment lists, those
/// that are a change's decide with which it was deployed.
fn needed(organisation: Organisation) -> Organisation {
    let Organisation { truth, deployments, changes, mut deployed_commits, services, teams, improvements, .. } =
        organisation;
    let merged: HashSet<&str> = changes.iter().filter_map(|change| change.merge_revision.as_deref()).collect();
    deployed_commits.retain(|listed| merged.contains(listed.revision.as_str()));
    Organisation {
        truth,
        deployments,
        changes,
        deployed_commits,
        services,
        teams,
        improvements,
        commits: Vec::new(),
        incidents: Vec::new(),
        tickets: Vec::new(),
        engineers: Vec::new(),
        provisioning: Vec::new(),
        policy_results: Vec::new(),
        policy_blocks: Vec::new(),
        exemptions: Vec::new(),
        quotas: Vec::new(),
        availability: Vec::new(),
        costs: Vec::new(),
        time_savings: Vec::new(),
        surveys: Vec::new(),
    }
}

/// Measures, each share beside its limit.
pub fn measure(folder: &Path, mut told: impl FnMut(&Truths)) -> anyhow::Result<Vec<Figure>> {
    // Two at a time: making an organisation up keeps one core busy, writing and comparing it the others.
    let so_far = Mutex::new([Truths::default(), Truths::default()]);
    let half = |place: usize, seeds: std::ops::RangeInclusive<u64>, say: &mut dyn FnMut(&Truths)| {
        truths(folder, seeds, SCALE, |found| {
            let mut so_far = so_far.lock().unwrap_or_else(PoisonError::into_inner);
            so_far[place] = found.clone();
            let [one, other] = &*so_far;
            say(&one.and(other));
        })
    };
    let found = std::thread::scope(|scope| -> anyhow::Result<Truths> {
        let other = scope.spawn(|| half(1, ORGANISATIONS / 2 + 1..=ORGANISATIONS, &mut |_| {}));
        let one = half(0, 1..=ORGANISATIONS / 2, &mut told)?;
        let other = other.join().map_err(|_| anyhow::anyhow!("comparing half of the organisations failed"))??;
        Ok(one.and(&other))
    })?;
    let Truths { n, held, claimed, held_none, claimed_none, missed } = found;
    tracing::info!(?missed, "seeds whose interval does not hold the planted effect");
    let share = |k: u64| Some(k as f64 / n as f64);
    Ok(vec![
        Figure::new("planted effects within their interval", "share", share(held)).at_least("truth held", 0.93),
        Figure::new("planted effects within their interval, not too often", "share", share(held))
            .at_most("truth not held too often", 0.97),
        Figure::new("planted effects that are claimed", "share", share(claimed)),
        Figure::new("no effect within its interval where none was planted", "share", share(held_none)),
        Figure::new("effects claimed where none was planted", "share", share(claimed_none))
            .at_most("false claims", 0.05),
    ])
}

fn engine(store: &Store) -> anyhow::Result<Engine> {
    let options = EngineOptions {
        zone: Tz::Europe__Berlin,
        lead_time_start: LeadTimeStart::FirstCommit,
        settings: Settings::default(),
    };
    Ok(Engine::new(store.clone(), Catalogue::read(sql::METRICS)?, options))
}

fn compared(engine: &Engine, metric: &str, now: DateTime<Utc>) -> anyhow::Result<Comparison> {
    let question = CompareQuestion { metric: metric.into(), improvement: GOLDEN_PATH.into(), from: None, to: None };
    Ok(engine.compare(&question, now)?)
}

/// Whether the interval of the roll-out over time holds an effect.
fn holds(found: &Comparison, effect: f64) -> bool {
    let design = found.designs.iter().find(|design| design.design == Design::StaggeredDifferences);
    let interval = design.and_then(|design| design.effects.first());
    interval.is_some_and(|interval| interval.low <= effect && effect <= interval.high)
}

/// Whether the answer says that the improvement had an effect.
fn claims(found: &Comparison) -> bool {
    let clear = found.designs.first().and_then(|design| design.effects.first()).is_some_and(|effect| effect.is_clear());
    found.verb == Some(Verb::EffectOf) && clear
}
