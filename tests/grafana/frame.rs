//! Grafana's frames: columns of one type each, and how a long series (a row for each time and group) becomes a wide one (a column
//! for each group), after the documentation of its data frames.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

/// The cells of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    Time(Vec<Option<DateTime<Utc>>>),
    Number(Vec<Option<f64>>),
    Text(Vec<Option<String>>),
}

/// The names of a group, by dimension.
pub type Labels = BTreeMap<String, String>;

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub name: String,
    /// The names of the group that it is of, in a wide series.
    pub labels: Labels,
    pub cells: Cells,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    pub columns: Vec<Column>,
}

impl Cells {
    pub fn len(&self) -> usize {
        match self {
            Cells::Time(cells) => cells.len(),
            Cells::Number(cells) => cells.len(),
            Cells::Text(cells) => cells.len(),
        }
    }
}

impl Frame {
    pub fn n_rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.cells.len())
    }

    /// The cells of the first column that holds times.
    pub fn times(&self) -> Option<&[Option<DateTime<Utc>>]> {
        self.columns.iter().find_map(|column| match &column.cells {
            Cells::Time(cells) => Some(&cells[..]),
            _ => None,
        })
    }

    pub fn numbers(&self) -> impl Iterator<Item = (&Column, &[Option<f64>])> {
        self.columns.iter().filter_map(|column| match &column.cells {
            Cells::Number(cells) => Some((column, &cells[..])),
            _ => None,
        })
    }

    /// A long series as a wide one: texts become labels, a missing text the empty one; each time has one row, in which a
    /// group without a row of its own is null. A frame without texts is wide as it is.
    pub fn wide(&self) -> Result<Frame, String> {
        let times = self.times().ok_or("it has no column of times")?;
        let texts: Vec<(&str, &[Option<String>])> = (self.columns.iter())
            .filter_map(|column| match &column.cells {
                Cells::Text(cells) => Some((column.name.as_str(), &cells[..])),
                _ => None,
            })
            .collect();
        if self.numbers().next().is_none() {
            return Err("it has no column of numbers".into());
        }
        if texts.is_empty() {
            return Ok(self.clone());
        }
        let mut instants: Vec<DateTime<Utc>> = Vec::new();
        // Of each group and column: the number at each of the instants.
        let mut series: BTreeMap<(Labels, usize), BTreeMap<usize, Option<f64>>> = BTreeMap::new();
        for row in 0..self.n_rows() {
            let time = times[row].ok_or("a time is null")?;
            match instants.last() {
                Some(last) if time < *last => return Err("its times are not in order".into()),
                Some(last) if time == *last => {}
                _ => instants.push(time),
            }
            let labels: Labels = texts
                .iter()
                .map(|(name, cells)| ((*name).to_owned(), cells[row].clone().unwrap_or_default()))
                .collect();
            for (place, (_, cells)) in self.numbers().enumerate() {
                // Of two rows of one time and group the later one stays.
                series.entry((labels.clone(), place)).or_default().insert(instants.len() - 1, cells[row]);
            }
        }
        let names: Vec<&str> = self.numbers().map(|(column, _)| column.name.as_str()).collect();
        let time = Column {
            name: "time".into(),
            labels: BTreeMap::new(),
            cells: Cells::Time(instants.iter().copied().map(Some).collect()),
        };
        let wide = series.into_iter().map(|((labels, place), cells)| Column {
            name: names[place].to_owned(),
            labels,
            cells: Cells::Number((0..instants.len()).map(|row| cells.get(&row).copied().flatten()).collect()),
        });
        Ok(Frame { columns: [time].into_iter().chain(wide).collect() })
    }
}

#[test]
fn a_long_series_becomes_a_column_for_each_group() {
    let at = crate::support::at;
    let column = |name: &str, cells: Cells| Column { name: name.into(), labels: BTreeMap::new(), cells };
    let (one, two) = (Some(at("2026-01-01T00:00:00Z")), Some(at("2026-01-08T00:00:00Z")));
    let text = |names: &[&str]| Cells::Text(names.iter().map(|name| Some((*name).to_owned())).collect());
    let long = Frame {
        columns: vec![
            column("time", Cells::Time(vec![one, one, two])),
            column("team", text(&["a", "b", "a"])),
            column("value", Cells::Number(vec![Some(1.0), Some(2.0), None])),
        ],
    };
    let wide = long.wide().unwrap();
    let told: Vec<(&str, &[Option<f64>])> =
        wide.numbers().map(|(column, cells)| (column.labels["team"].as_str(), cells)).collect();
    // `b` has no row at the second time, `a` a null.
    assert_eq!(told, [("a", &[Some(1.0), None][..]), ("b", &[Some(2.0), None][..])]);
    assert_eq!(wide.times().unwrap(), [one, two]);
    let mut disordered = long.clone();
    disordered.columns[0].cells = Cells::Time(vec![two, one, one]);
    assert_eq!(disordered.wide().unwrap_err(), "its times are not in order");
}
