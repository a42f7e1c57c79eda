//! The columns that rows are grouped by: keys of names, or the names themselves, which get numbers as they are met.

use std::collections::HashMap;

use arrow::array::{Int32Array, StringArray};

use crate::ask::DIMENSIONS;

/// A column to group by.
pub(crate) enum Column {
    /// Keys of names.
    Keys(String),
    /// The names themselves.
    Names(&'static str),
}

/// Numbers given to names as they are met.
#[derive(Default)]
pub(crate) struct GivenNames {
    numbers: HashMap<String, i32>,
    /// The names, by number.
    pub(crate) names: Vec<String>,
}

impl GivenNames {
    pub(crate) fn number(&mut self, name: &str) -> i32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = i32::try_from(self.names.len()).expect("a window holds fewer than two thousand million names");
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }

    /// A column of names as one of numbers.
    pub(crate) fn numbers(&mut self, names: &StringArray) -> Int32Array {
        names.iter().map(|name| name.map(|name| self.number(name))).collect()
    }
}

/// The column that a dimension is grouped by: keys for the usual ones, names for any other.
pub(crate) fn column(dimension: &'static str) -> Column {
    if DIMENSIONS.contains(&dimension) { Column::Keys(format!("{dimension}_key")) } else { Column::Names(dimension) }
}
