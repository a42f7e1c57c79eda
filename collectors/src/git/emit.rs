//! From numbered commits to facts.

use std::collections::{BTreeMap, HashSet};

use facts::{Change, Commit, DeployedCommit, Deployment, DeploymentKind, DeploymentResult, Person, Service, Team};

use super::GitFacts;
use super::cursor::Settings;
use super::graph::{Graph, Index};
use super::lines::Lines;
use super::message::{self, Revert};
use super::origin::escaped;
use super::owners::Owners;
use super::releases::Plan;
use super::repository::Repository;
use super::reverts::Titles;
use super::signature::instant;
use super::tags::Tag;

/// All that facts are made from.
pub(super) struct Source<'a> {
    pub repository: &'a Repository,
    pub settings: &'a Settings,
    /// All releases, in order.
    pub releases: &'a [Tag],
    pub graph: &'a Graph,
    pub oldest_first: &'a [Index],
    pub plan: &'a Plan,
    pub lines: &'a Lines<'a>,
    /// Which release the plan's first set belongs to.
    pub first_planned: usize,
    /// The first release that is to become facts. Those before it have become some already.
    pub first_new: usize,
    /// What was known before as not yet released.
    pub before: Option<&'a Plan>,
    /// What the cursor knows as undone by title only.
    pub quoted: &'a BTreeMap<String, i64>,
}

/// Why the part of the history that was read does not suffice.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shortfall {
    /// Some fact depends on older history.
    OlderHistory,
    /// Facts sent before no longer hold, for this reason.
    Outdated(&'static str),
}

impl Source<'_> {
    /// The facts that are new. `is_complete` says that nothing of the history is missing from the graph.
    pub(super) fn facts(&self, is_complete: bool) -> Result<GitFacts, Shortfall> {
        let mut facts = GitFacts::default();
        let before = self.before.map(Plan::unreleased);
        let known_changes: HashSet<Index> = before.into_iter().flat_map(|set| &set.changes).copied().collect();
        let known_commits: HashSet<Index> = before.into_iter().flat_map(|set| &set.commits).copied().collect();
        let titles = Titles::of(self.graph, self.oldest_first, self.plan);
        let mut n_kept = 0;
        for (number, set) in self.plan.sets.iter().enumerate().skip(self.first_new - self.first_planned) {
            let position = self.first_planned + number;
            let release = self.releases.get(position);
            if let Some(tag) = release {
                facts.deployments.push(self.deployment(position, tag));
            }
            if position == 0 && !self.settings.include_first {
                continue;
            }
            for index in &set.changes {
                if known_changes.contains(index) {
                    n_kept += 1;
                    continue;
                }
                let is_by_title = matches!(self.graph.commit(*index).reverts, Some(Revert::Title(_)));
                if !is_complete && (is_by_title || self.lines.reaches_hidden(*index)) {
                    return Err(Shortfall::OlderHistory);
                }
                if self.may_be_quoted(*index) {
                    return Err(Shortfall::Outdated(
                        "a revert may mean a change that a new release has brought to light",
                    ));
                }
                facts.changes.push(self.change(*index, &titles));
            }
            for index in &set.commits {
                if let Some(tag) = release {
                    facts.deployed_commits.push(self.deployed_commit(tag, *index));
                }
                let change = self.lines.bringer(set.tip, *index);
                let before = before.filter(|_| known_commits.contains(index));
                let is_known = before.is_some_and(|before| self.lines.bringer(before.tip, *index) == change);
                if !self.graph.commit(*index).is_merge() && !is_known {
                    facts.commits.push(self.commit(*index, change));
                }
            }
        }
        if n_kept < known_changes.len() {
            return Err(Shortfall::Outdated(
                "a release has taken in changes of the branch by another way than the branch",
            ));
        }
        Ok(facts)
    }

    /// Whether a revert that was sent before could mean this change.
    fn may_be_quoted(&self, index: Index) -> bool {
        let commit = self.graph.commit(index);
        let is_before_quote = |title: &str| self.quoted.get(title).is_some_and(|last| commit.committed <= *last);
        is_before_quote(&commit.subject) || is_before_quote(message::without_number(&commit.subject))
    }

    /// [`super::cursor::Cursor::quoted`], with the changes of this plan taken in.
    pub(super) fn all_quoted(&self) -> BTreeMap<String, i64> {
        let mut quoted = self.quoted.clone();
        for index in self.plan.sets.iter().flat_map(|set| &set.changes) {
            let commit = self.graph.commit(*index);
            if let Some(Revert::Title(title)) = &commit.reverts {
                let last = quoted.entry(title.clone()).or_insert(commit.committed);
                *last = commit.committed.max(*last);
            }
        }
        quoted
    }

    fn deployment(&self, position: usize, tag: &Tag) -> Deployment {
        let previous = position.checked_sub(1).map(|previous| self.releases[previous].commit.to_string());
        let web = self.settings.web.as_ref();
        Deployment {
            id: tag.name.clone(),
            service: self.settings.service.clone(),
            environment: self.settings.environment.clone(),
            finished_at: instant(tag.time),
            result: DeploymentResult::Success,
            started_at: None,
            revision: Some(tag.commit.to_string()),
            previous_revision: previous,
            repository: Some(self.settings.repository.clone()),
            kind: Some(DeploymentKind::Deploy),
            actor: None,
            url: web.map(|web| format!("{web}/releases/tag/{}", escaped(&tag.name))),
        }
    }

    fn change(&self, index: Index, titles: &Titles<'_>) -> Change {
        let commit = self.graph.commit(index);
        let number = message::pull_request(&commit.subject);
        let web = self.settings.web.as_ref();
        Change {
            id: commit.id.to_string(),
            repository: self.settings.repository.clone(),
            merged_at: instant(commit.committed),
            merge_revision: Some(commit.id.to_string()),
            first_commit_at: Some(instant(self.lines.first_authored(index))),
            opened_at: None,
            first_review_at: None,
            approved_at: None,
            author: commit.author.as_deref().map(|author| Person(author.to_owned())),
            additions: None,
            deletions: None,
            reverts: titles.reverted(self.repository, index),
            title: Some(commit.subject.to_string()).filter(|title| !title.is_empty()),
            url: web.zip(number).map(|(web, number)| format!("{web}/pull/{number}")),
        }
    }

    fn commit(&self, index: Index, change: Option<Index>) -> Commit {
        let commit = self.graph.commit(index);
        Commit {
            revision: commit.id.to_string(),
            repository: self.settings.repository.clone(),
            authored_at: instant(commit.authored),
            committed_at: instant(commit.committed),
            change_id: change.map(|change| self.graph.commit(change).id.to_string()),
            url: None,
        }
    }

    fn deployed_commit(&self, tag: &Tag, index: Index) -> DeployedCommit {
        DeployedCommit {
            deployment_id: tag.name.clone(),
            revision: self.graph.commit(index).id.to_string(),
            repository: Some(self.settings.repository.clone()),
            url: None,
        }
    }
}

/// The earliest time in some facts, in seconds since 1970.
pub(super) fn earliest(facts: &GitFacts) -> Option<i64> {
    let deployments = facts.deployments.iter().map(|deployment| deployment.finished_at);
    let changes = facts.changes.iter().flat_map(|change| [Some(change.merged_at), change.first_commit_at]).flatten();
    let commits = facts.commits.iter().flat_map(|commit| [commit.authored_at, commit.committed_at]);
    deployments.chain(changes).chain(commits).min().map(|time| time.timestamp())
}

/// Adds who owns the service, and since when.
pub(super) fn add_catalogue(facts: &mut GitFacts, settings: &Settings, owners: &Owners) {
    for owner in owners.iter() {
        facts.services.push(Service {
            name: settings.service.clone(),
            valid_from: Some(instant(owner.from)),
            team: owner.team.clone(),
            system: None,
            lifecycle: None,
            kind: None,
            repository: Some(settings.repository.clone()),
            template: None,
            template_version: None,
            pipeline: None,
            pipeline_version: None,
            retired: None,
            url: settings.web.clone(),
        });
        let Some(name) = owner.team.clone().filter(|name| facts.teams.iter().all(|team| team.name != *name)) else {
            continue;
        };
        let valid_from = Some(instant(owner.from));
        facts.teams.push(Team { name, valid_from, kind: None, engineers: None, parent: None, url: None });
    }
}
