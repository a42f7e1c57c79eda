//! Rows of one kind, checked and in columns, ready for the store.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, RecordBatch, StringBuilder,
    TimestampMicrosecondBuilder, UInt64Builder,
};
use arrow::datatypes::{Field, Schema};
use chrono::{DateTime, Utc};
use twox_hash::XxHash64;

use crate::cell::{Cell, Problem, show_time};
use crate::person::PersonKey;
use crate::spec::{ColumnType, Default, Fact, Kind, Spec};

/// The longest text taken, in bytes: beyond it no name, title or address is one, and a batch of such would not fit into
/// memory.
const LONGEST_TEXT: usize = 1 << 20;
/// Columns of real numbers below which nothing can be. Hours saved may be lost ones, and a cost may be a credit.
const NEVER_NEGATIVE: [&str; 3] = ["quota_limit", "used", "up_seconds"];

/// Where a row came from, for messages: the position of its file among those imported, and its line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowOrigin {
    /// Position of the file in the order given.
    pub file: u32,
    /// Line in the file (row number in formats without lines), from 1.
    pub line: u64,
}

/// Checked rows of one kind in columns: those of [`Spec::columns`], then `fact_hash`, the hashes of [`hashes`],
/// `origin_file` and `origin_line`, and `is_undated` (the row left its begin open, and the time of intake stands in).
#[derive(Debug, Clone)]
pub struct Batch {
    /// The kind of all rows.
    pub kind: Kind,
    /// The columns.
    pub record: RecordBatch,
    /// How many rows tell of a time later than now.
    pub n_future: usize,
}

impl Batch {
    /// The number of rows.
    pub fn len(&self) -> usize {
        self.record.num_rows()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Columns of 64-bit hashes that a kind carries beside its own, so that large tables join on integers:
/// the name of each and the columns it is made of. `fact_hash`, of source and identity, is always there.
pub fn hashes(kind: Kind) -> &'static [(&'static str, &'static [&'static str])] {
    match kind {
        Kind::Deployment => &[("revision_hash", &["revision"]), REPOSITORY],
        Kind::Change => &[("merge_revision_hash", &["merge_revision"]), REPOSITORY],
        Kind::Commit => &[("revision_hash", &["revision"]), REPOSITORY],
        Kind::DeployedCommit => {
            &[("deployment_hash", &["source", "deployment_id"]), ("revision_hash", &["revision"]), REPOSITORY]
        }
        Kind::Service => &[REPOSITORY],
        _ => &[],
    }
}

const REPOSITORY: (&str, &[&str]) = ("repository_hash", &["repository"]);

enum Values {
    Text(StringBuilder),
    Time(TimestampMicrosecondBuilder),
    Day(Date32Builder),
    Integer(Int64Builder),
    Real(Float64Builder),
    Boolean(BooleanBuilder),
}

/// Collects rows into a [`Batch`]. A row that breaks a rule is refused whole, with every problem it has.
pub struct BatchBuilder {
    spec: &'static Spec,
    key: PersonKey,
    source: String,
    now: DateTime<Utc>,
    columns: Vec<Values>,
    fact_hash: UInt64Builder,
    hashes: Vec<(Vec<usize>, UInt64Builder)>,
    identity: Vec<usize>,
    /// Where defaults are filled in, times must follow each other, and people stand: found by name once, and not for each row.
    defaults: Vec<(usize, Default)>,
    ordered: Vec<(usize, usize)>,
    people: Vec<usize>,
    observed: Option<usize>,
    origin_file: Int64Builder,
    origin_line: Int64Builder,
    is_undated: BooleanBuilder,
    n_rows: usize,
    n_future: usize,
}

impl BatchBuilder {
    /// An empty batch of a kind. `source` stands in where a row names none; `now` is the time of the intake.
    pub fn new(kind: Kind, key: &PersonKey, source: &str, now: DateTime<Utc>) -> BatchBuilder {
        let spec = kind.spec();
        let positions = |names: &[&str]| {
            names
                .iter()
                .map(|name| spec.position(name).expect("hashes and identities name columns"))
                .collect::<Vec<_>>()
        };
        let mut identity = positions(&["source"]);
        identity.extend(positions(spec.identity));
        BatchBuilder {
            spec,
            key: key.clone(),
            source: source.to_owned(),
            now,
            columns: spec.columns.iter().map(|column| Values::for_type(column.column_type)).collect(),
            fact_hash: UInt64Builder::new(),
            hashes: hashes(kind).iter().map(|(_, names)| (positions(names), UInt64Builder::new())).collect(),
            identity,
            defaults: spec.defaults.iter().map(|(name, default)| (positions(&[name])[0], *default)).collect(),
            ordered: spec.ordered.iter().map(|(first, then)| (positions(&[first])[0], positions(&[then])[0])).collect(),
            people: (spec.columns.iter().enumerate())
                .filter_map(|(position, column)| (column.column_type == ColumnType::Person).then_some(position))
                .collect(),
            observed: spec.position(spec.observed),
            origin_file: Int64Builder::new(),
            origin_line: Int64Builder::new(),
            is_undated: BooleanBuilder::new(),
            n_rows: 0,
            n_future: 0,
        }
    }

    /// Adds a fact that a collector made. Its types are right by construction; order of times is still checked.
    pub fn push_fact<F: Fact>(&mut self, fact: &F) -> Result<(), Vec<Problem>> {
        self.push(&fact.cells(), RowOrigin::default())
    }

    /// What is wrong with a row, without adding it.
    pub fn check(&self, cells: &[Cell<'_>]) -> Result<(), Vec<Problem>> {
        self.filled(cells).map(|_| ())
    }

    /// Adds a row: its cells in the order of [`Spec::columns`]. Defaults are filled in.
    pub fn push(&mut self, cells: &[Cell<'_>], origin: RowOrigin) -> Result<(), Vec<Problem>> {
        let (cells, is_undated) = self.filled(cells)?;
        self.append(cells, origin);
        self.is_undated.append_value(is_undated);
        Ok(())
    }

    /// The row with its defaults, and whether the time of intake stands in for its begin.
    fn filled<'a>(&self, cells: &[Cell<'a>]) -> Result<(Vec<Cell<'a>>, bool), Vec<Problem>> {
        let mut cells = cells.to_vec();
        let mut is_undated = false;
        for (position, default) in &self.defaults {
            let cell = &mut cells[*position];
            if *cell == Cell::Null {
                *cell = match default {
                    Default::Text(word) => Cell::Text(word),
                    Default::Integer(number) => Cell::Integer(*number),
                    Default::Now => {
                        is_undated = true;
                        Cell::Time(self.now.timestamp_micros())
                    }
                };
            }
        }
        let problems = self.problems(&cells);
        if problems.is_empty() { Ok((cells, is_undated)) } else { Err(problems) }
    }

    fn problems(&self, cells: &[Cell<'_>]) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (column, cell) in self.spec.columns.iter().zip(cells) {
            let is_blank = matches!(cell, Cell::Null) || matches!(cell, Cell::Text(text) if text.trim().is_empty());
            if column.is_required && is_blank {
                problems.push(Problem {
                    column: Some(column.name.into()),
                    value: None,
                    message: format!(
                        "is required and missing ({})",
                        column.doc.trim().trim_end_matches('.').to_lowercase()
                    ),
                });
            }
            if let Cell::Text(text) = cell
                && text.len() > LONGEST_TEXT
            {
                let begin: String = text.chars().take(40).collect();
                problems.push(Problem::of(
                    column.name,
                    format!("{begin}..."),
                    format!("is {} bytes long; a text may have {LONGEST_TEXT}", text.len()),
                ));
            }
            if let Cell::Text(text) = cell
                && text.contains('\0')
            {
                let shown = text.replace('\0', "\\0");
                problems.push(Problem::of(
                    column.name,
                    crate::shorten(&shown),
                    "holds the character NUL, which is no text; leave it out",
                ));
            }
        }
        for (column, cell) in self.spec.columns.iter().zip(cells) {
            let below = match cell {
                // All whole numbers of facts are counts.
                Cell::Integer(number) if *number < 0 => number.to_string(),
                Cell::Real(number) if *number < 0.0 && NEVER_NEGATIVE.contains(&column.name) => number.to_string(),
                _ => continue,
            };
            problems.push(Problem::of(column.name, below, "is below 0, which it cannot be"));
        }
        for (earlier, later) in &self.ordered {
            let time = |position: usize| match cells[position] {
                Cell::Time(micros) => Some(micros),
                _ => None,
            };
            if let (Some(first), Some(second)) = (time(*earlier), time(*later))
                && first > second
            {
                let [earlier, later] = [earlier, later].map(|position| &self.spec.columns[*position]);
                // What must be told cannot be left out.
                let else_leave = match later.is_required {
                    true => String::new(),
                    false => format!(", or leave {} out if it is not known", later.name),
                };
                problems.push(Problem::of(
                    later.name,
                    show_time(second),
                    format!("is before {} ({}); mend one of the two{else_leave}", earlier.name, show_time(first)),
                ));
            }
        }
        problems
    }

    fn append(&mut self, cells: Vec<Cell<'_>>, origin: RowOrigin) {
        // A person in the identity is hashed before the identity is, so that the clear text leaves no trace.
        let hash = |position: &usize| match cells[*position] {
            Cell::Text(person) => Some((*position, self.key.hash(person))),
            _ => None,
        };
        let hashed: Vec<(usize, String)> = self.people.iter().filter_map(hash).collect();
        let mut cells = cells;
        if cells[0] == Cell::Null {
            cells[0] = Cell::Text(&self.source);
        }
        for (position, hash) in &hashed {
            cells[*position] = Cell::Text(hash);
        }
        self.fact_hash.append_value(hash_of(&cells, &self.identity));
        for (positions, builder) in &mut self.hashes {
            if positions.iter().all(|position| cells[*position] != Cell::Null) {
                builder.append_value(hash_of(&cells, positions));
            } else {
                builder.append_null();
            }
        }
        let today = self.now.timestamp_micros();
        if self.observed.is_some_and(|position| matches!(cells[position], Cell::Time(micros) if micros > today)) {
            self.n_future += 1;
        }
        for (values, cell) in self.columns.iter_mut().zip(cells.iter()) {
            values.append(*cell);
        }
        self.origin_file.append_value(i64::from(origin.file));
        self.origin_line.append_value(origin.line as i64);
        self.n_rows += 1;
    }

    /// The number of rows so far.
    pub fn len(&self) -> usize {
        self.n_rows
    }

    /// Whether there are none so far.
    pub fn is_empty(&self) -> bool {
        self.n_rows == 0
    }

    /// The rows collected; the builder is empty afterwards.
    pub fn finish(&mut self) -> Batch {
        let mut fields = Vec::new();
        let mut arrays: Vec<ArrayRef> = Vec::new();
        let mut add = |name: &str, array: ArrayRef| {
            fields.push(Field::new(name, array.data_type().clone(), true));
            arrays.push(array);
        };
        for (column, values) in self.spec.columns.iter().zip(&mut self.columns) {
            add(column.name, values.finish());
        }
        add("fact_hash", Arc::new(self.fact_hash.finish()));
        for ((name, _), (_, builder)) in hashes(self.spec.kind).iter().zip(&mut self.hashes) {
            add(name, Arc::new(builder.finish()));
        }
        add("origin_file", Arc::new(self.origin_file.finish()));
        add("origin_line", Arc::new(self.origin_line.finish()));
        add("is_undated", Arc::new(self.is_undated.finish()));
        let record = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
            .expect("all builders of a batch have as many values");
        let n_future = std::mem::take(&mut self.n_future);
        self.n_rows = 0;
        Batch { kind: self.spec.kind, record, n_future }
    }
}

/// The 64-bit hash of some cells. Stored, so it may never change.
fn hash_of(cells: &[Cell<'_>], positions: &[usize]) -> u64 {
    let mut hasher = XxHash64::with_seed(0);
    for position in positions {
        use std::hash::Hasher;
        match cells[*position] {
            Cell::Null => hasher.write_u8(0),
            Cell::Text(text) => hasher.write(text.as_bytes()),
            Cell::Time(number) | Cell::Integer(number) => hasher.write(&number.to_le_bytes()),
            Cell::Day(number) => hasher.write(&number.to_le_bytes()),
            Cell::Real(number) => hasher.write(&number.to_le_bytes()),
            Cell::Boolean(truth) => hasher.write_u8(u8::from(truth)),
        }
        hasher.write_u8(0xff); // between fields; it occurs in no UTF-8 text
    }
    std::hash::Hasher::finish(&hasher)
}

impl Values {
    fn for_type(column_type: ColumnType) -> Values {
        match column_type {
            ColumnType::Text | ColumnType::Person | ColumnType::Choice(_) => Values::Text(StringBuilder::new()),
            ColumnType::Time => Values::Time(TimestampMicrosecondBuilder::new()),
            ColumnType::Day => Values::Day(Date32Builder::new()),
            ColumnType::Integer => Values::Integer(Int64Builder::new()),
            ColumnType::Real => Values::Real(Float64Builder::new()),
            ColumnType::Boolean => Values::Boolean(BooleanBuilder::new()),
        }
    }

    fn append(&mut self, cell: Cell<'_>) {
        match (self, cell) {
            (Values::Text(builder), Cell::Text(text)) => builder.append_value(text),
            (Values::Time(builder), Cell::Time(micros)) => builder.append_value(micros),
            (Values::Day(builder), Cell::Day(day)) => builder.append_value(day),
            (Values::Integer(builder), Cell::Integer(number)) => builder.append_value(number),
            (Values::Real(builder), Cell::Real(number)) => builder.append_value(number),
            (Values::Boolean(builder), Cell::Boolean(truth)) => builder.append_value(truth),
            (Values::Text(builder), _) => builder.append_null(),
            (Values::Time(builder), _) => builder.append_null(),
            (Values::Day(builder), _) => builder.append_null(),
            (Values::Integer(builder), _) => builder.append_null(),
            (Values::Real(builder), _) => builder.append_null(),
            (Values::Boolean(builder), _) => builder.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Values::Text(builder) => Arc::new(builder.finish()),
            Values::Time(builder) => Arc::new(builder.finish()),
            Values::Day(builder) => Arc::new(builder.finish()),
            Values::Integer(builder) => Arc::new(builder.finish()),
            Values::Real(builder) => Arc::new(builder.finish()),
            Values::Boolean(builder) => Arc::new(builder.finish()),
        }
    }
}
