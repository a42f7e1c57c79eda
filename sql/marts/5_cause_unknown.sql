-- Incidents that name a deployment nobody told of: by another system's name for it, or mistyped. Until it is told, they are laid
-- where those that name none are.

insert into unknown_cause
with elsewhere as (
    select incident.fact_hash, incident.caused_by_deployment
    from facts.incident
    join scope_span using (service)
    where incident.opened_at >= scope_span.made_from
        and incident.caused_by_deployment is not null
        and incident.caused_by_deployment not in (select id from scoped_deployment)
)
select fact_hash
from elsewhere
where caused_by_deployment not in (
    select id from facts.deployment where id in (select caused_by_deployment from elsewhere)
);
