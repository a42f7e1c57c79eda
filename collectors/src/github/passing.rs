//! What GitHub does not give in spite of all trying: it is told, the rest is read, and the next run takes it up where it stood.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::GitHub;
use super::position::{Position, Section};
use crate::pull::{Next, Note, Page, Stopped};

/// A page of pull requests is made no smaller than this.
const SMALLEST_PAGE: u32 = 5;

/// Where the reading of a repository stood that could not go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Held {
    /// When the run began that read what lies before it.
    began: DateTime<Utc>,
    section: Section,
    after: Option<String>,
    commits_after: Option<String>,
    has_all_commits: bool,
}

impl GitHub {
    pub(super) fn passed_over(&self, position: &Position, why: &Stopped) -> Option<Page<Position>> {
        let may_be_of_it = match why {
            Stopped::Refused { status, .. } => *status >= 500,
            Stopped::Unreadable { .. } => true,
            _ => false,
        };
        if !may_be_of_it {
            return None;
        }
        let page = |next, what: String| {
            let notes = vec![Note::Denied(format!("{what} were not given: {why}"))];
            Some(Page { facts: Vec::new(), next, notes, remains: Vec::new() })
        };
        let mut onward = position.clone();
        if let Some(pair) = position.to_compare.front() {
            onward.owed_pairs.push_back(pair.clone());
            let what = format!("the commits of deployment {} of {}", pair.deployment, pair.repository);
            return page(onward.after_comparison(), what);
        }
        if let Some(owner) = onward.owners.pop_front() {
            onward.owners_after = None;
            onward.is_done = onward.owners.is_empty() && onward.repositories.is_empty();
            onward.take_up();
            let next = if onward.is_done { Next::Done(onward) } else { Next::Ask(onward) };
            return page(next, format!("the repositories of {owner}"));
        }
        let repository = position.repositories.front()?;
        let size = self.page_size(position);
        if position.section == Section::Changes && size >= 4 * SMALLEST_PAGE {
            onward.page_size = Some(size / 4);
            return Some(Page { facts: Vec::new(), next: Next::Ask(onward), notes: Vec::new(), remains: Vec::new() });
        }
        // Where something before was not given, all is read again.
        let held = (!position.is_incomplete).then(|| Held {
            began: position.began_of(repository),
            section: position.section,
            after: position.after.clone().filter(|_| position.section == Section::Changes),
            commits_after: position.commits_after.clone(),
            has_all_commits: position.has_all_commits,
        });
        onward.held.remove(repository);
        onward.held.extend(held.map(|held| (repository.clone(), held)));
        if position.section == Section::Deployments {
            // They are read again, from the newest on.
            let lanes = format!("{} ", position.called.as_ref().unwrap_or(repository));
            onward.heads_found.retain(|lane, _| !lane.starts_with(&lanes));
        }
        (onward.section, onward.is_incomplete) = (Section::Pipelines, true);
        page(self.after_section(onward), format!("the {} of {repository}", position.section.purpose()))
    }

    /// Pull requests in a page: fewer where GitHub failed over more.
    pub(super) fn page_size(&self, position: &Position) -> u32 {
        position.page_size.unwrap_or(self.options.page_size)
    }
}

impl Position {
    /// When the run began that read the first of a repository, of which this reads the rest.
    pub(super) fn began_of(&self, repository: &str) -> DateTime<Utc> {
        self.held.get(repository).map_or(self.began, |held| held.began)
    }

    /// Goes to where the reading of the repository stood that comes now, if it could not go on.
    pub(super) fn take_up(&mut self) {
        let first = self.repositories.front().filter(|_| self.owners.is_empty());
        let Some(held) = first.and_then(|repository| self.held.get(repository)) else { return };
        (self.section, self.after) = (held.section, held.after.clone());
        (self.commits_after, self.has_all_commits) = (held.commits_after.clone(), held.has_all_commits);
        // What was read of the trunk before is not remembered.
        self.has_trunk_holes = true;
    }
}
