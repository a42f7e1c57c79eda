//! Rolled out over time: group-time average treatment effects with controls not yet treated (Callaway and Sant'Anna,
//! Journal of Econometrics 225, 2021, 200-230), without covariates. Each group, the units treated first in one period, is
//! compared with those that are not yet treated: how the figure changed from the group's last period before to each other
//! period, here and there. Comparing with units treated earlier, as regressions with fixed effects do, is what goes wrong
//! where effects grow or differ.

use std::collections::BTreeMap;

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::Estimated;
use super::answer::Verb;
use super::clusters::Draws;
use super::panel::Panel;
use super::pretrend::{self, PreTrend};
use super::spread::error;

/// The effect on one group in one period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupTime {
    /// The period in which the group was treated first.
    pub group: usize,
    /// The period.
    pub period: usize,
    /// The effect; before the group's base it should be none.
    pub effect: f64,
    /// The weight of the group's units that it rests on.
    pub weight: f64,
}

/// What the effect on one group in one period is made of: the changes since the base, each with its cluster.
struct Contrast {
    group: usize,
    period: usize,
    treated: Vec<(usize, f64)>,
    controls: Vec<(usize, f64)>,
}

/// The effects of all groups in all periods but their base. `weights` says how often each cluster counts.
pub fn group_times(panel: &Panel, weights: &[f64]) -> Vec<GroupTime> {
    effects(&contrasts(panel), weights)
}

fn effects(contrasts: &[Contrast], weights: &[f64]) -> Vec<GroupTime> {
    let mean = |changes: &[(usize, f64)]| {
        let (sum, weight) = changes.iter().fold((0.0, 0.0), |(sum, weight), (cluster, change)| {
            (sum + weights[*cluster] * change, weight + weights[*cluster])
        });
        (weight > 0.0).then_some((sum / weight, weight))
    };
    let effect = |contrast: &Contrast| {
        let ((treated, weight), (controls, _)) = (mean(&contrast.treated)?, mean(&contrast.controls)?);
        Some(GroupTime { group: contrast.group, period: contrast.period, effect: treated - controls, weight })
    };
    contrasts.iter().filter_map(effect).collect()
}

fn contrasts(panel: &Panel) -> Vec<Contrast> {
    let mut found = Vec::new();
    for group in panel.groups() {
        let Some(base) = panel.base(group) else { continue };
        // What may be touched by the coming arrival is neither before nor after.
        for period in (0..panel.n_periods).filter(|period| *period < base || *period >= group) {
            let settled = period.max(base) + panel.anticipation;
            let mut contrast = Contrast { group, period, treated: Vec::new(), controls: Vec::new() };
            for unit in &panel.units {
                let side = match unit.treated_from {
                    Some(own) if own == group => &mut contrast.treated,
                    Some(own) if own <= settled => continue,
                    _ => &mut contrast.controls,
                };
                if let (Some(now), Some(then)) = (unit.values[period], unit.values[base]) {
                    side.push((unit.cluster, now - then));
                }
            }
            found.push(contrast);
        }
    }
    found
}

/// One figure for all: the mean over each group's periods since it was treated, then over groups by their size. Groups
/// treated early have more periods, and count no more for it.
pub fn overall(effects: &[GroupTime]) -> Option<f64> {
    let mut groups: BTreeMap<usize, (f64, f64, f64)> = BTreeMap::new();
    for one in effects.iter().filter(|one| one.period >= one.group) {
        let (sum, n, weight) = groups.entry(one.group).or_default();
        *sum += one.effect;
        *n += 1.0;
        *weight = weight.max(one.weight);
    }
    let (sum, weights) = groups
        .values()
        .fold((0.0, 0.0), |(total, weights), (sum, n, weight)| (total + weight * sum / n, weights + weight));
    (weights > 0.0).then_some(sum / weights)
}

/// The effects by the time since the first treatment (negative before it), over groups by their size, with that size.
pub fn by_event_time(effects: &[GroupTime]) -> BTreeMap<isize, (f64, f64)> {
    let mut found: BTreeMap<isize, (f64, f64)> = BTreeMap::new();
    for one in effects {
        let (sum, weight) = found.entry(one.period as isize - one.group as isize).or_default();
        *sum += one.weight * one.effect;
        *weight += one.weight;
    }
    found.values_mut().for_each(|(sum, weight)| *sum /= *weight);
    found
}

/// The effect at some time since the first treatment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EventTime {
    /// Periods since the first that was treated as a whole.
    pub since: isize,
    /// The effect.
    pub effect: Estimated,
    /// The units it rests on.
    pub n_units: usize,
}

/// What a staggered comparison found.
#[derive(Debug, Clone, PartialEq)]
pub struct Staggered {
    /// The effect, over groups by their size.
    pub overall: Estimated,
    /// Its standard error.
    pub error: f64,
    /// Two-sided, of no effect.
    pub p: f64,
    /// The effects by time since the first treatment, from before to after.
    pub event_times: Vec<EventTime>,
    /// Whether the groups went along with their controls before.
    pub pretrend: Option<PreTrend>,
    /// Treated units that the effect rests on, and the groups that they form.
    pub n_treated: usize,
    /// Times at which units were treated first.
    pub n_groups: usize,
}

/// Below this the effects before the arrival are more than chance.
pub const FLAT: f64 = 0.05;
/// Below this an effect is said to be one. An interval that just leaves out no effect does so once in twenty by chance, and
/// with few teams more often: of 200 made-up organisations without an effect 11 did (`cairn bench --only truth`).
pub const BEYOND_CHANCE: f64 = 0.025;
/// Below this an effect is clear: no effect lies outside of the 95 % interval.
const CLEAR: f64 = 0.05;

impl Staggered {
    /// Whether adopters went along with those not yet reached before the arrival; none where fewer than two periods tell.
    pub fn is_flat(&self) -> Option<bool> {
        let told = self.pretrend.as_ref().filter(|trend| trend.times.len() >= 2);
        told.map(|trend| trend.p() >= FLAT)
    }

    /// Whether an effect that is clear is also beyond chance; none where it is not clear.
    pub fn is_beyond_chance(&self) -> Option<bool> {
        (self.p < CLEAR).then_some(self.p < BEYOND_CHANCE)
    }

    /// The strongest word for it: an effect only where arrivals at different times and flat trends before speak for one, and
    /// where it is beyond chance.
    pub fn verb(&self) -> Verb {
        let shows_effects = self.n_groups >= 2 && self.is_flat() == Some(true);
        if shows_effects && self.is_beyond_chance() != Some(false) { Verb::EffectOf } else { Verb::AssociatedWith }
    }
}

/// Estimates the effect, with intervals by a bootstrap that draws clusters: the standard deviation of the draws, and
/// Student's t with one degree of freedom less than there are treated clusters, since few clusters make it too small.
/// None where no group has a control.
pub fn staggered(panel: &Panel, draws: usize, seed: u64) -> Option<Staggered> {
    let contrasts = contrasts(panel);
    let effects = |weights: &[f64]| self::effects(&contrasts, weights);
    let found = effects(&vec![1.0; panel.n_clusters]);
    let value = overall(&found)?;
    let times = by_event_time(&found);
    let mut drawn = Draws::new(panel.n_clusters, seed);
    let mut overalls = Vec::with_capacity(draws);
    let mut by_time: BTreeMap<isize, Vec<Option<f64>>> = times.keys().map(|time| (*time, Vec::new())).collect();
    for _ in 0..draws {
        let of_draw = effects(drawn.next());
        overalls.extend(overall(&of_draw));
        let of_draw = by_event_time(&of_draw);
        for (time, values) in &mut by_time {
            values.push(of_draw.get(time).map(|(effect, _)| *effect));
        }
    }
    let rests_on = || contrasts.iter().filter(|one| one.period >= one.group && !one.controls.is_empty());
    let mut clusters: Vec<usize> = rests_on().flat_map(|one| &one.treated).map(|(cluster, _)| *cluster).collect();
    clusters.sort_unstable();
    clusters.dedup();
    let mut groups: BTreeMap<usize, usize> = BTreeMap::new();
    for one in rests_on().filter(|one| !one.treated.is_empty()) {
        let n_units = groups.entry(one.group).or_default();
        *n_units = one.treated.len().max(*n_units);
    }
    let n_treated = groups.values().sum();
    let freedom = clusters.len().checked_sub(1).filter(|freedom| *freedom > 0)? as f64;
    let student = StudentsT::new(0.0, 1.0, freedom).expect("a positive number of degrees of freedom");
    let point = student.inverse_cdf(1.0 - CLEAR / 2.0);
    let standard_error = error(overalls)?;
    let event_times = (times.iter())
        .filter_map(|(since, (effect, weight))| {
            let error = error(by_time[since].iter().flatten().copied().collect())?;
            Some(EventTime {
                since: *since,
                effect: Estimated::about(*effect, point * error),
                n_units: *weight as usize,
            })
        })
        .collect();
    Some(Staggered {
        overall: Estimated::about(value, point * standard_error),
        error: standard_error,
        p: 2.0 * student.sf((value / standard_error).abs()),
        event_times,
        pretrend: pretrend::test(panel, &times, &by_time, n_treated),
        n_treated,
        n_groups: groups.len(),
    })
}
