-- What each policy found on each service, and until when that held, for the services in `scope_policy`.

delete from marts.policy_state where service in (select service from scope_policy);

insert into marts.policy_state
with told as (
    select
        policy,
        service,
        "at" as told_at,
        coalesce(lead("at") over own, timestamp 'infinity') as until,
        result,
        layer,
        severity,
        url,
    from facts.policy_result
    where service in (select service from scope_policy)
    window own as (partition by policy, service order by "at", source)
)
select
    told.policy,
    told.service,
    service_name.key as service_key,
    history.team_key,
    history.system_key,
    history.template_key,
    history.repository_key,
    greatest(told.told_at, coalesce(history.valid_from, told.told_at)) as held_from,
    nullif(least(told.until, coalesce(history.valid_until, told.until)), timestamp 'infinity') as held_until,
    told.result,
    told.layer,
    told.severity,
    told.url,
from told
join marts.name as service_name on service_name.name = told.service
left join marts.service_history as history
    on history.service = told.service
    and history.valid_from < told.until
    and history.valid_until > told.told_at
where told.until > told.told_at and not coalesce(history.is_retired, false)
order by held_from;
