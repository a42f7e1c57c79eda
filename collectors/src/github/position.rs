//! Where the reading is: which repository, section and page, and what earlier runs left for later ones.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::GitHub;
use super::comparing::{InLane, InRange, Pair};
use super::deployments::longest_open;
use super::issues::Issues;
use super::passing::Held;

/// A section of a repository's reading, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Section {
    Changes,
    Commits,
    Deployments,
    Issues,
    Pipelines,
}

impl Section {
    /// What it gives, for people.
    pub(super) fn purpose(self) -> &'static str {
        match self {
            Section::Changes => "changes with their reviews",
            Section::Commits => "commits of the trunk",
            Section::Deployments => "deployments",
            Section::Issues => "incidents and tickets",
            Section::Pipelines => "which reusable workflow is used",
        }
    }
}

/// Where the reading is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// When this run began: what the next run counts from.
    pub(super) began: DateTime<Utc>,
    /// Whether the run came to its end.
    pub(super) is_done: bool,
    /// From when on each repository was to be read again, where asked with `--since`.
    pub(super) since: Option<DateTime<Utc>>,
    /// Owners whose repositories are still to be listed, and the page.
    pub(super) owners: VecDeque<String>,
    pub(super) owners_after: Option<String>,
    /// Repositories still to be read in this run; the first is being read.
    pub(super) repositories: VecDeque<String>,
    pub(super) section: Section,
    pub(super) after: Option<String>,
    /// The page of the trunk's commits, which are read along with the changes, and whether that was the last.
    #[serde(default)]
    pub(super) commits_after: Option<String>,
    #[serde(default)]
    pub(super) has_all_commits: bool,
    /// The trunk's commits as far as they were read, where earlier runs have told of some.
    #[serde(default)]
    pub(super) trunk: Vec<String>,
    /// Some of the trunk's commits could not be read: what is not among the others may still be there.
    #[serde(default)]
    pub(super) has_trunk_holes: bool,
    /// How far its issues are read and listed.
    #[serde(default)]
    pub(super) issues: Issues,
    /// A part of the repository being read was not given, so that it does not count as read.
    #[serde(default)]
    pub(super) is_incomplete: bool,
    /// A section of it could not be read in this run, and is held.
    #[serde(default)]
    pub(super) is_passed: bool,
    /// What is read is what earlier runs could not read of it.
    #[serde(default)]
    pub(super) is_rest: bool,
    /// Repositories that were not read whole by the last run, with from when on they were to be read (none: from the
    /// begin): a run from a later time reads them from then all the same.
    #[serde(default)]
    pub(super) owed: BTreeMap<String, Option<DateTime<Utc>>>,
    /// Where their reading stood, of those of which GitHub gave no more.
    #[serde(default)]
    pub(super) held: BTreeMap<String, Held>,
    /// Pull requests in a page of the repository being read, where the usual ones were too much for GitHub.
    #[serde(default)]
    pub(super) page_size: Option<u32>,
    /// Deployments whose commits were not given, to be asked for again by the next run.
    #[serde(default)]
    pub(super) owed_pairs: VecDeque<Pair>,
    /// Workflow files still to be read, and the page of the first.
    pub(super) workflows: VecDeque<String>,
    pub(super) page: u32,
    /// Up to when its runs are asked for: GitHub gives no more than a thousand of a question.
    #[serde(default)]
    pub(super) runs_until: Option<DateTime<Utc>>,
    /// By repository, when the oldest of its deployments began that had no end yet, as earlier runs left it; and that of the
    /// repository being read, as far as this one has found it.
    #[serde(default)]
    pub(super) open_since: BTreeMap<String, DateTime<Utc>>,
    #[serde(default)]
    pub(super) open_found: Option<DateTime<Utc>>,
    /// What GitHub calls the repository being read, where that is not what the configuration calls it.
    #[serde(default)]
    pub(super) renamed_to: Option<String>,
    /// What its facts call it, where that is another spelling.
    #[serde(default)]
    pub(super) called: Option<String>,
    /// By a repository's name in lower case, the spelling under which facts tell of it: the first that was met.
    #[serde(default)]
    pub(super) spelled: BTreeMap<String, String>,
    /// By GitHub's number of a repository, the name under which facts tell of it.
    #[serde(default)]
    pub(super) names: BTreeMap<i64, String>,
    /// Deployments by workflow runs that succeeded, with when they began, as far back as a run may be run again: GitHub lists
    /// only the last attempt of each.
    #[serde(default)]
    pub(super) succeeded: BTreeMap<String, DateTime<Utc>>,
    /// Up to when each repository has been read by runs that ended with it.
    pub(super) read_to: BTreeMap<String, DateTime<Utc>>,
    /// Deployments that wait for the one before them in their lane, or may be that of others.
    #[serde(default)]
    pub(super) waiting: Vec<InLane>,
    /// Deployments whose commits are to be asked for.
    pub(super) to_compare: VecDeque<Pair>,
    pub(super) compare_page: u32,
    /// Where the first of them is of one folder only: all its commits, and the begin of the oldest. Which of them touch
    /// the folder is asked next, page by page.
    pub(super) in_range: Vec<InRange>,
    pub(super) in_range_since: Option<DateTime<Utc>>,
    pub(super) touching_after: Option<String>,
    pub(super) is_narrowing: bool,
    /// By repository, the reusable workflow it uses, as told last.
    pub(super) pipelines: BTreeMap<String, Pipeline>,
    /// Deployments whose commits are known, as far as the overlap may show them again.
    pub(super) compared: BTreeMap<String, DateTime<Utc>>,
    /// By lane, when which revision was deployed last, as earlier runs left it and as this one found it.
    pub(super) heads: BTreeMap<String, (DateTime<Utc>, String)>,
    pub(super) heads_found: BTreeMap<String, (DateTime<Utc>, String)>,
}

/// A reusable workflow, and the version of it that a repository uses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Pipeline {
    pub(super) workflow: String,
    pub(super) version: String,
}

impl GitHub {
    /// Where a run begins: anew, after where an earlier one ended, or where it was cut.
    pub(super) fn begin_from(
        &self,
        last: Option<Position>,
        since: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Position {
        let (owners, repositories): (VecDeque<String>, VecDeque<String>) =
            self.options.repositories.iter().cloned().partition(|name| name.ends_with("/*"));
        let fresh = Position {
            began: now,
            is_done: false,
            since,
            owners: owners.into_iter().map(|owner| owner.trim_end_matches("/*").to_owned()).collect(),
            owners_after: None,
            repositories,
            section: Section::Changes,
            after: None,
            commits_after: None,
            has_all_commits: false,
            trunk: Vec::new(),
            has_trunk_holes: false,
            issues: Issues::default(),
            is_incomplete: false,
            is_passed: false,
            is_rest: false,
            owed: BTreeMap::new(),
            held: BTreeMap::new(),
            page_size: None,
            owed_pairs: VecDeque::new(),
            workflows: self.options.workflows.iter().cloned().collect(),
            page: 1,
            runs_until: None,
            open_since: BTreeMap::new(),
            open_found: None,
            renamed_to: None,
            called: None,
            spelled: BTreeMap::new(),
            names: BTreeMap::new(),
            succeeded: BTreeMap::new(),
            read_to: BTreeMap::new(),
            waiting: Vec::new(),
            to_compare: VecDeque::new(),
            compare_page: 1,
            in_range: Vec::new(),
            in_range_since: None,
            touching_after: None,
            is_narrowing: false,
            pipelines: BTreeMap::new(),
            compared: BTreeMap::new(),
            heads: BTreeMap::new(),
            heads_found: BTreeMap::new(),
        };
        match last {
            None => fresh,
            Some(last) if !last.is_done && since.is_none() => {
                let last = self.gone_on_with(last);
                if last.is_done { self.begin_from(Some(last), None, now) } else { last }
            }
            Some(last) => {
                let mut owed = last.owed.clone();
                if !last.is_done {
                    for repository in &last.repositories {
                        let of_it = Position { repositories: [repository.clone()].into(), ..last.clone() };
                        owed.insert(repository.clone(), self.whole_floor(&of_it));
                    }
                }
                // What is not given for a month will not be.
                let is_young = |pair: &Pair| pair.created_at >= now - Duration::days(30);
                let to_compare =
                    last.owed_pairs.iter().chain(&last.to_compare).filter(|pair| is_young(pair)).cloned().collect();
                let mut open_since = last.open_since;
                open_since.retain(|repository, _| self.is_configured(repository));
                // Those that neither the overlap nor a little more, nor a deployment without an end, can show again need no
                // remembering.
                let shown = last.began - self.reach() - Duration::days(1);
                let oldest_open = open_since.values().min().map(|at| (*at).max(longest_open(now)));
                let shown = oldest_open.map_or(shown, |at| at.min(shown));
                let compared = last.compared.into_iter().filter(|(_, at)| *at >= shown && since.is_none()).collect();
                let mut heads = last.heads;
                heads.extend(last.heads_found);
                let pipelines = if since.is_none() { last.pipelines } else { BTreeMap::new() };
                let (spelled, names, mut succeeded) = (last.spelled, last.names, last.succeeded);
                succeeded.retain(|_, at| *at >= shown);
                let mut held = if since.is_none() { last.held } else { BTreeMap::new() };
                held.retain(|repository, held| held.read_to.is_some() && self.is_configured(repository));
                let mut begin = Position {
                    read_to: last.read_to,
                    pipelines,
                    compared,
                    heads,
                    owed,
                    held,
                    to_compare,
                    open_since,
                    spelled,
                    names,
                    succeeded,
                    ..fresh
                };
                begin.take_up();
                begin
            }
        }
    }

    /// From when on the repository being read is read: all but the section that is held was read by the last run.
    pub(super) fn floor(&self, position: &Position) -> Option<DateTime<Utc>> {
        match position.read_but_for_held() {
            Some(read_to) => Some(read_to - self.overlap()),
            None => self.whole_floor(position),
        }
    }

    /// From when on it is read where nothing of it is held.
    pub(super) fn whole_floor(&self, position: &Position) -> Option<DateTime<Utc>> {
        let repository = position.repositories.front()?;
        let read_to = position.read_to.get(repository).map(|read_to| *read_to - self.overlap());
        let from = match (position.since, read_to) {
            (Some(since), Some(read_to)) => Some(read_to.min(since)),
            (since, read_to) => since.or(read_to).or(self.setting.since),
        };
        match position.owed.get(repository) {
            // No run leaves out what was not read yet.
            Some(owed) => Some(from?.min((*owed)?)),
            None => from,
        }
    }

    /// Whether a repository is still one of those configured.
    fn is_configured(&self, repository: &str) -> bool {
        let owner = repository.split('/').next().unwrap_or_default();
        self.is_named(repository) || self.options.repositories.iter().any(|name| name.strip_suffix("/*") == Some(owner))
    }

    /// Whether a repository is configured by its own name. GitHub does not mind letter case.
    pub(super) fn is_named(&self, repository: &str) -> bool {
        self.options.repositories.iter().any(|name| name.eq_ignore_ascii_case(repository))
    }

    /// Where a run that was cut goes on: without the repositories that were taken out of the configuration since.
    fn gone_on_with(&self, mut last: Position) -> Position {
        let first = last.repositories.front().cloned();
        last.repositories.retain(|repository| self.is_configured(repository));
        last.owners.retain(|owner| self.options.repositories.iter().any(|name| name.strip_suffix("/*") == Some(owner)));
        last.to_compare.retain(|pair| self.is_configured(&pair.repository));
        if last.repositories.front() != first.as_ref() {
            last.section = Section::Changes;
            (last.after, last.commits_after, last.has_all_commits) = (None, None, false);
            last.page_size = None;
            (last.is_incomplete, last.is_passed) = (false, false);
            (last.page, last.runs_until) = (1, None);
            last.trunk.clear();
            last.has_trunk_holes = false;
            last.issues = Issues::default();
            last.waiting.clear();
            (last.open_found, last.renamed_to, last.called) = (None, None, None);
            last.take_up();
        }
        // Every configured one gets its turn, also those that were added since.
        for added in &self.options.repositories {
            let is_known = last.repositories.contains(added) || last.read_to.contains_key(added);
            if !added.ends_with("/*") && !is_known && !last.owed.contains_key(added) {
                last.repositories.push_back(added.clone());
            }
        }
        last.is_done = last.repositories.is_empty() && last.owners.is_empty() && last.to_compare.is_empty();
        last
    }
}

/// By GitHub's numbers of repositories, the names under which what was read tells of them; of a position as it is kept.
pub fn names(position: &str) -> BTreeMap<i64, String> {
    #[derive(Deserialize)]
    struct Named {
        #[serde(default)]
        names: BTreeMap<i64, String>,
    }
    // One that cannot be read is told of where it is read on from.
    serde_json::from_str::<Named>(position).map(|position| position.names).unwrap_or_default()
}
