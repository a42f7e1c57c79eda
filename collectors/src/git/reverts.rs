//! What a change undoes.

use std::collections::HashMap;

use super::graph::{Graph, Index};
use super::message::{self, Revert};
use super::releases::Plan;
use super::repository::Repository;

/// The changes of a repository by title.
pub(super) struct Titles<'g> {
    graph: &'g Graph,
    by_title: HashMap<&'g str, Vec<(Order, Index)>>,
    order: HashMap<Index, Order>,
}

/// When a change was merged, and at the same second its place in the history.
type Order = (i64, usize);

impl<'g> Titles<'g> {
    /// Takes in all changes of a plan, those of the first release too: they are not reported, but can be undone.
    pub(super) fn of(graph: &'g Graph, oldest_first: &[Index], plan: &Plan) -> Titles<'g> {
        let position: HashMap<Index, usize> = oldest_first.iter().enumerate().map(|(at, index)| (*index, at)).collect();
        let mut titles = Titles { graph, by_title: HashMap::new(), order: HashMap::new() };
        for index in plan.sets.iter().flat_map(|set| &set.changes) {
            let commit = graph.commit(*index);
            let order = (commit.committed, position[index]);
            titles.order.insert(*index, order);
            let title: &str = &commit.subject;
            titles.by_title.entry(title).or_default().push((order, *index));
            let short = message::without_number(title);
            if short != title {
                titles.by_title.entry(short).or_default().push((order, *index));
            }
        }
        titles
    }

    /// The revision that a change undoes, or the title where no earlier change has it.
    pub(super) fn reverted(&self, repository: &Repository, index: Index) -> Option<String> {
        match self.graph.commit(index).reverts.as_ref()? {
            Revert::Revision(sha) => Some(full_name(repository, sha)),
            Revert::Title(title) => {
                let own = self.order.get(&index)?;
                let same = self.by_title.get(title.as_str()).into_iter().flatten();
                let latest = same.filter(|(order, _)| order < own).max();
                Some(latest.map_or_else(|| title.clone(), |(_, found)| self.graph.commit(*found).id.to_string()))
            }
        }
    }
}

/// `revert.reference` makes git write shortened names; one that leads nowhere stays as it is.
fn full_name(repository: &Repository, sha: &str) -> String {
    if sha.len() >= repository.git.object_hash().len_in_hex() {
        return sha.to_owned();
    }
    repository.git.rev_parse_single(sha).map_or_else(|_| sha.to_owned(), |id| id.detach().to_string())
}
