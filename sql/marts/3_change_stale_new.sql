-- Which changes are placed anew, where only those are that the batch tells of or lists: they wait so far.

create or replace temp table stale_change as
select place, repository_hash, change_identity, is_revert, deployment_hash
from scope_delivery
semi join scope_repository using (repository_hash);
