//! Runs: measured, computed, kept with their inputs, and had again by their numbers.

use chrono::{DateTime, Utc};
use serde::Serialize;
use store::{Store, Value, ValueRun};

use super::inputs::Inputs;
use super::model::Model;
use super::report::ValueReport;
use super::simulate::report;
use super::stage::Stage;
use super::{MODEL_VERSION, ValueError, measure};
use crate::engine::Engine;
use crate::error::AnalyticsError;
use crate::window::{Grain, Window, midnight};

/// The span of a run in words, as the command line and the API bring it.
#[derive(Debug, Clone, Default)]
pub struct Span {
    /// Its begin: a day, month, year or instant; twelve months before the end unless said.
    pub from: Option<String>,
    /// Its end, not included; the last midnight unless said, so that a day's runs agree.
    pub to: Option<String>,
}

/// A run that was kept.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct KeptRun {
    /// Its number.
    pub run: i64,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// The version of the calculation.
    pub model_version: u32,
    /// The seed of its draws.
    pub seed: i64,
    /// The version of the data it was measured in.
    pub data_version: i64,
    /// Its window.
    pub window: Window,
}

/// Measures and computes, and keeps nothing.
pub fn compute(
    engine: &Engine,
    model: &Model,
    stage: Option<Stage>,
    span: &Span,
    now: DateTime<Utc>,
) -> Result<ValueReport, ValueError> {
    Ok(report(&prepare(engine, model, stage, span, now)?.inputs, None))
}

/// Measures, keeps the inputs, and computes.
pub fn keep(
    engine: &Engine,
    model: &Model,
    stage: Option<Stage>,
    span: &Span,
    now: DateTime<Utc>,
) -> Result<ValueReport, ValueError> {
    let Prepared { inputs, text } = prepare(engine, model, stage, span, now)?;
    let run = ValueRun {
        model_version: inputs.model_version,
        seed: inputs.seed,
        data_version: inputs.data_version,
        from: inputs.window.from,
        to: inputs.window.to,
        inputs: text,
    };
    let run = engine.store().keep_value_run(&run, now)?;
    Ok(report(&inputs, Some(run)))
}

/// The figures of a run that was kept, computed anew from its inputs.
pub fn kept(store: &Store, run: i64) -> Result<ValueReport, ValueError> {
    let Some(text) = store.value_run(run)? else {
        let known = match runs(store)?.as_slice() {
            [] => "none was kept yet; `cairn value` makes one".to_owned(),
            [.., last] => format!("those kept are 1 to {}", last.run),
        };
        return Err(ValueError::UnknownRun(format!("there is no run {run} of the value model; {known}")));
    };
    let version = serde_json::from_str::<serde_json::Value>(&text).ok().and_then(|json| json["model_version"].as_u64());
    match version {
        Some(version) if version == u64::from(MODEL_VERSION) => Ok(report(&read(&text)?, Some(run))),
        version => {
            let made_by = version.and_then(|version| u32::try_from(version).ok()).unwrap_or_default();
            Err(ValueError::OtherVersion { run, made_by, own: MODEL_VERSION })
        }
    }
}

/// All runs that were kept, the first first.
pub fn runs(store: &Store) -> Result<Vec<KeptRun>, ValueError> {
    let found = store.query(
        "select run, made_at, model_version, seed, data_version, window_from, window_to from meta.value_run order by run",
        &[],
    )?;
    let time = |micros: i64| DateTime::from_timestamp_micros(micros).unwrap_or_default();
    let run = |row: Vec<Value>| match row.as_slice() {
        [
            Value::Integer(run),
            Value::Time(made_at),
            Value::Integer(model_version),
            Value::Integer(seed),
            Value::Integer(data_version),
            Value::Time(from),
            Value::Time(to),
        ] => Some(KeptRun {
            run: *run,
            made_at: time(*made_at),
            model_version: u32::try_from(*model_version).ok()?,
            seed: *seed,
            data_version: *data_version,
            window: Window { from: time(*from), to: time(*to) },
        }),
        _ => None,
    };
    Ok(found.rows.into_iter().filter_map(run).collect())
}

/// Measured inputs, and the text they are kept as.
struct Prepared {
    inputs: Inputs,
    text: String,
}

/// Figures are computed from what is read of the text, never from what was measured directly: reading a number may
/// change its last digit, and a run had again must not differ from its first time.
fn prepare(
    engine: &Engine,
    model: &Model,
    stage: Option<Stage>,
    span: &Span,
    now: DateTime<Utc>,
) -> Result<Prepared, ValueError> {
    let zone = engine.options().zone;
    let today = || midnight(zone, now.with_timezone(&zone).date_naive()).to_rfc3339();
    let to = span.to.clone().unwrap_or_else(today);
    let window = Window::parse(span.from.as_deref(), Some(&to), Grain::All, zone, now)?;
    let inputs = measure(model, stage, engine, window, now)?;
    let text = serde_json::to_string(&inputs)
        .map_err(|error| AnalyticsError::BadQuestion(format!("the inputs cannot be written down: {error}")))?;
    Ok(Prepared { inputs: read(&text)?, text })
}

fn read(text: &str) -> Result<Inputs, ValueError> {
    serde_json::from_str(text)
        .map_err(|error| ValueError::UnknownRun(format!("the inputs of this run cannot be read: {error}")))
}
