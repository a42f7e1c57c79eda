//! Each hour belongs to one capability: what two capabilities both claim is refused.

use std::collections::BTreeSet;

use super::figure::{FactsQuestion, MetricQuestion, Origin};
use super::inputs::Capability;
use super::model::Model;
use super::{Basis, ValueError};
use crate::where_words::parse;

/// Refuses capabilities that claim the same occurrences, and costs that would be counted twice.
pub(crate) fn check(model: &Model) -> Result<(), ValueError> {
    for (place, one) in model.capabilities.iter().enumerate() {
        for other in &model.capabilities[..place] {
            if let Some(shared) = shared(model, other, one) {
                let message = format!(
                    "the capabilities `{}` and `{}` {shared}; each hour belongs to one capability: leave one of them out, or tell them apart",
                    other.name, one.name
                );
                return Err(ValueError::at("value.capability", message));
            }
        }
    }
    costs(model)
}

/// What two capabilities share that only one may have.
fn shared(model: &Model, one: &Capability, other: &Capability) -> Option<String> {
    if one.name == other.name {
        return Some("have one name".into());
    }
    if let Some(replaced) = one.replaces.as_ref().filter(|replaced| other.replaces.as_ref() == Some(replaced)) {
        return Some(format!("both replace `{replaced}`, and so claim the same occurrences"));
    }
    [Basis::Telemetry, Basis::Survey].into_iter().find_map(|basis| {
        let claim = |capability: &Capability, key: &str| {
            let name = format!("capability.{}.{}.{key}", capability.name, basis.as_str());
            model.figures.get(&name).map(|figure| &figure.origin)
        };
        if let (Some(one), Some(other)) = (claim(one, "hours"), claim(other, "hours"))
            && let Some(name) = same_facts(one, other)
        {
            return Some(format!("both claim the {} facts of `{name}`", basis.as_str()));
        }
        match (claim(one, "occurrences"), claim(other, "occurrences")) {
            (Some(Origin::Metric(one)), Some(Origin::Metric(other))) if overlap(one, other) => {
                Some(format!("both claim the same occurrences of the metric `{}`", one.metric))
            }
            _ => None,
        }
    })
}

fn same_facts<'a>(one: &'a Origin, other: &Origin) -> Option<&'a String> {
    match (one, other) {
        (
            Origin::Facts(FactsQuestion::TimeSaving { capabilities: one, .. }),
            Origin::Facts(FactsQuestion::TimeSaving { capabilities: other, .. }),
        ) => one.iter().find(|name| other.contains(name)),
        _ => None,
    }
}

/// Whether two questions may count the same occurrence: unless some dimension is filtered by both, on different names.
fn overlap(one: &MetricQuestion, other: &MetricQuestion) -> bool {
    if one.metric != other.metric {
        return false;
    }
    let are_apart = filters(one).any(|(dimension, names)| {
        filters(other).any(|(known, others)| known == dimension && names.is_disjoint(&others))
    });
    !are_apart
}

fn filters(question: &MetricQuestion) -> impl Iterator<Item = (String, BTreeSet<String>)> {
    // What cannot be read is told where it is asked.
    let read = question.filters.iter().filter_map(|text| parse(text).ok());
    read.flatten().map(|(dimension, names)| (dimension, names.into_iter().collect()))
}

fn costs(model: &Model) -> Result<(), ValueError> {
    let question = |name: &str| match &model.figures.get(name)?.origin {
        Origin::Facts(FactsQuestion::Cost { teams, resources }) => Some((teams, resources)),
        _ => None,
    };
    let (Some((teams, resources)), Some((other_teams, other_resources))) =
        (question("platform.licences"), question("platform.infrastructure"))
    else {
        return Ok(());
    };
    // No name means all of them.
    let meet = |one: &[String], other: &[String]| {
        one.is_empty() || other.is_empty() || one.iter().any(|name| other.contains(name))
    };
    if meet(teams, other_teams) && meet(resources, other_resources) {
        let message = "`licences` and `infrastructure` would both count the same `cost` facts; name the `resources` of each, and no resource in both";
        return Err(ValueError::at("value.platform", message.into()));
    }
    Ok(())
}
