//! What Argo CD answers, as far as it is read.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};

use crate::pull::Each;

#[derive(Deserialize)]
pub(super) struct Applications {
    /// Null is an empty list, as Argo CD writes it; an answer without one is of something else.
    #[serde(deserialize_with = "Option::deserialize")]
    pub items: Option<Each<Application>>,
}

#[derive(Deserialize)]
pub(super) struct Application {
    pub metadata: Metadata,
    pub spec: Spec,
    pub status: Option<Status>,
}

#[derive(Deserialize)]
pub(super) struct Metadata {
    pub name: String,
    pub namespace: Option<String>,
    /// Another for an application that was deleted and made again: its history counts from the begin.
    pub uid: Option<String>,
    #[serde(default, deserialize_with = "null_is_none")]
    pub labels: BTreeMap<String, String>,
}

#[derive(Deserialize)]
pub(super) struct Spec {
    pub project: Option<String>,
    pub destination: Option<Destination>,
    pub source: Option<Origin>,
    #[serde(default)]
    pub sources: Vec<Origin>,
}

#[derive(Deserialize)]
pub(super) struct Destination {
    pub name: Option<String>,
    pub server: Option<String>,
    pub namespace: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Origin {
    #[serde(rename = "repoURL")]
    pub repo_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status {
    #[serde(default, deserialize_with = "null_is_none")]
    pub history: Vec<Entry>,
    pub operation_state: Option<Operation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    pub id: i64,
    pub deployed_at: Option<DateTime<Utc>>,
    pub deploy_started_at: Option<DateTime<Utc>>,
    pub revision: Option<String>,
    #[serde(default, deserialize_with = "null_is_none")]
    pub revisions: Vec<String>,
    pub source: Option<Origin>,
    pub initiated_by: Option<Initiator>,
}

#[derive(Deserialize)]
pub(super) struct Initiator {
    pub username: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Operation {
    pub phase: String,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub sync_result: Option<SyncResult>,
    pub operation: Option<Asked>,
}

#[derive(Deserialize)]
pub(super) struct SyncResult {
    pub revision: Option<String>,
    #[serde(default, deserialize_with = "null_is_none")]
    pub revisions: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked {
    pub initiated_by: Option<Initiator>,
    pub sync: Option<Sync>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sync {
    /// It was only tried what a sync would do.
    pub dry_run: Option<bool>,
}

/// Go writes null for an empty list or map.
fn null_is_none<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
