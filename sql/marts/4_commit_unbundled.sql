-- What the deployments in scope brought so far is found anew.

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
