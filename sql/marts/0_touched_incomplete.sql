-- Changes that say less than all of themselves, which their commits then do.

-- A change without a merge revision arrives with its commits, which may have been deployed before it was merged.
insert into touched_revision
select commit.repository_hash, commit.revision_hash
from (select * from delta_change where merge_revision_hash is null) as unmerged
join facts.commit
    on commit.source = unmerged.source
    and commit.change_id = unmerged.id
    and commit.repository_hash = unmerged.repository_hash;

insert into standing_change
select change.repository_hash, coalesce(change.merge_revision_hash, change.fact_hash)
from (
    select source, change_id, repository_hash from delta_commit
    union
    select source, old_change_id, repository_hash from delta_commit
) as told
join facts.change
    on change.source = told.source
    and change.id = told.change_id
    and change.repository_hash = told.repository_hash
where change.first_commit_at is null or change.merge_revision_hash is null;
