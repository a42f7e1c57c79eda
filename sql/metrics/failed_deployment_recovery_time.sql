-- name = "failed_deployment_recovery_time"
-- title = "Failed deployment recovery time"
-- group = "delivery"
-- version = 3
-- unit = "seconds"
-- better = "lower"
-- shape = "event"
-- aggregate = "survival"
-- provisional_days = 7
-- estimates = "inferred from an incident that names no known cause"
-- reads = ["deployment_outcome"]
-- needs = ["incident"]
-- explained = true
-- subjects = "deployment_name"
-- definition = """
-- For each failed production deployment: from the start of its impact (its incident opened, else its finish) to the
-- incident's resolution or the finish of the rollback or hotfix that remedied it, whichever came first. Those still
-- open count with the time they have lasted so far: the median is Kaplan and Meier's, and is given as "more than" where
-- fewer than half have recovered.
-- """
-- source = "https://dora.dev/guides/dora-metrics-four-keys/"
-- One row per failed deployment, at the time it was deployed.
select
    finished_at as observed_at,
    deployment_hash as subject,
    null as url,
    columns('_key$'),
    -- What is to be resolved later is open.
    date_sub('second', impact_at, least(recovered_at, {now})) as value,
    recovered_at is null or recovered_at > {now} as is_open,
    if(impact_at > {now}, 'lies in the future', null) as reason,
    failure = 'inferred' as is_estimated,
    case failure
        when 'incident' then 'an incident names it as its cause'
        when 'rollback' then 'the next deployment rolled it back'
        when 'hotfix' then 'the next deployment was a hotfix'
        when 'inferred' then 'an incident that names no known cause opened after it'
    end as because,
from marts.deployment_outcome
where is_failed
