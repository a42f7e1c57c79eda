-- Which changes are placed anew: those that came or changed, and those that were not deployed before the time from which their
-- repository is in scope. Others are settled, and stay.

create or replace temp table stale_change as
-- First those that wait, which are few, and of them those in scope.
with waiting as materialized (
    select rowid as place, repository_hash, change_identity, is_revert, deployment_hash
    from marts.change_delivery
    where deployed_at is null
)
select delivery.rowid as place, repository_hash, change_identity, is_revert, deployment_hash
from marts.change_delivery as delivery
join scope_repository using (repository_hash)
where delivery.deployed_at >= (select min(since) from scope_repository)
    and delivery.deployed_at >= scope_repository.since
union
from waiting semi join scope_repository using (repository_hash)
union
select place, repository_hash, change_identity, is_revert, deployment_hash
from scope_delivery
semi join scope_repository using (repository_hash);
