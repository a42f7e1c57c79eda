-- Commits are told of deployments that stand already.

insert into touched_deployment
select fact_hash as deployment_hash, service, repository_hash, finished_at
from facts.deployment
where fact_hash in (select deployment_hash from delta_deployed_commit where deployment_hash & 0 = 0)
    and fact_hash not in (select deployment_hash from touched_deployment);
