-- Which revision each of them lists, where all that lists it is of the batch.

create or replace temp table listing as
select
    listed.revision_hash,
    coalesce(listed.repository_hash, deployment.repository_hash) as repository_hash,
    deployment.rank,
    deployment.finished_at,
from listed
join production_deployment as deployment using (deployment_hash);
