-- What the touched deployments list, where all that stands of their listings was looked at when the batch was compared with it.

create or replace temp table listed as
select deployment_hash, revision_hash, repository_hash
from near_deployed_commit
anti join delta_deployed_commit using (fact_hash)
where deployment_hash in (select deployment_hash from touched_deployment)
union all
select deployment_hash, revision_hash, repository_hash from delta_deployed_commit;
