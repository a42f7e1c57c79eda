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

delete from marts.change_delivery where rowid in (select place from stale_change);

create or replace temp table unsettled as
select repository_hash, change_identity from stale_change
union
select repository_hash, change_identity from scope_change semi join scope_repository using (repository_hash);

create or replace temp table change_in_scope as
select
    change.fact_hash,
    change.repository_hash,
    change.merge_revision_hash,
    change.first_commit_at,
    change.opened_at,
    change.first_review_at,
    change.merged_at,
    change.author,
    change.reverts,
from facts.change
join unsettled
    on unsettled.repository_hash = change.repository_hash
    and unsettled.change_identity = change.merge_revision_hash
where change.repository_hash in (select repository_hash from unsettled where repository_hash & 0 = 0)
    and change.merge_revision_hash in (select change_identity from unsettled where change_identity & 0 = 0);
