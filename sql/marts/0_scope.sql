-- What a batch touched, by what it told of (`0_touched.sql`): which services, and which repositories from what time on.

-- Here and below, few rows of a large table are found by whom they belong to and by what tells which they are. DuckDB looks
-- into a bloom filter of the wanted values while it reads, but only where the side they come from is filtered: hence
-- `& 0 = 0`, which is always so. Of a column in which one value stands many times in a row, as a repository or deployment
-- does, it then looks at each run once, and it reads of the other columns only what is left.

-- The repositories whose commits the touched deployments list; null where neither the row nor the deployment says.
create or replace temp table listed_by_touched as
select distinct
    listed.revision_hash,
    coalesce(listed.repository_hash, touched_deployment.repository_hash, history.repository_hash) as repository_hash,
    touched_deployment.since,
from listed
join touched_deployment using (deployment_hash)
left join marts.service_history as history on history.service = touched_deployment.service;

-- The revisions that came or changed, or that the touched deployments list.
create or replace temp table sought_revision as
select repository_hash, revision_hash from touched_revision
union
select repository_hash, revision_hash from listed_by_touched;

-- Which other deployments list them, by listings that name their repository.
create or replace temp table listed_elsewhere as
with elsewhere as (
    select deployment_hash, revision_hash, repository_hash
    from facts.deployed_commit
    where repository_hash in (select repository_hash from sought_revision where repository_hash & 0 = 0)
        and revision_hash in (select revision_hash from sought_revision where revision_hash & 0 = 0)
        and deployment_hash not in (select deployment_hash from touched_deployment)
)
select
    elsewhere.repository_hash,
    elsewhere.revision_hash,
    deployment.finished_at,
    deployment.environment,
    deployment.result,
from elsewhere
join facts.deployment on deployment.fact_hash = elsewhere.deployment_hash;

create or replace temp table scope_change as
select repository_hash, coalesce(merge_revision_hash, fact_hash) as change_identity from delta_change
union
from standing_change
union
select repository_hash, revision_hash from listed_by_touched;

-- What became of them so far.
create or replace temp table scope_delivery as
with near as materialized (
    select rowid as place, repository_hash, change_identity, is_revert, deployment_hash, deployed_at
    from marts.change_delivery
    where repository_hash in (select repository_hash from scope_change where repository_hash & 0 = 0)
        and change_identity in (select change_identity from scope_change where change_identity & 0 = 0)
)
from near semi join scope_change using (repository_hash, change_identity);

create or replace temp table listing_deployment as
select delta_deployment.source, delta_deployment.repository_hash
from delta_deployment
join marts.rule on rule.name = 'listing_source' and delta_deployment.source glob rule.value;

insert into marts.listing_source
select distinct source from listing_deployment anti join marts.listing_source using (source);

create or replace temp table newly_listed as
with lister as (
    select repository_hash from listed_by_touched
    union
    -- What a source that lists lists nothing for brought nothing: of the first deployment it is the baseline.
    select repository_hash from listing_deployment
)
select repository_hash
from lister
anti join marts.listed_repository using (repository_hash)
where repository_hash is not null;

insert into marts.listed_repository select * from newly_listed;

-- Repositories and the times from which what they bring is placed anew. More is added for what is seldom so.
create or replace temp table touched_repository as
select repository_hash, timestamp '-infinity' as since from newly_listed
union all
select repository_hash, since from touched_deployment
union all
select history.repository_hash, touched_deployment.since
from touched_deployment
join marts.service_history as history using (service)
union all
select repository_hash, since from listed_by_touched
union all
select repository_hash, least(merged_at, old_merged_at) from delta_change
union all
select old_repository_hash, least(merged_at, old_merged_at) from delta_change
union all
-- What the touched deployments list is told already.
select repository_hash, finished_at from listed_elsewhere semi join touched_revision using (repository_hash, revision_hash)
union all
select repository_hash, deployed_at from scope_delivery
union all
-- A forced change is placed anew among all deployments of its repository that finished since.
select standing_change.repository_hash, max(change.merged_at)
from standing_change
join facts.change on change.repository_hash = standing_change.repository_hash
    and coalesce(change.merge_revision_hash, change.fact_hash) = standing_change.change_identity
group by all;
