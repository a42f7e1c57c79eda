//! What GitHub does not give in spite of all trying: it is told, the rest is read, and the next run takes it up where it stood.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::GitHub;
use super::position::{Position, Section};
use crate::pull::{Next, Note, Page, Stopped};

/// A page of pull requests is made no smaller than this.
const SMALLEST_PAGE: u32 = 5;

/// The section of a repository that could not be read, and where its reading stood. Later runs read the others as usual, and of
/// the changes what is new, before they try it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Held {
    /// When the last run began that read the others; none while that run still reads them.
    #[serde(default)]
    pub(super) read_to: Option<DateTime<Utc>>,
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
        onward.hold(repository);
        if position.section == Section::Deployments {
            // They are read again, from the newest on.
            let lanes = format!("{} ", position.called.as_ref().unwrap_or(repository));
            onward.heads_found.retain(|lane, _| !lane.starts_with(&lanes));
        }
        page(self.after_section(onward), format!("the {} of {repository}", position.section.purpose()))
    }

    /// Pull requests in a page: fewer where GitHub failed over more.
    pub(super) fn page_size(&self, position: &Position) -> u32 {
        position.page_size.unwrap_or(self.options.page_size)
    }
}

impl Position {
    /// Up to when all was read of the repository being read but for the section that is held, unless that is being read.
    pub(super) fn read_but_for_held(&self) -> Option<DateTime<Utc>> {
        self.held.get(self.repositories.front()?).filter(|_| !self.is_rest)?.read_to
    }

    /// Notes where the section stands that cannot be read. Where another one is held, all is read again.
    fn hold(&mut self, repository: &str) {
        let held = self.held.remove(repository);
        let is_of_changes = self.section <= Section::Commits;
        match held {
            // The commits come along with the changes.
            Some(held) if self.is_passed && is_of_changes && held.section == Section::Changes => {
                self.held.insert(repository.to_owned(), held);
            }
            Some(_) if !self.is_rest => self.is_incomplete = true,
            held => {
                let held = Held {
                    read_to: held.and_then(|held| held.read_to),
                    section: self.section,
                    after: self.after.clone().filter(|_| self.section == Section::Changes),
                    commits_after: self.commits_after.clone().filter(|_| is_of_changes),
                    has_all_commits: self.has_all_commits,
                };
                self.held.insert(repository.to_owned(), held);
            }
        }
        self.is_passed = true;
    }

    /// Where a section begins: whether it is the one that is held, and all of it.
    pub(super) fn take_up(&mut self) {
        let first = self.repositories.front().filter(|_| self.owners.is_empty());
        let held = first.and_then(|repository| self.held.get(repository));
        let is_it = |held: &Held| held.section == self.section && held.after.is_none() && held.commits_after.is_none();
        self.is_rest = held.is_some_and(is_it);
    }

    /// Goes from what is new of the changes and commits to where their reading stood, if it could not go on.
    pub(super) fn go_back(&mut self) -> bool {
        let held = self.repositories.front().and_then(|repository| self.held.get(repository));
        let is_of_changes = |held: &&Held| held.section <= Section::Commits && !self.is_rest && !self.is_passed;
        let Some(held) = held.filter(is_of_changes) else { return false };
        (self.section, self.after) = (held.section, held.after.clone());
        (self.commits_after, self.has_all_commits) = (held.commits_after.clone(), held.has_all_commits);
        // What was read of the trunk before is not remembered.
        (self.has_trunk_holes, self.is_rest) = (true, true);
        true
    }

    /// Takes the repository that was read off, and notes how far it was read; what was not, from when on it is owed.
    pub(super) fn close(&mut self, floor: Option<DateTime<Utc>>) {
        let Some(repository) = self.repositories.pop_front() else { return };
        if self.is_incomplete {
            self.held.remove(&repository);
            self.owed.insert(repository, floor);
        } else if self.is_passed {
            let began = self.began;
            self.held.entry(repository.clone()).and_modify(|held| held.read_to = Some(began));
            self.owed.insert(repository, floor);
        } else {
            self.held.remove(&repository);
            self.owed.remove(&repository);
            self.read_to.insert(repository, self.began);
        }
        (self.is_incomplete, self.is_passed) = (false, false);
    }
}
