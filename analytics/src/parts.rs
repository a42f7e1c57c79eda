//! An answer read in parts: each core reads the rows of some of the buckets and finds their cells. Where the buckets that a
//! figure is judged by are read along, they are a part of another kind.

use std::collections::HashMap;

use crate::catalogue::{Metric, Shape};
use crate::cells::Cell;
use crate::cores::on_cores;
use crate::error::AnalyticsError;
use crate::places::day;
use crate::window::Bucket;

/// The name in each dimension asked for.
pub(crate) type GroupNames = Vec<Option<String>>;

/// Each group with the cells of its buckets.
type Groups = Vec<(GroupNames, Vec<Cell>)>;

/// The groups found in some of the buckets.
pub(crate) struct Part {
    /// How many there are, also where they are too many to keep the cells of.
    pub n_groups: usize,
    /// The groups.
    pub groups: Groups,
}

/// Reads all buckets in so many parts at once; returns how many groups the part with most of them has, and all groups.
pub(crate) fn read(
    all: &[Bucket],
    n_parts: usize,
    read_part: impl Fn(&[Bucket]) -> Result<Part, AnalyticsError> + Sync,
) -> Result<(usize, Groups), AnalyticsError> {
    let buckets: Vec<&[Bucket]> = all.chunks(all.len().div_ceil(n_parts).max(1)).collect();
    let sizes: Vec<usize> = buckets.iter().map(|buckets| buckets.len()).collect();
    let parts = on_cores(n_parts, buckets, read_part).into_iter().collect::<Result<Vec<_>, _>>()?;
    let n_groups = parts.iter().map(|part| part.n_groups).max().unwrap_or(0);
    Ok((n_groups, joined(parts, &sizes)))
}

/// Puts the parts of an answer together, each with the cells of the next so many buckets. A group that has no row in a
/// part has empty cells there.
fn joined(parts: Vec<Part>, sizes: &[usize]) -> Groups {
    if let [_] = &parts[..] {
        return parts.into_iter().flat_map(|part| part.groups).collect();
    }
    let mut whole: HashMap<GroupNames, Vec<Cell>> = HashMap::new();
    let mut n_before = 0;
    for (part, size) in parts.into_iter().zip(sizes) {
        for (group, cells) in part.groups {
            let of_group = whole.entry(group).or_default();
            of_group.resize_with(n_before, Cell::default);
            of_group.extend(cells);
        }
        n_before += size;
    }
    whole.values_mut().for_each(|cells| cells.resize_with(n_before, Cell::default));
    whole.into_iter().collect()
}

/// Takes the cells of the first buckets out of each group, and drops those groups that have no row in any other.
pub(crate) fn split_off_before(
    groups: &mut Vec<(GroupNames, Vec<Cell>)>,
    n_before: usize,
    is_ungrouped: bool,
) -> Vec<(GroupNames, Vec<Cell>)> {
    // What has no name stands there only where something was observed: to what stands beside figures, such as how many people
    // there are, nobody gave a name in a metric's own dimensions.
    let is_there = |group: &GroupNames, cell: &Cell| cell.n_all > 0 || cell.is_seen && !group.contains(&None);
    groups.retain(|(group, cells)| is_ungrouped || cells[n_before..].iter().any(|cell| is_there(group, cell)));
    let split = |(group, cells): &mut (GroupNames, Vec<Cell>)| {
        let asked = cells.split_off(n_before);
        (group.clone(), std::mem::replace(cells, asked))
    };
    groups.iter_mut().map(split).collect()
}

/// Where the window begins within a bucket, whose parts are the last cells before and the first asked for: makes the former
/// those of the `whole`.
pub(crate) fn make_whole(
    metric: &Metric,
    (before, asked): (&[Bucket], &[Bucket]),
    groups_before: &mut [(GroupNames, Vec<Cell>)],
    groups: &[(GroupNames, Vec<Cell>)],
) {
    let (Some(before), Some(asked)) = (before.last(), asked.first()) else { return };
    let n_days = day(asked.from.timestamp_micros()) - day(before.from.timestamp_micros());
    for ((_, cells_before), (_, cells)) in groups_before.iter_mut().zip(groups) {
        let (Some(last), Some(first)) = (cells_before.last_mut(), cells.first()) else { continue };
        match metric.shape {
            Shape::Event => last.extend(first, n_days),
            // What holds at the end of the part holds at the end of the whole.
            Shape::State => *last = first.clone(),
        }
    }
}
