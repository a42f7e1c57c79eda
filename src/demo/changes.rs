//! A change's way onto the trunk, drawn backwards from when it reaches production.

use chrono::{DateTime, Utc};
use rand::Rng;

use super::delivery::Simulation;
use super::names;
use super::random::{pick, poisson};

pub(super) type Revision = [u8; 20];

pub(super) struct DraftChange {
    pub(super) first_commit_at: DateTime<Utc>,
    /// Opened, first reviewed and approved, where the change went through review.
    pub(super) review: Option<[DateTime<Utc>; 3]>,
    pub(super) merged_at: DateTime<Utc>,
    pub(super) author: String,
    pub(super) commits: Vec<(Revision, DateTime<Utc>)>,
    pub(super) title: String,
    /// The position of the change that it undoes.
    pub(super) reverts: Option<usize>,
    pub(super) additions: i64,
    pub(super) deletions: i64,
}

impl Simulation<'_> {
    /// A change that reaches production at `deployed_at`, by a person or now and then a bot; returns its position.
    pub(super) fn change(&mut self, deployed_at: DateTime<Utc>) -> usize {
        let team = self.team_at(deployed_at);
        let (deploy, coding, pickup, review) = (team.deploy.at(deployed_at), team.coding, team.pickup, team.review);
        let merged_at = deployed_at - deploy.sample(&mut self.random);
        let reviewed_at = merged_at - review.sample(&mut self.random);
        let opened_at = reviewed_at - pickup.sample(&mut self.random);
        let is_bot = self.random.random_bool(0.06);
        let first_commit_at = if is_bot { opened_at } else { opened_at - coding.sample(&mut self.random) };
        let approved_at = self.between(reviewed_at, merged_at, 0.6, 1.0);
        let draw: u32 = self.random.random();
        let is_reviewed = is_bot || self.random.random_bool(0.97);
        let (n_commits, author, title) = if is_bot {
            (1, pick(&mut self.random, &["renovate[bot]", "dependabot[bot]"]).to_owned(), names::bump_title(draw))
        } else {
            let n_commits = (1 + poisson(&mut self.random, 2.3)).min(12);
            (n_commits, self.person(first_commit_at), names::change_title(draw))
        };
        let commits = self.commits(n_commits, first_commit_at, opened_at, merged_at);
        self.history.changes.push(DraftChange {
            first_commit_at,
            review: is_reviewed.then_some([opened_at, reviewed_at, approved_at]),
            merged_at,
            author,
            additions: self.random.random_range(1..40) * n_commits as i64,
            deletions: self.random.random_range(0..20) * n_commits as i64,
            commits,
            title,
            reverts: None,
        });
        self.history.changes.len() - 1
    }

    /// Commits in order of time: the first at its time, the others up to the opening, one in four after the review.
    fn commits(
        &mut self,
        n_commits: u64,
        first_at: DateTime<Utc>,
        opened_at: DateTime<Utc>,
        merged_at: DateTime<Utc>,
    ) -> Vec<(Revision, DateTime<Utc>)> {
        let mut authored: Vec<DateTime<Utc>> = vec![first_at];
        for _ in 1..n_commits {
            let is_late = self.random.random_bool(0.25);
            let (from, to) = if is_late { (opened_at, merged_at) } else { (first_at, opened_at) };
            authored.push(self.between(from, to, 0.0, 1.0));
        }
        authored.sort();
        authored.into_iter().map(|at| (self.random.random(), at)).collect()
    }

    /// The change of a hotfix, written, reviewed and merged while the fault lasts; a third undo an earlier change.
    pub(super) fn hotfix(&mut self, failed: usize, noticed_at: DateTime<Utc>, mended_at: DateTime<Utc>) -> usize {
        let culprit = self.history.deployments[failed].brings.last().copied();
        let reverts = culprit.filter(|_| self.random.random_bool(0.35));
        let first_commit_at = self.between(noticed_at, mended_at, 0.05, 0.2);
        let opened_at = self.between(noticed_at, mended_at, 0.25, 0.35);
        let reviewed_at = self.between(noticed_at, mended_at, 0.38, 0.5);
        let merged_at = self.between(noticed_at, mended_at, 0.55, 0.68);
        let title = match reverts {
            Some(change) => format!("Revert \"{}\"", self.history.changes[change].title),
            None => format!("Hotfix: {}", names::change_title(self.random.random())),
        };
        let change = DraftChange {
            first_commit_at,
            review: Some([opened_at, reviewed_at, self.between(reviewed_at, merged_at, 0.5, 1.0)]),
            merged_at,
            author: self.person(first_commit_at),
            commits: self.commits(1, first_commit_at, opened_at, merged_at),
            title,
            reverts,
            additions: self.random.random_range(1..30),
            deletions: self.random.random_range(0..30),
        };
        self.history.changes.push(change);
        self.history.changes.len() - 1
    }

    /// The last commit of a change, which is the one on the trunk.
    pub(super) fn head(&self, change: usize) -> Revision {
        self.history.changes[change].commits.last().expect("a change has at least one commit").0
    }
}
