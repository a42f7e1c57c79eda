-- A change without a merge revision of its own arrives with the first of its commits.

insert into candidate
with unmerged_commit as (
    select unmerged.fact_hash, commit.revision_hash, commit.repository_hash
    from (select fact_hash from placed_change where merge_revision_hash is null) as unmerged
    join facts.change using (fact_hash)
    join facts.commit
        on commit.source = change.source
        and commit.change_id = change.id
        and commit.repository_hash = change.repository_hash
)
select unmerged_commit.fact_hash, listing.rank * 4::bigint + 1 as choice
from listing
join unmerged_commit using (revision_hash)
where coalesce(listing.repository_hash, unmerged_commit.repository_hash) = unmerged_commit.repository_hash;
