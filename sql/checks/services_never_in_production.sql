-- name = "services_never_in_production"
-- title = "Services whose deployments never go to production"
-- reads = ["facts.deployment", "marts.name", "marts.rule"]
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
with production as (
    select distinct name.name as environment
    from marts.name
    join marts.rule on rule.name = 'production_environment' and name.name glob rule.value
),
told as (
    select
        service,
        source,
        count(*) as n,
        string_agg(distinct environment, ', ' order by environment) as environments,
        bool_or(environment in (select environment from production)) as is_in_production,
        max(finished_at) as seen_at,
    from facts.deployment
    group by service, source
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
