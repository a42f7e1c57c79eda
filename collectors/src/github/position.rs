//! Where the reading is: which repository, section and page, and what earlier runs left for later ones.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::comparing::Pair;

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
    /// A part of the repository being read was not given, so that it does not count as read.
    #[serde(default)]
    pub(super) is_incomplete: bool,
    /// Repositories that were not read whole by the last run, with from when on they were to be read (none: from the
    /// begin): a run from a later time reads them from then all the same.
    #[serde(default)]
    pub(super) owed: BTreeMap<String, Option<DateTime<Utc>>>,
    /// Deployments whose commits were not given, to be asked for again by the next run.
    #[serde(default)]
    pub(super) owed_pairs: VecDeque<Pair>,
    /// Workflow files still to be read, and the page of the first.
    pub(super) workflows: VecDeque<String>,
    pub(super) page: u32,
    /// Up to when each repository has been read by runs that ended with it.
    pub(super) read_to: BTreeMap<String, DateTime<Utc>>,
    /// By lane, the deployment that still waits for the one before it.
    pub(super) unpaired: BTreeMap<String, Pair>,
    /// Deployments whose commits are to be asked for.
    pub(super) to_compare: VecDeque<Pair>,
    pub(super) compare_page: u32,
    /// Where the first of them is of one folder only: all its commits, and the begin of the oldest. Which of them touch
    /// the folder is asked next, page by page.
    pub(super) in_range: Vec<String>,
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
