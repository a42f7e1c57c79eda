//! The rows behind a finding, page by page.

use chrono::{DateTime, Utc};
use store::{Store, Value};

use super::check::Check;
use super::finding::{BadRow, BadRowPage};
use super::measure::{Only, ask, text};
use crate::error::AnalyticsError;

/// The most rows on a page.
pub const MOST_ROWS: u64 = 1_000;

const BAD: &str = "select
    subject,
    url,
    source,
    detail,
    seen_at,
    n::bigint,
from relevant
where is_bad
order by n desc, seen_at desc nulls last, subject, source, detail
limit ? offset ?";

/// One page of the bad rows of a check.
pub fn page(
    store: &Store,
    check: &Check,
    limit: u64,
    offset: u64,
    now: DateTime<Utc>,
) -> Result<BadRowPage, AnalyticsError> {
    if !(1..=MOST_ROWS).contains(&limit) || offset > i64::MAX as u64 {
        let message = format!("limit lies between 1 and {MOST_ROWS}, offset is not negative");
        return Err(AnalyticsError::BadQuestion(message));
    }
    // One row more than asked for tells whether there is a next page.
    let mut rows = read(store, check, None, (limit + 1, offset), now)?;
    let next = (rows.len() as u64 > limit).then_some(offset + limit);
    rows.truncate(limit as usize);
    Ok(BadRowPage { check: check.name.clone(), title: check.title.clone(), fix: check.fix.clone(), rows, next })
}

pub(super) fn read(
    store: &Store,
    check: &Check,
    only: Only<'_>,
    (limit, offset): (u64, u64),
    now: DateTime<Utc>,
) -> Result<Vec<BadRow>, AnalyticsError> {
    let bounds = [limit, offset].map(|bound| Value::Integer(i64::try_from(bound).unwrap_or(i64::MAX)));
    let found = ask(store, check, only, BAD, now, &bounds)?;
    let row = |row: Vec<Value>| match &row[..] {
        [subject, url, source, detail, at, Value::Integer(n)] => Some(BadRow {
            subject: text(subject),
            url: text(url),
            source: text(source),
            detail: text(detail),
            at: match at {
                Value::Time(micros) => DateTime::from_timestamp_micros(*micros),
                _ => None,
            },
            n: u64::try_from(*n).unwrap_or_default(),
        }),
        _ => None,
    };
    Ok(found.rows.into_iter().filter_map(row).collect())
}
