-- name = "change_fail_rate"
-- title = "Change fail rate"
-- group = "delivery"
-- version = 3
-- unit = "share"
-- better = "lower"
-- shape = "event"
-- aggregate = "share"
-- provisional_days = 7
-- estimates = "inferred from an incident that names no known cause"
-- reads = ["deployment_outcome"]
-- needs = ["incident"]
-- explained = true
-- subjects = "deployment_name"
-- definition = """
-- Production deployments that failed / production deployments. One failed when an incident names it as its cause; or
-- the next deployment of that service and environment within the failure window (24 h unless configured) was a rollback
-- or hotfix; or, inferred, an incident on the service that names no deployment that is known opened within the window
-- after it and before the next deployment. A run that never reached production is no change failure. Provisional for seven days.
-- """
-- source = "https://dora.dev/guides/dora-metrics-four-keys/"
-- One row per deployment that reached production.
select
    finished_at as observed_at,
    deployment_hash as subject,
    null as url,
    columns('_key$'),
    is_failed as value,
    null as reason,
    failure = 'inferred' as is_estimated,
    case failure
        when 'incident' then 'an incident names it as its cause'
        when 'rollback' then 'the next deployment rolled it back'
        when 'hotfix' then 'the next deployment was a hotfix'
        when 'inferred' then 'an incident that names no known cause opened after it'
    end as because,
from marts.deployment_outcome
where is_live
