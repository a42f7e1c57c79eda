-- As `3_change_listed.sql`, of all changes. Mostly a deployment lists several commits to a change, so the listings that name a
-- change are found first, and only of those the deployments.

create or replace temp table candidate as
with arrival as materialized (
    select
        placed_change.fact_hash,
        placed_change.repository_hash,
        deployed_commit.deployment_hash,
        deployed_commit.repository_hash as listed_repository_hash,
    from facts.deployed_commit
    join placed_change on placed_change.merge_revision_hash = deployed_commit.revision_hash
)
select arrival.fact_hash, production_deployment.rank * 4::bigint + 1 as choice
from arrival
join production_deployment using (deployment_hash)
where coalesce(arrival.listed_repository_hash, production_deployment.repository_hash, arrival.repository_hash)
    = arrival.repository_hash;
