//! What the facts of a window tell and the model does not take: said, so that nobody takes it for counted.

use std::collections::BTreeSet;

use super::Basis;
use super::facts_of::Facts;
use super::figure::{FactsQuestion, Origin};
use super::model::Model;
use super::words::two_figures;

impl Facts {
    /// What the facts tell and no capability of the model claims, and costs in other currencies.
    pub fn left_over(&self, model: &Model) -> Vec<String> {
        let mut notes: Vec<String> = self.partly_said().into_iter().collect();
        let claimed: BTreeSet<(&str, Basis)> = model
            .figures
            .values()
            .filter_map(|figure| match &figure.origin {
                Origin::Facts(FactsQuestion::TimeSaving { capabilities, basis }) => Some((capabilities, *basis)),
                _ => None,
            })
            .flat_map(|(capabilities, basis)| capabilities.iter().map(move |name| (name.as_str(), basis)))
            .collect();
        for row in self.savings.iter().filter(|row| row.n > 0) {
            let hours = two_figures(row.hours);
            match row.basis {
                None => notes.push(format!(
                    "{hours} hours of `{}` are left out: their facts do not say whether they rest on telemetry or a survey",
                    row.capability
                )),
                Some(basis) if !claimed.contains(&(&*row.capability, basis)) => notes.push(format!(
                    "{hours} hours of `{}` (basis {}) are left out: no capability of the configuration takes them",
                    row.capability,
                    basis.as_str()
                )),
                Some(_) => {}
            }
        }
        for figure in model.figures.values() {
            if let Origin::Facts(FactsQuestion::Cost { teams, resources }) = &figure.origin
                && let Some((_, left_out)) =
                    self.cost(teams, resources).remark.unwrap_or_default().split_once("; left out")
            {
                notes.push(format!("cost facts left out{left_out}"));
            }
        }
        notes
    }
}
