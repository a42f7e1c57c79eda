//! An input: a distribution that is written down, or a question that the data answers.

use super::config::FigureConfig;
use super::distribution::Distribution;
use super::provenance::Provenance;
use super::quantity::Quantity;
use super::{Basis, ValueError, shape};

/// An input of the model.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figure {
    /// What it measures.
    pub quantity: Quantity,
    /// Where its value comes from.
    pub origin: Origin,
    /// Who says so.
    pub provenance: Provenance,
}

/// Where an input's value comes from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Origin {
    /// The configuration.
    Written(Distribution),
    /// A metric, asked of the engine.
    Metric(MetricQuestion),
    /// Facts.
    Facts(FactsQuestion),
}

/// A question to the engine.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MetricQuestion {
    /// The metric.
    pub metric: String,
    /// Its filters: `team=payments`.
    pub filters: Vec<String>,
    /// Begin of a window of its own.
    pub from: Option<String>,
    /// End of that window.
    pub to: Option<String>,
}

/// A question to the facts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FactsQuestion {
    /// Engineers of teams of a kind, on average over the window.
    HeadCount(TeamSort),
    /// Violations stopped in the window.
    Blocks,
    /// Costs of a year at the window's rate; none named means platform teams, and all resources.
    Cost { teams: Vec<String>, resources: Vec<String> },
    /// Hours saved in a week, by what the facts call their capabilities.
    TimeSaving { capabilities: Vec<String>, basis: Basis },
}

/// Whom a team works for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TeamSort {
    /// Teams that use the platform.
    Product,
    /// Teams that make it.
    Platform,
}

/// What an input at some place may be taken from beside the configuration.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Allowed<'a> {
    /// Nothing else.
    WrittenOnly,
    /// A metric.
    Metric,
    /// `team` facts.
    HeadCount(TeamSort),
    /// `policy_block` facts.
    Blocks,
    /// `cost` facts.
    Cost,
    /// `time_saving` facts of a basis; the name is the capability's own.
    TimeSaving(&'a str, Basis),
}

impl Allowed<'_> {
    /// The kind of fact it may be taken from.
    fn kind(self) -> Option<&'static str> {
        match self {
            Allowed::WrittenOnly | Allowed::Metric => None,
            Allowed::HeadCount(_) => Some("team"),
            Allowed::Blocks => Some("policy_block"),
            Allowed::Cost => Some("cost"),
            Allowed::TimeSaving(..) => Some("time_saving"),
        }
    }
}

impl Figure {
    /// Reads an input at a place of the configuration, named as in `value.loaded_cost`.
    pub fn read(
        place: &str,
        config: &FigureConfig,
        quantity: Quantity,
        allowed: Allowed<'_>,
    ) -> Result<Figure, ValueError> {
        let wrong = |message: String| ValueError::at(place, message);
        let provenance = Provenance::read(config).map_err(wrong)?;
        let n_origins = [shape::is_written(config), config.metric.is_some(), config.facts.is_some()];
        if n_origins.iter().filter(|is_there| **is_there).count() > 1 {
            return Err(wrong("a figure is written here, or asked of a metric, or taken from facts; keep one".into()));
        }
        let is_about_metric = !config.r#where.is_empty() || config.from.is_some() || config.to.is_some();
        if config.metric.is_none() && is_about_metric {
            return Err(wrong(
                "`where`, `from` and `to` say what a metric is asked for; name it: metric = \"...\"".into(),
            ));
        }
        if !config.capabilities.is_empty() && config.facts.as_deref() != Some("time_saving") {
            return Err(wrong("`capabilities` goes with facts = \"time_saving\"".into()));
        }
        if (!config.teams.is_empty() || !config.resources.is_empty()) && config.facts.as_deref() != Some("cost") {
            return Err(wrong("`teams` and `resources` go with facts = \"cost\"".into()));
        }
        let origin = if let Some(metric) = &config.metric {
            if !matches!(allowed, Allowed::Metric) {
                return Err(wrong("this figure is not asked of a metric; write it, or see docs/value.md".into()));
            }
            Origin::Metric(MetricQuestion {
                metric: metric.clone(),
                filters: config.r#where.clone(),
                from: config.from.clone(),
                to: config.to.clone(),
            })
        } else if let Some(kind) = &config.facts {
            Origin::Facts(question(kind, config, allowed).map_err(wrong)?)
        } else {
            let distribution = shape::read(config).map_err(wrong)?;
            quantity.check(&distribution).map_err(wrong)?;
            Origin::Written(distribution)
        };
        Ok(Figure { quantity, origin, provenance })
    }
}

fn question(kind: &str, config: &FigureConfig, allowed: Allowed<'_>) -> Result<FactsQuestion, String> {
    let refused = || "this figure is not taken from facts; write it".to_owned();
    let known = allowed.kind().ok_or_else(refused)?;
    if kind != known {
        let hint = facts::did_you_mean(kind, &[known]);
        return Err(format!(
            "this figure is not taken from `{kind}` facts{hint}; write facts = \"{known}\", or the figure"
        ));
    }
    Ok(match allowed {
        Allowed::Blocks => FactsQuestion::Blocks,
        Allowed::Cost => FactsQuestion::Cost { teams: config.teams.clone(), resources: config.resources.clone() },
        Allowed::TimeSaving(name, basis) => {
            let own = || vec![name.to_owned()];
            let named = config.capabilities.clone();
            FactsQuestion::TimeSaving { capabilities: if named.is_empty() { own() } else { named }, basis }
        }
        Allowed::HeadCount(sort) => FactsQuestion::HeadCount(sort),
        Allowed::WrittenOnly | Allowed::Metric => return Err(refused()),
    })
}
