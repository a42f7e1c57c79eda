-- Where nothing is listed, what a deployment brought is told by its revision and by time.

insert into touched_repository
-- A change that is a deployment's revision tells how far that deployment reaches.
select delta_change.repository_hash, min(deployment.finished_at)
from facts.deployment
join (
    select repository_hash, merge_revision_hash as revision_hash from delta_change
    union
    select repository_hash, old_merge_revision_hash from delta_change
) as delta_change using (revision_hash)
group by all
union all
-- A deployment of a later change's revision contains this one, even one that by its clock finished before this change was
-- merged.
select unlisted.repository_hash, min(deployment.finished_at)
from (select * from delta_change anti join marts.listed_repository using (repository_hash)) as unlisted
join facts.change as later
    on later.repository_hash = unlisted.repository_hash
    and later.merged_at >= unlisted.merged_at
join facts.deployment on deployment.revision_hash = later.merge_revision_hash
group by all;
