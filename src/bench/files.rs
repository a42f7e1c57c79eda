//! Files to import: commits and deployments of the organisation, as Parquet and as NDJSON.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, TimestampMicrosecondType};
use facts::{Batch, Cell, ColumnType, Fact, Kind, PersonKey};
use parquet::arrow::ArrowWriter;
use serde_json::{Map, Value};

use super::fill::Rows;
use super::organisation::Organisation;

/// How many commits the largest file has.
const MOST_COMMITS: usize = 1_000_000;
/// How many deployments the largest file has.
const MOST_DEPLOYMENTS: usize = 500_000;

/// A file, with what stands in it.
pub struct Written {
    /// The file.
    pub path: PathBuf,
    /// The kind of its rows.
    pub kind: Kind,
    /// How many rows it has.
    pub n_rows: u64,
}

/// Writes the files of a format, `parquet` or `ndjson`, into a folder.
pub fn write(
    folder: &Path,
    format: &str,
    organisation: &Organisation,
    key: &PersonKey,
) -> anyhow::Result<Vec<Written>> {
    let commits = organisation.deliveries().flat_map(|delivery| delivery.commits).take(MOST_COMMITS);
    let deployments = organisation.deliveries().map(|delivery| delivery.deployment).take(MOST_DEPLOYMENTS);
    let path = |kind: Kind| folder.join(format!("bench-{kind}.{format}"));
    Ok(match format {
        "parquet" => vec![
            write_parquet(path(Kind::Deployment), deployments, Rows::new(key, organisation.end()))?,
            write_parquet(path(Kind::Commit), commits, Rows::new(key, organisation.end()))?,
        ],
        _ => vec![write_ndjson(path(Kind::Deployment), deployments)?, write_ndjson(path(Kind::Commit), commits)?],
    })
}

fn write_parquet<F: Fact>(
    path: PathBuf,
    facts: impl Iterator<Item = F>,
    mut rows: Rows<'_>,
) -> anyhow::Result<Written> {
    let mut n_rows = 0;
    let mut writer: Option<ArrowWriter<File>> = None;
    let mut put = |batch: &Batch| -> anyhow::Result<()> {
        let record = as_file(batch)?;
        if writer.is_none() {
            let file = File::create(&path).with_context(|| format!("making {}", path.display()))?;
            writer = Some(ArrowWriter::try_new(file, record.schema(), None)?);
        }
        if let Some(writer) = &mut writer {
            writer.write(&record)?;
        }
        Ok(())
    };
    for fact in facts {
        n_rows += 1;
        rows.push(&fact)?.map(|batch| put(&batch)).transpose()?;
    }
    for batch in rows.rest() {
        put(&batch)?;
    }
    writer.map(ArrowWriter::close).transpose()?;
    Ok(Written { path, kind: F::SPEC.kind, n_rows })
}

/// The columns of a batch that belong into a file, with their times told to be UTC.
fn as_file(batch: &Batch) -> anyhow::Result<RecordBatch> {
    let columns = batch.kind.spec().columns.iter().enumerate().map(|(position, column)| {
        let array = Arc::clone(batch.record.column(position));
        let array: ArrayRef = match array.data_type() {
            DataType::Timestamp(..) => {
                Arc::new(array.as_primitive::<TimestampMicrosecondType>().clone().with_timezone("UTC"))
            }
            _ => array,
        };
        (column.name, array, true)
    });
    Ok(RecordBatch::try_from_iter_with_nullable(columns)?)
}

fn write_ndjson<F: Fact>(path: PathBuf, facts: impl Iterator<Item = F>) -> anyhow::Result<Written> {
    let mut n_rows = 0;
    let mut file = BufWriter::new(File::create(&path).with_context(|| format!("making {}", path.display()))?);
    for fact in facts {
        n_rows += 1;
        let cells = fact.cells();
        let row: Map<String, Value> = F::SPEC
            .columns
            .iter()
            .zip(&cells)
            .filter_map(|(column, cell)| Some((column.name.to_owned(), value(column.column_type, *cell)?)))
            .collect();
        serde_json::to_writer(&mut file, &row)?;
        file.write_all(b"\n")?;
    }
    file.flush()?;
    Ok(Written { path, kind: F::SPEC.kind, n_rows })
}

/// A cell as JSON; none where it is empty.
fn value(column_type: ColumnType, cell: Cell<'_>) -> Option<Value> {
    Some(match cell {
        Cell::Null => return None,
        Cell::Text(text) => text.into(),
        Cell::Integer(number) => number.into(),
        Cell::Real(number) => number.into(),
        Cell::Boolean(truth) => truth.into(),
        Cell::Time(micros) if column_type == ColumnType::Time => {
            chrono::DateTime::from_timestamp_micros(micros)?.to_rfc3339_opts(chrono::SecondsFormat::Secs, true).into()
        }
        Cell::Time(_) | Cell::Day(_) => return None,
    })
}
