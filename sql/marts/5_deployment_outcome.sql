-- What became of each deployment that is judged anew: whether it opened a roll-out, failed, how it was remedied, and whether it
-- was rework.

delete from marts.deployment_outcome
using scope_span
where deployment_outcome.service_key = scope_span.service_key
    and deployment_outcome.finished_at >= (select min(made_from) from scope_span)
    and deployment_outcome.finished_at >= scope_span.made_from;

-- An incident that names a deployment knows that it was live, whatever its run says.
create or replace temp table live_deployment as
select
    *,
    is_production and (is_successful or fact_hash in (select deployment_hash from named_cause)) as is_live,
from scoped_deployment;

insert into marts.deployment_outcome by name
-- An incident that names no cause that is known is laid at the door of the service's last deployment before it, within the
-- window; of several that finished in the same instant always at the same one, the last in the order of all others here. Time is
-- cut into pieces as long as the window, so that only those of the incident's piece and the one before are looked at.
with inferred_cause as (
    select
        incident.incident_hash,
        max_by(deployment.fact_hash, row(deployment.finished_at, deployment.fact_hash)) as deployment_hash,
    from (
        select
            incident.fact_hash as incident_hash,
            incident.opened_at,
            scope_span.service_key,
            epoch_us(incident.opened_at) // getvariable('failure_piece') as piece,
            unnest([piece, piece - 1]) as place,
        from facts.incident
        join scope_span using (service)
        where incident.opened_at >= scope_span.made_from
            and (incident.caused_by_deployment is null or incident.fact_hash in (from unknown_cause))
    ) as incident
    join (
        select fact_hash, service_key, finished_at, epoch_us(finished_at) // getvariable('failure_piece') as place
        from live_deployment
        where is_live
    ) as deployment using (service_key, place)
    where deployment.finished_at <= incident.opened_at
        and incident.opened_at - deployment.finished_at <= getvariable('failure_window')
    group by incident.incident_hash
),

cause as (
    select incident_hash, deployment_hash, true as is_named from named_cause
    union all
    select incident_hash, deployment_hash, false as is_named from inferred_cause
),

blamed as materialized (
    select cause.deployment_hash, cause.is_named, incident.opened_at, incident.resolved_at
    from cause
    join facts.incident on incident.fact_hash = cause.incident_hash
),

disturbance as (
    select
        deployment_hash,
        min(opened_at) as opened_at,
        if(bool_or(resolved_at is null), null, max(resolved_at)) as resolved_at,
        max(opened_at) filter (is_named) as named_at,
    from blamed
    group by all
),

-- Each with the one that took its place.
followed as (
    select
        *,
        if(is_live, lead({'finished_at': finished_at, 'kind': kind, 'hash': fact_hash}) over following, null) as next,
    from live_deployment
    window following as (partition by service_key, environment_key, is_live order by finished_at, fact_hash)
),

judged as (
    select
        followed.*,
        disturbance.resolved_at,
        disturbance.named_at,
        coalesce(disturbance.opened_at, followed.finished_at) as impact_at,
        coalesce(
            followed.next.kind in ('rollback', 'hotfix')
            and followed.next.finished_at - followed.finished_at <= getvariable('failure_window'),
            false
        ) as is_remedied,
        case
            when disturbance.named_at is not null then 'incident'
            when is_remedied then followed.next.kind
            when disturbance.deployment_hash is not null then 'inferred'
        end as failure,
    from followed
    left join disturbance on disturbance.deployment_hash = followed.fact_hash
),

-- The deployment that followed while an incident that names the one before was open was made to end it.
incident_remedy as (
    select followed.next.hash
    from followed
    join blamed on blamed.deployment_hash = followed.fact_hash and blamed.is_named
    where followed.next.finished_at > blamed.opened_at
        and followed.next.finished_at <= coalesce(blamed.resolved_at, timestamp 'infinity')
        and followed.next.finished_at - blamed.opened_at <= getvariable('failure_window')
),

reverting as (
    select deployment_hash
    from marts.change_delivery
    where is_revert and deployed_at >= (select min(made_from) from scope_span)
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
        is_live,
        is_live and is_successful and fact_hash not in (from later_arrival) as is_rollout,
        failure is not null as is_failed,
        failure,
        if(failure is null, null, impact_at) as impact_at,
        named_at,
        -- Whichever ended it first; an end before the impact began ended something else.
        if(
            failure is null,
            null,
            least(
                if(resolved_at >= impact_at, resolved_at, null),
                if(is_remedied and next.finished_at >= impact_at, next.finished_at, null)
            )
        ) as recovered_at,
        case
            when not is_live then null
            when kind in ('hotfix', 'rollback') then kind
            when fact_hash in (from reverting) then 'revert'
            when fact_hash in (from incident_remedy) then 'incident'
        end as rework,
    from judged
    where is_made
)

select *, rework is not null as is_rework from outcome order by finished_at;
