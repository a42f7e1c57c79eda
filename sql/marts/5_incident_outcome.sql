-- The incidents of the services in scope, and those of none.

delete from marts.incident_outcome
where service_key is null or service_key in (select service_key from scope_span);

insert into marts.incident_outcome by name
select
    incident.fact_hash as incident_hash,
    scope_span.service_key,
    history.team_key,
    history.system_key,
    null as environment_key,
    history.repository_key,
    history.template_key,
    incident.opened_at,
    incident.resolved_at,
from facts.incident
left join scope_span using (service)
left join marts.service_history as history
    on history.service_key = scope_span.service_key
    and history.valid_from <= incident.opened_at
    and history.valid_until > incident.opened_at
where incident.service is null or scope_span.service is not null
order by incident.opened_at;
