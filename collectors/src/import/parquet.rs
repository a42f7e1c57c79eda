//! Rows of Parquet.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::ParquetMetaData;
use ::parquet::file::statistics::Statistics;
use arrow::datatypes::DataType;
use facts::Raw;

use super::arrow_cells::{Cells, fits, row_as_json};
use super::error::ImportError;
use super::format::PARQUET;
use super::header;
use super::intake::{Intake, shown};

const ROWS_AT_A_TIME: usize = 8 << 10;

/// Reads Parquet to its end. The input has `n_bytes`, of which its share is reported after each batch of rows.
pub(super) fn read(mut file: File, n_bytes: u64, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    check_ends(&mut file, intake)?;
    let damaged = |intake: &Intake<'_>, line, error: &dyn std::fmt::Display| {
        intake.damaged(line, format!("the Parquet data cannot be read ({error}); write the file again"))
    };
    let builder =
        guarded(|| ParquetRecordBatchReaderBuilder::try_new(file)).map_err(|error| damaged(intake, None, &error))?;
    let n_rows = builder.metadata().file_metadata().num_rows().max(1);
    // What pandas adds is no column of the rows: where it kept its index of them.
    let own = |name: &str| name.starts_with("__index_level_") && name.ends_with("__");
    let kept: Vec<usize> = (builder.schema().fields().iter().enumerate())
        .filter(|(_, field)| !own(field.name()))
        .map(|(index, _)| index)
        .collect();
    let schema = Arc::new(builder.schema().project(&kept).map_err(|error| damaged(intake, None, &error))?);
    let mask = ProjectionMask::roots(builder.parquet_schema(), kept.iter().copied());
    let builder = builder.with_projection(mask);
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let positions = header::positions(&names, intake.spec, intake.name)?;
    let problems: Vec<String> = (schema.fields().iter().zip(&positions).zip(&kept))
        .filter(|((field, _), index)| !holds_nothing(builder.metadata(), **index, field.data_type()))
        .filter_map(|((field, position), _)| fits(field.data_type(), &intake.spec.columns[*position]).err())
        .collect();
    if !problems.is_empty() {
        return Err(ImportError::Header { file: intake.name.to_owned(), problems });
    }
    let mut reader =
        guarded(|| builder.with_batch_size(ROWS_AT_A_TIME).build()).map_err(|error| damaged(intake, None, &error))?;
    let mut line = 0;
    while let Some(record) = guarded(|| reader.next().transpose().map_err(ParquetError::from))
        .map_err(|error| damaged(intake, Some(line + 1), &error))?
    {
        let columns: Vec<Cells> = (record.columns().iter().zip(&positions))
            .map(|(array, position)| Cells::new(array, &intake.spec.columns[*position]))
            .collect::<Result<_, _>>()
            .map_err(|error| damaged(intake, Some(line + 1), &error))?;
        let mut values = vec![Raw::Missing; intake.spec.columns.len()];
        let bytes_per_row = record.get_array_memory_size() / record.num_rows().max(1);
        for row in 0..record.num_rows() {
            line += 1;
            for (cells, position) in columns.iter().zip(&positions) {
                values[*position] = cells.get(row);
            }
            let text = || shown(row_as_json(&names, &positions, &values).as_bytes());
            intake.row(line, bytes_per_row, &values, Vec::new(), text)?;
        }
        intake.report((n_bytes as f64 * (line as f64 / n_rows as f64)) as u64);
    }
    Ok(())
}

/// Whether a column, by its place among the outermost ones, has no value in any row. Who writes a column that holds nothing gives it
/// some type, DuckDB that of a number, and none of its values could stand in the wrong place. So it is with any column where there
/// are no rows.
fn holds_nothing(metadata: &ParquetMetaData, index: usize, data_type: &DataType) -> bool {
    use DataType::{Binary, BinaryView, FixedSizeBinary, LargeBinary};
    let schema = metadata.file_metadata().schema_descr();
    // The nulls of a list are those within it, and may be as many as there are rows though it holds values, too.
    let is_flat = |leaf: usize| schema.get_column_root(leaf).is_primitive() && schema.column(leaf).max_rep_level() == 0;
    let is_binary = matches!(data_type, Binary | LargeBinary | BinaryView | FixedSizeBinary(_));
    let leaf = (0..schema.num_columns())
        .find(|leaf| schema.get_column_root_idx(*leaf) == index)
        .filter(|leaf| is_flat(*leaf) && !is_binary);
    metadata.row_groups().iter().all(|group| {
        let column = leaf.and_then(|leaf| group.columns().get(leaf));
        let has_nulls_alone = column.is_some_and(|column| {
            let n_nulls = column.statistics().and_then(Statistics::null_count_opt);
            column.num_values() == group.num_rows() && n_nulls == u64::try_from(group.num_rows()).ok()
        });
        group.num_rows() == 0 || has_nulls_alone
    })
}

/// The decoder has assertions that some damaged files break. Such a file must not bring down whoever reads the body of
/// a request, so that it is made an error like any other damage; the decoder is not used afterwards.
fn guarded<T>(decode: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|panic| {
        let told = panic.downcast_ref::<String>().cloned();
        let told = told.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(ParquetError::General(told.unwrap_or_else(|| "the decoder gave up".to_owned())))
    })
}

/// A Parquet file begins and ends with the same four bytes; one that only begins with them is cut.
fn check_ends(file: &mut File, intake: &Intake<'_>) -> Result<(), ImportError> {
    let mut ends = || {
        let size = file.seek(SeekFrom::End(0))?;
        let (mut first, mut last) = ([0; 4], [0; 4]);
        if size >= 4 {
            file.rewind()?;
            file.read_exact(&mut first)?;
            file.seek(SeekFrom::End(-4))?;
            file.read_exact(&mut last)?;
            file.rewind()?;
        }
        Ok((size, first, last))
    };
    let (size, first, last) = ends().map_err(|error| intake.failure(error))?;
    if first != PARQUET {
        let found = "no Parquet data, it does not begin with PAR1".to_owned();
        return Err(ImportError::UnknownFormat { file: intake.name.to_owned(), found });
    }
    if size < 12 || last != PARQUET {
        return Err(intake.cut(None, "a Parquet file ends with PAR1 and this one does not"));
    }
    Ok(())
}
