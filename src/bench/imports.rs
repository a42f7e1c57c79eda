//! How fast files become facts: read, checked, hashed, compared and merged into a fresh store, by what `cairn import` runs.

use std::path::Path;
use std::time::Instant;

use collectors::import::{DEFAULT_BATCH_ROWS, Options, read_file};
use facts::PersonKey;

use super::files;
use super::fill::SOURCE;
use super::organisation::Organisation;
use super::report::Figure;
use crate::commands::Intake;
use crate::context::Context;

const PARQUET_ROWS: f64 = 300_000.0;
const NDJSON_ROWS: f64 = 100_000.0;

/// Measures the import of each format.
pub fn measure(folder: &Path, organisation: &Organisation, key: &PersonKey) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for (format, limit) in [("parquet", PARQUET_ROWS), ("ndjson", NDJSON_ROWS)] {
        let path = folder.join("bench-import.duckdb");
        super::remove_store(&path)?;
        let store = Context::read(None, Some(path.clone()))?.open_store()?;
        store.be_bounded();
        let (mut n_rows, mut seconds) = (0, 0.0);
        for file in files::write(folder, format, organisation, key)? {
            let begun = Instant::now();
            let mut intake = Intake::begin(&store, file.kind)?;
            let options = Options {
                kind: file.kind,
                key,
                source: SOURCE,
                now: organisation.end(),
                time_zone: None,
                batch_rows: DEFAULT_BATCH_ROWS,
            };
            read_file(&file.path, 0, None, &options, &mut intake)?;
            intake.refuse_conflicts()?;
            let report = intake.finish(false, None)?;
            let taken = begun.elapsed().as_secs_f64();
            anyhow::ensure!(report.summary.new as u64 == file.n_rows, "not every {} of the file arrived", file.kind);
            std::fs::remove_file(&file.path)?;
            figures.push(Figure::new(
                format!("import of {}s from {format}", file.kind),
                "rows/s",
                Some(file.n_rows as f64 / taken),
            ));
            n_rows += file.n_rows;
            seconds += taken;
        }
        drop(store);
        super::remove_store(&path)?;
        let rate = Figure::new(format!("import from {format}"), "rows/s", Some(n_rows as f64 / seconds));
        figures.push(rate.at_least(&format!("{format} import"), limit));
    }
    Ok(figures)
}
