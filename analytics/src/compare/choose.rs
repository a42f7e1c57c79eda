//! Which designs fit an improvement, and the strongest word that may be used.

use chrono::{DateTime, Utc};

use super::answer::{Comparison, Verb};
use super::ask::{self, CompareQuestion};
use super::study::Study;
use super::{adoption, by_before, by_rank, by_rollout, by_series, observe};
use crate::engine::Engine;
use crate::error::AnalyticsError;

impl Engine {
    /// Compares a metric before and after an improvement, and where it arrived against where it has not yet.
    pub fn compare(&self, question: &CompareQuestion, now: DateTime<Utc>) -> Result<Comparison, AnalyticsError> {
        let compared = ask::compared(self.catalogue(), &question.metric)?;
        let metric = compared.metric.as_ref();
        let asked = ask::window(question, metric, self.options().zone, now)?;
        let adoption = adoption::read(self.store(), &question.improvement)?;
        let observed = observe::read(self, &compared, adoption.arrival, &asked, now)?;
        let n_relevant = observed.n_relevant;
        let n_usable = observed.len() as u64;
        let study = Study::new(self, &compared, &adoption, observed, asked, now)?;
        let title = match &compared.stage {
            Some(stage) => format!("{}, {stage} stage", self.title(metric)),
            None => self.title(metric),
        };
        let improvement = question.improvement.as_str();
        let before = by_before::answer(&study, improvement, &title);
        let mut designs = if by_series::is_all_at_once(&study) {
            vec![by_series::answer(&study, improvement, &title), before]
        } else {
            vec![by_rollout::answer(&study, improvement, &title), by_rank::answer(&study, improvement, &title), before]
        };
        // Within one verb the order above holds: the sort is stable.
        designs.sort_by_key(|design| match design.verb {
            Some(Verb::EffectOf) => 0,
            Some(Verb::AssociatedWith) => 1,
            Some(Verb::After) => 2,
            None => 3,
        });
        let (verb, says) = designs.first().map(|first| (first.verb, first.says.clone())).unwrap_or_default();
        Ok(Comparison {
            metric: question.metric.clone(),
            title,
            unit: metric.unit.clone(),
            better: metric.better,
            definition_version: metric.version,
            improvement: improvement.to_owned(),
            says,
            verb,
            window: study.window,
            period_weeks: study.period_weeks,
            adopters: study.adopters(&adoption),
            designs,
            n_usable,
            n_relevant,
        })
    }
}
