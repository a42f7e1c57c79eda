-- The changes that are placed anew: their rows of before go, and what is told of them is read.

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
