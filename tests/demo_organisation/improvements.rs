//! That comparisons find the two planted improvements, each within its interval.

use std::collections::HashMap;
use std::sync::OnceLock;

use analytics::Engine;
use analytics::compare::{CompareQuestion, Comparison, Design, DesignAnswer, Measure, Verb};
use cairn::demo::{GOLDEN_PATH, Organisation, PROGRESSIVE_DELIVERY, TeamTruth};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use super::{full, options};
use crate::support::{engine, key, store_in, write};

/// The organisation in a store, written once for all tests; the folder lives as long as they do.
pub fn stored() -> &'static (tempfile::TempDir, Engine) {
    static STORED: OnceLock<(tempfile::TempDir, Engine)> = OnceLock::new();
    STORED.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let store = store_in(&folder);
        write(&store, &full().batches(&key(), "demo", options().end));
        let engine = engine(&store, "Europe/Berlin");
        (folder, engine)
    })
}

fn compare(metric: &str, improvement: &str) -> Comparison {
    let question =
        CompareQuestion { metric: metric.into(), improvement: improvement.into(), ..CompareQuestion::default() };
    stored().1.compare(&question, options().end).unwrap()
}

fn staggered(found: &Comparison) -> &DesignAnswer {
    found.designs.iter().find(|design| design.design == Design::StaggeredDifferences).unwrap()
}

/// The mean, over the teams at which an improvement arrived, of what it did there.
fn mean_over_adopters(organisation: &Organisation, improvement: &str, of: impl Fn(&TeamTruth) -> f64) -> f64 {
    let truths: HashMap<&str, &TeamTruth> =
        organisation.truth.teams.iter().map(|truth| (truth.name.as_str(), truth)).collect();
    let planted = organisation.truth.improvements.iter().find(|planted| planted.name == improvement).unwrap();
    planted.arrivals.iter().map(|(team, _)| of(truths[team.as_str()])).sum::<f64>() / planted.arrivals.len() as f64
}

/// The median of a change's whole way, of many drawn from the planted stages.
fn median_lead(truth: &TeamTruth, is_after: bool) -> f64 {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let deploy = if is_after { truth.deploy.after } else { truth.deploy.before };
    let stages = [truth.coding, truth.pickup, truth.review, deploy];
    let mut leads: Vec<f64> = (0..40_001)
        .map(|_| {
            let stage = |stage: &cairn::demo::Durations| {
                let normal: f64 = random.sample(StandardNormal);
                stage.median_seconds * (stage.sigma * normal).exp()
            };
            stages.iter().map(stage).sum()
        })
        .collect();
    leads.sort_by(f64::total_cmp);
    leads[20_000]
}

#[test]
fn the_golden_path_halves_the_stage_from_merge_to_production() {
    let found = compare("change_lead_time.deploy", GOLDEN_PATH);
    let effect = staggered(&found).effects[0];
    assert_eq!(effect.measure, Measure::Ratio);
    assert!(effect.low < 0.5 && 0.5 < effect.high, "{effect:?}");
    assert!(effect.is_clear() && effect.high < 0.7, "{effect:?}");
    assert_eq!(found.verb, Some(Verb::EffectOf), "{:#?}", staggered(&found).assumptions);
}

#[test]
fn the_golden_path_shortens_the_whole_lead_time_as_its_stages_add_up() {
    let found = compare("change_lead_time", GOLDEN_PATH);
    let truth =
        mean_over_adopters(full(), GOLDEN_PATH, |team| (median_lead(team, true) / median_lead(team, false)).ln());
    let effect = staggered(&found).effects[0];
    assert!(effect.low < truth.exp() && truth.exp() < effect.high, "{effect:?}, planted {}", truth.exp());
}

#[test]
fn progressive_delivery_halves_the_share_of_roll_outs_that_fail() {
    let found = compare("change_fail_rate", PROGRESSIVE_DELIVERY);
    let truth = mean_over_adopters(full(), PROGRESSIVE_DELIVERY, |team| {
        team.change_fail_probability.after - team.change_fail_probability.before
    });
    let effect = staggered(&found).effects[0];
    assert_eq!(effect.measure, Measure::Difference);
    assert!(effect.low < truth && truth < effect.high && effect.is_clear(), "{effect:?}, planted {truth}");
}

#[test]
fn an_improvement_is_not_given_credit_for_what_it_does_not_touch() {
    // Nothing that the golden path does was planted in how often a team rolls out.
    let found = compare("deployment_frequency", GOLDEN_PATH);
    let effect = staggered(&found).effects[0];
    assert!(effect.low < 0.0 && 0.0 < effect.high, "{effect:?}");
}
