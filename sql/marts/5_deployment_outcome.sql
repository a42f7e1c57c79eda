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
        deployment.repository_hash,
        deployment.kind,
        deployment.result,
        deployment.environment,
        service_name.key as service_key,
    from facts.deployment
    join marts.name as service_name on service_name.name = deployment.service
    -- A name is never less than nothing: for why that is said, see `0_scope.sql`.
    where deployment.service in (select service from scope_service where service >= '')
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
from deployment
join marts.name as environment_name on environment_name.name = deployment.environment
left join marts.repository on repository.repository_hash = deployment.repository_hash
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

-- Incidents that name a deployment nobody told of: by another system's name for it, or mistyped. Until it is told, they are laid
-- where those that name none are.
create or replace temp table unknown_cause as
with elsewhere as (
    select incident.fact_hash, incident.caused_by_deployment
    from facts.incident
    semi join scope_service using (service)
    where incident.caused_by_deployment is not null
        and incident.caused_by_deployment not in (select id from scoped_deployment)
),
known as (
    select id from facts.deployment where id in (select caused_by_deployment from elsewhere)
)
select fact_hash
from elsewhere
anti join known on known.id = elsewhere.caused_by_deployment;

delete from marts.deployment_outcome
where service_key in (select name.key from marts.name where name.name in (select service from scope_service));

insert into marts.deployment_outcome by name
with rule as (
    select
        max(value) filter (name = 'failure_window_seconds')::bigint * interval 1 second as failure_window,
        max(value) filter (name = 'rollout_gap_seconds')::bigint * interval 1 second as rollout_gap,
    from marts.rule
),

piece as (
    select greatest(epoch_us(failure_window), 1) as length from rule
),

success as (
    select fact_hash, service_key, environment_key, revision_hash, finished_at
    from scoped_deployment
    where is_production and is_successful
),

-- Most revisions are deployed once, and need not be put in order.
repeated_success as (
    select service_key, revision_hash
    from success
    where revision_hash is not null
    group by all
    having count(*) > 1
),

-- What follows upon each other within the gap is a spell.
spell_begin as (
    select
        success.*,
        row_number() over (
            partition by service_key, revision_hash, environment_key
            order by finished_at, fact_hash
        ) as nth,
        finished_at - lag(finished_at) over (partition by service_key, revision_hash order by finished_at, fact_hash)
            > (select rollout_gap from rule) as is_begin,
    from success
    semi join repeated_success using (service_key, revision_hash)
),

spell as (
    select
        *,
        count(*) filter (is_begin) over (
            partition by service_key, revision_hash
            order by finished_at, fact_hash
            rows unbounded preceding
        ) as spell,
    from spell_begin
),

-- The n-th success in each environment belongs to the n-th roll-out of the spell. An environment that had the revision before has
-- one behind it already: what reaches it again is no part of a roll-out that reaches others for the first time. How often it
-- had the revision does not matter, since an environment that was left out of some roll-outs takes part in the next.
ranked_success as (
    select
        *,
        nth > row_number() over in_spell as had_it,
        row_number() over in_spell + had_it::bigint as rank,
    from spell
    window in_spell as (
        partition by service_key, revision_hash, environment_key, spell
        order by finished_at, fact_hash
    )
),

-- Instants are made distinct, so that of several in the same one each has others before it.
placed_success as (
    select
        *,
        least(999, row_number() over (
            partition by service_key, revision_hash, finished_at
            order by had_it desc, rank, fact_hash
        ) - 1) as place,
        epoch_us(finished_at) * 1000 + place as moment,
    from ranked_success
),

-- It is counted already where another environment got as far within the gap before.
later_arrival as (
    select fact_hash
    from placed_success
    cross join (select epoch_us(rollout_gap) * 1000 as length from rule) as gap
    qualify max(rank) over (
        partition by service_key, revision_hash
        order by moment
        range between gap.length + place preceding and 1 preceding
    ) >= rank
),

-- An incident that names no cause that is known is laid at the door of the service's last deployment before it, within the
-- window; of several that finished in the same instant always at the same one, the last in the order of all others here. Time is
-- cut into pieces as long as the window, so that only those of the incident's piece and the one before are looked at.
inferred_cause as (
    select
        incident.incident_hash,
        max_by(success.fact_hash, row(success.finished_at, success.fact_hash)) as deployment_hash,
    from (
        select
            incident.fact_hash as incident_hash,
            incident.opened_at,
            name.key as service_key,
            unnest([epoch_us(incident.opened_at) // piece.length, epoch_us(incident.opened_at) // piece.length - 1]) as place,
        from facts.incident
        semi join scope_service using (service)
        join marts.name on name.name = incident.service
        cross join piece
        where incident.caused_by_deployment is null or incident.fact_hash in (from unknown_cause)
    ) as incident
    join (
        select fact_hash, service_key, finished_at, epoch_us(finished_at) // piece.length as place
        from success
        cross join piece
    ) as success using (service_key, place)
    where success.finished_at <= incident.opened_at
        and incident.opened_at - success.finished_at <= (select failure_window from rule)
    group by incident.incident_hash
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

-- Runs that failed and were live all the same, as an incident knows. They are few, and each looks for the success that came
-- before it and the one that came after.
live_failure as (
    select fact_hash, service_key, environment_key, finished_at
    from scoped_deployment
    where is_production and not is_successful and fact_hash in (select deployment_hash from named_cause)
),

success_after as (
    select live_failure.fact_hash, success.service_key, success.environment_key, success.finished_at
    from live_failure
    asof join success
        on success.service_key = live_failure.service_key
        and success.environment_key = live_failure.environment_key
        and success.finished_at > live_failure.finished_at
),

-- Of several in the same instant the first in the order of all others here, as of successes below.
failure_followed as (
    select
        success_after.fact_hash,
        any_value(success_after.finished_at) as next_finished_at,
        min_by(scoped_deployment.kind, scoped_deployment.fact_hash) as next_kind,
        min(scoped_deployment.fact_hash) as next_hash,
    from success_after
    join success using (service_key, environment_key, finished_at)
    join scoped_deployment on scoped_deployment.fact_hash = success.fact_hash
    group by success_after.fact_hash
),

-- What was live when such a run took its place: the deployment that came next did not roll this one back.
success_before as (
    select success.service_key, success.environment_key, success.finished_at
    from live_failure
    asof join success
        on success.service_key = live_failure.service_key
        and success.environment_key = live_failure.environment_key
        and success.finished_at <= live_failure.finished_at
),

displaced as (
    select max(success.fact_hash) as fact_hash
    from success
    semi join success_before using (service_key, environment_key, finished_at)
    group by service_key, environment_key, finished_at
),

-- Each success with the one that came after it.
succeeded as (
    select
        *,
        is_production and is_successful as is_success,
        if(is_success, lead({'finished_at': finished_at, 'kind': kind, 'hash': fact_hash}) over following, null) as next,
    from scoped_deployment
    window following as (
        partition by service_key, environment_key, is_production and is_successful
        order by finished_at, fact_hash
    )
),

live as (
    select
        succeeded.* exclude (next),
        coalesce(succeeded.next.finished_at, failure_followed.next_finished_at) as next_finished_at,
        coalesce(succeeded.next.kind, failure_followed.next_kind) as next_kind,
        coalesce(succeeded.next.hash, failure_followed.next_hash) as next_hash,
    from succeeded
    left join failure_followed using (fact_hash)
),

followed as (
    select
        live.*,
        disturbance.opened_at,
        disturbance.resolved_at,
        disturbance.last_resolved_at,
        disturbance.deployment_hash is not null as is_disturbed,
        coalesce(disturbance.is_named, false) as is_named,
        coalesce(
            live.next_kind in ('rollback', 'hotfix')
            and live.next_finished_at - live.finished_at <= rule.failure_window,
            false
        ) as is_remedied,
        coalesce(disturbance.opened_at, live.finished_at) as impact_at,
    from live
    cross join rule
    left join disturbance on disturbance.deployment_hash = live.fact_hash
),

judged as (
    select
        *,
        case
            when is_named then 'incident'
            when is_remedied and fact_hash not in (from displaced) then next_kind
            when is_disturbed then 'inferred'
        end as failure,
    from followed
),

-- The deployment that followed while the incident it was named for was open was made to end it.
incident_remedy as (
    select next_hash
    from judged
    where is_named
        and next_finished_at > opened_at
        and next_finished_at <= coalesce(resolved_at, last_resolved_at, timestamp 'infinity')
        and next_finished_at - opened_at <= (select failure_window from rule)
),

reverting as (
    select deployment_hash from marts.change_delivery where is_revert
),

outcome as (
    select
        fact_hash as deployment_hash,
        service_key,
        team_key,
        system_key,
        environment_key,
        repository_key,
        template_key,
        finished_at,
        kind,
        is_production,
        is_successful,
        -- An incident that names a deployment knows that it was live, whatever its run says.
        is_success or is_named as is_live,
        is_success and fact_hash not in (from later_arrival) as is_rollout,
        failure is not null as is_failed,
        failure,
        if(failure is null, null, impact_at) as impact_at,
        -- Whichever ended it first; an end before the impact began ended something else.
        if(
            failure is null,
            null,
            least(
                if(resolved_at >= impact_at, resolved_at, null),
                if(is_remedied and next_finished_at >= impact_at, next_finished_at, null)
            )
        ) as recovered_at,
        case
            when not is_live then null
            when kind in ('hotfix', 'rollback') then kind
            when fact_hash in (from reverting) then 'revert'
            when fact_hash in (from incident_remedy) then 'incident'
        end as rework,
    from judged
)

select *, rework is not null as is_rework from outcome order by finished_at;

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
