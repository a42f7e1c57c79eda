//! What was observed in one bucket and group.

use std::ops::Deref;

use crate::pile::Series;

/// A cell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    /// How much was observed.
    pub tally: Tally,
    /// The values of those that count.
    pub series: Series,
    /// Which of the values are still open.
    pub opens: Vec<bool>,
    /// For each stage the values that are known.
    pub stages: Vec<Series>,
    /// What a ratio is of: what is divided and what it is divided by.
    pub ratio: Vec<(f64, f64)>,
    /// For each figure beside the main one what is known of it: values and, for ratios, what they are divided by.
    pub beside: Vec<Vec<(f64, f64)>>,
    /// It rests on so few people that it would point at one of them.
    pub is_withheld: bool,
    /// What a published cell counts: the answers 0, 1, 2 and so on, and how many people were asked.
    pub published: Option<(Vec<u64>, u64)>,
    /// The first of the names whose values are never added.
    pub apart: Option<i32>,
    /// On which days something counted that are none of the first 64.
    pub later_days: Vec<u64>,
}

/// What every row that falls into a cell changes. It is small, and stands apart from the rest of the cell until all rows are
/// read: those of thousands of cells have to be at hand all the time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    /// All observations.
    pub n_all: u64,
    /// Those that count.
    pub n_usable: u64,
    /// Those that are not meant to count.
    pub n_left_out: u64,
    /// Those that count and were concluded rather than told.
    pub n_estimated: u64,
    /// Those that count and are true.
    pub n_true: u64,
    /// When the first of those that count began to hold.
    pub oldest_us: Option<i64>,
    /// When the last of those that count happened.
    pub last_us: i64,
    /// On which of the first 64 days of the bucket something counted.
    pub days: u64,
    /// Whether any row fell into it.
    pub is_seen: bool,
    /// Values of several names were met that are never added.
    pub is_mixed: bool,
}

impl Deref for Cell {
    type Target = Tally;

    fn deref(&self) -> &Tally {
        &self.tally
    }
}

impl Cell {
    /// Only how many observations there are and should be, without any of them.
    pub fn emptied(&self) -> Cell {
        let tally = Tally { n_all: self.n_all, n_left_out: self.n_left_out, ..Tally::default() };
        Cell { tally, ..Cell::default() }
    }

    /// Adds what was observed in the bucket after this one, which begins so many days later: the two are one then, of no
    /// more than 64 days. Stages, and what surveys published, stay as they are: these are never judged by what was before.
    pub fn extend(&mut self, later: &Cell, n_days: i64) {
        let tally = &mut self.tally;
        tally.is_seen |= later.is_seen;
        tally.n_all += later.n_all;
        tally.n_usable += later.n_usable;
        tally.n_left_out += later.n_left_out;
        tally.n_estimated += later.n_estimated;
        tally.n_true += later.n_true;
        tally.oldest_us = [tally.oldest_us, later.oldest_us].into_iter().flatten().min();
        tally.days |= u32::try_from(n_days).ok().and_then(|n_days| later.days.checked_shl(n_days)).unwrap_or(0);
        tally.is_mixed |= later.is_mixed;
        tally.is_mixed |= self.apart.zip(later.apart).is_some_and(|(own, later)| own != later);
        self.apart = self.apart.or(later.apart);
        self.series.extend(&later.series);
        self.opens.extend(&later.opens);
        self.ratio.extend(&later.ratio);
        self.beside.resize_with(self.beside.len().max(later.beside.len()), Vec::new);
        self.beside.iter_mut().zip(&later.beside).for_each(|(beside, later)| beside.extend(later));
    }

    /// On how many days something counted.
    pub fn n_days(&self) -> u32 {
        self.days.count_ones() + self.later_days.iter().map(|days| days.count_ones()).sum::<u32>()
    }

    /// Takes note of a day after the first 64.
    pub fn note_later_day(&mut self, day: usize) {
        let word = day / 64 - 1;
        if self.later_days.len() <= word {
            self.later_days.resize(word + 1, 0);
        }
        self.later_days[word] |= 1 << (day % 64);
    }
}

impl Tally {
    /// Takes note of when something counted began.
    #[inline]
    pub fn note_begin(&mut self, at_us: i64) {
        self.oldest_us = Some(self.oldest_us.map_or(at_us, |oldest| oldest.min(at_us)));
    }
}
