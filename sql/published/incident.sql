-- comment = "Incidents."
-- columns = [
--     ["time", "instant", "When it was opened."],
--     ["id", "text", "Its identifier at its source."],
--     ["source", "text", "The source that told of it."],
--     ["service", "text", "The service."],
--     ["team", "text", "The team that owned the service then."],
--     ["system", "text", "The system the service belonged to then."],
--     ["environment", "text", "The environment of the deployment it is laid at."],
--     ["repository", "text", "The repository."],
--     ["template", "text", "The template the service was made from."],
--     ["severity", "text", "Its severity, as its source names it."],
--     ["acknowledged_at", "instant", "When someone took it on."],
--     ["resolved_at", "instant", "When it was over; null while it is open."],
--     ["url", "text", "Where the evidence can be looked at."],
-- ]
-- One row per incident. Its title is not published, since people write names into it.
select
    outcome.opened_at as "time",
    incident.id,
    incident.source,
    coalesce(service_name.name, incident.service) as service,
    team_name.name as team,
    system_name.name as "system",
    environment_name.name as environment,
    repository_name.name as repository,
    template_name.name as "template",
    incident.severity,
    incident.acknowledged_at,
    outcome.resolved_at,
    incident.url,
from marts.incident_outcome as outcome
left join facts.incident as incident on incident.fact_hash = outcome.incident_hash
left join marts.name as service_name on service_name.key = outcome.service_key
left join marts.name as team_name on team_name.key = outcome.team_key
left join marts.name as system_name on system_name.key = outcome.system_key
left join marts.name as environment_name on environment_name.key = outcome.environment_key
left join marts.name as repository_name on repository_name.key = outcome.repository_key
left join marts.name as template_name on template_name.key = outcome.template_key
