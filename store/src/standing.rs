//! What becomes of what stands where a source tells of one fact bit by bit.

use duckdb::Connection;
use facts::Kind;

use crate::delta::{quoted, table_columns};

/// Columns of which, between what is told and what stands, the earlier holds: a late event does not know the begin.
pub const IS_EARLIEST: [&str; 2] = ["opened_at", "acknowledged_at"];

/// The column of which the later holds: events come in any order, and an end told late may be one before a reopening.
pub const IS_LATEST: &str = "resolved_at";

/// What becomes of an end (`resolved_at`) that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandingEnd {
    /// The later of it and what is told now holds, if the thing was not opened again after it.
    Counts,
    /// What is told now holds.
    Passes,
}

/// Whose word holds, where what is told and what stands differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Newer {
    /// What is told now.
    Told,
    /// What stands: what is told now happened before it, and only fills what is open.
    Standing,
}

/// Fills the nulls of staged rows with what stands of the same fact.
pub(crate) fn keep_what_stands(
    connection: &Connection,
    kind: Kind,
    end: StandingEnd,
    newer: Newer,
) -> duckdb::Result<()> {
    match kind {
        // A deployment ends with its first success, or where there is none with its first end; what is said of it later does
        // not undo that.
        Kind::Deployment => connection.execute_batch(
            "delete from staged_deployment as staged using facts.deployment as stored
            where stored.fact_hash = staged.fact_hash and staged.finished_at >= stored.finished_at
                    and (stored.result = 'success' or staged.result != 'success')
                or stored.fact_hash = staged.fact_hash and stored.result = 'success' and staged.result != 'success'",
        )?,
        // A commit does not change, and a push knows less of it than the repository.
        Kind::Commit => connection.execute_batch(
            "delete from staged_commit as staged using facts.commit as stored
            where stored.fact_hash = staged.fact_hash",
        )?,
        _ => {}
    }
    let columns: Vec<String> = table_columns(kind)
        .into_iter()
        .filter(|name| *name != "fact_hash")
        .map(|name| {
            let (staged, stored) = (format!("staged.{}", quoted(name)), format!("stored.{}", quoted(name)));
            // `least` and `greatest` pass over nulls.
            let kept = match name {
                IS_LATEST if end == StandingEnd::Passes => staged,
                IS_LATEST => format!("greatest({staged}, {stored})"),
                name if IS_EARLIEST.contains(&name) => format!("least({staged}, {stored})"),
                _ if newer == Newer::Standing => format!("coalesce({stored}, {staged})"),
                _ => format!("coalesce({staged}, {stored})"),
            };
            format!("{} = {kept}", quoted(name))
        })
        .collect();
    connection.execute_batch(&format!(
        "update staged_{kind} as staged set {} from facts.{kind} as stored
        where stored.fact_hash = staged.fact_hash",
        columns.join(", ")
    ))?;
    if end == StandingEnd::Passes || !table_columns(kind).contains(&IS_LATEST) {
        return Ok(());
    }
    connection.execute_batch(&format!(
        "update staged_{kind} as staged set {IS_LATEST} = null
        from (select source, id, max(reopened_at) as reopened_at from meta.turn where kind = '{kind}' group by all) as turn
        where turn.source = staged.source and turn.id = staged.id and staged.{IS_LATEST} <= turn.reopened_at"
    ))
}
