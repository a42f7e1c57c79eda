//! Which batches have nothing to do with what stands.

use duckdb::Connection;

use crate::marts::{Standing, any};

/// Whether the batch stands apart: nothing that it tells of or lists was delivered before, and nothing that was moves by it. So it
/// is with most that comes in as it happens. Then only what the batch brought is placed, and neither the other deployments of
/// its repositories since nor what they list need be read.
pub(crate) fn is_apart(connection: &Connection, standing: Standing) -> duckdb::Result<bool> {
    if !standing.is_all_new || standing.has_unnamed_listings || standing.has_unmerged_changes {
        return Ok(false);
    }
    // Where nothing was listed so far, a deployment takes changes by its time. Listings may stand before their deployment or come
    // after it, and commits and changes come after those that list them.
    let entangled = "(
        select repository_hash from newly_listed
        union all
        select repository_hash from scope_repository anti join marts.listed_repository using (repository_hash)
        union all
        select repository_hash from touched_deployment where deployment_hash not in (select fact_hash from delta_deployment)
        union all
        select repository_hash from listed anti join delta_deployed_commit using (deployment_hash, revision_hash)
        union all
        select repository_hash
        from listed_elsewhere
        join marts.rule on rule.name = 'production_environment' and environment glob rule.value
        where result = 'success'
        union all
        select repository_hash from scope_delivery where deployed_at is not null
    )";
    if any(connection, entangled)? {
        return Ok(false);
    }
    // Those that wait are few, and are found first.
    let waiting = "(
        with waiting as materialized (select repository_hash from marts.change_delivery where deployed_at is null)
        from waiting semi join scope_repository using (repository_hash)
    )";
    if !any(connection, waiting)? {
        return Ok(true);
    }
    // What waits was there before a service's first deployment or was not. That may be of the batch, or its revision may.
    // Services mostly deployed not long before: beyond that nothing is looked for, and taken for none.
    let first = "(
        select name.key
        from touched_deployment
        join marts.name on name.name = touched_deployment.service
        left join marts.repository using (repository_hash)
        anti join (
            select service_key, repository_key, finished_at
            from marts.deployment_outcome
            where finished_at >= (select min(since) - interval 60 days from touched_deployment)
                and is_production
                and is_successful
        ) as known
            on known.service_key = name.key
                and known.repository_key = repository.repository_key
                and known.finished_at < touched_deployment.since
    )";
    let head = "facts.deployment
        where revision_hash in (select merge_revision_hash from delta_change where merge_revision_hash & 0 = 0)
            and fact_hash not in (select deployment_hash from touched_deployment)";
    // A source that lists has a first deployment of its own, of which the mart does not know.
    Ok(!any(connection, "marts.listing_source")? && !any(connection, first)? && !any(connection, head)?)
}
