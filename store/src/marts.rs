//! Making the marts: which statements, in which order. What they say stands in `sql/marts/`.

use duckdb::Connection;

const SCOPE: &str = include_str!("../../sql/marts/0_scope.sql");
const SCOPE_ALL: &str = include_str!("../../sql/marts/0_scope_all.sql");
const CATALOGUE: &str = include_str!("../../sql/marts/1_catalogue.sql");
const STEPS: [&str; 4] = [
    include_str!("../../sql/marts/2_production_deployment.sql"),
    include_str!("../../sql/marts/3_change_delivery.sql"),
    include_str!("../../sql/marts/4_commit_delivery.sql"),
    include_str!("../../sql/marts/5_deployment_outcome.sql"),
];

/// Makes all marts anew, within the caller's transaction.
pub(crate) fn rebuild(connection: &Connection) -> duckdb::Result<()> {
    connection.execute_batch(CATALOGUE)?;
    connection.execute_batch(SCOPE_ALL)?;
    run_steps(connection)
}

/// Refreshes the marts for what the `delta_*` tables say a batch touched, within the caller's transaction.
pub(crate) fn refresh(connection: &Connection, is_catalogue_touched: bool) -> duckdb::Result<()> {
    if is_catalogue_touched {
        connection.execute_batch(CATALOGUE)?;
    }
    connection.execute_batch(SCOPE)?;
    run_steps(connection)
}

fn run_steps(connection: &Connection) -> duckdb::Result<()> {
    for step in STEPS {
        let begun = std::time::Instant::now();
        connection.execute_batch(step)?;
        tracing::debug!(step = step.lines().next(), milliseconds = begun.elapsed().as_millis() as u64, "mart step");
    }
    Ok(())
}
