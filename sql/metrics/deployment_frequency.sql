-- name = "deployment_frequency"
-- title = "Deployment frequency"
-- group = "delivery"
-- version = 2
-- unit = "deployments per day"
-- better = "higher"
-- shape = "event"
-- aggregate = "rate"
-- counts = "deployment"
-- reads = ["deployment_outcome"]
-- subjects = "deployment_name"
-- definition = """
-- Successful deployments to production per calendar day. One service and revision that reaches several production
-- environments within the roll-out gap (one day unless configured) is one roll-out, counted once, at its first success.
-- A failed run that is retried counts when it succeeds; deploying again to the same environment counts again, once with
-- the other environments that it reaches within the gap. Beside it: on how many days of a week something was deployed.
-- """
-- source = "https://dora.dev/guides/dora-metrics-four-keys/"
-- One row per roll-out.
select finished_at as observed_at, deployment_hash as subject, null as url, columns('_key$'), 1.0 as value, null as reason,
from marts.deployment_outcome
where is_rollout
