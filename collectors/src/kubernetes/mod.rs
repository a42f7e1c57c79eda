//! The Kubernetes API: violations of Gatekeeper's constraints, Kyverno's policy reports, resource quotas. All three tell
//! how things are now; a fact is made when that differs from what the run before saw.

mod lists;
mod policies;
mod quota;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use lists::{Step, said};
use policies::Found;
use quota::Usage;

use crate::mapping::Subject;
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

/// Where the reading is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    steps: VecDeque<Step>,
    after: Option<String>,
    /// By policy and service, what the pages of this run say so far.
    found: BTreeMap<String, Found>,
    /// Constraints whose violations are all listed in this run: a service that is not among them passes.
    whole: BTreeSet<String>,
    /// Policies of which some list named fewer violations than there are.
    #[serde(default)]
    partial: BTreeSet<String>,
    /// Policies of reports; the others are constraints.
    #[serde(default)]
    of_reports: BTreeSet<String>,
    /// By quota and namespace, what the pages of this run say so far: a team may have several namespaces.
    quotas: BTreeMap<String, BTreeMap<String, Usage>>,
    /// By policy and service, or by quota, what was told last.
    told: BTreeMap<String, String>,
    /// Of which time what was told last is.
    #[serde(default)]
    told_at: BTreeMap<String, DateTime<Utc>>,
    /// Lists that were not given in this run, or not whole: what they told before stands.
    #[serde(default)]
    unread: BTreeSet<String>,
    /// By policy and service, the lists that told of the violation.
    #[serde(default)]
    violated_in: BTreeMap<String, BTreeSet<String>>,
    /// How often a page's token grew too old in this run.
    #[serde(default)]
    n_expired: u32,
}

/// A cluster as a source.
pub struct Kubernetes {
    setting: Setting,
    options: Options,
}

const PAGE: &str = "limit=500";
/// How often a run begins anew because a page's token grew too old.
const MOST_EXPIRED: u32 = 3;
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
        let both = format!("{namespace}/{name}");
        let found = services.any_or_own(&[Subject::Name(namespace), Subject::Joined(&both, '/')], namespace);
        if found.is_none() {
            notes.push(Note::Unmapped { what: "service", subject: format!("{namespace}/{name}") });
        }
        found.filter(|service| !service.is_empty())
    }
}

impl Source for Kubernetes {
    type Position = Position;

    fn begin(&self, last: Option<Position>, _since: Option<DateTime<Utc>>, _now: DateTime<Utc>) -> Position {
        // A list that was cut in the middle is read anew: how things are now matters, not how they were.
        let (told, told_at, violated_in, of_reports) =
            last.map(|last| (last.told, last.told_at, last.violated_in, last.of_reports)).unwrap_or_default();
        Position {
            steps: self.steps(),
            after: None,
            found: BTreeMap::new(),
            whole: BTreeSet::new(),
            partial: BTreeSet::new(),
            of_reports,
            quotas: BTreeMap::new(),
            told,
            told_at,
            unread: BTreeSet::new(),
            violated_in,
            n_expired: 0,
        }
    }

    fn ask(&self, position: &Position) -> Ask {
        let after = position.after.as_ref().map_or(String::new(), |token| format!("&continue={token}"));
        match position.steps.front() {
            None | Some(Step::ConstraintKinds) => {
                Ask { also: &[403, 404], ..Ask::get("apis/constraints.gatekeeper.sh/v1beta1") }
            }
            Some(Step::Constraints(kind)) => Ask {
                also: &[403, 404, 410],
                ..Ask::get(format!("apis/constraints.gatekeeper.sh/v1beta1/{kind}?{PAGE}{after}"))
            },
            Some(Step::Reports) => Ask {
                also: &[403, 404, 410],
                ..Ask::get(format!("apis/wgpolicyk8s.io/v1alpha2/policyreports?{PAGE}{after}"))
            },
            Some(Step::ClusterReports) => Ask {
                also: &[403, 404, 410],
                ..Ask::get(format!("apis/wgpolicyk8s.io/v1alpha2/clusterpolicyreports?{PAGE}{after}"))
            },
            Some(Step::Quotas) => Ask { also: &[403, 410], ..Ask::get(format!("api/v1/resourcequotas?{PAGE}{after}")) },
        }
    }

    fn read(&self, position: &Position, answer: &Answer) -> Result<Page<Position>, Misread> {
        let mut onward = position.clone();
        let (mut facts, mut notes) = (Vec::new(), Vec::new());
        let Some(step) = position.steps.front() else {
            return Ok(Page { facts, next: Next::Done(onward), notes, remains: Vec::new() });
        };
        onward.after = match (answer.status, step) {
            (404, _) if said(answer).is_none() => {
                return Err(Misread::new(
                    "404 came, and not as a cluster says it; is url the base address of the Kubernetes API?",
                ));
            }
            (404, Step::ConstraintKinds) => {
                notes.push(Note::LeftOut("Gatekeeper is not installed in this cluster".into()));
                onward.leave_unread(step);
                None
            }
            (404, Step::Reports | Step::ClusterReports) => {
                notes.push(Note::LeftOut("this cluster has no policy reports (wgpolicyk8s.io)".into()));
                onward.leave_unread(step);
                None
            }
            (403 | 404, _) => {
                notes.push(step.denied(answer));
                onward.leave_unread(step);
                None
            }
            (410, _) => {
                if position.after.is_none() {
                    return Err(Misread::new("410 Gone came for a first page"));
                }
                // The page's token grew too old. What was found so far is of another time, so all is read anew.
                if position.n_expired < MOST_EXPIRED {
                    let n_expired = position.n_expired + 1;
                    let anew = Position { n_expired, ..self.begin(Some(onward), None, answer.at) };
                    return Ok(Page { facts, next: Next::Ask(anew), notes, remains: Vec::new() });
                }
                notes.push(Note::Denied(format!(
                    "the cluster gave up the list of {} before its end {} times: is something slow on the way to it?",
                    step.what(),
                    MOST_EXPIRED + 1
                )));
                onward.leave_unread(step);
                None
            }
            _ => self.take(step, answer, &mut onward, &mut notes)?,
        };
        if onward.after.is_none() {
            onward.steps.pop_front();
            // A policy may stand in several lists: its results are known when the last of them is read.
            if !step.is_of_policies() {
                facts = onward.changed_quotas(answer.at);
            } else if !onward.steps.iter().any(Step::is_of_policies) {
                facts = onward.changed_results(answer.at);
            }
        }
        let next = if onward.steps.is_empty() {
            onward.unread.clear();
            Next::Done(onward)
        } else {
            Next::Ask(onward)
        };
        Ok(Page { facts, next, notes, remains: Vec::new() })
    }

    fn samples(&self, begin: Position) -> Vec<Position> {
        let of_step = |step: &Step| Position { steps: [step.clone()].into(), ..begin.clone() };
        begin.steps.iter().map(of_step).collect()
    }

    fn probes(&self, _begin: &Position) -> Vec<Probe> {
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
        match answer.status {
            401 => Some(
                "the cluster refuses the token; make one for the service account: kubectl create token NAME".into(),
            ),
            403 => Some(format!("the service account may not do this: {}", said(answer).unwrap_or_default())),
            404 if said(answer).is_some() => {
                Some("this cluster does not have it installed; set gatekeeper or kyverno to false".into())
            }
            _ => None,
        }
    }
}
