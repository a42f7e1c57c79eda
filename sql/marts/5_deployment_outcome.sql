-- What became of each deployment of the services in scope: whether it opened a roll-out, failed, how it was remedied,
-- and whether it was rework. A service is always made whole, since each deployment is judged by those around it.

create or replace temp table scoped_deployment as
with deployment as (
    select
        deployment.fact_hash,
        deployment.source,
        deployment.id,
        deployment.finished_at,
        deployment.revision_hash,
        deployment.repository,
        deployment.kind,
        deployment.result,
        deployment.environment,
        service_name.key as service_key,
    from facts.deployment
    semi join scope_service using (service)
    join marts.name as service_name on service_name.name = deployment.service
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
    coalesce(repository_name.key, history.repository_key) as repository_key,
    production_environment.environment is not null as is_production,
    deployment.result = 'success' as is_successful,
from deployment
join marts.name as environment_name on environment_name.name = deployment.environment
left join marts.name as repository_name on repository_name.name = deployment.repository
left join production_environment on production_environment.environment = deployment.environment
left join marts.service_history as history
    on history.service_key = deployment.service_key
    and history.valid_from <= deployment.finished_at
    and history.valid_until > deployment.finished_at;

-- The deployment that an incident names as its cause: of the incident's own source, else of the only other that has it.
-- Only incidents that name one in scope are looked at, and of those every deployment of that name.
create or replace temp table naming_incident as
select fact_hash, source, caused_by_deployment
from facts.incident
where caused_by_deployment in (select id from scoped_deployment);

create or replace temp table own_cause as
select incident.fact_hash as incident_hash, deployment.fact_hash as deployment_hash
from naming_incident as incident
join scoped_deployment as deployment
    on deployment.id = incident.caused_by_deployment and deployment.source = incident.source
where deployment.is_production;

create or replace temp table named_cause as
with incident as (
    select * from naming_incident anti join own_cause on own_cause.incident_hash = naming_incident.fact_hash
),
cause as (
    select
        incident.fact_hash as incident_hash,
        arg_min(deployment.fact_hash, deployment.source != incident.source) as deployment_hash,
    from incident
    join facts.deployment on deployment.id = incident.caused_by_deployment
    semi join production_environment on production_environment.environment = deployment.environment
    group by incident.fact_hash, incident.source
    having bool_or(deployment.source = incident.source) or count(*) = 1
)
from own_cause
union all
select cause.*
from cause
semi join scoped_deployment on scoped_deployment.fact_hash = cause.deployment_hash;

create or replace temp table fresh_outcome as
with rule as (
    select
        max(value) filter (name = 'failure_window_seconds')::bigint * interval 1 second as failure_window,
        max(value) filter (name = 'rollout_gap_seconds')::bigint * interval 1 second as rollout_gap,
    from marts.rule
),

live as (
    select * from scoped_deployment
    where is_production and (is_successful or fact_hash in (select deployment_hash from named_cause))
),

-- The n-th success of a revision in each production environment belongs to its n-th roll-out.
nth_success as (
    select
        fact_hash,
        service_key,
        revision_hash,
        finished_at,
        row_number() over (
            partition by service_key, revision_hash, environment_key
            order by finished_at, fact_hash
        ) as nth,
    from live
    where is_successful and revision_hash is not null
),

later_arrival as (
    select fact_hash
    from nth_success
    qualify finished_at - lag(finished_at) over (partition by service_key, revision_hash, nth order by finished_at, fact_hash)
        <= (select rollout_gap from rule)
),

successor as (
    select
        fact_hash,
        lead(finished_at) over following as next_finished_at,
        lead(kind) over following as next_kind,
        lead(fact_hash) over following as next_hash,
    from live
    where is_successful
    window following as (partition by service_key, environment_key order by finished_at, fact_hash)
),

-- An incident that names no cause is laid at the door of the service's last deployment before it, within the window.
inferred_cause as (
    select incident.fact_hash as incident_hash, live.fact_hash as deployment_hash,
    from (
        select incident.fact_hash, incident.opened_at, name.key as service_key
        from facts.incident
        semi join scope_service using (service)
        join marts.name on name.name = incident.service
        where incident.caused_by_deployment is null
    ) as incident
    asof join (select fact_hash, service_key, finished_at from live where is_successful) as live
        on live.service_key = incident.service_key and live.finished_at <= incident.opened_at
    where incident.opened_at - live.finished_at <= (select failure_window from rule)
),

cause as (
    select incident_hash, deployment_hash, true as is_named from named_cause
    union all
    select incident_hash, deployment_hash, false as is_named from inferred_cause
),

disturbance as (
    select
        cause.deployment_hash,
        bool_or(cause.is_named) as is_named,
        min(incident.opened_at) as opened_at,
        if(bool_or(incident.resolved_at is null), null, max(incident.resolved_at)) as resolved_at,
        max(incident.resolved_at) as last_resolved_at,
    from cause
    join facts.incident on incident.fact_hash = cause.incident_hash
    group by all
),

-- One row per live deployment with what came after it.
followed as (
    select
        live.fact_hash,
        successor.next_hash,
        successor.next_finished_at,
        successor.next_kind,
        disturbance.opened_at,
        disturbance.resolved_at,
        disturbance.last_resolved_at,
        disturbance.deployment_hash is not null as is_disturbed,
        coalesce(disturbance.is_named, false) as is_named,
        coalesce(
            successor.next_kind in ('rollback', 'hotfix')
            and successor.next_finished_at - live.finished_at <= rule.failure_window,
            false
        ) as is_remedied,
        coalesce(disturbance.opened_at, live.finished_at) as impact_at,
    from live
    cross join rule
    left join successor using (fact_hash)
    left join disturbance on disturbance.deployment_hash = live.fact_hash
),

judged as (
    select
        *,
        case
            when is_named then 'incident'
            when is_remedied then next_kind
            when is_disturbed then 'inferred'
        end as failure,
    from followed
),

-- The deployment that followed while the incident it was named for was open was made to end it.
incident_remedy as (
    select distinct next_hash as fact_hash
    from judged
    where is_named
        and next_finished_at > opened_at
        and next_finished_at <= coalesce(resolved_at, last_resolved_at, timestamp 'infinity')
        and next_finished_at - opened_at <= (select failure_window from rule)
),

reverting as (
    select distinct deployment_hash as fact_hash
    from marts.change_delivery
    where is_revert and deployment_hash is not null
)

select
    scoped_deployment.fact_hash as deployment_hash,
    scoped_deployment.service_key,
    scoped_deployment.team_key,
    scoped_deployment.system_key,
    scoped_deployment.environment_key,
    scoped_deployment.repository_key,
    scoped_deployment.template_key,
    scoped_deployment.finished_at,
    scoped_deployment.kind,
    scoped_deployment.is_production,
    scoped_deployment.is_successful,
    judged.fact_hash is not null as is_live,
    scoped_deployment.is_production and scoped_deployment.is_successful and later_arrival.fact_hash is null as is_rollout,
    judged.failure is not null as is_failed,
    judged.failure,
    if(judged.failure is null, null, judged.impact_at) as impact_at,
    -- Whichever ended it first; an end before the impact began ended something else.
    if(
        judged.failure is null,
        null,
        least(
            if(judged.resolved_at >= judged.impact_at, judged.resolved_at, null),
            if(judged.is_remedied and judged.next_finished_at >= judged.impact_at, judged.next_finished_at, null)
        )
    ) as recovered_at,
    case
        when judged.fact_hash is null then null
        when scoped_deployment.kind in ('hotfix', 'rollback') then scoped_deployment.kind
        when reverting.fact_hash is not null then 'revert'
        when incident_remedy.fact_hash is not null then 'incident'
    end as rework,
    rework is not null as is_rework,
from scoped_deployment
left join judged using (fact_hash)
left join later_arrival using (fact_hash)
left join reverting using (fact_hash)
left join incident_remedy using (fact_hash);

delete from marts.deployment_outcome
where service_key in (select name.key from marts.name where name.name in (select service from scope_service));

insert into marts.deployment_outcome by name
select * from fresh_outcome order by finished_at;

delete from marts.incident_outcome
where service_key is null
    or service_key in (select name.key from marts.name where name.name in (select service from scope_service));

insert into marts.incident_outcome by name
select
    incident.fact_hash as incident_hash,
    name.key as service_key,
    history.team_key,
    history.system_key,
    null as environment_key,
    history.repository_key,
    history.template_key,
    incident.opened_at,
    incident.resolved_at,
from facts.incident
left join marts.name on name.name = incident.service
left join marts.service_history as history
    on history.service_key = name.key
    and history.valid_from <= incident.opened_at
    and history.valid_until > incident.opened_at
where incident.service is null or incident.service in (select service from scope_service)
order by incident.opened_at;
