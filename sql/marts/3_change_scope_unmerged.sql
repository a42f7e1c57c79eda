-- Changes without a merge revision of their own are known by their own hash.

insert into change_in_scope
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
join unsettled on unsettled.repository_hash = change.repository_hash and unsettled.change_identity = change.fact_hash
where change.merge_revision_hash is null;
