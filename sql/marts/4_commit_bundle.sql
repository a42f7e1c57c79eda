-- Which commits reached production with which deployment, for the repositories and times in scope.

delete from marts.commit_bundle
using scope_repository
where commit_bundle.repository_hash = scope_repository.repository_hash
    and commit_bundle.deployed_at >= scope_repository.since;

-- Every commit with every deployment that lists it. Where no repository is listed it is the commit's own; there are mostly
-- no such listings, and asking each commit for it would cost as much again.
create or replace temp table brought_commit as
select commit.revision_hash, commit.repository_hash, listing.rank, commit.authored_at
from listing
join facts.commit using (revision_hash)
where listing.repository_hash = commit.repository_hash
union all
select commit.revision_hash, commit.repository_hash, listing.rank, commit.authored_at
from (select * from listing where repository_hash is null) as listing
join facts.commit using (revision_hash)
semi join scope_repository on scope_repository.repository_hash = commit.repository_hash;

-- Mostly one commit is told by one source and listed by one deployment. Taking the earliest of each would group all of
-- them, so those that stand more than once are found first, by their revisions alone.
create or replace temp table repeated_revision as
select revision_hash from brought_commit group by revision_hash having count(*) > 1;

-- What was delivered before its repository's time in scope is settled.
insert into marts.commit_bundle by name
with delivered as (
    select * from brought_commit anti join repeated_revision using (revision_hash)
    union all by name
    select revision_hash, repository_hash, min(rank) as rank, min(authored_at) as authored_at
    from brought_commit
    semi join repeated_revision using (revision_hash)
    group by revision_hash, repository_hash
),

bundle as (
    select
        delivered.rank,
        delivered.repository_hash,
        list(delivered.revision_hash) as revision_hashes,
        list(delivered.authored_at) as authored_ats,
    from delivered
    anti join (
        select revision_hash, repository_hash
        from marts.commit_delivery
        semi join scope_repository using (repository_hash)
    ) as settled
        on settled.revision_hash = delivered.revision_hash
        and settled.repository_hash = delivered.repository_hash
    group by delivered.rank, delivered.repository_hash
),

timed as (
    select
        bundle.rank,
        bundle.repository_hash,
        bundle.revision_hashes,
        list_transform(
            bundle.authored_ats,
            lambda authored_at: date_sub('second', authored_at, production_deployment.finished_at)
        ) as lead_seconds,
    from bundle
    join production_deployment using (rank)
),

-- Few bundles hold commits that were deployed before they were written; only those are taken apart.
parted as (
    select *, false as is_early from timed where list_min(lead_seconds) >= 0
    union all by name
    select
        rank,
        repository_hash,
        list(revision_hash) as revision_hashes,
        list(lead_second) as lead_seconds,
        lead_second < 0 as is_early,
    from (
        select rank, repository_hash, unnest(revision_hashes) as revision_hash, unnest(lead_seconds) as lead_second
        from timed
        where list_min(lead_seconds) < 0
    )
    group by rank, repository_hash, is_early
)

select
    parted.repository_hash,
    production_deployment.service_key,
    production_deployment.team_key,
    production_deployment.system_key,
    production_deployment.environment_key,
    repository.repository_key,
    production_deployment.template_key,
    production_deployment.finished_at as deployed_at,
    parted.is_early,
    parted.revision_hashes,
    parted.lead_seconds,
from parted
join production_deployment using (rank)
join marts.repository on repository.repository_hash = parted.repository_hash
order by parted.rank;
