-- comment = "Deployments. What the delivery metrics count is told by is_live, is_rollout and is_failed."
-- columns = [
--     ["time", "instant", "When it finished."],
--     ["id", "text", "Its identifier at its source."],
--     ["source", "text", "The source that told of it."],
--     ["service", "text", "The service."],
--     ["team", "text", "The team that owned the service then."],
--     ["system", "text", "The system the service belonged to then."],
--     ["environment", "text", "The environment."],
--     ["repository", "text", "The repository."],
--     ["template", "text", "The template the service was made from."],
--     ["kind", "text", "deploy, rollback or hotfix."],
--     ["is_production", "truth", "The environment is one of production."],
--     ["is_successful", "truth", "It succeeded."],
--     ["is_live", "truth", "It reached production: it succeeded, or an incident names it as its cause."],
--     ["is_rollout", "truth", "It opens a roll-out: the first success of a revision in any production environment."],
--     ["is_failed", "truth", "It led to a failure that had to be remedied."],
--     ["failure", "text", "How the failure is known: incident, rollback, hotfix or inferred."],
--     ["impact_at", "instant", "From when on the failure was felt."],
--     ["recovered_at", "instant", "When it was remedied."],
--     ["is_rework", "truth", "It was not planned: it mends what an earlier one broke."],
--     ["rework", "text", "How that is known: hotfix, rollback, revert or incident."],
--     ["url", "text", "Where the evidence can be looked at."],
-- ]
-- One row per deployment. Who deployed is not published.
select
    finished_at as "time",
    told.name as id,
    told.source,
    service_name.name as service,
    team_name.name as team,
    system_name.name as "system",
    environment_name.name as environment,
    repository_name.name as repository,
    template_name.name as "template",
    deployment_outcome.kind,
    is_production,
    is_successful,
    is_live,
    is_rollout,
    is_failed,
    failure,
    impact_at,
    recovered_at,
    is_rework,
    rework,
    told.url,
from marts.deployment_outcome
left join marts.deployment_name as told on told.subject = deployment_hash
left join marts.name as service_name on service_name.key = service_key
left join marts.name as team_name on team_name.key = team_key
left join marts.name as system_name on system_name.key = system_key
left join marts.name as environment_name on environment_name.key = environment_key
left join marts.name as repository_name on repository_name.key = repository_key
left join marts.name as template_name on template_name.key = template_key
