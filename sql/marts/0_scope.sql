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

-- Which deployments list the changes and commits that came or changed, by listings that name their repository.
create or replace temp table touched_listing as
select deployment_hash, revision_hash
from facts.deployed_commit
where repository_hash in (select repository_hash from touched_revision where repository_hash & 0 = 0)
    and revision_hash in (select revision_hash from touched_revision where revision_hash & 0 = 0);

create or replace temp table scope_change as
select repository_hash, coalesce(merge_revision_hash, fact_hash) as change_identity from delta_change
union
from standing_change;

-- What became of them so far.
create or replace temp table scope_delivery as
select
    delivery.rowid as place,
    delivery.repository_hash,
    delivery.change_identity,
    delivery.is_revert,
    delivery.deployment_hash,
    delivery.deployed_at,
from marts.change_delivery as delivery
semi join scope_change using (repository_hash, change_identity)
where delivery.change_identity in (select change_identity from scope_change where change_identity & 0 = 0);

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
select touched_revision.repository_hash, deployment.finished_at
from (
    select * from touched_listing anti join touched_deployment using (deployment_hash) where deployment_hash & 0 = 0
) as elsewhere
join touched_revision using (revision_hash)
join facts.deployment on deployment.fact_hash = elsewhere.deployment_hash
union all
select repository_hash, deployed_at from scope_delivery
union all
-- A forced change is placed anew among all deployments of its repository that finished since.
select standing_change.repository_hash, max(change.merged_at)
from standing_change
join facts.change on change.repository_hash = standing_change.repository_hash
    and coalesce(change.merge_revision_hash, change.fact_hash) = standing_change.change_identity
group by all;
