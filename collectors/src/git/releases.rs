//! Which release brought which commits, and which of those are changes.

use super::graph::{Graph, Index};

const NOT_ASSIGNED: u32 = u32::MAX;

/// The commits reachable from one release and from none before it, or those of the branch that no release has.
pub(super) struct Set {
    /// The released commit, or the branch's head.
    pub tip: Index,
    /// All of them, parents before children.
    pub commits: Vec<Index>,
    /// Those on the first-parent line of the tip, the oldest first.
    pub changes: Vec<Index>,
}

/// Every commit's release.
pub(super) struct Plan {
    /// One set for each release, in order, and one for the rest of the branch.
    pub sets: Vec<Set>,
}

impl Plan {
    /// Assigns all commits that are not hidden: each to the first of the releases that reaches it, else to the branch.
    /// Looks at every commit once, however many releases there are.
    pub(super) fn new(graph: &Graph, oldest_first: &[Index], releases: &[Index], head: Index) -> Plan {
        let mut set_of = vec![NOT_ASSIGNED; graph.commits.len()];
        let is_free =
            |set_of: &[u32], index: Index| set_of[index as usize] == NOT_ASSIGNED && !graph.commit(index).is_hidden;
        let tips = || releases.iter().copied().chain([head]);
        let mut stack = Vec::new();
        for (set, tip) in tips().enumerate() {
            stack.push(tip);
            while let Some(index) = stack.pop() {
                if is_free(&set_of, index) {
                    set_of[index as usize] = set as u32;
                    stack.extend_from_slice(graph.parents(index));
                }
            }
        }
        let mut sets: Vec<Set> = tips()
            .enumerate()
            .map(|(set, tip)| Set { tip, commits: Vec::new(), changes: line_within(graph, &set_of, set as u32, tip) })
            .collect();
        for index in oldest_first {
            if let Some(set) = sets.get_mut(set_of[*index as usize] as usize) {
                set.commits.push(*index);
            }
        }
        Plan { sets }
    }

    /// The commits of the branch that no release has.
    pub(super) fn unreleased(&self) -> &Set {
        self.sets.last().expect("a plan has a set for the branch")
    }
}

/// A commit that an earlier release has is followed by such commits only, so the line within a set has no gaps.
fn line_within(graph: &Graph, set_of: &[u32], set: u32, tip: Index) -> Vec<Index> {
    let mut next = Some(tip).filter(|tip| set_of[*tip as usize] == set);
    let mut line = Vec::new();
    while let Some(index) = next {
        line.push(index);
        next = graph.parents(index).first().copied().filter(|parent| set_of[*parent as usize] == set);
    }
    line.reverse();
    line
}
