-- What a batch touched: which services, and which repositories from what time on. The `delta_*` tables hold the rows
-- of the batch that were new or changed (`old_*`: what stood there before).

create or replace temp table scope_service (service varchar);
create or replace temp table scope_repository (repository_hash ubigint, since timestamp);
create or replace temp table scope_change (repository_hash ubigint, change_identity ubigint);

create or replace temp table touched_deployment as
select fact_hash as deployment_hash, service, repository_hash, least(finished_at, old_finished_at) as since
from delta_deployment
union
select fact_hash as deployment_hash, old_service as service, repository_hash, least(finished_at, old_finished_at) as since
from delta_deployment
where old_service is not null
union
select deployment.fact_hash as deployment_hash, deployment.service, deployment.repository_hash, deployment.finished_at
from facts.deployment
semi join delta_deployed_commit on delta_deployed_commit.deployment_hash = deployment.fact_hash
union
-- Another owner, system or template of a service shows in everything it ever deployed.
select deployment.fact_hash as deployment_hash, deployment.service, deployment.repository_hash, timestamp '-infinity' as since
from facts.deployment
semi join delta_service on delta_service.name = deployment.service;

-- The listings that concern the batch, found in one reading of the largest table: what the touched deployments list,
-- and which deployments list the changes and commits that came or changed.
create or replace temp table touched_revision as
select merge_revision_hash as revision_hash from delta_change where merge_revision_hash is not null
union
select old_merge_revision_hash from delta_change where old_merge_revision_hash is not null
union
select revision_hash from delta_commit;

create or replace temp table touched_listing as
select deployment_hash, revision_hash, repository_hash
from facts.deployed_commit
where deployment_hash in (select deployment_hash from touched_deployment)
    or revision_hash in (select revision_hash from touched_revision);

-- The repositories whose commits the touched deployments list; null where neither the row nor the deployment says.
create or replace temp table listed_by_touched as
select distinct
    touched_listing.revision_hash,
    coalesce(touched_listing.repository_hash, touched_deployment.repository_hash, history.repository_hash)
        as repository_hash,
    touched_deployment.since,
from touched_listing
join touched_deployment using (deployment_hash)
left join marts.service_history as history on history.service = touched_deployment.service;

-- When the changes and commits that came or changed were first deployed.
create or replace temp table deployed_revision as
select touched_listing.revision_hash, min(deployment.finished_at) as since
from touched_listing
semi join touched_revision using (revision_hash)
join facts.deployment on deployment.fact_hash = touched_listing.deployment_hash
group by all;

insert into scope_change
select repository_hash, coalesce(merge_revision_hash, fact_hash) from delta_change
union
select old_repository_hash, coalesce(old_merge_revision_hash, fact_hash) from delta_change where old_repository_hash is not null
union
select change.repository_hash, coalesce(change.merge_revision_hash, change.fact_hash)
from delta_commit
join facts.change
    on change.source = delta_commit.source
    and change.id = delta_commit.change_id
    and change.repository_hash = delta_commit.repository_hash
where change.first_commit_at is null or change.merge_revision_hash is null;

create or replace temp table newly_listed as
select distinct listed_by_touched.repository_hash
from listed_by_touched
anti join marts.listed_repository using (repository_hash)
where listed_by_touched.repository_hash is not null;

insert into marts.listed_repository select * from newly_listed;

insert into scope_repository
with touch as (
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
    select change.repository_hash, listed_by_touched.since
    from listed_by_touched
    join facts.change on change.merge_revision_hash = listed_by_touched.revision_hash
    where listed_by_touched.repository_hash is null
    union all
    select commit.repository_hash, listed_by_touched.since
    from listed_by_touched
    join facts.commit on commit.revision_hash = listed_by_touched.revision_hash
    where listed_by_touched.repository_hash is null
    union all
    select delta_change.repository_hash, least(delta_change.merged_at, delta_change.old_merged_at, deployed_revision.since)
    from delta_change
    left join deployed_revision on deployed_revision.revision_hash = delta_change.merge_revision_hash
    union all
    select delta_change.old_repository_hash, least(delta_change.merged_at, delta_change.old_merged_at, deployed_revision.since)
    from delta_change
    left join deployed_revision on deployed_revision.revision_hash = delta_change.old_merge_revision_hash
    union all
    -- A change that is a deployment's revision tells how far that deployment reaches.
    select delta_change.repository_hash, min(deployment.finished_at)
    from facts.deployment
    join (
        select repository_hash, merge_revision_hash as revision_hash from delta_change
        union
        select repository_hash, old_merge_revision_hash from delta_change
    ) as delta_change using (revision_hash)
    group by all
    union all
    -- Where nothing is listed, a deployment of a later change's revision contains this one, even one that by its clock
    -- finished before this change was merged.
    select unlisted.repository_hash, min(deployment.finished_at)
    from (select * from delta_change anti join marts.listed_repository using (repository_hash)) as unlisted
    join facts.change as later
        on later.repository_hash = unlisted.repository_hash
        and later.merged_at >= unlisted.merged_at
    join facts.deployment on deployment.revision_hash = later.merge_revision_hash
    group by all
    union all
    select delta_commit.repository_hash, deployed_revision.since
    from delta_commit
    join deployed_revision using (revision_hash)
    union all
    select scope_change.repository_hash, delivery.deployed_at
    from scope_change
    join marts.change_delivery as delivery using (repository_hash, change_identity)
    union all
    select old_repository_hash, timestamp '-infinity' from delta_service
    union all
    -- A version that comes between others moves the begin or end of those, and so the owners of their repositories.
    select history.repository_hash, timestamp '-infinity'
    from marts.service_history as history
    join delta_service on delta_service.name = history.service
),

-- A forced change is placed anew among all deployments of its repository that finished since.
forced as (
    select scope_change.repository_hash, max(change.merged_at) as since
    from scope_change
    join facts.change on change.repository_hash = scope_change.repository_hash
        and coalesce(change.merge_revision_hash, change.fact_hash) = scope_change.change_identity
    group by all
)
select repository_hash, min(since)
from (select * from touch union all select * from forced)
where repository_hash is not null and since is not null
group by all;

insert into scope_service
with named as (
    select caused_by_deployment as id from delta_incident
    union all
    select old_caused_by_deployment from delta_incident
    union all
    select delta_deployment.id
    from delta_deployment
    semi join facts.incident on incident.caused_by_deployment = delta_deployment.id
)
select service from touched_deployment
union
select service from delta_incident where service is not null
union
select old_service from delta_incident where old_service is not null
union
select name from delta_service
union
select service from facts.deployment where id in (select id from named where id is not null);
