-- Which commits are placed anew: those that the listings in scope name.

create or replace temp table commit_in_scope as
select revision_hash, repository_hash, authored_at
from facts.commit
where repository_hash in (select repository_hash from scope_repository where repository_hash & 0 = 0)
    and revision_hash in (select revision_hash from listing where revision_hash & 0 = 0);

create or replace temp table unbundled_commit as
select unnest(commit_bundle.revision_hashes) as revision_hash, commit_bundle.repository_hash
from marts.commit_bundle
join scope_repository using (repository_hash)
where commit_bundle.deployed_at >= (select min(since) from scope_repository)
    and commit_bundle.deployed_at >= scope_repository.since;

delete from marts.commit_bundle
using scope_repository
where commit_bundle.repository_hash = scope_repository.repository_hash
    and commit_bundle.deployed_at >= scope_repository.since;
