-- name = "services_never_in_production"
-- title = "Services whose deployments never go to production"
-- reads = ["facts.deployment", "marts.deployment_outcome"]
-- suffers = [
--     "change_fail_rate",
--     "change_lead_time",
--     "commit_lead_time",
--     "deployment_frequency",
--     "deployment_rework_rate",
--     "dora_score",
--     "failed_deployment_recovery_time",
--     "undeployed_changes",
-- ]
-- fix = """
-- Where one of the environments shown is production, name it in `production_environments` under `[delivery]` in
-- cairn.toml, or map it with a line in the source's `environments`. Only deployments to production count in the
-- delivery figures; a service that is not in production yet needs nothing.
-- """
-- One row per service and source that tells its deployments; it stands for as many of them.
with told as (
    select
        deployment.service,
        deployment.source,
        count(*) as n,
        string_agg(distinct deployment.environment, ', ' order by deployment.environment) as environments,
        bool_or(outcome.is_production) as is_in_production,
        max(deployment.finished_at) as seen_at,
    from facts.deployment
    join marts.deployment_outcome as outcome on outcome.deployment_hash = deployment.fact_hash
    group by deployment.service, deployment.source
)
select
    service as subject,
    null as url,
    source,
    'deployments: ' || n || ', to: ' || environments as detail,
    seen_at,
    n,
    not is_in_production as is_bad,
from told
