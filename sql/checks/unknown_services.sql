-- name = "unknown_services"
-- title = "Services that the catalogue does not know"
-- metrics = ["deployment_frequency", "change_lead_time", "change_fail_rate", "failed_deployment_recovery_time", "time_to_restore"]
-- fix = """
-- add the service to the catalogue, or map the source's name for it to the catalogue's in its [[source]] table
-- """
-- One row per service that deployments or incidents name, by source.
with named as (
    select source, service, count(*) as n, max(finished_at) as "at"
    from facts.deployment
    group by source, service
    union all
    select source, service, count(*) as n, max(opened_at) as "at"
    from facts.incident
    where service is not null
    group by source, service
)
select
    named.source,
    named.service as subject,
    max(named."at") as "at",
    format('named {} times', sum(named.n)::bigint) as detail,
    max(service_history.service) is null as is_bad,
from named
left join (select distinct service from marts.service_history) as service_history
    on service_history.service = named.service
group by named.source, named.service
