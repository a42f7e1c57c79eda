-- Where neither a listing nor its deployment names a repository: those of the changes and commits it lists.

insert into touched_repository
select change.repository_hash, listed_by_touched.since
from listed_by_touched
join facts.change on change.merge_revision_hash = listed_by_touched.revision_hash
where listed_by_touched.repository_hash is null
union all
select commit.repository_hash, listed_by_touched.since
from listed_by_touched
join facts.commit on commit.revision_hash = listed_by_touched.revision_hash
where listed_by_touched.repository_hash is null;
