//! Making the marts: which statements, in which order. What they say stands in `sql/marts/`.

use std::time::Instant;

use duckdb::Connection;
use facts::Kind;

const SCOPE: &str = include_str!("../../sql/marts/0_scope.sql");
const SCOPE_ALL: &str = include_str!("../../sql/marts/0_scope_all.sql");
const CATALOGUE: &str = include_str!("../../sql/marts/1_catalogue.sql");
const PRODUCTION_DEPLOYMENT: &str = include_str!("../../sql/marts/2_production_deployment.sql");
const CHANGE_DELIVERY: &str = include_str!("../../sql/marts/3_change_delivery.sql");
const COMMIT_BUNDLE: &str = include_str!("../../sql/marts/4_commit_bundle.sql");
const DEPLOYMENT_OUTCOME: &str = include_str!("../../sql/marts/5_deployment_outcome.sql");
const POLICY_STATE: &str = include_str!("../../sql/marts/6_policy_state.sql");

/// Makes all marts anew, within the caller's transaction.
pub(crate) fn rebuild(connection: &Connection) -> duckdb::Result<()> {
    run(connection, CATALOGUE)?;
    for step in [SCOPE_ALL, PRODUCTION_DEPLOYMENT, CHANGE_DELIVERY, COMMIT_BUNDLE, DEPLOYMENT_OUTCOME] {
        run(connection, step)?;
    }
    connection.execute_batch(
        "delete from marts.policy_state;
        create or replace temp table scope_policy as select distinct service from facts.policy_result",
    )?;
    run(connection, POLICY_STATE)
}

/// Refreshes what policies found, for the services that the `delta_*` tables of these kinds name: results that came, and
/// services that have another owner or were retired.
pub(crate) fn refresh_policies(connection: &Connection, touched: &[Kind]) -> duckdb::Result<()> {
    let of_kind = |kind: &Kind| match kind {
        Kind::Service => "select name as service from delta_service".to_owned(),
        kind => format!("select service from delta_{kind}"),
    };
    let services: Vec<String> = touched.iter().map(of_kind).collect();
    connection
        .execute_batch(&format!("create or replace temp table scope_policy as {}", services.join("\nunion\n")))?;
    run(connection, POLICY_STATE)
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
        run(connection, COMMIT_BUNDLE)?;
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
