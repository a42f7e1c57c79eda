-- name = "incidents_of_unknown_deployments"
-- title = "Incidents caused by a deployment that nobody told of"
-- reads = ["facts.deployment", "facts.incident"]
-- suffers = [
--     "change_fail_rate",
--     "deployment_rework_rate",
--     "dora_score",
--     "failed_deployment_recovery_time",
-- ]
-- fix = """
-- Name the deployment in `caused_by_deployment` by the id its source gives it, or tell of that deployment. Until it is known,
-- the incident is laid at the last deployment of its service before it, as one that names none; where it names no service, at
-- none.
-- """
-- One row per incident that names a deployment as its cause.
select
    id as subject,
    url,
    source,
    'caused by ' || caused_by_deployment as detail,
    opened_at as seen_at,
    1 as n,
    caused_by_deployment not in (select id from facts.deployment) as is_bad,
from facts.incident
where caused_by_deployment is not null
