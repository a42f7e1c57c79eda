//! Whether the facts reach over the whole window: a rate taken over weeks of which nothing was told comes out too low.

use chrono::{DateTime, TimeDelta, Utc};
use store::{Store, StoreError, Value};

use super::Basis;
use super::figure::{FactsQuestion, Origin};
use super::model::Model;
use crate::window::Window;

const TOLD_SPAN: &str = include_str!("../../../sql/value/told_span.sql");

/// What is told by the month ends up to a month before the window does.
pub(super) const SLACK: TimeDelta = TimeDelta::days(35);

/// Says which kinds of fact, of those the model takes figures from, were told for a part of the window only.
pub(crate) fn notes(store: &Store, model: &Model, window: Window) -> Result<Vec<String>, StoreError> {
    let is_used = |kind: &str| {
        model.figures.values().any(|figure| match &figure.origin {
            // What people say is of days of its own, and no rate is made of others.
            Origin::Facts(FactsQuestion::TimeSaving { basis: Basis::Telemetry, .. }) => kind == "time_saving",
            Origin::Facts(FactsQuestion::Cost { .. }) => kind == "cost",
            Origin::Facts(FactsQuestion::Blocks) => kind == "policy_block",
            _ => false,
        })
    };
    let time = |micros: i64| DateTime::<Utc>::from_timestamp_micros(micros).unwrap_or_default();
    let found = store.query(TOLD_SPAN, &[])?;
    let note = |row: Vec<Value>| match row.as_slice() {
        [Value::Text(kind), Value::Time(first), Value::Time(last)] if is_used(kind) => {
            let (first, last) = (time(*first), time(*last));
            let is_whole = first <= window.from + SLACK && last >= window.to - SLACK;
            (!is_whole).then(|| {
                format!(
                    "{kind} facts are told from {} to {} only, and the window is longer: what they give for a week or a year is too low; ask for the time they are told of, with from and to",
                    first.format("%Y-%m-%d"),
                    last.format("%Y-%m-%d")
                )
            })
        }
        _ => None,
    };
    Ok(found.rows.into_iter().filter_map(note).collect())
}
