-- What the touched deployments list.

create or replace temp table listed as
select deployment_hash, revision_hash, repository_hash
from facts.deployed_commit
where deployment_hash in (select deployment_hash from touched_deployment where deployment_hash & 0 = 0);
