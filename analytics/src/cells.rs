//! From the rows of a metric to its cells: one for each bucket and group. DuckDB filters and computes the rows; which
//! bucket and group they fall into is found here, since that costs a third of what joining them with buckets and
//! grouping them in SQL does, and order statistics need the single values anyway.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int32Array, RecordBatch};
use arrow::datatypes::{Float64Type, Int8Type, Int32Type, Int64Type, TimestampMicrosecondType};

use crate::catalogue::{Aggregate, Metric};
use crate::cell::{Cell, Tally};
use crate::compute::Reasons;
use crate::group_columns::{Column, GivenNames, column};
use crate::pile::{self, Numbers, Pile};
use crate::places::{Places, Times};
use crate::statement::{BESIDE, LEFT_OUT, USABLE};

/// A group's keys, one per dimension asked for.
type GroupKeys = Vec<Option<i32>>;

/// The cells of an answer.
pub(crate) struct Cells<'a> {
    metric: &'a Metric,
    by: Vec<Column>,
    names: GivenNames,
    places: Places,
    most_cells: usize,
    groups: HashMap<GroupKeys, usize>,
    /// Groups that were met, each at the place that its keys say: looking it up is most of the work of a row.
    met: Vec<Option<(GroupKeys, usize)>>,
    tallies: Vec<Tally>,
    /// What else is in the cells.
    cells: Vec<Cell>,
    /// The values of the rows that count.
    pile: Pile,
    /// Which of those are still open.
    opens: Vec<bool>,
    /// The rows of a batch that count, with their cells; kept to be filled again.
    usable: Vec<(u32, u32)>,
    /// The same of all rows, where figures beside the main one need them.
    all: Vec<(u32, u32)>,
}

/// How many groups can be met without looking for them, if their keys differ enough.
const SLOTS: usize = 4_096;
/// A prime, so that groups of several keys lie apart.
const STRIDE: usize = 1_009;

impl<'a> Cells<'a> {
    /// No cells yet. Of groups that would make more than `most_cells` only the number is taken.
    pub fn new(metric: &'a Metric, by: &[&'static str], places: Places, most_cells: usize) -> Cells<'a> {
        let mut cells = Cells {
            metric,
            by: by.iter().copied().map(column).collect(),
            names: GivenNames::default(),
            places,
            most_cells,
            groups: HashMap::new(),
            met: vec![None; SLOTS],
            tallies: Vec::new(),
            cells: Vec::new(),
            pile: Pile::default(),
            opens: Vec::new(),
            usable: Vec::new(),
            all: Vec::new(),
        };
        if by.is_empty() {
            cells.group(&[], 0);
        }
        cells
    }

    /// How many groups there are.
    pub fn n_groups(&self) -> usize {
        self.groups.len()
    }

    /// Whether there are more cells than wanted.
    pub fn is_too_many(&self) -> bool {
        self.n_groups().saturating_mul(self.places.n_buckets()) > self.most_cells
    }

    /// The groups' names, each with the cells of its buckets. `name` tells the name of a key.
    pub fn into_groups(
        mut self,
        n_cores: usize,
        name: impl Fn(i32) -> Option<String>,
    ) -> Vec<(Vec<Option<String>>, Vec<Cell>)> {
        let n_buckets = self.places.n_buckets();
        self.deal(n_cores);
        let (by, given) = (self.by, self.names.names);
        let named = |keys: GroupKeys| {
            let keys = keys.into_iter().zip(&by);
            keys.map(|(key, column)| match column {
                Column::Keys(_) => key.and_then(&name),
                Column::Names(_) => given.get(usize::try_from(key?).ok()?).cloned(),
            })
            .collect()
        };
        let mut keys: Vec<(GroupKeys, usize)> = self.groups.into_iter().collect();
        keys.sort_by_key(|(_, group)| *group);
        let mut cells = self.cells.into_iter().zip(self.tallies).map(|(cell, tally)| Cell { tally, ..cell });
        keys.into_iter().map(|(keys, _)| (named(keys), cells.by_ref().take(n_buckets).collect())).collect()
    }

    /// Deals the values that were piled up out to their cells.
    fn deal(&mut self, n_cores: usize) {
        for (row, is_open) in self.opens.iter().enumerate() {
            self.cells[self.pile.cells[row] as usize].opens.push(*is_open);
        }
        let columns = std::mem::take(&mut self.pile).deal(self.cells.len(), n_cores);
        for (column, dealt) in columns.into_iter().enumerate() {
            for (cell, series) in self.cells.iter_mut().zip(dealt) {
                match column {
                    0 => cell.series = series,
                    _ => cell.stages.push(series),
                }
            }
        }
    }

    /// Adds the rows of a batch: first where each belongs, then column by column.
    pub fn add(&mut self, batch: &RecordBatch) {
        let Some(standings) = batch.column_by_name("standing").and_then(|column| column.as_primitive_opt::<Int8Type>())
        else {
            return;
        };
        let times = Times::of(self.metric.shape, batch);
        let (mut usable, mut all) = (std::mem::take(&mut self.usable), std::mem::take(&mut self.all));
        usable.clear();
        all.clear();
        let has_beside = !self.metric.beside.is_empty();
        let names = &mut self.names;
        let keys: Vec<Int32Array> = (self.by.iter())
            .filter_map(|column| match column {
                Column::Keys(name) => batch.column_by_name(name)?.as_primitive_opt::<Int32Type>().cloned(),
                Column::Names(name) => Some(names.numbers(batch.column_by_name(name)?.as_string_opt::<i32>()?)),
            })
            .collect();
        let opened = batch.column_by_name("opened_at");
        let opened = opened.and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>());
        let values = self.metric.bundled.then(|| pile::Column::of(batch.column_by_name("value")));
        for (row, standing) in standings.values().iter().enumerate() {
            let n = values.as_ref().map_or(1, |values| u64::from(values.size(row)));
            let (from_us, buckets) = times.locate(&mut self.places, row);
            if buckets.is_empty() {
                continue;
            }
            let first_cell = self.group(&keys, row) * self.places.n_buckets();
            for bucket in buckets {
                let cell = first_cell + bucket;
                let Some(seen) = self.tallies.get_mut(cell) else { continue };
                seen.is_seen = true;
                if has_beside {
                    all.push((row as u32, cell as u32));
                }
                if *standing == BESIDE {
                    continue;
                }
                seen.n_all += n;
                // Not even one that is withheld may stand behind a figure together with another.
                seen.is_mixed |= self.metric.aggregate == Aggregate::Cell && seen.n_all > 1;
                match *standing {
                    USABLE => {
                        seen.n_usable += n;
                        usable.push((row as u32, cell as u32));
                        match self.metric.aggregate {
                            Aggregate::Count => seen.note_begin(opened.map_or(from_us, |opened| opened.value(row))),
                            Aggregate::Rate => match self.places.day(bucket, from_us) {
                                day @ ..64 => seen.days |= 1 << day,
                                later => self.cells[cell].note_later_day(later),
                            },
                            _ => {}
                        }
                    }
                    LEFT_OUT => seen.n_left_out += n,
                    _ => {}
                }
            }
        }
        self.add_columns(batch, &usable, &times);
        self.add_beside(batch, &all);
        self.usable = usable;
        self.all = all;
    }

    /// Adds what the columns beside the main one say, of all rows; each stands with its cell.
    fn add_beside(&mut self, batch: &RecordBatch, all: &[(u32, u32)]) {
        for (place, beside) in self.metric.beside.iter().enumerate() {
            let column =
                |name: &str| batch.column_by_name(name).and_then(|found| found.as_primitive_opt::<Float64Type>());
            let Some(values) = column(&format!("beside_{}", beside.name)) else { continue };
            let divisors = column(&format!("beside_{}_denominator", beside.name));
            for (row, cell) in each(all) {
                let value = finite(values, row);
                let divisor = divisors.and_then(|divisors| finite(divisors, row));
                if value.is_none() && divisor.is_none() {
                    continue;
                }
                let cell = &mut self.cells[cell];
                if cell.beside.len() <= place {
                    cell.beside.resize_with(place + 1, Vec::new);
                }
                cell.beside[place].push((value.unwrap_or_default(), divisor.unwrap_or_default()));
            }
        }
    }

    /// Adds what the columns say of the rows that count; each stands with its cell.
    fn add_columns(&mut self, batch: &RecordBatch, rows: &[(u32, u32)], times: &Times) {
        let truths = |name: &str| batch.column_by_name(name).and_then(|column| column.as_boolean_opt());
        let reals = |name: &str| batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<Float64Type>());
        let usable = || each(rows);
        let holds = |truths: &BooleanArray, row: usize| truths.is_valid(row) && truths.value(row);
        if let Some(estimated) = truths("is_estimated") {
            usable().for_each(|(row, cell)| self.tallies[cell].n_estimated += u64::from(holds(estimated, row)));
        }
        if let Some(is_true) = truths("is_true") {
            usable().for_each(|(row, cell)| self.tallies[cell].n_true += u64::from(holds(is_true, row)));
        }
        if let Some(values) = batch.column_by_name("value") {
            self.pile_up(batch, values, rows, times);
        }
        if let Some((above, below)) = reals("numerator").zip(reals("denominator")) {
            for (row, cell) in usable() {
                let parts = (finite(above, row).unwrap_or_default(), finite(below, row).unwrap_or_default());
                self.cells[cell].ratio.push(parts);
            }
        }
        let wholes = |name: &str| batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<Int64Type>());
        let counts = batch.column_by_name("counts").and_then(|column| column.as_list_opt::<i32>());
        if let Some((counts, invited)) = counts.zip(wholes("invited")) {
            for (row, cell) in usable().filter(|(row, _)| counts.is_valid(*row) && invited.is_valid(*row)) {
                let told = counts.value(row);
                let Some(told) = told.as_primitive_opt::<Int64Type>() else { continue };
                let told = told.values().iter().map(|n| n.unsigned_abs()).collect();
                self.cells[cell].published = Some((told, invited.value(row).unsigned_abs()));
            }
        }
        if let Some(names) = batch.column_by_name("apart").and_then(|column| column.as_string_opt::<i32>()) {
            let names = self.names.numbers(names);
            for (row, cell) in usable().filter(|(row, _)| names.is_valid(*row)) {
                let name = names.value(row);
                let first = *self.cells[cell].apart.get_or_insert(name);
                self.tallies[cell].is_mixed |= first != name;
            }
        }
    }

    /// Piles up the values of the rows that count, and those of their stages.
    fn pile_up(&mut self, batch: &RecordBatch, values: &ArrayRef, rows: &[(u32, u32)], times: &Times) {
        let opens = batch.column_by_name("is_open").and_then(|column| column.as_boolean_opt());
        let stages = self.metric.stages.iter().map(|stage| batch.column_by_name(&format!("stage_{stage}")));
        let columns: Vec<pile::Column> = std::iter::once(Some(values)).chain(stages).map(pile::Column::of).collect();
        let pile = &mut self.pile;
        pile.columns.resize_with(columns.len(), Numbers::default);
        // An open one without a value would be open and of no length: it is not known at all.
        let is_known = |row: u32| opens.is_none() || !columns[0].at(row as usize).is_nan();
        let (known, cells): (Vec<u32>, Vec<u32>) = rows.iter().copied().filter(|(row, _)| is_known(*row)).unzip();
        if let Some(instants) = times.instants().filter(|_| self.metric.aggregate == Aggregate::Median) {
            pile.is_later.extend(known.iter().zip(&cells).map(|(row, cell)| {
                let instant = instants[*row as usize];
                std::mem::replace(&mut self.tallies[*cell as usize].last_us, instant) != instant
            }));
        }
        pile.cells.extend(cells);
        if self.metric.bundled {
            pile.sizes.extend(known.iter().map(|row| columns[0].size(*row as usize)));
        }
        for (piled, column) in pile.columns.iter_mut().zip(&columns) {
            piled.add(column, &known);
        }
        if let Some(opens) = opens {
            self.opens.extend(known.iter().map(|row| opens.is_valid(*row as usize) && opens.value(*row as usize)));
        }
    }

    /// The group of a row; a new one gets its cells, unless there are too many already.
    #[inline]
    fn group(&mut self, keys: &[Int32Array], row: usize) -> usize {
        let slot = match keys {
            [] if !self.groups.is_empty() => return 0,
            [] => 0,
            [first, others @ ..] => {
                let key = |keys: &Int32Array| if keys.is_valid(row) { keys.value(row) as usize } else { SLOTS - 1 };
                others.iter().fold(key(first), |slot, keys| slot.wrapping_mul(STRIDE).wrapping_add(key(keys))) % SLOTS
            }
        };
        if let Some((known, group)) = &self.met[slot]
            && known.iter().zip(keys).all(|(known, keys)| *known == keys.is_valid(row).then(|| keys.value(row)))
        {
            return *group;
        }
        let of_row: GroupKeys = keys.iter().map(|keys| keys.is_valid(row).then(|| keys.value(row))).collect();
        let next = self.groups.len();
        let group = *self.groups.entry(of_row.clone()).or_insert(next);
        if group == next && !self.is_too_many() {
            let n_cells = (group + 1) * self.places.n_buckets();
            self.tallies.resize_with(n_cells, Tally::default);
            self.cells.resize_with(n_cells, Cell::default);
        }
        self.met[slot] = Some((of_row, group));
        group
    }
}

fn each(rows: &[(u32, u32)]) -> impl Iterator<Item = (usize, usize)> {
    rows.iter().map(|(row, cell)| (*row as usize, *cell as usize))
}

/// A row's number, unless it is null, infinite or none at all: what was divided by zero is not known.
fn finite(values: &Float64Array, row: usize) -> Option<f64> {
    (values.is_valid(row)).then(|| values.value(row)).filter(|value| value.is_finite())
}

/// How many rows of each reason there are in each bucket.
pub(crate) fn count_reasons(metric: &Metric, batch: &RecordBatch, places: &mut Places, counts: &mut [Reasons]) {
    let Some(reasons) = batch.column_by_name("reason").and_then(|column| column.as_string_opt::<i32>()) else { return };
    let times = Times::of(metric.shape, batch);
    for row in 0..batch.num_rows() {
        for bucket in times.locate(places, row).1 {
            match counts[bucket].get_mut(reasons.value(row)) {
                Some(count) => *count += 1,
                None => _ = counts[bucket].insert(reasons.value(row).to_owned(), 1),
            }
        }
    }
}
