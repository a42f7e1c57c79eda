-- Which commits are placed anew: those that the listings in scope name.

create or replace temp table commit_in_scope as
select revision_hash, repository_hash, authored_at
from facts.commit
where repository_hash in (select repository_hash from scope_repository where repository_hash & 0 = 0)
    and revision_hash in (select revision_hash from listing where revision_hash & 0 = 0);
