-- An exemption that is used after its end has been open since its decision.

-- One row per granted exemption while it is in force, and per span of time after its end in which its service still
-- passes for exempt: up to the next exemption of the same service from the same policy.
create or replace view marts.open_exemption as
with granted as (
    select
        *,
        coalesce(
            lead(decided_at) over (partition by policy, service order by decided_at, id),
            timestamp 'infinity'
        ) as replaced_at,
    from marts.exemption_request
    where decision = 'granted' and decided_at is not null
)
select
    id,
    url,
    policy,
    service_key,
    team_key,
    system_key,
    decided_at as opened_at,
    decided_at as held_from,
    expires_at as held_until,
    'in force' as validity,
from granted
where expires_at is null or expires_at > decided_at
union all
select
    granted.id,
    granted.url,
    granted.policy,
    granted.service_key,
    policy_state.team_key,
    policy_state.system_key,
    granted.decided_at as opened_at,
    greatest(granted.expires_at, policy_state.held_from) as held_from,
    nullif(
        least(coalesce(policy_state.held_until, timestamp 'infinity'), granted.replaced_at),
        timestamp 'infinity'
    ) as held_until,
    'expired' as validity,
from granted
join marts.policy_state
    on policy_state.policy = granted.policy
    and policy_state.service = granted.service
    and policy_state.result = 'exempt'
    and policy_state.held_from < granted.replaced_at
    and coalesce(policy_state.held_until, timestamp 'infinity') > granted.expires_at
where granted.replaced_at > granted.expires_at;
