-- Which commits reached production with which deployment, for the repositories and times in scope.

insert into marts.commit_bundle by name
select
    bundle.repository_hash,
    production_deployment.service_key,
    production_deployment.team_key,
    production_deployment.system_key,
    production_deployment.environment_key,
    scope_repository.repository_key,
    production_deployment.template_key,
    bundle.deployed_at,
    bundle.is_early,
    bundle.revision_hashes,
    bundle.lead_seconds,
from bundle
join production_deployment using (rank)
-- The bundles before its time still stand.
join scope_repository
    on scope_repository.repository_hash = bundle.repository_hash
    and scope_repository.since <= bundle.deployed_at
order by bundle.rank;
