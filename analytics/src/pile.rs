//! Values on their way into cells: piled up as they come, and dealt out once at the end. A year by week for a hundred teams
//! has thousands of cells; letting the list of each grow by itself took longer than everything else.

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};

use crate::cores::on_cores;

/// Numbers, in the order in which they came.
#[derive(Debug, Clone)]
pub(crate) enum Numbers {
    /// Whole ones, as seconds are: half the memory, and put in order several times faster.
    Whole(Vec<u32>),
    /// Any others.
    Real(Vec<f64>),
}

/// What stands for a whole number that is not known.
const UNKNOWN: u32 = u32::MAX;

/// The values of one cell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Series {
    /// The values.
    pub values: Numbers,
    /// How many of them, in their order, are of one instant: what was deployed together waited together.
    pub clusters: Vec<u32>,
}

impl Series {
    /// Adds what happened later.
    pub fn extend(&mut self, later: &Series) {
        match (&mut self.values, &later.values) {
            (Numbers::Whole(values), Numbers::Whole(added)) => values.extend(added),
            (values, added) => *values = Numbers::Real([values.reals(), added.reals()].concat()),
        }
        self.clusters.extend(&later.clusters);
    }
}

/// Rows that count, column by column.
#[derive(Debug, Default)]
pub(crate) struct Pile {
    /// The cell of each row.
    pub cells: Vec<u32>,
    /// How many values each row has, where that is not one.
    pub sizes: Vec<u32>,
    /// Whether each row happened at another instant than the one before it in its cell; empty where that does not matter.
    pub is_later: Vec<bool>,
    /// The values of each column.
    pub columns: Vec<Numbers>,
}

/// A column of numbers as a batch has it: making reals of whole ones beforehand costs as much as reading them.
pub(crate) enum Column {
    Real(Float64Array),
    Whole(Int64Array),
    /// Several numbers in each row: where each row's begin, and all of them.
    Lists(OffsetBuffer<i32>, Box<Column>),
    Unknown,
}

impl Default for Numbers {
    fn default() -> Numbers {
        Numbers::Whole(Vec::new())
    }
}

impl Numbers {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Numbers::Whole(values) => values.len(),
            Numbers::Real(values) => values.len(),
        }
    }

    /// The numbers as reals; what is not known is not a number.
    pub fn reals(&self) -> Vec<f64> {
        match self {
            Numbers::Whole(values) => values.iter().map(|value| real(*value)).collect(),
            Numbers::Real(values) => values.clone(),
        }
    }

    /// Adds those of some rows of a batch.
    pub fn add(&mut self, column: &Column, rows: &[u32]) {
        if let Column::Lists(offsets, listed) = column {
            return self.add_lists(offsets, listed, rows);
        }
        if let (Numbers::Whole(values), Column::Whole(added)) = (&mut *self, column) {
            let fits = |value: &i64| (0..i64::from(UNKNOWN)).contains(value);
            if added.null_count() == 0 && added.values().iter().all(fits) {
                let added = added.values();
                values.extend(rows.iter().map(|row| added[*row as usize] as u32));
                return;
            }
            if added.iter().flatten().all(|value| fits(&value)) {
                let of_row = |row: usize| if added.is_valid(row) { added.value(row) as u32 } else { UNKNOWN };
                values.extend(rows.iter().map(|row| of_row(*row as usize)));
                return;
            }
        }
        let mut values = match std::mem::take(self) {
            Numbers::Whole(values) => values.into_iter().map(real).collect(),
            Numbers::Real(values) => values,
        };
        values.extend(rows.iter().map(|row| column.at(*row as usize)));
        *self = Numbers::Real(values);
    }

    fn add_lists(&mut self, offsets: &[i32], listed: &Column, rows: &[u32]) {
        let of_row = |row: &u32| offsets[*row as usize] as usize..offsets[*row as usize + 1] as usize;
        if let (Numbers::Whole(values), Column::Whole(added)) = (&mut *self, listed) {
            let fits = |value: &i64| (0..i64::from(UNKNOWN)).contains(value);
            if added.null_count() == 0 && rows.iter().all(|row| added.values()[of_row(row)].iter().all(fits)) {
                for row in rows {
                    values.extend(added.values()[of_row(row)].iter().map(|value| *value as u32));
                }
                return;
            }
        }
        let places: Vec<u32> = rows.iter().flat_map(of_row).map(|place| place as u32).collect();
        self.add(listed, &places);
    }
}

fn real(value: u32) -> f64 {
    if value == UNKNOWN { f64::NAN } else { f64::from(value) }
}

impl Column {
    /// A batch's column.
    pub fn of(column: Option<&ArrayRef>) -> Column {
        let Some(column) = column else { return Column::Unknown };
        if let Some(whole) = column.as_primitive_opt::<Int64Type>() {
            return Column::Whole(whole.clone());
        }
        if let Some(lists) = column.as_list_opt::<i32>() {
            return Column::Lists(lists.offsets().clone(), Box::new(Column::of(Some(lists.values()))));
        }
        let reals = cast(column, &DataType::Float64).ok();
        let reals = reals.and_then(|reals| reals.as_primitive_opt::<Float64Type>().cloned());
        reals.map_or(Column::Unknown, Column::Real)
    }

    /// How many numbers a row has.
    #[inline]
    pub fn size(&self, row: usize) -> u32 {
        match self {
            Column::Lists(offsets, _) => (offsets[row + 1] - offsets[row]) as u32,
            _ => 1,
        }
    }

    /// A row's number, or not a number: also where it is infinite, since what was divided by zero is not known.
    #[inline]
    pub fn at(&self, row: usize) -> f64 {
        match self {
            Column::Real(values) if values.is_valid(row) && values.value(row).is_finite() => values.value(row),
            Column::Whole(values) if values.is_valid(row) => values.value(row) as f64,
            _ => f64::NAN,
        }
    }
}

impl Pile {
    /// Deals the values out: for each column, the series of each of so many cells.
    pub fn deal(self, n_cells: usize, n_cores: usize) -> Vec<Vec<Series>> {
        let Pile { cells, sizes, is_later, columns } = self;
        let mut n_begun = vec![0_u32; n_cells];
        cells.iter().zip(&is_later).for_each(|(cell, is_later)| n_begun[*cell as usize] += u32::from(*is_later));
        let clusters = || n_begun.iter().map(|n| Vec::with_capacity(*n as usize)).collect::<Vec<_>>();
        on_cores(n_cores, columns, |column| match column {
            Numbers::Whole(values) => {
                let dealt = match sizes.is_empty() {
                    true => deal(&cells, &is_later, &values, clusters(), |value| *value != UNKNOWN),
                    false => deal_bundles(&cells, &sizes, &is_later, &values, clusters(), |value| *value != UNKNOWN),
                };
                series(dealt, Numbers::Whole)
            }
            Numbers::Real(values) => {
                let dealt = match sizes.is_empty() {
                    true => deal(&cells, &is_later, &values, clusters(), |value| !value.is_nan()),
                    false => deal_bundles(&cells, &sizes, &is_later, &values, clusters(), |value| !value.is_nan()),
                };
                series(dealt, Numbers::Real)
            }
        })
    }
}

/// The values of each cell, and the sizes of its clusters.
type Dealt<T> = (Vec<Vec<T>>, Vec<Vec<u32>>);

fn series<T>((values, clusters): Dealt<T>, numbers: impl Fn(Vec<T>) -> Numbers) -> Vec<Series> {
    values.into_iter().zip(clusters).map(|(values, clusters)| Series { values: numbers(values), clusters }).collect()
}

fn deal<T: Copy>(
    cells: &[u32],
    is_later: &[bool],
    values: &[T],
    mut clusters: Vec<Vec<u32>>,
    is_known: impl Fn(&T) -> bool,
) -> Dealt<T> {
    let n_cells = clusters.len();
    let mut sizes = vec![0_usize; n_cells];
    for (cell, value) in cells.iter().zip(values) {
        sizes[*cell as usize] += usize::from(is_known(value));
    }
    let mut dealt: Vec<Vec<T>> = sizes.into_iter().map(Vec::with_capacity).collect();
    if is_later.is_empty() {
        for (cell, value) in cells.iter().zip(values).filter(|(_, value)| is_known(value)) {
            dealt[*cell as usize].push(*value);
        }
    } else {
        // A row that begins a cluster may have no value in this column; the next one begins it then.
        let mut begins = vec![true; n_cells];
        for ((cell, value), is_later) in cells.iter().zip(values).zip(is_later) {
            let cell = *cell as usize;
            begins[cell] |= *is_later;
            if !is_known(value) {
                continue;
            }
            dealt[cell].push(*value);
            match clusters[cell].last_mut() {
                Some(size) if !begins[cell] => *size += 1,
                _ => clusters[cell].push(1),
            }
            begins[cell] = false;
        }
    }
    (dealt, clusters)
}

/// The same where a row has several values.
fn deal_bundles<T: Copy>(
    cells: &[u32],
    sizes: &[u32],
    is_later: &[bool],
    values: &[T],
    mut clusters: Vec<Vec<u32>>,
    is_known: impl Fn(&T) -> bool,
) -> Dealt<T> {
    let n_cells = clusters.len();
    let mut totals = vec![0_usize; n_cells];
    for (cell, size) in cells.iter().zip(sizes) {
        totals[*cell as usize] += *size as usize;
    }
    let mut dealt: Vec<Vec<T>> = totals.into_iter().map(Vec::with_capacity).collect();
    let mut begins = vec![true; n_cells];
    let mut rest = values;
    for (row, (cell, size)) in cells.iter().zip(sizes).enumerate() {
        let cell = *cell as usize;
        let (bundle, others) = rest.split_at(*size as usize);
        rest = others;
        let n_before = dealt[cell].len();
        dealt[cell].extend(bundle.iter().filter(|value| is_known(value)));
        let n_added = (dealt[cell].len() - n_before) as u32;
        begins[cell] |= is_later.get(row).copied().unwrap_or(true);
        if n_added == 0 {
            continue;
        }
        match clusters[cell].last_mut() {
            Some(size) if !begins[cell] => *size += n_added,
            _ => clusters[cell].push(n_added),
        }
        begins[cell] = false;
    }
    (dealt, clusters)
}
