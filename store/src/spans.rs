//! For which time a source told of a kind of fact: outside of it, "none" is not known.

use duckdb::Connection;
use facts::Kind;

use crate::delta::quoted;

/// Widens the span of time for which the batch's sources are known to have told of this kind. What lies after now is told
/// too, but nobody can have told of all that comes before it.
pub(crate) fn widen(connection: &Connection, kind: Kind, now_micros: i64) -> duckdb::Result<()> {
    let observed = kind.spec().observed;
    if observed.is_empty() {
        return Ok(());
    }
    connection
        .execute(
            &format!(
                "merge into meta.source_span as span using (
                    select source, min({0})::timestamp as first_at, max({0})::timestamp as last_at
                    from staged_{kind} where {0} <= make_timestamp($1) group by source
                ) as seen on span.source = seen.source and span.kind = '{kind}'
                when matched then update set
                    first_at = least(span.first_at, seen.first_at),
                    last_at = greatest(span.last_at, seen.last_at),
                    written_at = make_timestamp($1)
                when not matched then insert values (seen.source, '{kind}', seen.first_at, seen.last_at, make_timestamp($1))",
                quoted(observed)
            ),
            [now_micros],
        )
        .map(|_| ())
}

/// Sets the spans of time of this kind by what stands, of those of the sources that a query yields that have no row any more where
/// theirs begins or ends: a row that changed or went may be what a source was taken to have told of by mistake.
pub(crate) fn fit(connection: &Connection, kind: Kind, sources: &str) -> duckdb::Result<()> {
    let observed = kind.spec().observed;
    if observed.is_empty() {
        return Ok(());
    }
    let observed = quoted(observed);
    let is_there = |edge: &str| {
        format!("exists (from facts.{kind} as told where told.source = span.source and told.{observed} = span.{edge})")
    };
    connection.execute_batch(&format!(
        "update meta.source_span as span set first_at = seen.first_at, last_at = seen.last_at
        from (
            select told.source, min(told.{observed})::timestamp as first_at, max(told.{observed})::timestamp as last_at
            from facts.{kind} as told
            join (
                select source, written_at
                from meta.source_span as span
                where kind = '{kind}' and source in ({sources}) and not ({} and {})
            ) as loose on loose.source = told.source and loose.written_at >= told.{observed}
            group by told.source
        ) as seen
        where span.source = seen.source and span.kind = '{kind}'",
        is_there("first_at"),
        is_there("last_at"),
    ))
}
