-- Which commit reached production with which deployment, for the repositories and times in scope.

delete from marts.commit_delivery
using scope_repository
where commit_delivery.repository_hash = scope_repository.repository_hash
    and commit_delivery.deployed_at >= scope_repository.since;

create or replace temp table delivered_commit as
select
    commit.revision_hash,
    commit.repository_hash,
    min(listing.rank) as rank,
    min(commit.authored_at) as authored_at,
from listing
join facts.commit using (revision_hash)
semi join scope_repository on scope_repository.repository_hash = commit.repository_hash
where coalesce(listing.repository_hash, commit.repository_hash) = commit.repository_hash
group by all;

-- What was delivered before its repository's time in scope is settled.
insert into marts.commit_delivery by name
select
    delivered.revision_hash,
    delivered.repository_hash,
    production_deployment.deployment_hash,
    production_deployment.service_key,
    production_deployment.team_key,
    production_deployment.system_key,
    production_deployment.environment_key,
    repository.repository_key,
    production_deployment.template_key,
    production_deployment.finished_at as deployed_at,
    date_sub('second', delivered.authored_at, production_deployment.finished_at) as lead_seconds,
from delivered_commit as delivered
join production_deployment using (rank)
join marts.repository on repository.repository_hash = delivered.repository_hash
anti join marts.commit_delivery as settled
    on settled.revision_hash = delivered.revision_hash
    and settled.repository_hash = delivered.repository_hash
order by deployed_at;
