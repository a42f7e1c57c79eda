-- Which change reached production with which deployment, for the repositories and times in scope.
-- A change is settled, and stays, when it was deployed before the time from which its repository is in scope.

create or replace temp table stale_change as
select delivery.change_hash, delivery.is_revert, delivery.deployment_hash
from marts.change_delivery as delivery
join scope_repository using (repository_hash)
left join scope_change using (repository_hash, change_identity)
where delivery.deployed_at is null
    or delivery.deployed_at >= scope_repository.since
    or scope_change.change_identity is not null;

delete from marts.change_delivery where change_hash in (select change_hash from stale_change);

create or replace temp table scoped_change as
select
    change.fact_hash,
    change.repository_hash,
    change.merge_revision_hash,
    coalesce(change.merge_revision_hash, change.fact_hash) as change_identity,
    change.first_commit_at,
    change.opened_at,
    change.first_review_at,
    change.merged_at,
    coalesce(change.author like 'bot:%', false) as is_bot,
    change.reverts is not null as is_revert,
from facts.change
semi join scope_repository using (repository_hash)
anti join (
    select repository_hash, change_identity
    from marts.change_delivery
    semi join scope_repository using (repository_hash)
) as settled
    on settled.repository_hash = change.repository_hash
    and settled.change_identity = coalesce(change.merge_revision_hash, change.fact_hash);

-- Two sources may tell of one change: the one that knows more of its review is heard.
create or replace temp table unheard_change as
select scoped_change.fact_hash
from scoped_change
semi join (
    select repository_hash, change_identity
    from scoped_change
    group by all
    having count(*) > 1
) using (repository_hash, change_identity)
qualify row_number() over (
    partition by repository_hash, change_identity
    order by first_review_at is null, opened_at is null, fact_hash
) > 1;

-- Where a change does not say when its first commit was written, its commits may.
create or replace temp table authored as
select unauthored.fact_hash, min(commit.authored_at) as first_commit_at
from (select fact_hash from scoped_change where first_commit_at is null) as unauthored
join facts.change using (fact_hash)
join facts.commit
    on commit.source = change.source
    and commit.change_id = change.id
    and commit.repository_hash = change.repository_hash
group by all;

-- One row per change to be placed.
create or replace temp table placed_change as
select
    scoped_change.* exclude (first_commit_at),
    coalesce(scoped_change.first_commit_at, authored.first_commit_at) as first_commit_at,
from scoped_change
anti join unheard_change using (fact_hash)
left join authored using (fact_hash);

-- A change without a merge revision of its own arrives with the first of its commits. Kept apart, since looking for
-- commits reads a large table, and there are mostly no such changes.
create or replace temp table unmerged_commit as
select unmerged.fact_hash, commit.revision_hash, commit.repository_hash
from (select fact_hash from placed_change where merge_revision_hash is null) as unmerged
join facts.change using (fact_hash)
join facts.commit
    on commit.source = change.source
    and commit.change_id = change.id
    and commit.repository_hash = change.repository_hash;

create or replace temp table change_rank as
with listed as (
    select placed_change.fact_hash, listing.rank
    from listing
    join placed_change on placed_change.merge_revision_hash = listing.revision_hash
    where coalesce(listing.repository_hash, placed_change.repository_hash) = placed_change.repository_hash
    union all
    select unmerged_commit.fact_hash, listing.rank
    from listing
    join unmerged_commit using (revision_hash)
    where coalesce(listing.repository_hash, unmerged_commit.repository_hash) = unmerged_commit.repository_hash
),

-- Where nothing was ever listed: a deployment of a revision that is itself a change contains what was merged up to it.
unlisted as (
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
),

-- The rank, and how it was found: the more certain way where two find the same. One number, since the least of numbers is
-- found faster than the least of pairs.
candidate as (
    select fact_hash, rank * 4::bigint + 1 as choice from listed
    union all
    select fact_hash, rank * 4::bigint + 2 as choice from topology
    union all
    select fact_hash, rank * 4::bigint + 3 as choice from estimated
)

-- The earliest that may contain it: a later deployment never takes a change away from an earlier one.
select
    fact_hash,
    (min(choice) // 4)::integer as rank,
    case min(choice) % 4 when 1 then 'listed' when 2 then 'topology' else 'estimated' end as matched_by,
from candidate
group by fact_hash;

-- Whose a change is while it waits: the service the catalogue gives its repository to, else one that deploys from it.
create or replace temp table repository_owner as
select repository_hash, valid_from, min_by(columns('_key$'), service)
from (
    select repository_hash, valid_from, service, service_key, team_key, system_key, template_key
    from marts.service_history
    semi join scope_repository using (repository_hash)
    union all
    select
        deployment.repository_hash,
        timestamp '-infinity' as valid_from,
        deployment.service,
        name.key as service_key,
        min_by(history.team_key, history.valid_from) as team_key,
        min_by(history.system_key, history.valid_from) as system_key,
        min_by(history.template_key, history.valid_from) as template_key,
    from facts.deployment
    semi join scope_repository on scope_repository.repository_hash = deployment.repository_hash
    anti join marts.service_history as known on known.repository_hash = deployment.repository_hash
    join marts.name on name.name = deployment.service
    left join marts.service_history as history on history.service = deployment.service
    group by all
)
group by all;

insert into marts.change_delivery by name
with delivered as (
    select
        placed_change.*,
        production_deployment.service_key,
        production_deployment.team_key,
        production_deployment.system_key,
        production_deployment.environment_key,
        production_deployment.template_key,
        production_deployment.finished_at as deployed_at,
        production_deployment.deployment_hash,
        change_rank.matched_by,
    from placed_change
    join change_rank using (fact_hash)
    join production_deployment using (rank)
),

waiting as (
    select
        placed_change.*,
        repository_owner.service_key,
        repository_owner.team_key,
        repository_owner.system_key,
        null::integer as environment_key,
        repository_owner.template_key,
        null::timestamp as deployed_at,
        null::ubigint as deployment_hash,
        null::varchar as matched_by,
    from placed_change
    anti join change_rank using (fact_hash)
    asof left join repository_owner
        on repository_owner.repository_hash = placed_change.repository_hash
        and repository_owner.valid_from <= placed_change.merged_at
)

select
    placed.* exclude (fact_hash, merge_revision_hash),
    placed.fact_hash as change_hash,
    repository.repository_key,
    if(opened_at >= first_commit_at, date_sub('second', first_commit_at, opened_at), null) as coding_seconds,
    if(first_review_at >= opened_at, date_sub('second', opened_at, first_review_at), null) as pickup_seconds,
    if(merged_at >= first_review_at, date_sub('second', first_review_at, merged_at), null) as review_seconds,
    if(deployed_at >= merged_at, date_sub('second', merged_at, deployed_at), null) as deploy_seconds,
from (select * from delivered union all by name select * from waiting) as placed
join marts.repository using (repository_hash)
order by deployed_at nulls last;

-- A deployment is rework when it brings a revert, so the services of such deployments are in scope too.
insert into scope_service
select distinct deployment.service
from facts.deployment
where deployment.fact_hash in (
    select deployment_hash from stale_change where is_revert
    union all
    select deployment_hash
    from marts.change_delivery
    where is_revert and change_hash in (select fact_hash from placed_change)
);
