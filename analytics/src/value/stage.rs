//! The stage of the platform, and the figures that such a platform leads with.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::answer::Row;
use crate::ask::Question;
use crate::catalogue::Aggregate;
use crate::engine::Engine;
use crate::error::AnalyticsError;
use crate::window::Window;

/// How far a platform has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It is being taken up: adoption, satisfaction and the first steps count.
    Early,
    /// It is in use: delivery and self-service count.
    Growing,
    /// It carries the organisation: value and compliance count.
    Mature,
}

impl Stage {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Early => "early",
            Stage::Growing => "growing",
            Stage::Mature => "mature",
        }
    }

    /// What such a platform leads with, in words.
    pub fn leads_with(self) -> &'static str {
        match self {
            Stage::Early => "adoption, satisfaction and the time to a first deployment",
            Stage::Growing => "delivery and self-service",
            Stage::Mature => "value and compliance",
        }
    }

    /// The metrics it leads with, in order.
    pub fn headline(self) -> &'static [&'static str] {
        match self {
            Stage::Early => &["template_adoption", "time_to_first_deployment", "devex_score", "platform_ticket_volume"],
            Stage::Growing => &[
                "deployment_frequency",
                "change_lead_time",
                "change_fail_rate",
                "self_service_rate",
                "time_to_provision",
            ],
            Stage::Mature => &[
                "hours_saved",
                "policy_compliance",
                "pipeline_compliance",
                "incidents_prevented",
                "dora_score",
                "platform_leverage",
            ],
        }
    }
}

/// A stage with the figures of its headline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StageFigures {
    /// The stage.
    pub stage: Stage,
    /// Its headline.
    pub headline: Vec<Headline>,
}

/// A figure of the headline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Headline {
    /// The metric.
    pub metric: String,
    /// What people call it.
    pub title: String,
    /// Its unit.
    pub unit: String,
    /// The figure; none where nothing is known.
    pub value: Option<f64>,
    /// The lower end of its 95 % interval.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// The number of observations.
    pub n: u64,
}

/// Asks the engine for the headline of a stage. A metric that this Cairn does not have is left out.
pub(crate) fn figures(
    engine: &Engine,
    stage: Stage,
    window: Window,
    now: DateTime<Utc>,
) -> Result<StageFigures, AnalyticsError> {
    let mut headline = Vec::new();
    for metric in stage.headline().iter().filter_map(|name| engine.catalogue().get(name).ok()) {
        let is_cell = metric.aggregate == Aggregate::Cell;
        let question = Question {
            metric: metric.name.clone(),
            from: Some(window.from.to_rfc3339()),
            to: Some(window.to.to_rfc3339()),
            // The waves of a survey are never added: the latest counts.
            grain: Some(if is_cell { "week" } else { "all" }.into()),
            ..Question::default()
        };
        let answer = engine.answer(&question.read(engine.options().zone, now)?, now)?;
        let latest = answer.rows.iter().rev().find(|row| !is_cell || row.estimate.value.is_some());
        let row = latest.cloned().unwrap_or_else(Row::default);
        headline.push(Headline {
            metric: answer.metric.clone(),
            title: answer.title.clone(),
            unit: answer.unit.clone(),
            value: row.estimate.value,
            low: row.estimate.low,
            high: row.estimate.high,
            n: row.estimate.n,
        });
    }
    Ok(StageFigures { stage, headline })
}
