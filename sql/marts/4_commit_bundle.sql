-- Which commits reached production with which deployment, for the repositories and times in scope.

insert into marts.commit_bundle by name
with delivered as (
    select revision_hash, repository_hash, rank, finished_at, date_sub('second', authored_at, finished_at) as lead_seconds
    from brought_commit
    anti join repeated_revision using (revision_hash)
    union all by name
    select
        revision_hash,
        repository_hash,
        min(rank) as rank,
        min(finished_at) as finished_at,
        date_sub('second', min(authored_at), min(finished_at)) as lead_seconds,
    from brought_commit
    semi join repeated_revision using (revision_hash)
    group by revision_hash, repository_hash
),

bundle as (
    select
        delivered.rank,
        delivered.repository_hash,
        any_value(delivered.finished_at) as deployed_at,
        delivered.lead_seconds < 0 as is_early,
        list(delivered.revision_hash) as revision_hashes,
        list(delivered.lead_seconds) as lead_seconds,
    from delivered
    anti join settled_commit using (revision_hash, repository_hash)
    group by delivered.rank, delivered.repository_hash, is_early
)

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
