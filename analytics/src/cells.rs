//! From the rows of a metric to its cells: one for each bucket and group. DuckDB filters and computes the rows; which
//! bucket and group they fall into is found here, since that costs a third of what joining them with buckets and
//! grouping them in SQL does, and order statistics need the single values anyway.

use std::collections::HashMap;
use std::ops::Range;

use arrow::array::{Array, AsArray, BooleanArray, Float64Array, Int32Array, RecordBatch};
use arrow::datatypes::{Float64Type, Int8Type, Int32Type, Int64Type};

use crate::catalogue::{Aggregate, Metric};
use crate::group_columns::{Column, GivenNames, column};
use crate::places::{Places, Times};
use crate::statement::{BESIDE, LEFT_OUT, USABLE};

const DAY_US: i64 = 86_400_000_000;

/// What was observed in one bucket and group.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    /// Whether any row fell into it.
    pub is_seen: bool,
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
    /// The values of those that count.
    pub values: Vec<f64>,
    /// Which of the values were deployed together.
    pub clusters: Clusters,
    /// Which of the values are still open.
    pub opens: Vec<bool>,
    /// For each stage the values that are known.
    pub stages: Vec<(Vec<f64>, Clusters)>,
    /// The sums of a ratio.
    pub ratio: (f64, f64),
    /// For each figure beside the main one what is known of it: values and, for ratios, what they are divided by.
    pub beside: Vec<Vec<(f64, f64)>>,
    /// Values of several names were met that are never added.
    pub is_mixed: bool,
    /// What a published cell counts: the answers 0, 1, 2 and so on, and how many people were asked.
    pub published: Option<(Vec<u64>, u64)>,
    /// The first of those names.
    apart: Option<i32>,
    /// On which days, from the bucket's first, something counted.
    days: Vec<u64>,
}

/// How many values, in their order, are of one instant: what was deployed together waited together.
#[derive(Debug, Default)]
pub(crate) struct Clusters {
    /// The sizes of the clusters.
    pub sizes: Vec<u32>,
    /// The instant of the last.
    at_us: i64,
}

impl Clusters {
    fn note(&mut self, n: u32, at_us: i64) {
        match self.sizes.last_mut().filter(|_| self.at_us == at_us) {
            Some(size) => *size += n,
            None => self.sizes.push(n),
        }
        self.at_us = at_us;
    }

    /// Notes as many values as there are instants.
    fn note_all(&mut self, instants: &[i64]) {
        instants.chunk_by(|one, next| one == next).for_each(|alike| self.note(alike.len() as u32, alike[0]));
    }
}

impl Cell {
    fn note_apart(&mut self, name: i32) {
        self.is_mixed |= self.apart.is_some_and(|first| first != name);
        self.apart.get_or_insert(name);
    }

    /// On how many days something counted.
    pub fn n_days(&self) -> u32 {
        self.days.iter().map(|days| days.count_ones()).sum()
    }

    fn note_time(&mut self, at_us: i64, first_day: i64) {
        self.oldest_us = Some(self.oldest_us.map_or(at_us, |oldest| oldest.min(at_us)));
        // A state may have begun before the bucket; its day is of no interest then.
        let Ok(day) = usize::try_from(at_us.div_euclid(DAY_US) - first_day) else { return };
        if self.days.len() <= day / 64 {
            self.days.resize(day / 64 + 1, 0);
        }
        self.days[day / 64] |= 1 << (day % 64);
    }
}

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
    /// The group of each key, where there is one dimension: looking it up is most of the work of a row.
    group_of_key: Vec<usize>,
    cells: Vec<Cell>,
    /// The rows of a batch that count, with their cells; kept to be filled again.
    usable: Vec<Run>,
    /// The same of all rows, where figures beside the main one need them.
    all: Vec<Run>,
}

const UNKNOWN: usize = usize::MAX;

/// Rows of a batch, one after the other, that fall into one cell. Marts are in order of time, and what was deployed
/// together is together there, so looking for the cell of each row would mostly find that of the row before.
struct Run {
    rows: Range<usize>,
    cell: usize,
}

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
            group_of_key: Vec::new(),
            cells: Vec::new(),
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
    pub fn into_groups(self, name: impl Fn(i32) -> Option<String>) -> Vec<(Vec<Option<String>>, Vec<Cell>)> {
        let n_buckets = self.places.n_buckets();
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
        let mut cells = self.cells.into_iter();
        keys.into_iter().map(|(keys, _)| (named(keys), cells.by_ref().take(n_buckets).collect())).collect()
    }

    /// Adds the rows of a batch: first where each belongs, then column by column.
    pub fn add(&mut self, batch: &RecordBatch) {
        let Some(standings) = batch.column_by_name("standing").and_then(|column| column.as_primitive_opt::<Int8Type>())
        else {
            return;
        };
        let mut usable = std::mem::take(&mut self.usable);
        usable.clear();
        let times = Times::of(self.metric.shape, batch);
        let has_beside = !self.metric.beside.is_empty();
        let mut all = std::mem::take(&mut self.all);
        all.clear();
        let names = &mut self.names;
        let keys: Vec<Int32Array> = (self.by.iter())
            .filter_map(|column| match column {
                Column::Keys(name) => batch.column_by_name(name)?.as_primitive_opt::<Int32Type>().cloned(),
                Column::Names(name) => Some(names.numbers(batch.column_by_name(name)?.as_string_opt::<i32>()?)),
            })
            .collect();
        let mut next = 0;
        while next < batch.num_rows() {
            let first_row = next;
            let (_, buckets) = times.locate(&mut self.places, first_row);
            if buckets.is_empty() {
                next += 1;
                continue;
            }
            next = self.end_of_run(&times, &keys, first_row, batch.num_rows());
            let rows = first_row..next;
            let first_cell = self.group(&keys, first_row) * self.places.n_buckets();
            for cell in buckets.map(|bucket| first_cell + bucket) {
                let Some(seen) = self.cells.get_mut(cell) else { continue };
                seen.is_seen = true;
                if has_beside {
                    all.push(Run { rows: rows.clone(), cell });
                }
                let mut begin = rows.start;
                for alike in standings.values()[rows.clone()].chunk_by(|one, next| one == next) {
                    let rows = begin..begin + alike.len();
                    begin = rows.end;
                    let n = alike.len() as u64;
                    if alike[0] == BESIDE {
                        continue;
                    }
                    seen.n_all += n;
                    match alike[0] {
                        USABLE => {
                            seen.n_usable += n;
                            usable.push(Run { rows, cell });
                        }
                        LEFT_OUT => seen.n_left_out += n,
                        _ => {}
                    }
                }
                // Not even one that is withheld may stand behind a figure together with another.
                seen.is_mixed |= self.metric.aggregate == Aggregate::Cell && seen.n_all > 1;
            }
        }
        self.add_columns(batch, &usable, &times);
        self.add_beside(batch, &all);
        self.usable = usable;
        self.all = all;
    }

    /// Adds what the columns beside the main one say, of all rows; each stands with its cell.
    fn add_beside(&mut self, batch: &RecordBatch, all: &[Run]) {
        for (place, beside) in self.metric.beside.iter().enumerate() {
            let column =
                |name: &str| batch.column_by_name(name).and_then(|found| found.as_primitive_opt::<Float64Type>());
            let Some(values) = column(&format!("beside_{}", beside.name)) else { continue };
            let divisors = column(&format!("beside_{}_denominator", beside.name));
            for (row, cell) in each_row(all) {
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
    fn add_columns(&mut self, batch: &RecordBatch, runs: &[Run], times: &Times) {
        let truths = |name: &str| batch.column_by_name(name).and_then(|column| column.as_boolean_opt());
        let reals = |name: &str| batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<Float64Type>());
        let usable = || each_row(runs);
        let holds = |truths: &BooleanArray, row: usize| truths.is_valid(row) && truths.value(row);
        if let Some(estimated) = truths("is_estimated") {
            usable().for_each(|(row, cell)| self.cells[cell].n_estimated += u64::from(holds(estimated, row)));
        }
        if let Some(is_true) = truths("is_true") {
            usable().for_each(|(row, cell)| self.cells[cell].n_true += u64::from(holds(is_true, row)));
        }
        if let Some(values) = reals("value") {
            let opens = truths("is_open");
            let instants = times.instants().filter(|_| self.metric.aggregate == Aggregate::Median);
            for Run { rows, cell } in runs {
                let cell = &mut self.cells[*cell];
                add_known(values, instants, rows, &mut cell.values, &mut cell.clusters);
                if let Some(opens) = opens {
                    let known = rows.clone().filter(|row| finite(values, *row).is_some());
                    cell.opens.extend(known.map(|row| holds(opens, row)));
                }
            }
        }
        if let Some((above, below)) = reals("numerator").zip(reals("denominator")) {
            for (row, cell) in usable() {
                let ratio = &mut self.cells[cell].ratio;
                ratio.0 += finite(above, row).unwrap_or_default();
                ratio.1 += finite(below, row).unwrap_or_default();
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
                self.cells[cell].note_apart(names.value(row));
            }
        }
        for (stage, name) in self.metric.stages.iter().enumerate() {
            let Some(values) = reals(&format!("stage_{name}")) else { continue };
            for Run { rows, cell } in runs {
                let stages = &mut self.cells[*cell].stages;
                if stages.len() <= stage {
                    stages.resize_with(stage + 1, Default::default);
                }
                let (known, clusters) = &mut stages[stage];
                add_known(values, times.instants(), rows, known, clusters);
            }
        }
        if matches!(self.metric.aggregate, Aggregate::Rate | Aggregate::Count) {
            for (row, cell) in usable() {
                let (from_us, _) = times.locate(&mut self.places, row);
                let first_day = self.places.first_day(cell % self.places.n_buckets());
                self.cells[cell].note_time(from_us, first_day);
            }
        }
    }

    /// Where the rows end that fall into the cell of a row and follow it.
    fn end_of_run(&self, times: &Times, keys: &[Int32Array], first: usize, n_rows: usize) -> usize {
        let Some(instants) = times.instants() else { return first + 1 };
        let bucket = self.places.span_of_last();
        let key = |keys: &Int32Array, row: usize| keys.is_valid(row).then(|| keys.value(row));
        let of_first: GroupKeys = keys.iter().map(|keys| key(keys, first)).collect();
        let is_alike = |row: &usize| {
            bucket.contains(&instants[*row])
                && keys.iter().zip(&of_first).all(|(keys, of_first)| key(keys, *row) == *of_first)
        };
        (first + 1..n_rows).take_while(is_alike).last().map_or(first + 1, |last| last + 1)
    }

    /// The group of a row; a new one gets its cells, unless there are too many already.
    fn group(&mut self, keys: &[Int32Array], row: usize) -> usize {
        let single = match keys {
            [] if !self.groups.is_empty() => return 0,
            [keys] if keys.is_valid(row) => usize::try_from(keys.value(row)).ok(),
            _ => None,
        };
        if let Some(&group) = single.and_then(|key| self.group_of_key.get(key)).filter(|group| **group != UNKNOWN) {
            return group;
        }
        let of_row: GroupKeys = keys.iter().map(|keys| keys.is_valid(row).then(|| keys.value(row))).collect();
        let next = self.groups.len();
        let group = *self.groups.entry(of_row).or_insert(next);
        if group == next && !self.is_too_many() {
            self.cells.resize_with((group + 1) * self.places.n_buckets(), Cell::default);
        }
        if let Some(key) = single {
            if self.group_of_key.len() <= key {
                self.group_of_key.resize(key + 1, UNKNOWN);
            }
            self.group_of_key[key] = group;
        }
        group
    }
}

fn each_row(runs: &[Run]) -> impl Iterator<Item = (usize, usize)> {
    runs.iter().flat_map(|Run { rows, cell }| rows.clone().map(|row| (row, *cell)))
}

/// Adds the values of some rows, as far as they are known, and which of them are of one instant.
fn add_known(
    values: &Float64Array,
    instants: Option<&[i64]>,
    rows: &Range<usize>,
    known: &mut Vec<f64>,
    clusters: &mut Clusters,
) {
    let of_rows = &values.values()[rows.clone()];
    if values.null_count() == 0 && of_rows.iter().all(|value| value.is_finite()) {
        known.extend_from_slice(of_rows);
        instants.inspect(|instants| clusters.note_all(&instants[rows.clone()]));
        return;
    }
    for row in rows.clone() {
        if let Some(value) = finite(values, row) {
            known.push(value);
            instants.inspect(|instants| clusters.note(1, instants[row]));
        }
    }
}

/// A row's number, unless it is null, infinite or none at all: what was divided by zero is not known.
fn finite(values: &Float64Array, row: usize) -> Option<f64> {
    (values.is_valid(row)).then(|| values.value(row)).filter(|value| value.is_finite())
}

/// How many rows of each reason there are, counted in each bucket that they fall into.
pub(crate) fn count_reasons(
    metric: &Metric,
    batch: &RecordBatch,
    places: &mut Places,
    counts: &mut HashMap<String, u64>,
) {
    let Some(reasons) = batch.column_by_name("reason").and_then(|column| column.as_string_opt::<i32>()) else { return };
    let times = Times::of(metric.shape, batch);
    for row in 0..batch.num_rows() {
        let n = times.locate(places, row).1.len() as u64;
        if n == 0 {
            continue;
        }
        match counts.get_mut(reasons.value(row)) {
            Some(count) => *count += n,
            None => {
                counts.insert(reasons.value(row).to_owned(), n);
            }
        }
    }
}
