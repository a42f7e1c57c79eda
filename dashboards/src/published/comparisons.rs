//! `comparison`: what improvements did, as the engine compares it. Comparing takes time, so only the metrics and
//! improvements that a statement names are compared.

use std::collections::BTreeSet;
use std::sync::Arc;

use analytics::Engine;
use analytics::compare::ComparisonRow;
use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use chrono::{DateTime, Utc};

use super::narrow::Narrowing;
use super::refusal::Refusal;
use super::relation::ColumnKind::{Instant, Number, Text, Truth, Whole};
use super::relation::{Relation, RowsFrom, ZONE, columns};

/// The table.
pub(super) fn relation() -> Relation {
    Relation {
        name: "comparison".into(),
        comment: "What improvements did: a row is what one design found of one improvement and one metric. Name the metric in WHERE: only what is named is compared.".into(),
        columns: columns(&[
            ("time", Instant, "When the improvement first arrived anywhere."),
            ("improvement", Text, "The improvement."),
            ("metric", Text, "The metric; see metric_catalogue."),
            ("title", Text, "What people call it."),
            ("design", Text, "How figures were set against each other."),
            ("is_strongest", Truth, "Whether it is the design that allows the strongest word."),
            ("verb", Text, "The strongest word it allows: effect of, associated with, or after; null: too little to tell."),
            ("effect", Text, "The effect in words."),
            ("effect_from", Text, "The lower end of its 95 % interval in words."),
            ("effect_to", Text, "The upper end in words."),
            ("measure", Text, "How value, low and high are measured: as a ratio, where 1 is no change, or a difference."),
            ("unit", Text, "The unit of a difference."),
            ("value", Number, "The effect."),
            ("low", Number, "The lower end of its 95 % interval."),
            ("high", Number, "The upper end."),
            ("is_clear", Truth, "Whether no change lies outside the interval."),
            ("n", Whole, "The observations that it rests on."),
            ("services", Whole, "The services that these are of."),
            ("teams", Whole, "The teams that these are of."),
            ("says", Text, "The finding in one sentence."),
        ]),
        rows_from: RowsFrom::Comparisons,
    }
}

/// Its rows, as far as the mentions of a statement can need them.
pub(super) fn rows(engine: &Engine, wanted: &[Narrowing], now: DateTime<Utc>) -> Result<RecordBatch, Refusal> {
    let found = engine.comparisons(&named(wanted, "metric"), &named(wanted, "improvement"), now)?;
    let texts = |text: &dyn Fn(&ComparisonRow) -> Option<String>| -> ArrayRef {
        Arc::new(found.iter().map(text).collect::<StringArray>())
    };
    let words = |word: &dyn Fn(&ComparisonRow) -> Option<&'static str>| -> ArrayRef {
        Arc::new(found.iter().map(word).collect::<StringArray>())
    };
    let numbers = |number: &dyn Fn(&ComparisonRow) -> Option<f64>| -> ArrayRef {
        Arc::new(found.iter().map(number).collect::<Float64Array>())
    };
    let truths = |truth: &dyn Fn(&ComparisonRow) -> Option<bool>| -> ArrayRef {
        Arc::new(found.iter().map(truth).collect::<BooleanArray>())
    };
    let counts = |n: &dyn Fn(&ComparisonRow) -> u64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(found.iter().map(|row| n(row) as i64)))
    };
    let time = found.iter().map(|row| row.time.map(|time| time.timestamp_micros()));
    let columns: [(&str, ArrayRef); 20] = [
        ("time", Arc::new(time.collect::<TimestampMicrosecondArray>().with_timezone(ZONE))),
        ("improvement", texts(&|row| Some(row.improvement.clone()))),
        ("metric", texts(&|row| Some(row.metric.clone()))),
        ("title", texts(&|row| Some(row.title.clone()))),
        ("design", words(&|row| Some(row.design))),
        ("is_strongest", truths(&|row| Some(row.is_strongest))),
        ("verb", words(&|row| row.verb)),
        ("effect", texts(&|row| row.effect.clone())),
        ("effect_from", texts(&|row| row.effect_from.clone())),
        ("effect_to", texts(&|row| row.effect_to.clone())),
        ("measure", words(&|row| row.measure)),
        ("unit", texts(&|row| Some(row.unit.clone()))),
        ("value", numbers(&|row| row.value)),
        ("low", numbers(&|row| row.low)),
        ("high", numbers(&|row| row.high)),
        ("is_clear", truths(&|row| row.is_clear)),
        ("n", counts(&|row| row.n)),
        ("services", counts(&|row| row.services)),
        ("teams", counts(&|row| row.teams)),
        ("says", texts(&|row| Some(row.says.clone()))),
    ];
    Ok(RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .expect("all columns are as long as the comparisons"))
}

/// The names that a column may have in any mention; none where one mention needs all.
fn named(wanted: &[Narrowing], column: &str) -> Vec<String> {
    let names: Option<BTreeSet<String>> =
        wanted.iter().map(|narrowing| narrowing.allowed.get(column)).try_fold(BTreeSet::new(), |mut all, names| {
            all.extend(names?.iter().cloned());
            Some(all)
        });
    names.map(|names| names.into_iter().collect()).unwrap_or_default()
}
