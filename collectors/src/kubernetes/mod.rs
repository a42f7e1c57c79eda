//! The Kubernetes API: violations of Gatekeeper's constraints, Kyverno's policy reports, resource quotas. All three tell
//! how things are now; a fact is made when that differs from what the run before saw.

mod quota;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Utc};
use facts::{AnyFact, Layer, PolicyOutcome, PolicyResult};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use quota::Usage;

use crate::pull::{Answer, Ask, Misread, Next, Note, Page, Probe, Setting, Source};

/// What to read of a cluster.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Gatekeeper's constraints.
    pub gatekeeper: bool,
    /// Kyverno's policy reports.
    pub kyverno: bool,
    /// Resource quotas.
    pub quotas: bool,
    /// The environment of quotas whose namespace no line of `environments` matches.
    pub environment: String,
}

impl Default for Options {
    fn default() -> Options {
        Options { gatekeeper: true, kyverno: true, quotas: true, environment: "production".into() }
    }
}

/// What is being read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    ConstraintKinds,
    Constraints(String),
    Reports,
    ClusterReports,
    Quotas,
}

/// Where the reading is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    steps: VecDeque<Step>,
    after: Option<String>,
    /// By policy and service, what the pages of this run say so far.
    found: BTreeMap<String, Found>,
    /// Constraints whose violations are all listed in this run: a service that is not among them passes.
    whole: BTreeSet<String>,
    /// By quota and namespace, what the pages of this run say so far: a team may have several namespaces.
    quotas: BTreeMap<String, BTreeMap<String, Usage>>,
    /// By policy and service, or by quota, what was told last.
    told: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Found {
    is_violated: bool,
    is_admission: bool,
    at: DateTime<Utc>,
    severity: Option<String>,
}

/// A cluster as a source.
pub struct Kubernetes {
    setting: Setting,
    options: Options,
}

const PAGE: &str = "limit=500";
const SEPARATOR: char = '\n';

impl Kubernetes {
    /// A source of what a cluster tells.
    pub fn new(setting: Setting, options: Options) -> Kubernetes {
        Kubernetes { setting, options }
    }

    fn steps(&self) -> VecDeque<Step> {
        let mut steps = VecDeque::new();
        if self.options.gatekeeper {
            steps.push_back(Step::ConstraintKinds);
        }
        if self.options.kyverno {
            steps.extend([Step::Reports, Step::ClusterReports]);
        }
        if self.options.quotas {
            steps.push_back(Step::Quotas);
        }
        steps
    }

    /// The service of an object: by `namespace/name`, else by its namespace.
    fn service(&self, object: &Value, notes: &mut Vec<Note>) -> Option<String> {
        let name = object["name"].as_str().unwrap_or_default();
        // An object without a namespace, such as a namespace itself, stands for itself.
        let namespace = object["namespace"].as_str().filter(|namespace| !namespace.is_empty()).unwrap_or(name);
        let services = &self.setting.services;
        let found = services.find(&format!("{namespace}/{name}")).or_else(|| services.or_own(namespace, namespace));
        if found.is_none() {
            notes.push(Note::Unmapped { what: "service", subject: format!("{namespace}/{name}") });
        }
        found.filter(|service| !service.is_empty())
    }

    fn constraint(&self, constraint: &Value, at: DateTime<Utc>, position: &mut Position, notes: &mut Vec<Note>) {
        let Some(policy) = constraint["metadata"]["name"].as_str() else { return };
        let status = &constraint["status"];
        let Some(audited_at) = time(&status["auditTimestamp"]) else {
            notes.push(Note::LeftOut(format!("constraint {policy} has not been audited yet")));
            return;
        };
        let violations: Vec<&Value> = status["violations"].as_array().into_iter().flatten().collect();
        // Gatekeeper lists twenty by default, and counts all.
        let total = status["totalViolations"].as_i64().unwrap_or(violations.len() as i64);
        if total <= violations.len() as i64 {
            position.whole.insert(policy.to_owned());
        } else {
            notes.push(Note::LeftOut(format!(
                "constraint {policy} has {total} violations and lists {}: of which services the others are is not known; raise Gatekeeper's --constraint-violations-limit",
                violations.len()
            )));
        }
        let is_admission = constraint["spec"]["enforcementAction"].as_str().unwrap_or("deny") == "deny";
        for violation in violations {
            if let Some(service) = self.service(violation, notes) {
                let found = Found { is_violated: true, is_admission, at: audited_at.min(at), severity: None };
                position.found.insert(format!("{policy}{SEPARATOR}{service}"), found);
            }
        }
    }

    fn report(&self, report: &Value, at: DateTime<Utc>, position: &mut Position, notes: &mut Vec<Note>) {
        for result in report["results"].as_array().into_iter().flatten() {
            let Some(policy) = result["policy"].as_str() else { continue };
            let is_violated = match result["result"].as_str().unwrap_or_default() {
                "pass" => false,
                "fail" | "warn" => true,
                "skip" => continue,
                "error" => {
                    notes.push(Note::LeftOut(format!("policy {policy} could not be evaluated by Kyverno")));
                    continue;
                }
                other => {
                    notes.push(Note::UnknownWord { field: "result", word: other.to_owned() });
                    continue;
                }
            };
            let seconds = result["timestamp"]["seconds"].as_i64();
            let told_at = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
            // One report for each object, or a result that names the objects itself.
            let named: Vec<&Value> = result["resources"].as_array().into_iter().flatten().collect();
            let objects = if named.is_empty() { vec![&report["scope"]] } else { named };
            for object in objects {
                if object.is_null() {
                    notes.push(Note::LeftOut(format!("a result of policy {policy} names no object")));
                    continue;
                }
                let Some(service) = self.service(object, notes) else { continue };
                let found = position.found.entry(format!("{policy}{SEPARATOR}{service}")).or_insert(Found {
                    is_violated: false,
                    is_admission: false,
                    at: told_at.unwrap_or(at).min(at),
                    severity: None,
                });
                found.is_violated |= is_violated;
                found.at = found.at.max(told_at.unwrap_or(found.at)).min(at);
                if is_violated {
                    found.severity = result["severity"].as_str().map(str::to_owned).or(found.severity.take());
                }
            }
        }
    }

    /// What changed since the run before. What was violated and is listed no more passes only where its constraint was
    /// read with all its violations: one that was deleted, or cannot be read now, says nothing.
    fn results(&self, position: &mut Position, at: DateTime<Utc>) -> Vec<AnyFact> {
        let found = std::mem::take(&mut position.found);
        let mut facts = Vec::new();
        let mut tell = |key: &str, found: &Found, told: &mut BTreeMap<String, String>| {
            let word = if found.is_violated { "fail" } else { "pass" };
            let told_key = format!("policy{SEPARATOR}{key}");
            if told.get(&told_key).is_some_and(|last| last == word) {
                return;
            }
            told.insert(told_key, word.to_owned());
            let Some((policy, service)) = key.split_once(SEPARATOR) else { return };
            facts.push(
                PolicyResult {
                    policy: policy.to_owned(),
                    service: service.to_owned(),
                    at: found.at,
                    result: if found.is_violated { PolicyOutcome::Fail } else { PolicyOutcome::Pass },
                    layer: Some(if found.is_admission { Layer::Admission } else { Layer::Scan }),
                    severity: found.severity.clone(),
                    url: None,
                }
                .into(),
            );
        };
        for (key, found) in &found {
            tell(key, found, &mut position.told);
        }
        let ended: Vec<String> = position
            .told
            .iter()
            .filter(|(_, word)| *word == "fail")
            .filter_map(|(key, _)| key.strip_prefix("policy\n").map(str::to_owned))
            .filter(|key| !found.contains_key(key))
            .filter(|key| key.split_once(SEPARATOR).is_some_and(|(policy, _)| position.whole.contains(policy)))
            .collect();
        let passed = Found { is_violated: false, is_admission: false, at, severity: None };
        for key in ended {
            tell(&key, &passed, &mut position.told);
        }
        facts
    }
}

fn time(value: &Value) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(value.as_str()?).ok().map(|at| at.with_timezone(&Utc))
}

impl Source for Kubernetes {
    type Position = Position;

    fn begin(&self, last: Option<Position>, _since: Option<DateTime<Utc>>, _now: DateTime<Utc>) -> Position {
        // A list that was cut in the middle is read anew: how things are now matters, not how they were.
        Position {
            steps: self.steps(),
            after: None,
            found: BTreeMap::new(),
            whole: BTreeSet::new(),
            quotas: BTreeMap::new(),
            told: last.map(|last| last.told).unwrap_or_default(),
        }
    }

    fn ask(&self, position: &Position) -> Ask {
        let after = position.after.as_ref().map_or(String::new(), |token| format!("&continue={token}"));
        match position.steps.front() {
            None | Some(Step::ConstraintKinds) => {
                Ask { also: &[404], ..Ask::get("apis/constraints.gatekeeper.sh/v1beta1") }
            }
            Some(Step::Constraints(kind)) => {
                Ask::get(format!("apis/constraints.gatekeeper.sh/v1beta1/{kind}?{PAGE}{after}"))
            }
            Some(Step::Reports) => Ask {
                also: &[404, 410],
                ..Ask::get(format!("apis/wgpolicyk8s.io/v1alpha2/policyreports?{PAGE}{after}"))
            },
            Some(Step::ClusterReports) => Ask {
                also: &[404, 410],
                ..Ask::get(format!("apis/wgpolicyk8s.io/v1alpha2/clusterpolicyreports?{PAGE}{after}"))
            },
            Some(Step::Quotas) => Ask { also: &[410], ..Ask::get(format!("api/v1/resourcequotas?{PAGE}{after}")) },
        }
    }

    fn read(&self, position: &Position, answer: &Answer) -> Result<Page<Position>, Misread> {
        let mut onward = position.clone();
        let mut notes = Vec::new();
        let step = onward.steps.front().cloned();
        let mut token = None;
        if answer.status == 404 {
            notes.push(Note::LeftOut(match step {
                Some(Step::ConstraintKinds) => "Gatekeeper is not installed in this cluster".into(),
                _ => "this cluster has no policy reports (wgpolicyk8s.io)".into(),
            }));
        } else if answer.status == 410 {
            // The page's token grew too old: this list is read from its begin, once more.
            onward.after = None;
            onward.quotas.clear();
            if position.after.is_none() {
                return Err(Misread::new("410 Gone came for a first page"));
            }
            return Ok(Page { facts: Vec::new(), next: Next::Ask(onward), notes, remains: Vec::new() });
        } else {
            let body: Value = answer.json()?;
            let items = body["items"].as_array().into_iter().flatten();
            match &step {
                None => {}
                Some(Step::ConstraintKinds) => {
                    let kinds = body["resources"].as_array().into_iter().flatten();
                    let kinds = kinds.filter_map(|kind| kind["name"].as_str()).filter(|name| !name.contains('/'));
                    for kind in kinds {
                        onward.steps.insert(1, Step::Constraints(kind.to_owned()));
                    }
                }
                Some(Step::Constraints(_)) => {
                    items.for_each(|constraint| self.constraint(constraint, answer.at, &mut onward, &mut notes));
                }
                Some(Step::Reports | Step::ClusterReports) => {
                    items.for_each(|report| self.report(report, answer.at, &mut onward, &mut notes));
                }
                Some(Step::Quotas) => {
                    items.for_each(|quota| self.quota(quota, &mut onward, &mut notes));
                }
            }
            token = body["metadata"]["continue"].as_str().filter(|token| !token.is_empty()).map(str::to_owned);
        }
        onward.after = token;
        if onward.after.is_none() {
            onward.steps.pop_front();
        }
        if !onward.steps.is_empty() {
            return Ok(Page { facts: Vec::new(), next: Next::Ask(onward), notes, remains: Vec::new() });
        }
        let mut facts = self.results(&mut onward, answer.at);
        facts.extend(Kubernetes::changed_quotas(&mut onward, answer.at));
        onward.whole.clear();
        Ok(Page { facts, next: Next::Done(onward), notes, remains: Vec::new() })
    }

    fn probes(&self) -> Vec<Probe> {
        let mut probes = Vec::new();
        if self.options.quotas {
            probes.push(Probe {
                purpose: "resource quotas",
                needs: "list on resourcequotas in all namespaces",
                ask: Ask::get("api/v1/resourcequotas?limit=1"),
            });
        }
        if self.options.gatekeeper {
            probes.push(Probe {
                purpose: "Gatekeeper's constraints",
                needs: "get and list on constraints.gatekeeper.sh/*",
                ask: Ask::get("apis/constraints.gatekeeper.sh/v1beta1"),
            });
        }
        if self.options.kyverno {
            probes.push(Probe {
                purpose: "policy reports",
                needs: "list on policyreports and clusterpolicyreports (wgpolicyk8s.io)",
                ask: Ask::get("apis/wgpolicyk8s.io/v1alpha2/policyreports?limit=1"),
            });
        }
        probes
    }

    fn explain(&self, answer: &Answer) -> Option<String> {
        let said = serde_json::from_slice::<Value>(&answer.body).ok()?["message"].as_str().map(str::to_owned);
        match answer.status {
            401 => Some(
                "the cluster refuses the token; make one for the service account: kubectl create token NAME".into(),
            ),
            403 => Some(format!("the service account may not do this: {}", said.unwrap_or_default())),
            404 => Some("this cluster does not have it installed; set gatekeeper, kyverno or quotas to false".into()),
            _ => None,
        }
    }
}
