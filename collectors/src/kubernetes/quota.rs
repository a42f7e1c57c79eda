//! Resource quotas: the tightest of a namespace, and those of a team's namespaces together.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use facts::{AnyFact, Quota};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lists::{Object, Step};
use super::{Kubernetes, Position, SEPARATOR};
use crate::pull::Note;

/// A limit, and what is used of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Usage {
    limit: f64,
    used: f64,
}

impl Kubernetes {
    pub(super) fn quota(&self, quota: &Object, position: &mut Position, notes: &mut Vec<Note>) {
        let name = &quota.metadata.name;
        let Some(namespace) = quota.metadata.namespace.as_deref() else {
            notes.push(Note::LeftOut(format!("quota {name} does not say in which namespace it holds")));
            return;
        };
        let Some(team) = self.setting.teams.or_own(namespace, namespace) else {
            notes.push(Note::Unmapped { what: "team", subject: namespace.to_owned() });
            return;
        };
        let environment = self.setting.environments.find(namespace).unwrap_or_else(|| self.options.environment.clone());
        // A quota for some pods only is a resource of its own beside the one for all.
        let is_scoped = !quota.spec["scopes"].is_null() || !quota.spec["scopeSelector"].is_null();
        for (resource, hard) in quota.status["hard"].as_object().into_iter().flatten() {
            let used = &quota.status["used"][resource];
            let (Some(limit), Some(used)) = (quantity(hard), quantity(used)) else {
                notes.push(Note::LeftOut(format!("quota {namespace}/{name}: {resource} is not a quantity")));
                continue;
            };
            let resource = if is_scoped { format!("{resource} ({name})") } else { resource.clone() };
            let key = [team.as_str(), &environment, &resource].join(&SEPARATOR.to_string());
            let namespaces = position.quotas.entry(key).or_default();
            // Of several quotas for the same in one namespace the tightest holds.
            let usage = namespaces.entry(namespace.to_owned()).or_insert(Usage { limit, used });
            if limit < usage.limit {
                *usage = Usage { limit, used };
            }
        }
    }
}

impl Position {
    /// The quotas that differ from what was told last, those of a team's namespaces together. Of a part of the list the
    /// sums would be too small, so where it was not given whole, what was told stands.
    pub(super) fn changed_quotas(&mut self, at: DateTime<Utc>) -> Vec<AnyFact> {
        let quotas = std::mem::take(&mut self.quotas);
        let mut facts = Vec::new();
        if self.is_unread(&Step::Quotas.list()) {
            return facts;
        }
        // What is there no more allows nothing and is not used.
        let prefix = format!("quota{SEPARATOR}");
        let told = self.told.iter().filter(|(_, value)| *value != "0 0");
        let told: Vec<String> = told.filter_map(|(key, _)| key.strip_prefix(&prefix).map(str::to_owned)).collect();
        let gone = told.into_iter().filter(|key| !quotas.contains_key(key)).map(|key| (key, BTreeMap::new()));
        let gone: Vec<(String, BTreeMap<String, Usage>)> = gone.collect();
        for (key, namespaces) in quotas.into_iter().chain(gone) {
            let quota_limit: f64 = namespaces.values().map(|usage| usage.limit).sum::<f64>() + 0.0;
            let used: f64 = namespaces.values().map(|usage| usage.used).sum::<f64>() + 0.0;
            let value = format!("{quota_limit} {used}");
            let told_key = format!("quota{SEPARATOR}{key}");
            if self.told.get(&told_key) == Some(&value) {
                continue;
            }
            self.told.insert(told_key, value);
            let mut parts = key.split(SEPARATOR).map(str::to_owned);
            let (Some(team), Some(environment), Some(resource)) = (parts.next(), parts.next(), parts.next()) else {
                continue;
            };
            facts.push(Quota { team, environment, resource, at, quota_limit, used, url: None }.into());
        }
        facts
    }
}

/// A quantity as Kubernetes writes it: `500m`, `4Gi`, `1e3`.
fn quantity(value: &Value) -> Option<f64> {
    let text = match value {
        Value::String(text) => text.as_str(),
        Value::Number(number) => return number.as_f64(),
        _ => return None,
    };
    const UNITS: [(&str, f64); 15] = [
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("Pi", 1_125_899_906_842_624.0),
        ("Ei", 1_152_921_504_606_846_976.0),
        ("n", 1e-9),
        ("u", 1e-6),
        ("m", 1e-3),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("P", 1e15),
        ("E", 1e18),
    ];
    let found = UNITS.iter().find_map(|(unit, factor)| text.strip_suffix(unit).map(|number| (number, *factor)));
    let (number, factor) = found.unwrap_or((text, 1.0));
    // Dividing by a thousand is exact where multiplying by 0.001 is not.
    let number: f64 = number.parse().ok()?;
    let value = if factor < 1.0 { number / (1.0 / factor).round() } else { number * factor };
    value.is_finite().then_some(value)
}
