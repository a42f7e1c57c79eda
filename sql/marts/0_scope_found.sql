-- The scope, of all that was found to be touched.

create or replace temp table scope_repository as
select repository_hash, repository.repository_key, min(touched_repository.since) as since
from touched_repository
join marts.repository using (repository_hash)
where touched_repository.since is not null
group by all;

-- And from what time on something happened to them.
create or replace temp table scope_service as
with named as (
    select caused_by_deployment as id from delta_incident
    union all
    select old_caused_by_deployment from delta_incident
    union all
    select delta_deployment.id
    from delta_deployment
    semi join facts.incident on incident.caused_by_deployment = delta_deployment.id
),
happened as (
    select service, since from touched_deployment
    union all
    select service, least(opened_at, old_opened_at) from delta_incident
    union all
    select old_service, least(opened_at, old_opened_at) from delta_incident
    union all
    select name, timestamp '-infinity' from delta_service
    union all
    select service, finished_at from facts.deployment where id in (select id from named where id is not null)
    union all
    -- What an incident names becomes known, and is no longer laid at another deployment of the incident's own service.
    select service, opened_at
    from facts.incident
    where caused_by_deployment in (select id from delta_deployment)
)
select service, min(since) as since
from happened
where service is not null
group by service;

create or replace temp view deployment_in_scope as
from facts.deployment where finished_at >= (select min(since) from scope_repository);
