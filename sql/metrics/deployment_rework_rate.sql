-- name = "deployment_rework_rate"
-- title = "Deployment rework rate"
-- group = "delivery"
-- version = 3
-- unit = "share"
-- better = "lower"
-- shape = "event"
-- aggregate = "share"
-- provisional_days = 7
-- reads = ["deployment_outcome"]
-- needs = ["incident"]
-- explained = true
-- subjects = "deployment_name"
-- definition = """
-- Production deployments that were unplanned and made to remedy a fault that users saw / production deployments:
-- hotfixes, rollbacks, deployments that bring a revert, and the deployment that followed a failed one while the
-- incident named for it was open, within the failure window. Published figures look at six months.
-- """
-- source = "https://dora.dev/guides/dora-metrics/"
-- One row per deployment that reached production.
select
    finished_at as observed_at,
    deployment_hash as subject,
    null as url,
    columns('_key$'),
    is_rework as value,
    null as reason,
    case rework
        when 'hotfix' then 'it is a hotfix'
        when 'rollback' then 'it is a rollback'
        when 'revert' then 'it brings a revert'
        when 'incident' then 'it followed a failed one while the incident was open'
    end as because,
from marts.deployment_outcome
where is_live
