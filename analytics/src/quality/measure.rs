//! The statement around a check's query: how many rows are bad, of how many.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use store::{Rows, Store, StoreError, Value};

use super::check::Check;
use super::finding::BySource;

/// What a check counted.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub n: u64,
    pub relevant: u64,
    pub n_rows: u64,
    pub by_source: Vec<BySource>,
    pub kinds: BTreeSet<String>,
}

/// Counts over a check's rows. Only the columns counted are read, so that millions of rows are no matter.
pub(super) fn count(store: &Store, check: &Check, only: Only<'_>, now: DateTime<Utc>) -> Result<Counted, StoreError> {
    let kinds = if check.suffers_by_kind { "string_agg(distinct kinds, ',') filter (is_bad)" } else { "null" };
    let rest = format!(
        "select
    source,
    count(*) filter (is_bad),
    coalesce(sum(n) filter (is_bad), 0)::bigint,
    coalesce(sum(n), 0)::bigint,
    {kinds},
from relevant
group by source
order by 3 desc, 4 desc, source"
    );
    let found = ask(store, check, only, &rest, now, &[])?;
    let mut counted = Counted::default();
    for row in found.rows {
        let [source, Value::Integer(n_rows), Value::Integer(n), Value::Integer(relevant), kinds] = &row[..] else {
            continue;
        };
        let natural = |number: &i64| u64::try_from(*number).unwrap_or_default();
        counted.n_rows += natural(n_rows);
        counted.n += natural(n);
        counted.relevant += natural(relevant);
        if let Some(kinds) = text(kinds) {
            counted.kinds.extend(kinds.split(',').map(str::to_owned));
        }
        counted.by_source.push(BySource { source: text(source), n: natural(n), relevant: natural(relevant) });
    }
    Ok(counted)
}

/// What checks may read without naming it: the present, and of each source the kinds of fact it ever told and up to when.
const GIVEN: &str = "moment as (
    select ?::timestamp as now
),
told as (
    select source, string_agg(distinct kind, ',') as kinds, max(last_at) as last_at
    from meta.source_span
    group by source
)";

/// The kinds of fact that the rows of a check by kind have to be about; none: any.
pub(super) type Only<'a> = Option<&'a BTreeSet<&'static str>>;

/// Asks something of a check's rows, which stand in `relevant`.
pub(super) fn ask(
    store: &Store,
    check: &Check,
    only: Only<'_>,
    rest: &str,
    now: DateTime<Utc>,
    parameters: &[Value],
) -> Result<Rows, StoreError> {
    let only = only.filter(|_| check.suffers_by_kind);
    let narrowed = only.map_or("", |_| "where list_has_any(string_split(kinds, ','), string_split(?, ','))");
    let query = check.query.trim_end();
    let sql =
        format!("with {GIVEN},\nfound as (\n{query}\n),\nrelevant as (\n    select * from found {narrowed}\n)\n{rest}");
    let mut bound = vec![Value::Time(now.timestamp_micros())];
    bound.extend(only.map(|kinds| Value::Text(kinds.iter().copied().collect::<Vec<_>>().join(","))));
    bound.extend_from_slice(parameters);
    store.query(&sql, &bound)
}

pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}
