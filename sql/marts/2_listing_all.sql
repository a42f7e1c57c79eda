-- Which revision each deployment lists, of all of them: read where it is needed, since there are as many as commits.

create or replace temp view listing as
select
    deployed_commit.revision_hash,
    coalesce(deployed_commit.repository_hash, production_deployment.repository_hash) as repository_hash,
    production_deployment.rank,
    production_deployment.finished_at,
from facts.deployed_commit
join production_deployment using (deployment_hash);
