//! Which commits a deployment brought: those since the one before it in its lane, and, where a repository holds several
//! services, of them those that touch the service's folder.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use facts::{AnyFact, Commit, DeployedCommit};
use serde::{Deserialize, Serialize};

use super::answers::{Comparison, RepositoryData};
use super::position::Position;
use super::{GitHub, graph};
use crate::pull::{Answer, Misread, Next, Note, Page};

/// A commit of those that a deployment brought, where they are narrowed to a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct InRange {
    sha: String,
    parents: Vec<String>,
    /// It touches the folder.
    touches: bool,
}

/// A deployment and the revisions it lies between.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Pair {
    pub(super) repository: String,
    pub(super) deployment: String,
    pub(super) created_at: DateTime<Utc>,
    pub(super) head: String,
    pub(super) base: String,
    /// The service's folder, where the repository holds several services.
    pub(super) path: Option<String>,
}

/// A successful deployment in its lane: a service in an environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct InLane {
    pub(super) lane: String,
    /// Its commits are not asked for: an earlier run has seen to that.
    pub(super) is_known: bool,
    pub(super) pair: Pair,
}

impl GitHub {
    pub(super) fn read_comparison(&self, position: &Position, answer: &Answer) -> Result<Page<Position>, Misread> {
        let mut onward = position.clone();
        let Some(pair) = onward.to_compare.front().cloned() else {
            return Err(Misread::new("nothing was to be compared"));
        };
        let repository = &pair.repository;
        let mut facts = Vec::new();
        let mut notes = Vec::new();
        let mut is_last = true;
        if (200..300).contains(&answer.status) {
            let comparison: Comparison = answer.json()?;
            for commit in comparison.commits.iter() {
                let authored_at = commit.commit.author.as_ref().and_then(|author| author.date);
                let committed_at = commit.commit.committer.as_ref().and_then(|committer| committer.date);
                // A merge is no commit that somebody wrote, but what a change may be known by.
                let is_merge = commit.parents.len() > 1;
                if !self.options.commits
                    && !is_merge
                    && let (Some(authored_at), Some(committed_at)) = (authored_at, committed_at)
                {
                    facts.push(
                        Commit {
                            revision: commit.sha.clone(),
                            repository: repository.clone(),
                            authored_at,
                            committed_at,
                            change_id: None,
                            url: None,
                        }
                        .into(),
                    );
                }
                if pair.path.is_none() {
                    facts.push(pair.brought(&commit.sha));
                } else {
                    onward.in_range.push(InRange {
                        sha: commit.sha.clone(),
                        parents: commit.parents.iter().map(|parent| parent.sha.clone()).collect(),
                        touches: false,
                    });
                    onward.in_range_since = onward.in_range_since.into_iter().chain(committed_at).min();
                }
            }
            is_last =
                i64::from(onward.compare_page) * 100 >= comparison.total_commits || comparison.commits.count() == 0;
            onward.left_out(&pair, comparison.commits.odd(), &mut notes);
        } else {
            let Pair { deployment, base, head, .. } = &pair;
            let why = match answer.status {
                301 | 302 | 307 | 308 => self.moved(repository, None, answer),
                500 | 502..=504 => format!(
                    "GitHub fails over it with {}, as it does where the difference is too large for it",
                    answer.status
                ),
                403 => "the token needs Contents: read (classic tokens: repo)".to_owned(),
                409 | 451 => answer.beside(&format!("GitHub does not give it ({})", answer.status)),
                // A revision that is gone and one that may not be seen are answered alike.
                _ => "one of them was force-pushed away, or the token lacks Contents: read".to_owned(),
            };
            let said = format!(
                "deployment {deployment} of {repository}: {base} and {head} cannot be compared, which is tried again for a month: {why}"
            );
            notes.push(if answer.status == 403 { Note::Denied(said) } else { Note::LeftOut(said) });
            onward.owed_pairs.push_back(pair.clone());
        }
        if !is_last {
            onward.compare_page += 1;
            return Ok(Page { facts, next: Next::Ask(onward), notes, remains: Vec::new() });
        }
        if !onward.in_range.is_empty() {
            onward.is_narrowing = true;
            return Ok(Page { facts, next: Next::Ask(onward), notes, remains: Vec::new() });
        }
        Ok(Page { facts, next: onward.after_comparison(), notes, remains: Vec::new() })
    }

    /// Of the commits that a deployment brought, those that touch the service's folder.
    pub(super) fn read_touching(position: &Position, answer: &Answer) -> Result<Page<Position>, Misread> {
        let (data, errors) = graph::<RepositoryData>(answer)?;
        let mut onward = position.clone();
        let mut notes = Vec::new();
        if let (Some(first), Some(pair)) = (errors.first(), position.to_compare.front()) {
            notes.push(Note::Denied(format!(
                "the commits of deployment {} of {} were not given: the token needs Contents: read; {first}",
                pair.deployment, pair.repository
            )));
            onward.owed_pairs.push_back(Pair { ..pair.clone() });
        }
        let history = data.repository.and_then(|repository| repository.object).and_then(|object| object.history);
        let (Some(history), Some(pair)) = (history, position.to_compare.front()) else {
            return Ok(Page { facts: Vec::new(), next: onward.after_comparison(), notes, remains: Vec::new() });
        };
        let touching: BTreeSet<&str> = history.nodes.iter().map(|commit| commit.oid.as_str()).collect();
        for commit in onward.in_range.iter_mut().filter(|commit| touching.contains(commit.sha.as_str())) {
            commit.touches = true;
        }
        onward.left_out(pair, history.nodes.odd(), &mut notes);
        onward.touching_after = history.page_info.end_cursor.filter(|_| history.page_info.has_next_page);
        let is_whole = onward.touching_after.is_none();
        let facts = if is_whole { brought_to_folder(&onward.in_range, pair) } else { Vec::new() };
        let next = if onward.touching_after.is_some() { Next::Ask(onward) } else { onward.after_comparison() };
        Ok(Page { facts, next, notes, remains: Vec::new() })
    }
}

/// Of the commits that a deployment brought to a folder: those that touch it, and the merges of such, which a folder's history
/// does not show.
fn brought_to_folder(in_range: &[InRange], pair: &Pair) -> Vec<AnyFact> {
    let by_sha: BTreeMap<&str, &InRange> = in_range.iter().map(|commit| (commit.sha.as_str(), commit)).collect();
    let behind = |parents: &[String]| -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut ahead: Vec<&InRange> = parents.iter().filter_map(|sha| by_sha.get(sha.as_str()).copied()).collect();
        while let Some(commit) = ahead.pop() {
            if found.insert(commit.sha.as_str()) {
                ahead.extend(commit.parents.iter().filter_map(|sha| by_sha.get(sha.as_str()).copied()));
            }
        }
        found
    };
    let merges_some = |commit: &InRange| {
        commit.parents.split_first().is_some_and(|(trunk, merged)| {
            let there = behind(std::slice::from_ref(trunk));
            !merged.is_empty() && behind(merged).into_iter().any(|sha| !there.contains(sha) && by_sha[sha].touches)
        })
    };
    in_range
        .iter()
        .filter(|commit| commit.touches || merges_some(commit))
        .map(|commit| pair.brought(&commit.sha))
        .collect()
}

impl Pair {
    fn brought(&self, revision: &str) -> AnyFact {
        DeployedCommit {
            deployment_id: self.deployment.clone(),
            revision: revision.to_owned(),
            repository: Some(self.repository.clone()),
            url: None,
        }
        .into()
    }
}

impl Position {
    /// Pairs deployments with the one before in their lane, of those from `settled` on; before that more may be found still.
    pub(super) fn pair(&mut self, settled: DateTime<Utc>) {
        // Of deployments of one time the later told is the earlier: they are told newest first.
        self.waiting.sort_by_key(|one| std::cmp::Reverse(one.pair.created_at));
        let mut later: BTreeMap<String, InLane> = BTreeMap::new();
        let mut left = Vec::new();
        for one in std::mem::take(&mut self.waiting) {
            if one.pair.created_at < settled {
                left.push(one);
                continue;
            }
            if let Some(later) = later.insert(one.lane.clone(), one.clone())
                && !later.is_known
            {
                self.compare(later.pair, &one.pair.head);
            }
        }
        self.waiting = later.into_values().chain(left).collect();
    }

    /// Pairs the oldest found of each lane with what an earlier run noted, as the one before lies further back than this reads.
    pub(super) fn pair_with_heads(&mut self) {
        for InLane { lane, is_known, pair } in std::mem::take(&mut self.waiting) {
            if let Some((at, base)) = self.heads.get(&lane).cloned()
                && at < pair.created_at
                && !is_known
            {
                self.compare(pair, &base);
            }
        }
    }

    /// Puts a deployment among those whose commits are asked for, unless they are known.
    pub(super) fn compare(&mut self, pair: Pair, base: &str) {
        // What could not be compared just now waits for the next run.
        let mut waiting = self.to_compare.iter().chain(&self.owed_pairs);
        let is_waiting = waiting.any(|waiting| waiting.deployment == pair.deployment);
        if base != pair.head && !is_waiting && !self.compared.contains_key(&pair.deployment) {
            self.to_compare.push_back(Pair { base: base.to_owned(), ..pair });
        }
    }

    /// Tells of commits of a deployment that cannot be read; they are asked for again.
    fn left_out(&mut self, pair: &Pair, odd: &[String], notes: &mut Vec<Note>) {
        let Pair { deployment, repository, .. } = pair;
        notes.extend(odd.iter().map(|odd| {
            Note::LeftOut(format!("a commit of deployment {deployment} of {repository} cannot be read: {odd}"))
        }));
        if !odd.is_empty() && !self.owed_pairs.contains(pair) {
            self.owed_pairs.push_back(pair.clone());
        }
    }

    /// The position after the first of those that are compared.
    pub(super) fn after_comparison(mut self) -> Next<Position> {
        if let Some(pair) = self.to_compare.pop_front()
            && !self.owed_pairs.iter().any(|owed| owed.deployment == pair.deployment)
        {
            self.compared.insert(pair.deployment, pair.created_at);
        }
        self.compare_page = 1;
        self.is_narrowing = false;
        self.in_range.clear();
        (self.in_range_since, self.touching_after) = (None, None);
        if self.to_compare.is_empty() && self.is_done { Next::Done(self) } else { Next::Ask(self) }
    }
}
