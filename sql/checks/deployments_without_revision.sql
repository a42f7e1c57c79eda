-- name = "deployments_without_revision"
-- title = "Deployments without a revision"
-- reads = ["facts.deployment", "marts.deployment_outcome"]
-- suffers = [
--     "change_lead_time",
--     "commit_lead_time",
--     "deployment_frequency",
--     "dora_score",
--     "undeployed_changes",
-- ]
-- fix = """
-- Have the source tell the commit that was deployed: the column `revision` of an import, the field of the same
-- name of a push. Without it a roll-out over several environments counts several times, and which changes it
-- contains is estimated by time.
-- """
-- One row per successful deployment to production.
select
    deployment.id as subject,
    deployment.url,
    deployment.source,
    deployment.service || ' to ' || deployment.environment as detail,
    deployment.finished_at as seen_at,
    1 as n,
    deployment.revision_hash is null as is_bad,
from facts.deployment
join marts.deployment_outcome as outcome on outcome.deployment_hash = deployment.fact_hash
where outcome.is_production and outcome.is_successful
