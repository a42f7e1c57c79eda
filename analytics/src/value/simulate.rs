//! From inputs to figures: draws, the chain over them, and what of them is told. Pure.

use super::Basis;
use super::chain::{self, Steps};
use super::draws::{Columns, quantile_of_sorted};
use super::drivers::drivers;
use super::inputs::Inputs;
use super::report::{BasisFigures, CapabilityFigures, EXCLUDES, IncidentFigures, Spread, ValueReport};

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
        excludes: EXCLUDES,
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

fn spread(mut column: Vec<f64>) -> Option<Spread> {
    column.sort_by(f64::total_cmp);
    let at = |p| quantile_of_sorted(&column, p);
    Some(Spread { p10: at(0.1)?, p50: at(0.5)?, p90: at(0.9)? })
}
