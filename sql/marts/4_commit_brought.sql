-- Which commits the deployments in scope list.

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
-- them, so those that stand more than once are found first, by their revisions alone: in order, which takes a third of what
-- grouping them takes.
create or replace temp table repeated_revision as
select revision_hash
from brought_commit
qualify lag(revision_hash) over (order by revision_hash) = revision_hash;

-- Those that were delivered before their repository's time in scope: see `4_commit_settled.sql`.
create or replace temp table settled_commit (revision_hash ubigint, repository_hash ubigint);

create or replace temp view bundle as
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
)

select
    delivered.rank,
    delivered.repository_hash,
    any_value(delivered.finished_at) as deployed_at,
    delivered.lead_seconds < 0 as is_early,
    list(delivered.revision_hash) as revision_hashes,
    list(delivered.lead_seconds) as lead_seconds,
from delivered
anti join settled_commit using (revision_hash, repository_hash)
group by delivered.rank, delivered.repository_hash, is_early;
