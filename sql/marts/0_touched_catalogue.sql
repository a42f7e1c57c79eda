-- Another owner, system or template of a service shows in everything it ever deployed.

insert into touched_deployment
select deployment.fact_hash as deployment_hash, deployment.service, deployment.repository_hash, timestamp '-infinity' as since
from facts.deployment
semi join delta_service on delta_service.name = deployment.service;
