-- Which commits reached production with which deployment, for the repositories and times in scope.

delete from marts.commit_bundle
using scope_repository
where commit_bundle.repository_hash = scope_repository.repository_hash
    and commit_bundle.deployed_at >= scope_repository.since;

-- Every commit with every deployment that lists it. Where no repository is listed it is the commit's own; there are mostly
-- no such listings, and asking each commit for it would cost as much again.
create or replace temp table brought_commit as
select commit.revision_hash, commit.repository_hash, listing.rank, listing.finished_at, commit.authored_at
from listing
join commit_in_scope as commit using (revision_hash)
where listing.repository_hash = commit.repository_hash
union all
select commit.revision_hash, commit.repository_hash, listing.rank, listing.finished_at, commit.authored_at
from (select * from listing where repository_hash is null) as listing
join commit_in_scope as commit using (revision_hash)
semi join scope_repository on scope_repository.repository_hash = commit.repository_hash;

-- Mostly one commit is told by one source and listed by one deployment. Taking the earliest of each would group all of
-- them, so those that stand more than once are found first, by their revisions alone.
create or replace temp table repeated_revision as
select revision_hash from brought_commit group by revision_hash having count(*) > 1;

-- What was delivered before its repository's time in scope is settled.
insert into marts.commit_bundle by name
with delivered as (
    select revision_hash, repository_hash, rank, date_sub('second', authored_at, finished_at) as lead_seconds
    from brought_commit
    anti join repeated_revision using (revision_hash)
    union all by name
    select
        revision_hash,
        repository_hash,
        min(rank) as rank,
        date_sub('second', min(authored_at), min(finished_at)) as lead_seconds,
    from brought_commit
    semi join repeated_revision using (revision_hash)
    group by revision_hash, repository_hash
),

bundle as (
    select
        delivered.rank,
        delivered.repository_hash,
        delivered.lead_seconds < 0 as is_early,
        list(delivered.revision_hash) as revision_hashes,
        list(delivered.lead_seconds) as lead_seconds,
    from delivered
    anti join (
        -- Not of `commit_delivery`, which would take all bundles apart before those in scope are chosen.
        select unnest(revision_hashes) as revision_hash, repository_hash
        from marts.commit_bundle
        semi join scope_repository using (repository_hash)
    ) as settled
        on settled.revision_hash = delivered.revision_hash
        and settled.repository_hash = delivered.repository_hash
    group by delivered.rank, delivered.repository_hash, is_early
)

select
    bundle.repository_hash,
    production_deployment.service_key,
    production_deployment.team_key,
    production_deployment.system_key,
    production_deployment.environment_key,
    repository.repository_key,
    production_deployment.template_key,
    production_deployment.finished_at as deployed_at,
    bundle.is_early,
    bundle.revision_hashes,
    bundle.lead_seconds,
from bundle
join production_deployment using (rank)
join marts.repository on repository.repository_hash = bundle.repository_hash
order by bundle.rank;
