//! Which version of a metric's definition holds since when.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::error::StoreError;
use crate::open::Store;
use crate::query::Value;

/// A metric's definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The metric.
    pub metric: String,
    /// The version that its file states.
    pub version: u32,
    /// What changes with its query and the way to its figure.
    pub digest: String,
}

/// What became of the definitions since they were last noted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Definitions {
    /// Metrics that had another version before, with the time from which the present one holds.
    pub changed_at: BTreeMap<String, DateTime<Utc>>,
    /// Metrics that changed and state the version they had.
    pub unsaid: Vec<String>,
}

impl Store {
    /// Notes the definitions in force. Nothing is written where all are as they were.
    pub fn note_definitions(&self, definitions: &[Definition], now: DateTime<Utc>) -> Result<Definitions, StoreError> {
        let found = self.query("select metric, version, digest, since from meta.metric_version order by since", &[])?;
        let mut known: BTreeMap<String, Vec<(i64, String, DateTime<Utc>)>> = BTreeMap::new();
        for row in found.rows {
            if let [Value::Text(metric), Value::Integer(version), Value::Text(digest), Value::Time(since)] = &row[..] {
                let since = DateTime::from_timestamp_micros(*since).unwrap_or_default();
                known.entry(metric.clone()).or_default().push((*version, digest.clone(), since));
            }
        }
        let mut told = Definitions::default();
        let (mut fresh, mut reworded) = (Vec::new(), Vec::new());
        for definition in definitions {
            let versions = known.get(&definition.metric).map(Vec::as_slice).unwrap_or_default();
            match versions.last() {
                Some((version, digest, since)) if *version == i64::from(definition.version) => {
                    if *digest != definition.digest {
                        told.unsaid.push(definition.metric.clone());
                        reworded.push(definition);
                    }
                    if versions.len() > 1 {
                        told.changed_at.insert(definition.metric.clone(), *since);
                    }
                }
                Some(_) => {
                    told.changed_at.insert(definition.metric.clone(), now);
                    fresh.push(definition);
                }
                None => fresh.push(definition),
            }
        }
        if !(fresh.is_empty() && reworded.is_empty()) {
            self.transaction("noting the metrics' definitions", |connection| {
                let mut insert =
                    connection.prepare("insert into meta.metric_version values (?, ?, ?, make_timestamp(?))")?;
                for Definition { metric, version, digest } in fresh {
                    insert.execute(duckdb::params![metric, version, digest, now.timestamp_micros()])?;
                }
                let mut update =
                    connection.prepare("update meta.metric_version set digest = ? where metric = ? and version = ?")?;
                for Definition { metric, version, digest } in reworded {
                    update.execute(duckdb::params![digest, metric, version])?;
                }
                Ok(())
            })?;
        }
        Ok(told)
    }
}
