-- The scope, of all that was found to be touched.

create or replace temp table scope_repository as
select repository_hash, repository.repository_key, min(touched_repository.since) as since
from touched_repository
join marts.repository using (repository_hash)
where touched_repository.since is not null
group by all;

create or replace temp table scope_service as
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
select service from facts.deployment where id in (select id from named where id is not null)
union
-- What an incident names becomes known, and is no longer laid at another deployment of the incident's own service.
select service
from facts.incident
where service is not null and caused_by_deployment in (select id from delta_deployment);
