//! What the net depends on: each input alone at its 10 and 90 % points, all others at their medians.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Basis;
use super::chain::evaluate;
use super::draws::{Column, Columns};
use super::inputs::{Input, Inputs};

/// An input and how far it alone moves the net.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Driver {
    /// The input, by its name.
    pub input: String,
    /// Its 10 % point.
    pub p10: f64,
    /// Its 90 % point.
    pub p90: f64,
    /// The net at the former.
    pub net_at_p10: f64,
    /// The net at the latter.
    pub net_at_p90: f64,
    /// How far they lie apart.
    pub swing: f64,
}

/// The inputs that move the net of a basis, the strongest first.
pub(crate) fn drivers(inputs: &Inputs, basis: Basis) -> Vec<Driver> {
    let known = || inputs.figures.iter().filter_map(|(name, input)| Some((name, input, input.distribution.as_ref()?)));
    let point = |input: &Input, p: f64| input.distribution.map(|one| input.quantity.clamp(one.quantile(p)));
    let moving: Vec<(&String, &Input)> =
        known().filter(|(_, _, one)| !one.is_fixed()).map(|(name, input, _)| (name, input)).collect();
    // Two cases for each moving input, one row each: the same chain as for the draws gives the net of them all.
    let n_cases = moving.len() * 2;
    let columns: BTreeMap<String, Column> = known()
        .map(|(name, input, _)| {
            let median = point(input, 0.5).unwrap_or_default();
            let mut column = vec![median; n_cases];
            if let Some(place) = moving.iter().position(|(moved, _)| *moved == name) {
                column[2 * place] = point(input, 0.1).unwrap_or(median);
                column[2 * place + 1] = point(input, 0.9).unwrap_or(median);
            }
            (name.clone(), column)
        })
        .collect();
    let columns = Columns::of(n_cases, columns);
    let Some(net) = evaluate(inputs, basis, &columns).ok().and_then(|steps| steps.net) else { return Vec::new() };
    let mut drivers: Vec<Driver> = moving
        .iter()
        .enumerate()
        .filter_map(|(place, (name, input))| {
            let (net_at_p10, net_at_p90) = (net[2 * place], net[2 * place + 1]);
            Some(Driver {
                input: (*name).clone(),
                p10: point(input, 0.1)?,
                p90: point(input, 0.9)?,
                net_at_p10,
                net_at_p90,
                swing: (net_at_p90 - net_at_p10).abs(),
            })
        })
        .filter(|driver| driver.swing > 0.0)
        .collect();
    drivers.sort_by(|one, other| other.swing.total_cmp(&one.swing).then_with(|| one.input.cmp(&other.input)));
    drivers
}
