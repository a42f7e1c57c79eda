-- name = "deployments_without_revision"
-- title = "Deployments that tell neither a revision nor commits"
-- metrics = ["change_lead_time", "commit_lead_time", "undeployed_changes"]
-- fix = """
-- have the pipeline tell `revision` (and `repository`), or list what it deployed as `deployed_commit`
-- """
-- One row per deployment.
select
    deployment.source,
    deployment.id as subject,
    deployment.finished_at as "at",
    'of ' || deployment.service || ' to ' || deployment.environment as detail,
    deployment.revision is null and deployed_commit.deployment_id is null as is_bad,
from facts.deployment
left join (select distinct source, deployment_id from facts.deployed_commit) as deployed_commit
    on deployed_commit.source = deployment.source and deployed_commit.deployment_id = deployment.id
