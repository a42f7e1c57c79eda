//! What a user should know about the figures, beside the figures.

use super::graph::{Graph, Index};
use super::signature::instant;
use super::tags::{Tag, Tags};

/// Clocks differ a little.
const AHEAD_SECONDS: i64 = 300;

/// Notes on the tags alone, in every run.
pub(super) fn on_tags(tags: &Tags, now: i64) -> Vec<String> {
    let mut notes = Vec::new();
    let is_ahead = |tag: &&Tag| tag.time > now.saturating_add(AHEAD_SECONDS);
    let ahead: Vec<String> = tags
        .releases
        .iter()
        .filter(is_ahead)
        .map(|tag| format!("{} ({})", tag.name, instant(tag.time).format("%Y-%m-%d")))
        .collect();
    if !ahead.is_empty() {
        notes.push(format!("tags of a time to come, kept and counted once it has come: {}", ahead.join(", ")));
    }
    if tags.n_without_commit > 0 {
        notes.push(format!("matching tags left out because they name no commit: {}", tags.n_without_commit));
    }
    let n_lightweight = tags.releases.iter().filter(|tag| tag.is_lightweight()).count();
    if n_lightweight > 0 {
        let n_tags = tags.releases.len();
        notes
            .push(format!("tags without a time of their own, the commit's stands for it: {n_lightweight} of {n_tags}"));
    }
    notes
}

/// Notes on a whole history.
pub(super) fn on_history(graph: &Graph, releases: &[Tag], head: Index) -> Vec<String> {
    let mut notes = Vec::new();
    let on_branch = graph.ancestors(head);
    let is_off = |tag: &&Tag| graph.index(&tag.commit).is_some_and(|index| !on_branch[index as usize]);
    let n_off = releases.iter().filter(is_off).count();
    if n_off > 0 {
        let n_tags = releases.len();
        notes.push(format!(
            "tags that are not on the branch, what only they contain counts with them: {n_off} of {n_tags}"
        ));
    }
    if graph.n_odd_times > 0 {
        let n_odd = graph.n_odd_times;
        notes.push(format!(
            "commits whose time cannot be read or is not within the years 0 to 9999, the nearest stands for it: {n_odd}"
        ));
    }
    notes
}
