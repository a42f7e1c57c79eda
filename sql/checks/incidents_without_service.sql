-- name = "incidents_without_service"
-- title = "Incidents that name neither a service nor a cause"
-- metrics = ["change_fail_rate", "failed_deployment_recovery_time", "deployment_rework_rate"]
-- fix = """
-- map the source's services to the catalogue's, or name the service in the incident; no deployment can be found for these
-- """
-- One row per incident.
select
    source,
    id as subject,
    opened_at as "at",
    coalesce(title, 'without a title') as detail,
    service is null and caused_by_deployment is null as is_bad,
from facts.incident
