-- Which revision each of them lists, in the repositories in scope. A repository that neither says is the commit's own.
create or replace temp table listing as
with listed as (
    select
        deployed_commit.revision_hash,
        coalesce(deployed_commit.repository_hash, deployment.repository_hash) as repository_hash,
        deployment.rank,
        deployment.finished_at,
    from facts.deployed_commit
    join (select * from production_deployment where deployment_hash & 0 = 0) as deployment using (deployment_hash)
)
select *
from listed
where repository_hash is null or repository_hash in (select repository_hash from scope_repository);
