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

/// What says how a deployment ended. It is of one end, and never filled from another.
pub const OF_THE_END: [&str; 3] = ["finished_at", "result", "url"];

/// Fills the nulls of staged rows with what stands of the same fact.
pub(crate) fn keep_what_stands(
    connection: &Connection,
    kind: Kind,
    end: StandingEnd,
    yields: &[&str],
) -> duckdb::Result<()> {
    match kind {
        Kind::Deployment => keep_the_end(connection)?,
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
                name if kind == Kind::Deployment && OF_THE_END.contains(&name) => staged,
                name if yields.contains(&name) => format!("coalesce({stored}, {staged})"),
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

/// A deployment ends with its first success, or where there is none with its first end; what is said of it later does not
/// undo that, and only fills what is open.
fn keep_the_end(connection: &Connection) -> duckdb::Result<()> {
    let columns: Vec<String> = table_columns(Kind::Deployment)
        .into_iter()
        .filter(|name| *name != "fact_hash")
        .map(|name| match OF_THE_END.contains(&name) {
            true => format!("{0} = stored.{0}", quoted(name)),
            false => format!("{0} = coalesce(stored.{0}, staged.{0})", quoted(name)),
        })
        .collect();
    connection.execute_batch(&format!(
        "update staged_deployment as staged set {} from facts.deployment as stored
        where stored.fact_hash = staged.fact_hash and staged.finished_at >= stored.finished_at
                and (stored.result = 'success' or staged.result != 'success')
            or stored.fact_hash = staged.fact_hash and stored.result = 'success' and staged.result != 'success'",
        columns.join(", ")
    ))
}
