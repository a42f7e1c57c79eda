//! Making the marts: which statements, in which order. What they say stands in `sql/marts/`.

use std::time::Instant;

use duckdb::Connection;
use facts::Kind;

use crate::apart;

const TOUCHED: &str = include_str!("../../sql/marts/0_touched.sql");
const TOUCHED_LISTING: &str = include_str!("../../sql/marts/0_touched_listing.sql");
const TOUCHED_CATALOGUE: &str = include_str!("../../sql/marts/0_touched_catalogue.sql");
const TOUCHED_INCOMPLETE: &str = include_str!("../../sql/marts/0_touched_incomplete.sql");
const TOUCHED_LISTED: &str = include_str!("../../sql/marts/0_touched_listed.sql");
const TOUCHED_LISTED_NEAR: &str = include_str!("../../sql/marts/0_touched_listed_near.sql");
const SCOPE: &str = include_str!("../../sql/marts/0_scope.sql");
const SCOPE_UNNAMED: &str = include_str!("../../sql/marts/0_scope_unnamed.sql");
const SCOPE_UNLISTED: &str = include_str!("../../sql/marts/0_scope_unlisted.sql");
const SCOPE_CATALOGUE: &str = include_str!("../../sql/marts/0_scope_catalogue.sql");
const SCOPE_FOUND: &str = include_str!("../../sql/marts/0_scope_found.sql");
const SCOPE_ALL: &str = include_str!("../../sql/marts/0_scope_all.sql");
const CATALOGUE: &str = include_str!("../../sql/marts/1_catalogue.sql");
const PRODUCTION_DEPLOYMENT: &str = include_str!("../../sql/marts/2_production_deployment.sql");
const DEPLOYMENT_NEW: &str = include_str!("../../sql/marts/2_deployment_new.sql");
const LISTING: &str = include_str!("../../sql/marts/2_listing.sql");
const LISTING_NEW: &str = include_str!("../../sql/marts/2_listing_new.sql");
const LISTING_ALL: &str = include_str!("../../sql/marts/2_listing_all.sql");
const CHANGE_STALE: &str = include_str!("../../sql/marts/3_change_stale.sql");
const CHANGE_STALE_NEW: &str = include_str!("../../sql/marts/3_change_stale_new.sql");
const CHANGE_SCOPE: &str = include_str!("../../sql/marts/3_change_scope.sql");
const CHANGE_SCOPE_NEW: &str = include_str!("../../sql/marts/3_change_scope_new.sql");
const CHANGE_SCOPE_UNMERGED: &str = include_str!("../../sql/marts/3_change_scope_unmerged.sql");
const CHANGE: &str = include_str!("../../sql/marts/3_change.sql");
const CHANGE_TWICE: &str = include_str!("../../sql/marts/3_change_twice.sql");
const CHANGE_LISTED: &str = include_str!("../../sql/marts/3_change_listed.sql");
const CHANGE_LISTED_ALL: &str = include_str!("../../sql/marts/3_change_listed_all.sql");
const CHANGE_UNAUTHORED: &str = include_str!("../../sql/marts/3_change_unauthored.sql");
const CHANGE_ELSEWHERE: &str = include_str!("../../sql/marts/3_change_elsewhere.sql");
const CHANGE_UNMERGED: &str = include_str!("../../sql/marts/3_change_unmerged.sql");
const CHANGE_UNLISTED: &str = include_str!("../../sql/marts/3_change_unlisted.sql");
const CHANGE_RANK: &str = include_str!("../../sql/marts/3_change_rank.sql");
const CHANGE_BASELINE: &str = include_str!("../../sql/marts/3_change_baseline.sql");
const CHANGE_OWNER: &str = include_str!("../../sql/marts/3_change_owner.sql");
const CHANGE_DELIVERY: &str = include_str!("../../sql/marts/3_change_delivery.sql");
const COMMIT_SCOPE: &str = include_str!("../../sql/marts/4_commit_scope.sql");
const COMMIT_SCOPE_NEAR: &str = include_str!("../../sql/marts/4_commit_scope_near.sql");
const COMMIT_UNBUNDLED: &str = include_str!("../../sql/marts/4_commit_unbundled.sql");
const COMMIT_PAIRED: &str = include_str!("../../sql/marts/4_commit_paired.sql");
const COMMIT_BROUGHT: &str = include_str!("../../sql/marts/4_commit_brought.sql");
const COMMIT_SETTLED: &str = include_str!("../../sql/marts/4_commit_settled.sql");
const COMMIT_BUNDLE: &str = include_str!("../../sql/marts/4_commit_bundle.sql");
const DEPLOYMENT_SCOPE: &str = include_str!("../../sql/marts/5_deployment_scope.sql");
const DEPLOYMENT_SCOPED: &str = include_str!("../../sql/marts/5_deployment_scoped.sql");
const CAUSE_ELSEWHERE: &str = include_str!("../../sql/marts/5_cause_elsewhere.sql");
const CAUSE_UNKNOWN: &str = include_str!("../../sql/marts/5_cause_unknown.sql");
const ROLLOUT_AGAIN: &str = include_str!("../../sql/marts/5_rollout_again.sql");
const DEPLOYMENT_OUTCOME: &str = include_str!("../../sql/marts/5_deployment_outcome.sql");
const INCIDENT_OUTCOME: &str = include_str!("../../sql/marts/5_incident_outcome.sql");
const POLICY_STATE: &str = include_str!("../../sql/marts/6_policy_state.sql");

/// Makes all marts anew, within the caller's transaction.
pub(crate) fn rebuild(connection: &Connection) -> duckdb::Result<()> {
    rebuild_deliveries(connection)?;
    rebuild_outcomes(connection)?;
    connection.execute_batch(
        "delete from marts.policy_state;
        create or replace temp table scope_policy as select distinct service from facts.policy_result",
    )?;
    run(connection, POLICY_STATE)
}

/// Makes anew what rests on commits and on who lists them. How deployments fared does only where another one brings a revert.
pub(crate) fn rebuild_after_commits(connection: &Connection) -> duckdb::Result<()> {
    let reverting = "select deployment_hash from marts.change_delivery where is_revert and deployment_hash is not null";
    connection.execute_batch(&format!("create or replace temp table reverted_before as {reverting}"))?;
    rebuild_deliveries(connection)?;
    let other = |left: &str, right: &str| any(connection, &format!("({left} except {right})"));
    if other(reverting, "from reverted_before")? || other("from reverted_before", reverting)? {
        rebuild_outcomes(connection)?;
    }
    Ok(())
}

fn rebuild_deliveries(connection: &Connection) -> duckdb::Result<()> {
    for step in [CATALOGUE, SCOPE_ALL, PRODUCTION_DEPLOYMENT, LISTING_ALL] {
        run(connection, step)?;
    }
    place_changes(connection, CHANGE_LISTED_ALL, false, Standing::OPEN)?;
    if !pair_commits(connection)? {
        run(connection, COMMIT_BROUGHT)?;
    }
    run(connection, COMMIT_BUNDLE)
}

fn rebuild_outcomes(connection: &Connection) -> duckdb::Result<()> {
    connection.execute_batch("delete from marts.deployment_outcome; delete from marts.incident_outcome")?;
    judge_deployments(connection)?;
    run(connection, INCIDENT_OUTCOME)
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

/// What is known of a batch and of the facts that stand before it is merged. Of a table to which rows were added in a
/// transaction, DuckDB knows no statistics until it ends, and would read all of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    /// The batch changes nothing of what the marts rest on, but incidents.
    pub is_all_new: bool,
    /// Some listings leave open of which repository they are.
    pub has_unnamed_listings: bool,
    /// Some changes leave open which revision they were merged as.
    pub has_unmerged_changes: bool,
    /// Some changes leave open when the first of their commits was written.
    has_unauthored_changes: bool,
    /// `near_deployed_commit` has all that stands of the listings that the batch adds to.
    has_near_listings: bool,
    /// `near_commit` has all that stand of the commits that the batch tells of or lists.
    has_near_commits: bool,
}

impl Standing {
    /// Anything may be left open.
    const OPEN: Standing = Standing {
        is_all_new: false,
        has_unnamed_listings: true,
        has_unmerged_changes: true,
        has_unauthored_changes: true,
        has_near_listings: false,
        has_near_commits: false,
    };

    /// What is left open by what stands, and by what the `delta_*` tables of the touched kinds hold.
    pub(crate) fn find(
        connection: &Connection,
        touched: impl Fn(Kind) -> bool,
        near: &[Kind],
        is_all_new: bool,
    ) -> duckdb::Result<Standing> {
        let is_open = |kind: Kind, column: &str| {
            let open = |table: String| any(connection, &format!("{table} where {column} is null"));
            Ok::<_, duckdb::Error>(open(format!("facts.{kind}"))? || touched(kind) && open(format!("delta_{kind}"))?)
        };
        Ok(Standing {
            is_all_new,
            has_unnamed_listings: is_open(Kind::DeployedCommit, "repository_hash")?,
            has_unmerged_changes: is_open(Kind::Change, "merge_revision_hash")?,
            has_unauthored_changes: is_open(Kind::Change, "first_commit_at")?,
            has_near_listings: near.contains(&Kind::DeployedCommit),
            has_near_commits: near.contains(&Kind::Commit),
        })
    }
}

/// Refreshes the marts for what the `delta_*` tables say a batch touched, within the caller's transaction.
pub(crate) fn refresh(
    connection: &Connection,
    touched: impl Fn(Kind) -> bool,
    standing: Standing,
) -> duckdb::Result<()> {
    let is_catalogue_touched = touched(Kind::Service);
    if is_catalogue_touched {
        run(connection, CATALOGUE)?;
    }
    find_scope(connection, is_catalogue_touched, standing)?;
    let has_repositories = any(connection, "scope_repository")?;
    let is_apart = has_repositories && !is_catalogue_touched && apart::is_apart(connection, standing)?;
    if is_apart {
        run(connection, DEPLOYMENT_NEW)?;
    }
    run(connection, PRODUCTION_DEPLOYMENT)?;
    if has_repositories {
        refresh_deliveries(connection, is_catalogue_touched, is_apart, standing)?;
    }
    // After the changes, since a deployment that brings a revert is judged anew. Incidents that name no service belong to none
    // that could be in scope.
    let is_any_incident = touched(Kind::Incident);
    if is_any_incident || any(connection, "scope_service")? {
        judge_deployments(connection)?;
    }
    if is_catalogue_touched || is_any_incident {
        run(connection, INCIDENT_OUTCOME)?;
    }
    Ok(())
}

/// Refreshes what was brought by which deployment, in the scope that was found.
fn refresh_deliveries(
    connection: &Connection,
    is_catalogue_touched: bool,
    is_apart: bool,
    standing: Standing,
) -> duckdb::Result<()> {
    run(connection, if is_apart { LISTING_NEW } else { LISTING })?;
    run(connection, if is_apart { CHANGE_STALE_NEW } else { CHANGE_STALE })?;
    if is_apart && !any(connection, "stale_change")? {
        run(connection, CHANGE_SCOPE_NEW)?;
    } else {
        run(connection, CHANGE_SCOPE)?;
        if standing.has_unmerged_changes {
            run(connection, CHANGE_SCOPE_UNMERGED)?;
        }
    }
    place_changes(connection, CHANGE_LISTED, !is_catalogue_touched, standing)?;
    if any(
        connection,
        "(select is_revert from stale_change union all select is_revert from placed_change) where is_revert",
    )? {
        run(connection, DEPLOYMENT_SCOPE)?;
    }
    let is_near = is_apart && standing.has_near_commits;
    run(connection, if is_near { COMMIT_SCOPE_NEAR } else { COMMIT_SCOPE })?;
    if !is_apart {
        run(connection, COMMIT_UNBUNDLED)?;
    }
    run(connection, COMMIT_BROUGHT)?;
    // What was taken out of its bundle just now was not settled. Nor is what came or changed: its repository is in scope
    // from its first deployment on.
    let doubtful = "brought_commit
        anti join unbundled_commit using (revision_hash, repository_hash)
        anti join touched_revision using (revision_hash, repository_hash)
        join scope_repository using (repository_hash)
        where finished_at >= scope_repository.since";
    if !is_apart && any(connection, doubtful)? {
        run(connection, COMMIT_SETTLED)?;
    }
    run(connection, COMMIT_BUNDLE)
}

/// Finds what a batch touched. Here and below, only steps for which there is something: planning a statement costs as much as a
/// little of its work.
fn find_scope(connection: &Connection, is_catalogue_touched: bool, standing: Standing) -> duckdb::Result<()> {
    run(connection, TOUCHED)?;
    let alone = "delta_deployed_commit anti join touched_deployment using (deployment_hash)";
    if any(connection, alone)? {
        run(connection, TOUCHED_LISTING)?;
    }
    if is_catalogue_touched {
        run(connection, TOUCHED_CATALOGUE)?;
    }
    if standing.has_unmerged_changes || standing.has_unauthored_changes {
        run(connection, TOUCHED_INCOMPLETE)?;
    }
    let afar = "touched_deployment anti join staged_deployed_commit using (deployment_hash)";
    if standing.has_near_listings && !any(connection, afar)? {
        run(connection, TOUCHED_LISTED_NEAR)?;
    } else {
        run(connection, TOUCHED_LISTED)?;
    }
    run(connection, SCOPE)?;
    if standing.has_unnamed_listings {
        run(connection, SCOPE_UNNAMED)?;
    }
    if any(connection, "delta_change anti join marts.listed_repository using (repository_hash)")? {
        run(connection, SCOPE_UNLISTED)?;
    }
    if is_catalogue_touched {
        run(connection, SCOPE_CATALOGUE)?;
    }
    run(connection, SCOPE_FOUND)
}

/// Judges the deployments of the services in scope.
fn judge_deployments(connection: &Connection) -> duckdb::Result<()> {
    run(connection, DEPLOYMENT_SCOPED)?;
    if any(
        connection,
        "naming_incident anti join named_cause on named_cause.incident_hash = naming_incident.fact_hash",
    )? {
        run(connection, CAUSE_ELSEWHERE)?;
    }
    let unscoped = "facts.incident
        join scope_span using (service)
        where incident.opened_at >= scope_span.made_from
            and incident.caused_by_deployment not in (select id from scoped_deployment)";
    if any(connection, unscoped)? {
        run(connection, CAUSE_UNKNOWN)?;
    }
    if any(connection, "revision_again")? {
        run(connection, ROLLOUT_AGAIN)?;
    }
    run(connection, DEPLOYMENT_OUTCOME)
}

/// The services whose first deployment from a repository may have come after a change that waits there was merged, so that it may
/// have been there from of old. Of what came or changed just now the mart does not know yet.
const FIRST: &str = "(
    with waiting as materialized (
        select repository_key, min(merged_at) as since
        from waiting_change
        semi join marts.listed_repository using (repository_hash)
        join scope_repository using (repository_hash)
        group by all
    ),

    deployed as (
        select service_key, repository_key, finished_at
        from marts.deployment_outcome
        where repository_key in (select repository_key from waiting where repository_key & 0 = 0)
            and is_production
            and is_successful
            and deployment_hash not in (select fact_hash from delta_deployment)
        union all
        select name.key as service_key, repository.repository_key, null as finished_at
        from touched_deployment
        join marts.name on name.name = touched_deployment.service
        left join marts.repository using (repository_hash)
    )

    select waiting.repository_key, deployed.service_key
    from waiting
    join deployed on coalesce(deployed.repository_key, waiting.repository_key) = waiting.repository_key
    group by all
    having not coalesce(min(deployed.finished_at) < any_value(waiting.since), false)
)";

/// Places the changes in scope, found among what deployments list by the step `listed`. The marts of before may help, unless they
/// are made anew or call their services otherwise.
fn place_changes(connection: &Connection, listed: &str, has_old_marts: bool, standing: Standing) -> duckdb::Result<()> {
    run(connection, CHANGE)?;
    let is_any_twice = any(connection, "repeated_change")?;
    if is_any_twice {
        run(connection, CHANGE_TWICE)?;
    }
    run(connection, listed)?;
    if standing.has_unauthored_changes && any(connection, "placed_change where first_commit_at is null")? {
        run(connection, CHANGE_UNAUTHORED)?;
        if is_any_twice && any(connection, "told_twice where first_commit_at is not null")? {
            run(connection, CHANGE_ELSEWHERE)?;
        }
    }
    if standing.has_unmerged_changes && any(connection, "placed_change where merge_revision_hash is null")? {
        run(connection, CHANGE_UNMERGED)?;
    }
    if any(connection, "scope_repository anti join marts.listed_repository using (repository_hash)")? {
        run(connection, CHANGE_UNLISTED)?;
    }
    run(connection, CHANGE_RANK)?;
    if any(connection, "waiting_change")? {
        // A source that lists has a first deployment of its own, of which the mart does not know.
        if !has_old_marts || any(connection, "marts.listing_source")? || any(connection, FIRST)? {
            run(connection, CHANGE_BASELINE)?;
        }
        run(connection, CHANGE_OWNER)?;
    }
    run(connection, CHANGE_DELIVERY)
}

/// Finds what each deployment brought of all commits, unless some are told by several sources or listed by several deployments:
/// says whether it did. Whether they are is looked for among one commit in a thousand first, and counted afterwards.
fn pair_commits(connection: &Connection) -> duckdb::Result<bool> {
    let unplaced = "facts.deployed_commit
        join production_deployment using (deployment_hash)
        where deployed_commit.repository_hash is null and production_deployment.repository_hash is null";
    let repeated = format!(
        "(
            select revision_hash from listing where revision_hash < {}::ubigint
            group by revision_hash, repository_hash having count(*) > 1
        )",
        u64::MAX / 1_000
    );
    if !any(connection, "listing")? || any(connection, unplaced)? || any(connection, &repeated)? {
        return Ok(false);
    }
    run(connection, COMMIT_PAIRED)?;
    let is_paired = "select (
        (select sum(n) from paired_bundle where repository_hash is not null) is not distinct from
            (select nullif(count(*), 0) from facts.commit)
        and (select sum(n) from paired_bundle where rank is not null) is not distinct from (
            select nullif(count(*), 0)
            from facts.deployed_commit
            where deployment_hash in (select deployment_hash from production_deployment)
        )
    )::bigint";
    Ok(crate::query::number(connection, is_paired)? > 0)
}

/// Whether there is a row.
pub(crate) fn any(connection: &Connection, rows: &str) -> duckdb::Result<bool> {
    Ok(crate::query::number(connection, &format!("select exists (from {rows})::bigint"))? > 0)
}

fn run(connection: &Connection, step: &str) -> duckdb::Result<()> {
    let begun = Instant::now();
    connection.execute_batch(step)?;
    tracing::debug!(step = step.lines().next(), milliseconds = begun.elapsed().as_millis() as u64, "mart step");
    Ok(())
}
