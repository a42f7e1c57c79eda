-- The commits that the listings in scope name.

create or replace temp table commit_in_scope as
select revision_hash, repository_hash, authored_at
from facts.commit
where rowid in (select rowid from facts.commit where revision_hash in (select revision_hash from listing));
