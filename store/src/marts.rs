//! Making the marts: which statements, in which order. What they say stands in `sql/marts/`.

use std::time::Instant;

use duckdb::Connection;

const SCOPE: &str = include_str!("../../sql/marts/0_scope.sql");
const SCOPE_ALL: &str = include_str!("../../sql/marts/0_scope_all.sql");
const CATALOGUE: &str = include_str!("../../sql/marts/1_catalogue.sql");
const PRODUCTION_DEPLOYMENT: &str = include_str!("../../sql/marts/2_production_deployment.sql");
const CHANGE_DELIVERY: &str = include_str!("../../sql/marts/3_change_delivery.sql");
const COMMIT_DELIVERY: &str = include_str!("../../sql/marts/4_commit_delivery.sql");
const DEPLOYMENT_OUTCOME: &str = include_str!("../../sql/marts/5_deployment_outcome.sql");

/// Makes all marts anew, within the caller's transaction.
pub(crate) fn rebuild(connection: &Connection) -> duckdb::Result<()> {
    run(connection, CATALOGUE)?;
    for step in [SCOPE_ALL, PRODUCTION_DEPLOYMENT, CHANGE_DELIVERY, COMMIT_DELIVERY, DEPLOYMENT_OUTCOME] {
        run(connection, step)?;
    }
    Ok(())
}

/// Refreshes the marts for what the `delta_*` tables say a batch touched, within the caller's transaction.
pub(crate) fn refresh(connection: &Connection, is_catalogue_touched: bool) -> duckdb::Result<()> {
    if is_catalogue_touched {
        run(connection, CATALOGUE)?;
    }
    run(connection, SCOPE)?;
    // From here on, only steps of which something is in scope.
    run(connection, PRODUCTION_DEPLOYMENT)?;
    if any(connection, "scope_repository")? {
        run(connection, CHANGE_DELIVERY)?;
        run(connection, COMMIT_DELIVERY)?;
    }
    // After the changes, since a deployment that brings a revert is judged anew. Incidents that name no service belong
    // to none that could be in scope.
    if any(connection, "scope_service")? || any(connection, "delta_incident")? {
        run(connection, DEPLOYMENT_OUTCOME)?;
    }
    Ok(())
}

fn any(connection: &Connection, table: &str) -> duckdb::Result<bool> {
    Ok(crate::query::number(connection, &format!("select exists (from {table})::bigint"))? > 0)
}

fn run(connection: &Connection, step: &str) -> duckdb::Result<()> {
    let begun = Instant::now();
    connection.execute_batch(step)?;
    tracing::debug!(step = step.lines().next(), milliseconds = begun.elapsed().as_millis() as u64, "mart step");
    Ok(())
}
