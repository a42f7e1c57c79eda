//! The observations that a comparison rests on: one query for a few narrow columns, kept as a data frame.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int8Type, Int32Type, TimestampMicrosecondType};
use chrono::{DateTime, Utc};
use polars::prelude::{Column, DataFrame, GroupsIndicator};

use crate::catalogue::Aggregate;
use crate::compare::adoption::Arrival;
use crate::compare::ask::Compared;
use crate::engine::Engine;
use crate::error::AnalyticsError;
use crate::pile;
use crate::statement::{LEFT_OUT, Statement, USABLE};
use crate::window::Window;

/// A team or service that is not known.
const UNKNOWN: i64 = -1;

/// One observation, in plain numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    /// The unit's key: of the team or service that the improvement arrives at.
    pub unit: i64,
    /// The service's key, or -1.
    pub service: i64,
    /// The team's key, or -1.
    pub team: i64,
    /// When.
    pub at_us: i64,
    /// The duration; 1 or 0 for what is counted.
    pub value: f64,
    /// It has not ended yet.
    pub is_open: bool,
}

/// All observations of a comparison.
pub(super) struct Observed {
    /// One row per observation: `unit`, `service`, `team`, `at`, `value`, `is_open`.
    frame: DataFrame,
    /// Observations that should count.
    pub n_relevant: u64,
}

/// Columns as they fill.
#[derive(Default)]
struct Columns {
    rows: Vec<Row>,
    n_relevant: u64,
}

/// Reads the observations of a window whose team or service is known.
pub(super) fn read(
    engine: &Engine,
    compared: &Compared<'_>,
    arrival: Arrival,
    window: &Window,
    now: DateTime<Utc>,
) -> Result<Observed, AnalyticsError> {
    let metric = &compared.metric;
    let statement = Statement::observations(metric, engine.options(), &[], now);
    let statement = statement.rows(metric, &["team", "service"], window, &[], now);
    let mut columns = Columns::default();
    engine.store().query_each(&statement.sql, &statement.parameters, |batch| columns.add(batch, compared, arrival))?;
    Ok(Observed::of(&columns.rows, columns.n_relevant))
}

impl Columns {
    fn add(&mut self, batch: &RecordBatch, compared: &Compared<'_>, arrival: Arrival) {
        let value_column = match &compared.stage {
            Some(stage) => format!("stage_{stage}"),
            None => "value".to_owned(),
        };
        let keys = |name: &str| batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<Int32Type>());
        let truths = |name: &str| batch.column_by_name(name).and_then(|column| column.as_boolean_opt());
        let (Some(standings), Some(at), Some(teams), Some(services)) = (
            batch.column_by_name("standing").and_then(|column| column.as_primitive_opt::<Int8Type>()),
            (batch.column_by_name("observed_at"))
                .and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>()),
            keys("team_key"),
            keys("service_key"),
        ) else {
            return;
        };
        let values = pile::Column::of(batch.column_by_name(&value_column));
        let (is_true, is_open) = (truths("is_true"), truths("is_open"));
        let holds = |truths: Option<&arrow::array::BooleanArray>, row: usize| {
            truths.is_some_and(|truths| truths.is_valid(row) && truths.value(row))
        };
        for row in 0..batch.num_rows() {
            self.n_relevant += u64::from(standings.value(row) != LEFT_OUT);
            if standings.value(row) != USABLE {
                continue;
            }
            let key = |keys: &arrow::array::Int32Array| {
                if keys.is_valid(row) { i64::from(keys.value(row)) } else { UNKNOWN }
            };
            let (team, service) = (key(teams), key(services));
            let unit = match arrival {
                Arrival::Team => team,
                Arrival::Service => service,
            };
            let value = match compared.metric.aggregate {
                Aggregate::Share => Some(f64::from(u8::from(holds(is_true, row)))),
                Aggregate::Rate => Some(1.0),
                _ => Some(values.at(row)).filter(|value| !value.is_nan()),
            };
            if let Some(value) = value.filter(|_| unit != UNKNOWN) {
                let is_open = holds(is_open, row);
                self.rows.push(Row { unit, service, team, at_us: at.value(row), value, is_open });
            }
        }
    }
}

impl Observed {
    fn of(rows: &[Row], n_relevant: u64) -> Observed {
        let whole =
            |name: &str, of: fn(&Row) -> i64| Column::new(name.into(), rows.iter().map(of).collect::<Vec<i64>>());
        let columns = vec![
            whole("unit", |row| row.unit),
            whole("service", |row| row.service),
            whole("team", |row| row.team),
            whole("at", |row| row.at_us),
            Column::new("value".into(), rows.iter().map(|row| row.value).collect::<Vec<f64>>()),
            Column::new("is_open".into(), rows.iter().map(|row| row.is_open).collect::<Vec<bool>>()),
        ];
        let frame =
            DataFrame::new(rows.len(), columns).expect("all columns have one cell per row and names of their own");
        Observed { frame, n_relevant }
    }

    /// The number of observations.
    pub fn len(&self) -> usize {
        self.frame.height()
    }

    /// The first time at which something was observed.
    pub fn first_at(&self) -> Option<DateTime<Utc>> {
        self.rows().map(|row| row.at_us).min().and_then(DateTime::from_timestamp_micros)
    }

    /// Groups by what a function makes of a row (nothing leaves it out), and hands each group's rows on.
    pub fn grouped(&self, key: impl Fn(&Row) -> Option<(i64, i64)>) -> BTreeMap<(i64, i64), Vec<Row>> {
        let rows: Vec<Row> = self.rows().collect();
        let keys: Vec<Option<(i64, i64)>> = rows.iter().map(key).collect();
        let part =
            |of: fn(&(i64, i64)) -> i64| keys.iter().map(|key| key.as_ref().map_or(i64::MIN, of)).collect::<Vec<i64>>();
        let frame = DataFrame::new(
            rows.len(),
            vec![Column::new("one".into(), part(|key| key.0)), Column::new("other".into(), part(|key| key.1))],
        )
        .expect("both columns have one cell per row");
        let groups = frame.group_by(["one", "other"]).expect("both columns are there");
        let mut found = BTreeMap::new();
        for group in groups.get_groups().iter() {
            let positions: Vec<usize> = match group {
                GroupsIndicator::Idx((_, all)) => all.iter().map(|row| *row as usize).collect(),
                GroupsIndicator::Slice([first, n]) => (first as usize..(first + n) as usize).collect(),
            };
            let Some(key) = positions.first().and_then(|first| keys[*first]) else { continue };
            found.insert(key, positions.into_iter().map(|row| rows[row]).collect());
        }
        found
    }

    /// The rows, in plain numbers.
    pub fn rows(&self) -> impl Iterator<Item = Row> {
        let whole = |name: &str| {
            let column = self.frame.column(name).and_then(Column::i64).expect("the frame was made with this column");
            column.into_no_null_iter()
        };
        let values = self.frame.column("value").and_then(Column::f64).expect("the frame was made with this column");
        let opens = self.frame.column("is_open").and_then(Column::bool).expect("the frame was made with this column");
        whole("unit")
            .zip(whole("service"))
            .zip(whole("team"))
            .zip(whole("at"))
            .zip(values.into_no_null_iter())
            .zip(opens.iter().map(|is_open| is_open == Some(true)))
            .map(|(((((unit, service), team), at_us), value), is_open)| Row {
                unit,
                service,
                team,
                at_us,
                value,
                is_open,
            })
    }
}
