//! What answers depend on beside the data and the question.

use chrono_tz::Tz;
use serde::Deserialize;

/// Where a change's lead time starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadTimeStart {
    /// Its first commit was authored.
    #[default]
    FirstCommit,
    /// It was opened for review.
    Opened,
    /// It was merged.
    Merged,
}

impl LeadTimeStart {
    pub(crate) fn column(self) -> &'static str {
        match self {
            LeadTimeStart::FirstCommit => "first_commit_at",
            LeadTimeStart::Opened => "opened_at",
            LeadTimeStart::Merged => "merged_at",
        }
    }

    pub(crate) fn label(self) -> &'static str {
        match self {
            LeadTimeStart::FirstCommit => "from first commit",
            LeadTimeStart::Opened => "from opened",
            LeadTimeStart::Merged => "from merged",
        }
    }
}

/// What answers depend on beside the data.
#[derive(Debug, Clone, Copy)]
pub struct EngineOptions {
    /// The zone in which buckets are cut.
    pub zone: Tz,
    /// Where a change's lead time starts.
    pub lead_time_start: LeadTimeStart,
    /// Numbers that metrics rest on.
    pub settings: Settings,
}

/// Numbers that metrics rest on, from the configuration. In a metric's query their names stand in braces.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// The share of time that components are meant to be up.
    pub availability_objective: f64,
    /// Which share of the violations that were stopped would have become incidents.
    pub incident_share: f64,
    /// How many hours of engineers' time an incident takes.
    pub incident_hours: f64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { availability_objective: 0.999, incident_share: 1.0, incident_hours: 20.0 }
    }
}
