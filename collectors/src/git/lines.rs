//! First-parent lines: which commit of a line brought another onto it, and when the first of what it brought was written.
//!
//! A branch's line is its newest commit, that one's first parent, and so on. Lines of several releases share their older
//! part, so each line ends where it meets one already known, and every commit's own work is looked at once.

use std::collections::HashMap;

use super::graph::{Graph, Index};

/// Where a commit stands on a line: the line's number, and the position on it, the oldest being 0.
type Place = (u32, u32);

struct Line {
    /// The oldest first.
    commits: Vec<Index>,
    /// By commit, the position of the line's oldest commit from which it can be reached. What the line before reached
    /// already is not in it.
    entered: HashMap<Index, u32>,
    /// The place on another line where this one goes on.
    continues: Option<Place>,
}

/// What a commit of a line merged.
#[derive(Debug, Clone, Copy)]
struct Brought {
    first_authored: Option<i64>,
    reaches_hidden: bool,
}

/// The first-parent lines of some commits.
pub(super) struct Lines<'g> {
    graph: &'g Graph,
    lines: Vec<Line>,
    places: HashMap<Index, Place>,
    brought: HashMap<Index, Brought>,
}

impl<'g> Lines<'g> {
    /// The lines that end in these commits.
    pub(super) fn of(graph: &'g Graph, tips: impl Iterator<Item = Index>) -> Lines<'g> {
        let mut lines = Lines { graph, lines: Vec::new(), places: HashMap::new(), brought: HashMap::new() };
        for tip in tips {
            lines.add(tip);
        }
        lines
    }

    fn add(&mut self, tip: Index) {
        let number = self.lines.len() as u32;
        let mut commits = Vec::new();
        let mut next = Some(tip);
        let mut continues = None;
        while let Some(index) = next {
            continues = self.places.get(&index).copied();
            if continues.is_some() {
                break;
            }
            commits.push(index);
            next = self.graph.parents(index).first().copied();
        }
        commits.reverse();
        self.lines.push(Line { commits: Vec::new(), entered: HashMap::new(), continues });
        for (position, index) in commits.iter().enumerate() {
            let place = (number, position as u32);
            let brought = self.enter(*index, place);
            self.places.insert(*index, place);
            self.brought.insert(*index, brought);
        }
        self.lines[number as usize].commits = commits;
    }

    /// Takes in everything that a commit of a line reaches and its first parent does not.
    fn enter(&mut self, index: Index, (number, position): Place) -> Brought {
        let continues = self.lines[number as usize].continues;
        let mut brought = Brought { first_authored: None, reaches_hidden: false };
        let mut stack = vec![index];
        while let Some(found) = stack.pop() {
            let is_known = self.lines[number as usize].entered.contains_key(&found)
                || continues.is_some_and(|place| self.entrance(place, found).is_some());
            if is_known {
                continue;
            }
            self.lines[number as usize].entered.insert(found, position);
            let commit = self.graph.commit(found);
            brought.reaches_hidden |= commit.is_hidden;
            // A merge says when it was merged, not when the work on it began.
            if found != index || !commit.is_merge() {
                let first = brought.first_authored.unwrap_or(i64::MAX);
                brought.first_authored = Some(first.min(commit.authored));
            }
            stack.extend_from_slice(self.graph.parents(found));
        }
        brought
    }

    /// The commit of the line up to `place` that first reached a commit.
    fn entrance(&self, mut place: Place, found: Index) -> Option<Index> {
        loop {
            let line = &self.lines[place.0 as usize];
            match line.entered.get(&found) {
                Some(position) if *position <= place.1 => return Some(line.commits[*position as usize]),
                // What a line took in itself, the one it continues cannot have reached.
                Some(_) => return None,
                None => place = line.continues?,
            }
        }
    }

    /// The commit on the line of `tip` that brought a commit onto it.
    pub(super) fn bringer(&self, tip: Index, found: Index) -> Option<Index> {
        self.entrance(*self.places.get(&tip)?, found)
    }

    /// When the first of what a commit of a line brought was written: its own time where it brought nothing else.
    pub(super) fn first_authored(&self, index: Index) -> i64 {
        let first = self.brought.get(&index).and_then(|brought| brought.first_authored);
        first.unwrap_or_else(|| self.graph.commit(index).authored)
    }

    /// Whether what a commit of a line brought lies partly where the walk may have ended, so that
    /// [`Lines::first_authored`] is only known to be this early or earlier.
    pub(super) fn reaches_hidden(&self, index: Index) -> bool {
        self.brought.get(&index).is_some_and(|brought| brought.reaches_hidden)
    }
}
