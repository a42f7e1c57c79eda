-- Where a listing does not name a repository.

insert into touched_repository
-- It may list the changes and commits that came or changed.
select touched_revision.repository_hash, deployment.finished_at
from (select * from facts.deployed_commit where repository_hash is null) as listed
join touched_revision using (revision_hash)
join facts.deployment on deployment.fact_hash = listed.deployment_hash
union all
-- Where its deployment names none either, it is that of the changes and commits it lists.
select change.repository_hash, listed_by_touched.since
from listed_by_touched
join facts.change on change.merge_revision_hash = listed_by_touched.revision_hash
where listed_by_touched.repository_hash is null
union all
select commit.repository_hash, listed_by_touched.since
from listed_by_touched
join facts.commit on commit.revision_hash = listed_by_touched.revision_hash
where listed_by_touched.repository_hash is null;
