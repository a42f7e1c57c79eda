//! What is withheld of metrics whose observations are people: a figure that rests on so few of them speaks of single ones.

use crate::answer::Coverage;
use crate::catalogue::Metric;
use crate::cell::Cell;
use crate::parts::Seen;

/// A figure of fewer people is withheld, as are the cells of surveys.
pub const FEWEST_PEOPLE: u64 = 5;

/// Notes in the coverage how many people are in what is withheld.
pub(crate) fn note(n_withheld: u64, coverage: &mut Coverage) {
    if n_withheld > 0 {
        coverage.usable -= n_withheld;
        let reason = format!("withheld: fewer than {FEWEST_PEOPLE} people, or fewer could be worked out from it");
        coverage.reasons.insert(reason, n_withheld);
    }
}

/// Marks the cells of a bucket that are withheld; returns how many people are in them.
///
/// What all groups together say is known too. So a single small one would be what the others leave of it: with it goes the
/// next larger, until those withheld are enough people among themselves.
pub(crate) fn mark(metric: &Metric, seen: &mut Seen) -> u64 {
    if !metric.observes_people() {
        return 0;
    }
    let mut cells: Vec<&mut Cell> = seen.iter_mut().map(|(_, cell)| cell).filter(|cell| cell.n_usable > 0).collect();
    cells.sort_by_key(|cell| cell.n_usable);
    let mut n_withheld = 0;
    for cell in cells {
        let is_enough_withheld = n_withheld == 0 || n_withheld >= FEWEST_PEOPLE;
        if cell.n_usable >= FEWEST_PEOPLE && is_enough_withheld {
            break;
        }
        cell.is_withheld = true;
        n_withheld += cell.n_usable;
    }
    n_withheld
}
