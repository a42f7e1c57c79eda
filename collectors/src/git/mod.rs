//! A local clone becomes facts: each matching tag a deployment, the commits it was the first to contain its content.
//!
//! A deployment's commits are those reachable from its tag and from no earlier matching tag; the first tag only sets the
//! baseline, unless [`Options::include_first`] is set. A change is such a commit on the tag's first-parent line. What the
//! branch has beyond all tags is merged and not yet deployed.
//!
//! Nothing is fetched, no git program is run, and nothing in the clone is written.

mod cursor;
mod emit;
mod error;
mod graph;
mod lines;
mod message;
mod notes;
mod object;
mod origin;
mod owners;
mod pattern;
mod releases;
mod repository;
mod reverts;
mod run;
mod signature;
mod tags;
mod version;

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use facts::{Change, Commit, DeployedCommit, Deployment, Service, Team};

/// What a message says, in git's own words, that it undoes: a revision, or else a title.
pub(crate) fn reverted_by(text: &str) -> Option<String> {
    message::read(text.as_bytes()).reverts.map(|revert| match revert {
        message::Revert::Revision(revision) => revision,
        message::Revert::Title(title) => title,
    })
}

pub(crate) use message::does_again;

pub use error::GitError;
pub use pattern::TagPattern;

/// What to collect.
#[derive(Debug, Clone)]
pub struct Options {
    /// The clone: bare or not, a linked worktree, or a folder within one.
    pub path: PathBuf,
    /// The service's name; without one, the last part of the repository's.
    pub service: Option<String>,
    /// The team that owns the service from now on. None takes nothing from what an earlier run was told.
    pub team: Option<String>,
    /// Which tags are releases.
    pub tags: TagPattern,
    /// The environment that releases go to.
    pub environment: String,
    /// The branch whose commits are merged; without one, the branch that HEAD is on.
    pub branch: Option<String>,
    /// Whether the first release lists its commits, all of the history up to it.
    pub include_first: bool,
    /// Whether the repository is taken for the one collected before, though nothing else says so.
    pub is_moved: bool,
    /// The present.
    pub now: DateTime<Utc>,
}

/// What was collected.
#[derive(Debug, Clone)]
pub struct Collected {
    /// The service deployed.
    pub service: String,
    /// `OWNER/REPO` from the remote `origin`, or the directory's name; the source's, where that is another repository's.
    pub repository: String,
    /// The source that the facts belong to: `git:` and the service; of its second environment and further ones
    /// `git:SERVICE@ENVIRONMENT`.
    pub source: String,
    /// The facts.
    pub facts: GitFacts,
    /// To be given to the next [`collect`], once the facts are stored.
    pub cursor: String,
    /// Whether the facts are all there are.
    pub scope: Scope,
    /// What the user should know about the figures.
    pub notes: Vec<String>,
    /// How many commit objects were read for it.
    pub n_commits_read: usize,
}

/// The facts of a repository.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GitFacts {
    /// One for each matching tag.
    pub deployments: Vec<Deployment>,
    /// Commits on first-parent lines.
    pub changes: Vec<Change>,
    /// Commits that are not merges.
    pub commits: Vec<Commit>,
    /// Which deployment brought which commit, merges among them.
    pub deployed_commits: Vec<DeployedCommit>,
    /// The service, from the earliest of all times on, and again from each run on that named another team.
    pub services: Vec<Service>,
    /// The teams that were named.
    pub teams: Vec<Team>,
}

/// How the facts relate to those collected before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Only what is new since the cursor.
    New,
    /// Everything: facts of this source that are not in here no longer hold and are to be removed.
    Whole,
}

/// Reads a clone. With the `cursor` of an earlier run only what has been added since, if the facts of that run still
/// hold; [`Collected::scope`] tells. `progress` is called now and then with the number of commits read.
pub fn collect(options: &Options, cursor: Option<&str>, progress: &mut dyn FnMut(u64)) -> Result<Collected, GitError> {
    run::Run::begin(options)?.collect(cursor, progress)
}

/// The same beside what was collected from this and other clones before: of each source that begins with [`SOURCES`] its
/// cursor. Chooses the source by them, and refuses to take a source for another repository.
pub fn collect_beside(
    options: &Options,
    cursors: &BTreeMap<String, String>,
    progress: &mut dyn FnMut(u64),
) -> Result<Collected, GitError> {
    run::Run::begin(options)?.collect_beside(cursors, progress)
}

/// What the names of all sources begin with that [`collect`] names.
pub const SOURCES: &str = "git:";
