//! What constraints and policy reports say of services, and which of it is new.
//!
//! One policy may stand in several lists: as constraints of two kinds, or in the reports of a namespace and of the cluster.
//! So a violation stands until a list that told of it is read again without it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use facts::{AnyFact, Layer, PolicyOutcome, PolicyResult};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lists::Object;
use super::{Kubernetes, Position, SEPARATOR};
use crate::pull::Note;

/// What the lists of a run say of a policy and a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Found {
    pub(super) is_violated: bool,
    is_admission: bool,
    at: DateTime<Utc>,
    severity: Option<String>,
    /// The lists that tell of a violation.
    #[serde(default)]
    lists: BTreeSet<String>,
}

impl Kubernetes {
    pub(super) fn constraint(
        &self,
        constraint: &Object,
        list: &str,
        at: DateTime<Utc>,
        position: &mut Position,
        notes: &mut Vec<Note>,
    ) {
        let policy = &constraint.metadata.name;
        let status = &constraint.status;
        let Some(audited_at) = time(&status["auditTimestamp"]) else {
            position.partial.insert(policy.clone());
            notes.push(Note::LeftOut(format!("constraint {policy} has not been audited yet")));
            return;
        };
        let violations: Vec<&Value> = status["violations"].as_array().into_iter().flatten().collect();
        // Gatekeeper lists twenty by default, and counts all.
        let total = status["totalViolations"].as_i64().unwrap_or(violations.len() as i64);
        // One that names nothing may be of any service.
        let is_named = |violation: &&Value| violation["name"].is_string() || violation["namespace"].is_string();
        let n_named = violations.iter().filter(|violation| is_named(violation)).count();
        if total <= n_named as i64 {
            position.whole.insert(policy.clone());
        } else {
            // Constraints of several kinds may be named alike.
            position.partial.insert(policy.clone());
            notes.push(Note::LeftOut(format!(
                "constraint {policy} has {total} violations and names {n_named}: of which services the others are is not known; raise Gatekeeper's --constraint-violations-limit"
            )));
        }
        let action = constraint.spec["enforcementAction"].as_str().unwrap_or("deny");
        if !matches!(action, "deny" | "dryrun" | "warn" | "scoped") {
            notes.push(Note::UnknownWord { field: "enforcementAction", word: action.to_owned() });
        }
        for violation in violations {
            let Some(service) = self.service(violation, notes) else { continue };
            let key = format!("{policy}{SEPARATOR}{service}");
            let mut lists = position.found.remove(&key).map_or_else(BTreeSet::new, |found| found.lists);
            lists.insert(list.to_owned());
            let is_admission = action == "deny";
            let found = Found { is_violated: true, is_admission, at: audited_at.min(at), severity: None, lists };
            position.found.insert(key, found);
        }
    }

    pub(super) fn report(
        &self,
        report: &Object,
        list: &str,
        at: DateTime<Utc>,
        position: &mut Position,
        notes: &mut Vec<Note>,
    ) {
        for result in report.results.as_array().into_iter().flatten() {
            let Some(policy) = result["policy"].as_str() else { continue };
            position.of_reports.insert(policy.to_owned());
            let is_violated = match result["result"].as_str().unwrap_or_default() {
                "pass" => false,
                "fail" | "warn" => true,
                "skip" => continue,
                "error" => {
                    position.partial.insert(policy.to_owned());
                    notes.push(Note::LeftOut(format!("policy {policy} could not be evaluated by Kyverno")));
                    continue;
                }
                other => {
                    position.partial.insert(policy.to_owned());
                    notes.push(Note::UnknownWord { field: "result", word: other.to_owned() });
                    continue;
                }
            };
            let seconds = result["timestamp"]["seconds"].as_i64();
            let told_at = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
            // One report for each object, or a result that names the objects itself.
            let named: Vec<&Value> = result["resources"].as_array().into_iter().flatten().collect();
            let objects = if named.is_empty() { vec![&report.scope] } else { named };
            for object in objects {
                if object.is_null() {
                    position.partial.insert(policy.to_owned());
                    notes.push(Note::LeftOut(format!("a result of policy {policy} names no object")));
                    continue;
                }
                let Some(service) = self.service(object, notes) else { continue };
                let found = position.found.entry(format!("{policy}{SEPARATOR}{service}")).or_insert(Found {
                    is_violated: false,
                    is_admission: false,
                    at: told_at.unwrap_or(at).min(at),
                    severity: None,
                    lists: BTreeSet::new(),
                });
                found.is_violated |= is_violated;
                found.at = found.at.max(told_at.unwrap_or(found.at)).min(at);
                if is_violated {
                    found.severity = result["severity"].as_str().map(str::to_owned).or(found.severity.take());
                    found.lists.insert(list.to_owned());
                }
            }
        }
    }
}

impl Position {
    /// What changed since the run before. What was violated and is listed no more passes where its constraint was read with
    /// all its violations. Where all lists were read and none has the constraint or the report any more, the service is subject to
    /// the policy no longer: it is told as exempt, which is neither a pass nor a failure. What was not read whole says nothing.
    pub(super) fn changed_results(&mut self, at: DateTime<Utc>) -> Vec<AnyFact> {
        let found: BTreeMap<String, Found> = std::mem::take(&mut self.found);
        let mut facts: Vec<AnyFact> = found.iter().filter_map(|(key, found)| self.tell(key, found, at)).collect();
        let policy_of = |key: &str| key.split_once(SEPARATOR).map_or_else(String::new, |(policy, _)| policy.to_owned());
        let (mut ended, mut gone) = (Vec::new(), Vec::new());
        for (key, word) in &self.told {
            let Some(key) = key.strip_prefix("policy\n").filter(|key| !found.contains_key(*key)) else { continue };
            let policy = policy_of(key);
            match (self.whole.contains(&policy), self.partial.contains(&policy)) {
                (_, true) => {}
                (true, false) if word == "fail" => ended.push(key.to_owned()),
                (false, false) if word != EXEMPT && self.is_family_read(&policy) => gone.push(key.to_owned()),
                _ => {}
            }
        }
        let passed = Found { is_violated: false, is_admission: false, at, severity: None, lists: BTreeSet::new() };
        facts.extend(ended.iter().filter_map(|key| self.tell(key, &passed, at)));
        for key in gone {
            self.violated_in.remove(&key);
            self.told.insert(format!("policy{SEPARATOR}{key}"), EXEMPT.to_owned());
            self.told_at.insert(key.clone(), at);
            facts.extend(result(&key, PolicyOutcome::Exempt, &passed));
        }
        self.whole.clear();
        self.partial.clear();
        facts
    }

    /// Whether all lists were read in which a policy would stand: of constraints, or of reports.
    fn is_family_read(&self, policy: &str) -> bool {
        let is_of_reports = self.of_reports.contains(policy);
        self.unread.iter().all(|list| list.contains("reports") != is_of_reports)
    }

    /// The result of a policy for a service, where it is not what was told last. What a report or an audit says may be dated
    /// before that: of a mended violation the older results remain, and clocks differ. It then holds from when it was read.
    fn tell(&mut self, key: &str, found: &Found, at: DateTime<Utc>) -> Option<AnyFact> {
        let told_in = self.violated_in.get(key).into_iter().flatten();
        let unread: BTreeSet<String> = told_in.filter(|list| self.is_unread(list)).cloned().collect();
        if found.is_violated {
            self.violated_in.insert(key.to_owned(), found.lists.union(&unread).cloned().collect());
        } else if unread.is_empty() {
            self.violated_in.remove(key);
        } else {
            // Its violation stands in a list that was not given, and may stand there still.
            return None;
        }
        let word = if found.is_violated { "fail" } else { "pass" };
        if self.told.insert(format!("policy{SEPARATOR}{key}"), word.to_owned()).is_some_and(|last| last == word) {
            return None;
        }
        let told_at = self.told_at.get(key).copied();
        let at = if told_at.is_some_and(|told_at| found.at <= told_at) { at } else { found.at };
        self.told_at.insert(key.to_owned(), at);
        let outcome = if found.is_violated { PolicyOutcome::Fail } else { PolicyOutcome::Pass };
        result(key, outcome, &Found { at, ..found.clone() })
    }
}

/// How it is remembered that a service is subject to a policy no longer.
const EXEMPT: &str = "exempt";

fn result(key: &str, outcome: PolicyOutcome, found: &Found) -> Option<AnyFact> {
    let (policy, service) = key.split_once(SEPARATOR)?;
    let told = PolicyResult {
        policy: policy.to_owned(),
        service: service.to_owned(),
        at: found.at,
        result: outcome,
        layer: Some(if found.is_admission { Layer::Admission } else { Layer::Scan }),
        severity: found.severity.clone(),
        url: None,
    };
    Some(told.into())
}

fn time(value: &Value) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(value.as_str()?).ok().map(|at| at.with_timezone(&Utc))
}
