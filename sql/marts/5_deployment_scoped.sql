-- Which deployments are judged anew. What happens to a service changes nothing of what it deployed before, but for the time within
-- which an incident or a remedy is laid to a deployment: from then on it is made anew.

set variable failure_window = (
    select value::bigint * interval 1 second from marts.rule where name = 'failure_window_seconds'
);
set variable failure_piece = greatest(epoch_us(getvariable('failure_window')), 1);

create or replace temp table scope_span as
with span as (
    select
        scope.service,
        name.key as service_key,
        if(isfinite(scope.since), scope.since - getvariable('failure_window'), scope.since) as made_from,
    from (select service, min(since) as since from scope_service group by service) as scope
    join marts.name on name.name = scope.service
),

-- What was deployed before and named by an incident of late may be remedied by what is made anew.
named_before as (
    select service_key, min(outcome.finished_at) as finished_at
    from marts.deployment_outcome as outcome
    join span using (service_key)
    where outcome.named_at >= (select min(made_from) - getvariable('failure_window') from span where isfinite(made_from))
        and outcome.named_at >= span.made_from - getvariable('failure_window')
        and outcome.finished_at < span.made_from
        and isfinite(span.made_from)
    group by service_key
)

select service, service_key, made_from, least(made_from, named_before.finished_at) as read_from
from span
left join named_before using (service_key);

create or replace temp table scoped_deployment as
with late as materialized (
    select
        fact_hash,
        source,
        id,
        finished_at,
        revision_hash,
        repository_hash,
        kind,
        result,
        environment,
        span.service_key,
        finished_at >= span.made_from as is_made,
    from facts.deployment
    join scope_span as span using (service)
    -- A name is never less than nothing: for why that is said, see `0_scope.sql`.
    where deployment.service in (select service from scope_span where service >= '')
        and deployment.finished_at >= (select min(read_from) from scope_span)
        and deployment.finished_at >= span.read_from
),

-- Whether an environment has a revision for the first time hangs on all that was ever deployed of it.
again as materialized (
    select service, fact_hash, source, id, finished_at, revision_hash, repository_hash, kind, result, environment
    from facts.deployment
    where revision_hash in (select revision_hash from late where revision_hash & 0 = 0)
        and result = 'success'
),

early as (
    select again.* exclude (service), span.service_key, false as is_made
    from again
    join scope_span as span using (service)
    where again.finished_at < span.read_from
)

select
    deployment.fact_hash,
    deployment.source,
    deployment.id,
    deployment.finished_at,
    deployment.revision_hash,
    deployment.kind,
    deployment.service_key,
    history.team_key,
    history.system_key,
    history.template_key,
    environment_name.key as environment_key,
    coalesce(repository.repository_key, history.repository_key) as repository_key,
    production_environment.environment is not null as is_production,
    deployment.result = 'success' as is_successful,
    deployment.is_made,
from (from late union all from early) as deployment
join marts.name as environment_name on environment_name.name = deployment.environment
left join marts.repository on repository.repository_hash = deployment.repository_hash
left join production_environment on production_environment.environment = deployment.environment
left join marts.service_history as history
    on history.service_key = deployment.service_key
    and history.valid_from <= deployment.finished_at
    and history.valid_until > deployment.finished_at;

-- Most revisions are deployed once.
create or replace temp table revision_again as
select service_key, revision_hash
from scoped_deployment
where is_production and is_successful and revision_hash is not null
group by all
having count(*) > 1;

-- The deployment that an incident names as its cause: that of the incident's own source, else see `5_cause_elsewhere.sql`.
create or replace temp table naming_incident as
select fact_hash, source, caused_by_deployment
from facts.incident
where caused_by_deployment in (select id from scoped_deployment);

create or replace temp table named_cause as
select incident.fact_hash as incident_hash, deployment.fact_hash as deployment_hash
from naming_incident as incident
join scoped_deployment as deployment
    on deployment.id = incident.caused_by_deployment and deployment.source = incident.source
where deployment.is_production;

-- Filled where there is something for them.
create or replace temp table unknown_cause (fact_hash ubigint);
create or replace temp table later_arrival (fact_hash ubigint);
