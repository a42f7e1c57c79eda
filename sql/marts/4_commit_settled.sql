-- What was delivered before its repository's time in scope is settled. Not of `commit_delivery`, which would take all bundles
-- apart before those in scope are chosen.

insert into settled_commit
select unnest(revision_hashes) as revision_hash, repository_hash
from marts.commit_bundle
semi join scope_repository using (repository_hash);
