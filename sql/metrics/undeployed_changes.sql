-- name = "undeployed_changes"
-- title = "Changes waiting for production"
-- group = "delivery"
-- version = 3
-- unit = "changes"
-- better = "lower"
-- shape = "state"
-- aggregate = "count"
-- counts = "change"
-- left_out = ["the author is a bot"]
-- reads = ["change_delivery"]
-- subjects = "change_name"
-- definition = """
-- Changes merged and not yet in production at the end of the bucket, and the age of the oldest of them. What was merged
-- before the first deployment that is known, of which nobody knows what it brought, does not wait.
-- """
-- source = "https://dora.dev/guides/dora-metrics-four-keys/"
-- One row per change, held from its merge until it reached production.
select
    merged_at as held_from,
    deployed_at as held_until,
    change_hash as subject,
    null as url,
    columns('_key$'),
    1.0 as value,
    if(is_bot, 'the author is a bot', null) as reason,
from marts.change_delivery
where (deployed_at is null or deployed_at > merged_at)
    and matched_by is distinct from 'baseline'
