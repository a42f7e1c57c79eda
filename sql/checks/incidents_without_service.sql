-- name = "incidents_without_service"
-- title = "Incidents without a service"
-- reads = ["facts.incident"]
-- suffers = [
--     "change_fail_rate",
--     "deployment_rework_rate",
--     "dora_score",
--     "failed_deployment_recovery_time",
--     "time_to_restore",
-- ]
-- fix = """
-- Tell the service: map the pager's service to yours with a line of the source's `services` in cairn.toml, or fill
-- the column `service`. An incident without one is laid at no deployment's door unless it names its cause, and
-- stands in no team's figures.
-- """
-- One row per incident.
select
    id as subject,
    url,
    source,
    coalesce(title, 'no service is told') as detail,
    opened_at as seen_at,
    1 as n,
    service is null as is_bad,
from facts.incident
