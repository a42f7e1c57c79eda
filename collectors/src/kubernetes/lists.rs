//! The lists of a cluster: what is asked for one after the other, what each needs, and what stands in it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Kubernetes, Position};
use crate::pull::{Answer, Each, Misread, Note};

/// What is being read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    ConstraintKinds,
    Constraints(String),
    Reports,
    ClusterReports,
    Quotas,
}

/// All constraints, where not even their kinds were given.
const ALL_CONSTRAINTS: &str = "constraints/";

impl Step {
    /// Whether it tells of policies; the quotas stand for themselves.
    pub(super) fn is_of_policies(&self) -> bool {
        !matches!(self, Step::Quotas)
    }

    /// What the list is known by in the position.
    pub(super) fn list(&self) -> String {
        match self {
            Step::ConstraintKinds => ALL_CONSTRAINTS.to_owned(),
            Step::Constraints(kind) => format!("{ALL_CONSTRAINTS}{kind}"),
            Step::Reports => "policyreports".to_owned(),
            Step::ClusterReports => "clusterpolicyreports".to_owned(),
            Step::Quotas => "resourcequotas".to_owned(),
        }
    }

    /// What it lists, for people.
    pub(super) fn what(&self) -> String {
        match self {
            Step::ConstraintKinds => "the kinds of Gatekeeper's constraints".to_owned(),
            Step::Constraints(kind) => format!("Gatekeeper's constraints of the kind {kind}"),
            Step::Reports => "policy reports".to_owned(),
            Step::ClusterReports => "cluster policy reports".to_owned(),
            Step::Quotas => "resource quotas".to_owned(),
        }
    }

    /// That the list was not given, and what would give it.
    pub(super) fn denied(&self, answer: &Answer) -> Note {
        let said = said(answer).map_or(String::new(), |said| format!("; the cluster says: {said}"));
        let needs = match self {
            Step::Constraints(kind) if answer.status == 404 => {
                return Note::Denied(format!(
                    "Gatekeeper's constraints of the kind {kind} were not given: the cluster names this kind and does not know its list; is its ConstraintTemplate being made or taken away, or broken?{said}"
                ));
            }
            Step::ConstraintKinds => {
                "get on /apis/constraints.gatekeeper.sh/v1beta1, as the cluster role system:discovery gives it"
                    .to_owned()
            }
            Step::Constraints(kind) => format!("list on {kind}.constraints.gatekeeper.sh"),
            Step::Reports => "list on policyreports.wgpolicyk8s.io in all namespaces".to_owned(),
            Step::ClusterReports => "list on clusterpolicyreports.wgpolicyk8s.io".to_owned(),
            Step::Quotas => "list on resourcequotas in all namespaces".to_owned(),
        };
        let what = self.what();
        Note::Denied(format!("{what} were not given: the service account needs {needs}{said}"))
    }
}

/// An object of a list, as far as it is read.
#[derive(Debug, Deserialize)]
pub(super) struct Object {
    pub(super) metadata: Metadata,
    #[serde(default)]
    pub(super) spec: Value,
    #[serde(default)]
    pub(super) status: Value,
    /// Of policy reports: the results, and the object they are of where they do not name it.
    #[serde(default)]
    pub(super) results: Value,
    #[serde(default)]
    pub(super) scope: Value,
}

/// What an object is called.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    pub(super) name: String,
    pub(super) namespace: Option<String>,
}

/// A kind of constraint, or a part of one such as its status.
#[derive(Debug, Deserialize)]
struct Kind {
    name: String,
}

impl Kubernetes {
    /// What a page of a list holds goes to the position; returned is the token of the next page.
    pub(super) fn take(
        &self,
        step: &Step,
        answer: &Answer,
        position: &mut Position,
        notes: &mut Vec<Note>,
    ) -> Result<Option<String>, Misread> {
        let mut body: Value = answer.json()?;
        if *step == Step::ConstraintKinds {
            let kinds = listed::<Kind>(&mut body, "resources")?.take("kinds of constraints", notes)?;
            for kind in kinds.into_iter().filter(|kind| !kind.name.contains('/')) {
                position.steps.insert(1, Step::Constraints(kind.name));
            }
            return Ok(None);
        }
        let items = listed::<Object>(&mut body, "items")?;
        let n_items = items.count();
        let items = items.take(&step.list(), notes)?;
        if items.len() < n_items {
            position.unread.insert(step.list());
        }
        for item in &items {
            match step {
                Step::ConstraintKinds => {}
                Step::Constraints(_) => self.constraint(item, &step.list(), answer.at, position, notes),
                Step::Reports | Step::ClusterReports => self.report(item, &step.list(), answer.at, position, notes),
                Step::Quotas => self.quota(item, position, notes),
            }
        }
        Ok(body["metadata"]["continue"].as_str().filter(|token| !token.is_empty()).map(str::to_owned))
    }
}

impl Position {
    /// A list that was not given, or not to its end: it tells of violations, and of nothing that passes.
    pub(super) fn leave_unread(&mut self, step: &Step) {
        self.unread.insert(step.list());
        if self.after.is_some() {
            self.found.retain(|_, found| found.is_violated);
        }
    }

    /// Whether a list was not given whole in this run.
    pub(super) fn is_unread(&self, list: &str) -> bool {
        self.unread.contains(list) || list.starts_with(ALL_CONSTRAINTS) && self.unread.contains(ALL_CONSTRAINTS)
    }
}

/// The list that an answer must have; null is an empty one, as Go writes it.
fn listed<T: DeserializeOwned>(body: &mut Value, key: &str) -> Result<Each<T>, Misread> {
    let Some(list) = body.get_mut(key).map(Value::take) else {
        return Err(Misread::new(format!(
            "it has no list `{key}`, as a cluster's answer has; is url the base address of the Kubernetes API?"
        )));
    };
    let list = if list.is_null() { json!([]) } else { list };
    Each::deserialize(list).map_err(|error| Misread::new(format!("`{key}` is no list: {error}")))
}

/// What the cluster says of a refusal.
pub(super) fn said(answer: &Answer) -> Option<String> {
    serde_json::from_slice::<Value>(&answer.body).ok()?["message"].as_str().map(str::to_owned)
}
