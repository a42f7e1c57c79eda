-- name = "services_unknown"
-- title = "Services that the catalogue does not know"
-- reads = ["facts.deployment", "facts.incident", "marts.service_history"]
-- suffers = [
--     "change_fail_rate",
--     "change_lead_time",
--     "deployment_frequency",
--     "deployment_rework_rate",
--     "failed_deployment_recovery_time",
--     "time_to_restore",
-- ]
-- fix = """
-- Add the service to the catalogue (`cairn import service`), or, where the same service has another name there,
-- add a line to the source's `services` in cairn.toml that maps the name. What is told of an unknown service has
-- no team and no system.
-- """
-- One row per service and source that names it, in deployments or incidents; it stands for as many of them.
with named as (
    select service, source, count(*) as n_deployments, 0 as n_incidents, max(finished_at) as seen_at,
    from facts.deployment
    group by service, source
    union all
    select service, source, 0 as n_deployments, count(*) as n_incidents, max(opened_at) as seen_at,
    from facts.incident
    where service is not null
    group by service, source
),
told as (
    select
        service,
        source,
        sum(n_deployments)::bigint as n_deployments,
        sum(n_incidents)::bigint as n_incidents,
        max(seen_at) as seen_at,
    from named
    group by service, source
)
select
    told.service as subject,
    null as url,
    told.source,
    'deployments: ' || told.n_deployments || ', incidents: ' || told.n_incidents as detail,
    told.seen_at,
    told.n_deployments + told.n_incidents as n,
    told.service not in (select service from marts.service_history) as is_bad,
from told
