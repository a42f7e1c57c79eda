-- Where nothing was ever listed, a change is found by the revisions of deployments, else by time.

insert into candidate
-- A deployment of a revision that is itself a change contains what was merged up to it.
with unlisted as (
    select rank, repository_hash, revision_hash, finished_at
    from production_deployment
    semi join scope_repository using (repository_hash)
    anti join marts.listed_repository using (repository_hash)
),

reach as (
    select unlisted.repository_hash, max(change.merged_at) as reaches_to, unlisted.rank
    from unlisted
    join facts.change
        on change.merge_revision_hash = unlisted.revision_hash and change.repository_hash = unlisted.repository_hash
    group by all
),

reach_first as (
    select
        repository_hash,
        reaches_to,
        min(rank) over (partition by repository_hash order by reaches_to desc) as rank,
    from reach
),

topology as (
    select placed_change.fact_hash, reach_first.rank
    from placed_change
    asof join reach_first
        on reach_first.repository_hash = placed_change.repository_hash
        and reach_first.reaches_to >= placed_change.merged_at
),

-- Where the revision is not known either: the first deployment that finished at or after the merge.
blind as (
    select repository_hash, finished_at, min(rank) as rank
    from unlisted
    anti join reach using (rank)
    group by all
),

estimated as (
    select placed_change.fact_hash, blind.rank
    from placed_change
    asof join blind
        on blind.repository_hash = placed_change.repository_hash
        and blind.finished_at >= placed_change.merged_at
)
select fact_hash, rank * 4::bigint + 2 as choice from topology
union all
select fact_hash, rank * 4::bigint + 3 as choice from estimated;
