//! The history as numbered commits: every commit object is read once, and everything after works on indices.
//!
//! A later run needs only what earlier ones have not seen. It hides the commits reachable from tags seen before and
//! walks from new to old until what is left is hidden. Since clocks are wrong now and then, "new to old" alone proves
//! nothing; the walk therefore goes on for as long as the largest known disorder of times, [`Graph::skew`], could still
//! hide a commit found so far.

use std::collections::BinaryHeap;
use std::ops::Range;

use gix::ObjectId;
use gix::hashtable::HashMap;
use gix::objs::{FindExt, Kind};

use super::error::GitError;
use super::message::{self, Revert};
use super::object::Object;
use super::repository::Repository;
use super::signature;

/// How many commits are read between two calls of the progress function.
const PROGRESS_STEP: u64 = 1024;

/// A commit's number.
pub(super) type Index = u32;

/// What is kept of a commit.
pub(super) struct Commit {
    pub id: ObjectId,
    /// Seconds since 1970.
    pub authored: i64,
    /// Seconds since 1970.
    pub committed: i64,
    pub author: Option<Box<str>>,
    pub subject: Box<str>,
    pub reverts: Option<Revert>,
    /// Reachable from a commit that was to be hidden.
    pub is_hidden: bool,
    /// Whether the parents are part of the graph; otherwise the walk ended here.
    is_open: bool,
    edges: Range<u32>,
}

impl Commit {
    pub(super) fn is_merge(&self) -> bool {
        self.edges.len() > 1
    }
}

/// How far to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Until only hidden commits are left.
    Hidden {
        /// [`Graph::skew`] of the hidden part.
        skew: i64,
    },
    /// The whole history.
    Everything,
}

/// Commits and their parents.
#[derive(Default)]
pub(super) struct Graph {
    pub commits: Vec<Commit>,
    /// How many commits carry a time that cannot be kept as it is.
    pub n_odd_times: usize,
    indices: HashMap<ObjectId, Index>,
    /// Parents, one after the other; a commit's are those in its `edges`. The numbers are known once it is open.
    parent_ids: Vec<ObjectId>,
    parents: Vec<Index>,
    queue: BinaryHeap<(i64, Index)>,
    /// How many commits in the queue are not hidden.
    n_waiting: usize,
    buffer: Vec<u8>,
}

impl Graph {
    /// Reads what is reachable from `tips`, and of what is reachable from `hidden` as much as `depth` asks for.
    pub(super) fn read(
        repository: &Repository,
        tips: &[ObjectId],
        hidden: &[ObjectId],
        depth: Depth,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Graph, GitError> {
        let mut graph = Graph::default();
        for tip in tips {
            graph.find_or_read(repository, *tip)?;
        }
        for tip in hidden {
            let index = graph.find_or_read(repository, *tip)?;
            graph.hide(index);
        }
        let mut oldest = i64::MAX;
        while let Some((time, index)) = graph.queue.pop() {
            if let Depth::Hidden { skew } = depth
                && graph.n_waiting == 0
                && time.saturating_add(skew) < oldest
            {
                break;
            }
            if !graph.commits[index as usize].is_hidden {
                graph.n_waiting -= 1;
                oldest = oldest.min(time);
            }
            graph.open(repository, index)?;
            let n_read = graph.commits.len() as u64;
            if n_read.is_multiple_of(PROGRESS_STEP) {
                progress(n_read);
            }
        }
        progress(graph.commits.len() as u64);
        Ok(graph)
    }

    /// The number of a commit that was read.
    pub(super) fn index(&self, id: &ObjectId) -> Option<Index> {
        self.indices.get(id).copied()
    }

    pub(super) fn commit(&self, index: Index) -> &Commit {
        &self.commits[index as usize]
    }

    /// A commit's parents, the first one first; none for roots and where the walk ended.
    pub(super) fn parents(&self, index: Index) -> &[Index] {
        let commit = self.commit(index);
        if commit.is_open { &self.parents[commit.edges.start as usize..commit.edges.end as usize] } else { &[] }
    }

    fn find_or_read(&mut self, repository: &Repository, id: ObjectId) -> Result<Index, GitError> {
        if let Some(index) = self.index(&id) {
            return Ok(index);
        }
        let index = Index::try_from(self.commits.len()).expect("no repository has four thousand million commits");
        let broken = |reason: &dyn std::fmt::Display| repository.broken_object(&id, reason);
        let data = repository.git.objects.find(&id, &mut self.buffer).map_err(|error| broken(&error))?;
        if data.kind != Kind::Commit {
            return Err(broken(&format!("it is a {}, not a commit", data.kind)));
        }
        let commit = Object::read(data.data);
        let parents = commit.names("parent").ok_or_else(|| broken(&"a parent's name is none"))?;
        let (author, committer) = (signature::read(commit.value("author")), signature::read(commit.value("committer")));
        let message = message::read(commit.message);
        let start = self.parent_ids.len() as u32;
        self.parent_ids.extend(parents);
        let edges = start..self.parent_ids.len() as u32;
        self.parents.resize(self.parent_ids.len(), 0);
        self.n_odd_times += usize::from(author.is_odd || committer.is_odd);
        self.commits.push(Commit {
            id,
            authored: author.seconds,
            committed: committer.seconds,
            author: author.person.map(String::into_boxed_str),
            subject: message.subject.into_boxed_str(),
            reverts: message.reverts,
            is_hidden: false,
            is_open: false,
            edges,
        });
        self.indices.insert(id, index);
        self.queue.push((committer.seconds, index));
        self.n_waiting += 1;
        Ok(index)
    }

    /// Takes the parents of a commit into the graph.
    fn open(&mut self, repository: &Repository, index: Index) -> Result<(), GitError> {
        let (edges, is_hidden) = (self.commit(index).edges.clone(), self.commit(index).is_hidden);
        self.commits[index as usize].is_open = true;
        for edge in edges {
            let parent = self.find_or_read(repository, self.parent_ids[edge as usize])?;
            self.parents[edge as usize] = parent;
            if is_hidden {
                self.hide(parent);
            }
        }
        Ok(())
    }

    /// Hides a commit and every ancestor known so far; later ones are hidden as they are found.
    fn hide(&mut self, index: Index) {
        let mut stack = vec![index];
        while let Some(index) = stack.pop() {
            let commit = &mut self.commits[index as usize];
            if std::mem::replace(&mut commit.is_hidden, true) {
                continue;
            }
            if commit.is_open {
                stack.extend_from_slice(self.parents(index));
            } else {
                self.n_waiting -= 1;
            }
        }
    }

    /// Which commits are a commit or its ancestors, as far as the graph was read.
    pub(super) fn ancestors(&self, index: Index) -> Vec<bool> {
        let mut is_found = vec![false; self.commits.len()];
        let mut stack = vec![index];
        while let Some(index) = stack.pop() {
            if !std::mem::replace(&mut is_found[index as usize], true) {
                stack.extend_from_slice(self.parents(index));
            }
        }
        is_found
    }

    /// All commits, parents before children.
    pub(super) fn oldest_first(&self) -> Vec<Index> {
        let mut order = Vec::with_capacity(self.commits.len());
        let mut is_seen = vec![false; self.commits.len()];
        let mut stack = Vec::new();
        for start in (0..self.commits.len() as Index).rev() {
            stack.push((start, 0));
            while let Some((index, n_done)) = stack.pop() {
                if n_done == 0 && std::mem::replace(&mut is_seen[index as usize], true) {
                    continue;
                }
                match self.parents(index).get(n_done) {
                    Some(parent) => {
                        stack.push((index, n_done + 1));
                        stack.push((*parent, 0));
                    }
                    None => order.push(index),
                }
            }
        }
        order
    }

    /// By how many seconds an ancestor's time is later than its descendant's, at most. `known` is the figure of the
    /// part that was not read.
    pub(super) fn skew(&self, oldest_first: &[Index], known: i64) -> i64 {
        let mut newest = vec![i64::MIN; self.commits.len()];
        let mut skew = known;
        for index in oldest_first {
            let commit = self.commit(*index);
            let own = if commit.is_open { commit.committed } else { commit.committed.saturating_add(known) };
            let before = self.parents(*index).iter().map(|parent| newest[*parent as usize]).max();
            let mut latest = own.max(before.unwrap_or(own));
            if commit.is_hidden {
                latest = latest.min(commit.committed.saturating_add(known));
            }
            newest[*index as usize] = latest;
            skew = skew.max(latest.saturating_sub(commit.committed));
        }
        skew
    }
}
