//! Which buckets of an answer have to be read, and in which parts: each core reads the rows of some of them and finds their
//! cells. What is known of a bucket already is not read again.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono_tz::Tz;

use crate::answer::Group;
use crate::catalogue::{Metric, Shape};
use crate::cell::Cell;
use crate::window::Bucket;

/// The name in each dimension asked for.
pub(crate) type GroupNames = Vec<Option<String>>;

/// What was observed in a bucket: the groups of which anything was, in order.
pub(crate) type Seen = Vec<(Group, Cell)>;

/// The groups found in some of the buckets.
pub(crate) struct Part {
    /// How many there are, also where they are too many to keep the cells of.
    pub n_groups: usize,
    /// The groups in order, each with a cell of every bucket.
    pub groups: Vec<(Group, Vec<Cell>)>,
}

/// The buckets that are to be read, as stretches of neighbours: no longer than that all cores have about as much to do.
pub(crate) fn stretches(is_wanted: &[bool], n_parts: usize) -> Vec<Range<usize>> {
    let n_wanted = is_wanted.iter().filter(|is_wanted| **is_wanted).count();
    let longest = n_wanted.div_ceil(n_parts).max(1);
    let mut stretches: Vec<Range<usize>> = Vec::new();
    for place in (0..is_wanted.len()).filter(|place| is_wanted[*place]) {
        match stretches.last_mut() {
            Some(last) if last.end == place && last.len() < longest => last.end += 1,
            _ => stretches.push(place..place + 1),
        }
    }
    stretches
}

/// Puts what was read in stretches of so many buckets at its places.
pub(crate) fn placed(n_buckets: usize, stretches: Vec<Range<usize>>, parts: Vec<Part>) -> Vec<Seen> {
    let mut seen: Vec<Seen> = (0..n_buckets).map(|_| Vec::new()).collect();
    for (stretch, part) in stretches.into_iter().zip(parts) {
        for (group, cells) in part.groups {
            for (place, cell) in stretch.clone().zip(cells).filter(|(_, cell)| cell.is_seen) {
                seen[place].push((group.clone(), cell));
            }
        }
    }
    seen
}

/// What was observed in a whole bucket, of its two parts: a window begins within it.
pub(crate) fn whole(
    metric: &Metric,
    zone: Tz,
    (begin, end): (&Bucket, &Bucket),
    of_begin: Seen,
    of_end: &Seen,
) -> Seen {
    if metric.shape == Shape::State {
        // What holds at the end of the part holds at the end of the whole.
        return of_end.clone();
    }
    let day = |bucket: &Bucket| bucket.from.with_timezone(&zone).date_naive();
    let n_days = (day(end) - day(begin)).num_days();
    let mut whole: BTreeMap<Group, Cell> = of_begin.into_iter().collect();
    for (group, cell) in of_end {
        whole.entry(group.clone()).or_default().extend(cell, n_days);
    }
    whole.into_iter().collect()
}
