//! The figures of a run, as every reader gets them. The same inputs give the same figures, to the last digit.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::Basis;
use super::chain::{self, Steps};
use super::config::Denominator;
use super::draws::{Columns, quantile_of_sorted};
use super::drivers::{Driver, drivers};
use super::inputs::{Input, Inputs};
use super::stage::StageFigures;
use crate::answer::number;
use crate::window::Window;

/// The figures of a run.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ValueReport {
    /// The number by which the run is had again; none where it was not kept.
    pub run: Option<i64>,
    /// The version of the calculation.
    pub model_version: u32,
    /// The span that was measured.
    pub window: Window,
    /// Its length in weeks.
    pub weeks: f64,
    /// The version of the data it was measured in.
    pub data_version: i64,
    /// The seed of the draws.
    pub seed: u64,
    /// The number of draws.
    pub draws: usize,
    /// The stage of the platform with its headline.
    pub stage: Option<StageFigures>,
    /// The currency of all money, which is that of a year.
    pub currency: String,
    /// What saved hours are a share of.
    pub denominator: Denominator,
    /// The same in words.
    pub denominator_in_words: &'static str,
    /// The money by what tools tell, and by what people tell. They tell of the same hours and are never added.
    #[schema(value_type = Object)]
    pub bases: BTreeMap<Basis, BasisFigures>,
    /// Hours a week of each capability, by both bases.
    pub capabilities: Vec<CapabilityFigures>,
    /// Incidents prevented, in hours of the window, once; part of no other figure.
    pub incidents: Option<IncidentFigures>,
    /// What must be said beside the figures.
    pub notes: Vec<String>,
    /// The inputs, by name.
    #[schema(value_type = Object)]
    pub inputs: BTreeMap<String, Input>,
}

/// Three points of a distribution: ten, fifty and ninety of a hundred draws lie below.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Spread {
    /// Ten of a hundred draws lie below.
    #[serde(serialize_with = "plain")]
    pub p10: f64,
    /// The median.
    #[serde(serialize_with = "plain")]
    pub p50: f64,
    /// Ninety of a hundred draws lie below.
    #[serde(serialize_with = "plain")]
    pub p90: f64,
}

/// The chain by one basis; none where what it needs is not known.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct BasisFigures {
    /// Hours a week of all capabilities, as claimed.
    pub hours_claimed: Option<Spread>,
    /// Hours a week of all capabilities, after the cap per person.
    pub hours: Option<Spread>,
    /// In what share of the draws the cap held.
    pub share_capped: Option<f64>,
    /// Engineers whose whole work those hours make up; by the working week only.
    pub engineers_equivalent: Option<Spread>,
    /// Money of a year: the hours at what engineers cost.
    pub gross: Option<Spread>,
    /// Of that, what is owed to the platform.
    pub after_attribution: Option<Spread>,
    /// Of that, what becomes useful work.
    pub after_recapture: Option<Spread>,
    /// What the platform costs in a year.
    pub platform_cost: Option<Spread>,
    /// What remains.
    pub net: Option<Spread>,
    /// The share of the draws in which more than nothing remains.
    pub chance_net_above_zero: Option<f64>,
    /// What the net depends on, one input at a time, the strongest first.
    pub drivers: Vec<Driver>,
    /// Inputs that are not known, for which some figure is none.
    pub missing: Vec<String>,
}

/// What a capability saves in a week.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CapabilityFigures {
    /// Its name.
    pub name: String,
    /// What it replaces.
    pub replaces: Option<String>,
    /// Hours a week, as tools tell.
    pub telemetry: Option<Spread>,
    /// Hours a week, as people tell.
    pub survey: Option<Spread>,
}

/// Incidents prevented.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct IncidentFigures {
    /// Violations stopped in the window.
    pub blocked: Option<Spread>,
    /// Engineer-hours that the incidents would have taken, once.
    pub hours: Option<Spread>,
}

/// Computes the figures of some inputs.
pub fn report(inputs: &Inputs, run: Option<i64>) -> ValueReport {
    let known =
        inputs.figures.iter().filter_map(|(name, input)| Some((name, input.quantity, input.distribution.as_ref()?)));
    let columns = Columns::draw(known, inputs.seed, inputs.draws);
    let capabilities = inputs.capabilities.iter().map(|capability| {
        let hours = |basis| chain::hours(capability, basis, &columns).ok().and_then(spread);
        CapabilityFigures {
            name: capability.name.clone(),
            replaces: capability.replaces.clone(),
            telemetry: hours(Basis::Telemetry),
            survey: hours(Basis::Survey),
        }
    });
    let is_asked = inputs.figures.contains_key("incidents.share");
    ValueReport {
        run,
        model_version: inputs.model_version,
        window: inputs.window,
        weeks: inputs.weeks,
        data_version: inputs.data_version,
        seed: inputs.seed,
        draws: inputs.draws,
        stage: inputs.stage.clone(),
        currency: inputs.currency.clone(),
        denominator: inputs.denominator,
        denominator_in_words: inputs.denominator.words(),
        bases: Basis::ALL.into_iter().map(|basis| (basis, of_basis(inputs, basis, &columns))).collect(),
        capabilities: capabilities.collect(),
        incidents: is_asked.then(|| IncidentFigures {
            blocked: columns.get("incidents.blocked").cloned().and_then(spread),
            hours: chain::incident_hours(&columns).and_then(spread),
        }),
        notes: inputs.notes.clone(),
        inputs: inputs.figures.clone(),
    }
}

fn of_basis(inputs: &Inputs, basis: Basis, columns: &Columns) -> BasisFigures {
    let platform_cost = chain::cost(inputs, columns).ok().and_then(spread);
    let steps = match chain::evaluate(inputs, basis, columns) {
        Ok(steps) => steps,
        Err(missing) => return BasisFigures { platform_cost, missing, ..BasisFigures::unknown() },
    };
    let n = columns.n as f64;
    let share = |n_such: usize| Some(n_such as f64 / n);
    let Steps { claimed, capped, gross, attributed, recaptured, cost, net, equivalent, missing } = steps;
    BasisFigures {
        share_capped: share(claimed.iter().zip(&capped).filter(|(claimed, capped)| claimed > capped).count()),
        chance_net_above_zero: net.as_ref().and_then(|net| share(net.iter().filter(|net| **net > 0.0).count())),
        hours_claimed: spread(claimed),
        hours: spread(capped),
        engineers_equivalent: equivalent.and_then(spread),
        gross: spread(gross),
        after_attribution: spread(attributed),
        after_recapture: spread(recaptured),
        platform_cost: cost.and_then(spread),
        net: net.and_then(spread),
        drivers: drivers(inputs, basis),
        missing,
    }
}

impl BasisFigures {
    fn unknown() -> BasisFigures {
        BasisFigures {
            hours_claimed: None,
            hours: None,
            share_capped: None,
            engineers_equivalent: None,
            gross: None,
            after_attribution: None,
            after_recapture: None,
            platform_cost: None,
            net: None,
            chance_net_above_zero: None,
            drivers: Vec::new(),
            missing: Vec::new(),
        }
    }

    /// The steps of the chain in their order, by name.
    pub fn steps(&self) -> [(&'static str, Option<Spread>); 7] {
        [
            ("hours", self.hours),
            ("engineers_equivalent", self.engineers_equivalent),
            ("gross", self.gross),
            ("after_attribution", self.after_attribution),
            ("after_recapture", self.after_recapture),
            ("platform_cost", self.platform_cost),
            ("net", self.net),
        ]
    }
}

fn spread(mut column: Vec<f64>) -> Option<Spread> {
    column.sort_by(f64::total_cmp);
    let at = |p| quantile_of_sorted(&column, p);
    Some(Spread { p10: at(0.1)?, p50: at(0.5)?, p90: at(0.9)? })
}

fn plain<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    number(Some(*value)).serialize(serializer)
}
