-- name = "quota_utilisation"
-- title = "Quota used"
-- group = "platform health"
-- version = 1
-- unit = "share"
-- better = "lower"
-- shape = "state"
-- aggregate = "ratio"
-- thresholds = { good = 0.75, poor = 0.9 }
-- dimensions = ["team", "environment", "resource"]
-- apart = { dimension = "resource", prefer = "cpu" }
-- reads = ["quota_state"]
-- beside = [
--     { name = "days_to_exhaustion", title = "Days until the first is used up", unit = "days", aggregate = "least" },
-- ]
-- definition = """
-- What is used / what is allowed, at the end of the bucket, as last told, of one resource: resources are measured in
-- units of their own and never added. Beside it: in how many days the first of the quotas would be used up if its use
-- went on growing as it did over the four weeks before it was told (least squares); none where no use grows.
-- """
-- source = "https://kubernetes.io/docs/concepts/policy/resource-quotas/"
-- One row per quota as it was told, held until it was told again.
select
    held_from,
    held_until,
    id as subject,
    url,
    columns('_key$'),
    resource,
    used as numerator,
    quota_limit as denominator,
    if(quota_limit > 0, days_to_exhaustion, null) as days_to_exhaustion,
    if(quota_limit > 0, null, 'nothing is allowed') as reason,
from marts.quota_state
