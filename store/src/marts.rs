//! Making the marts: which statements, in which order. What they say stands in `sql/marts/`.

use std::time::Instant;

use duckdb::Connection;
use facts::Kind;

const SCOPE: &str = include_str!("../../sql/marts/0_scope.sql");
const SCOPE_UNNAMED: &str = include_str!("../../sql/marts/0_scope_unnamed.sql");
const SCOPE_UNLISTED: &str = include_str!("../../sql/marts/0_scope_unlisted.sql");
const SCOPE_CATALOGUE: &str = include_str!("../../sql/marts/0_scope_catalogue.sql");
const SCOPE_FOUND: &str = include_str!("../../sql/marts/0_scope_found.sql");
const SCOPE_ALL: &str = include_str!("../../sql/marts/0_scope_all.sql");
const CATALOGUE: &str = include_str!("../../sql/marts/1_catalogue.sql");
const PRODUCTION_DEPLOYMENT: &str = include_str!("../../sql/marts/2_production_deployment.sql");
const CHANGE_SCOPE: &str = include_str!("../../sql/marts/3_change_scope.sql");
const CHANGE: &str = include_str!("../../sql/marts/3_change.sql");
const CHANGE_UNLISTED: &str = include_str!("../../sql/marts/3_change_unlisted.sql");
const CHANGE_BASELINE: &str = include_str!("../../sql/marts/3_change_baseline.sql");
const CHANGE_DELIVERY: &str = include_str!("../../sql/marts/3_change_delivery.sql");
const COMMIT_SCOPE: &str = include_str!("../../sql/marts/4_commit_scope.sql");
const COMMIT_BROUGHT: &str = include_str!("../../sql/marts/4_commit_brought.sql");
const COMMIT_SETTLED: &str = include_str!("../../sql/marts/4_commit_settled.sql");
const COMMIT_BUNDLE: &str = include_str!("../../sql/marts/4_commit_bundle.sql");
const DEPLOYMENT_OUTCOME: &str = include_str!("../../sql/marts/5_deployment_outcome.sql");
const POLICY_STATE: &str = include_str!("../../sql/marts/6_policy_state.sql");

/// Makes all marts anew, within the caller's transaction.
pub(crate) fn rebuild(connection: &Connection) -> duckdb::Result<()> {
    run(connection, CATALOGUE)?;
    for step in [
        SCOPE_ALL,
        PRODUCTION_DEPLOYMENT,
        CHANGE,
        CHANGE_UNLISTED,
        CHANGE_BASELINE,
        CHANGE_DELIVERY,
        COMMIT_BROUGHT,
        COMMIT_BUNDLE,
        DEPLOYMENT_OUTCOME,
    ] {
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
    // From here on, only steps for which there is something: planning a statement costs as much as a little of its work.
    if any(connection, "listed_by_touched where repository_hash is null")? {
        run(connection, SCOPE_UNNAMED)?;
    }
    if any(connection, "delta_change anti join marts.listed_repository using (repository_hash)")? {
        run(connection, SCOPE_UNLISTED)?;
    }
    if is_catalogue_touched {
        run(connection, SCOPE_CATALOGUE)?;
    }
    run(connection, SCOPE_FOUND)?;
    run(connection, PRODUCTION_DEPLOYMENT)?;
    if any(connection, "scope_repository")? {
        run(connection, CHANGE_SCOPE)?;
        run(connection, CHANGE)?;
        if any(connection, "scope_repository anti join marts.listed_repository using (repository_hash)")? {
            run(connection, CHANGE_UNLISTED)?;
        }
        let waits = "placed_change anti join candidate using (fact_hash)";
        if any(connection, &format!("{waits} semi join marts.listed_repository using (repository_hash)"))? {
            run(connection, CHANGE_BASELINE)?;
        }
        run(connection, CHANGE_DELIVERY)?;
        run(connection, COMMIT_SCOPE)?;
        run(connection, COMMIT_BROUGHT)?;
        // What was taken out of its bundle just now was not settled. Nor is what came or changed: its repository is in scope
        // from its first deployment on.
        let doubtful = "brought_commit
            anti join unbundled_commit using (revision_hash, repository_hash)
            anti join touched_revision using (revision_hash, repository_hash)
            join scope_repository using (repository_hash)
            where finished_at >= scope_repository.since";
        if any(connection, doubtful)? {
            run(connection, COMMIT_SETTLED)?;
        }
        run(connection, COMMIT_BUNDLE)?;
    }
    // After the changes, since a deployment that brings a revert is judged anew. Incidents that name no service belong
    // to none that could be in scope.
    if any(connection, "scope_service")? || any(connection, "delta_incident")? {
        run(connection, DEPLOYMENT_OUTCOME)?;
    }
    Ok(())
}

fn any(connection: &Connection, rows: &str) -> duckdb::Result<bool> {
    Ok(crate::query::number(connection, &format!("select exists (from {rows})::bigint"))? > 0)
}

fn run(connection: &Connection, step: &str) -> duckdb::Result<()> {
    let begun = Instant::now();
    connection.execute_batch(step)?;
    tracing::debug!(step = step.lines().next(), milliseconds = begun.elapsed().as_millis() as u64, "mart step");
    Ok(())
}
