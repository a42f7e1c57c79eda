-- name = "change_lead_time"
-- title = "Change lead time ({lead_time_start})"
-- group = "delivery"
-- version = 2
-- unit = "seconds"
-- better = "lower"
-- shape = "event"
-- aggregate = "median"
-- stages = ["coding", "pickup", "review", "deploy"]
-- left_out = ["the author is a bot"]
-- estimates = "taken from the times, since neither listed commits nor a known revision tell"
-- reads = ["change_delivery"]
-- subjects = "change_name"
-- definition = """
-- From the start of a change (its first commit, unless configured: opened or merged) to the finish of the first
-- successful production deployment that contains it. A deployment contains a change when it lists its commits; where
-- a repository's deployments list none, by the deployed revision's place on the trunk; failing that, estimated: the
-- first deployment that finished at or after the merge. Stages: coding (first commit to opened), pickup (opened to
-- first review by another), review (first review to merged), deploy (merged to deployed); those before the start are left out.
-- """
-- source = "https://dora.dev/guides/dora-metrics-four-keys/"
-- One row per change that reached production.
select
    deployed_at as observed_at,
    change_hash as subject,
    null as url,
    columns('_key$'),
    date_sub('second', {lead_time_start}, deployed_at) as value,
    -- Stages before the start are no part of the whole.
    if('{lead_time_start}' = 'first_commit_at', coding_seconds, null) as coding,
    if('{lead_time_start}' != 'merged_at', pickup_seconds, null) as pickup,
    if('{lead_time_start}' != 'merged_at', review_seconds, null) as review,
    deploy_seconds as deploy,
    case
        when is_bot then 'the author is a bot'
        when {lead_time_start} is null then 'the start is not known'
        when deployed_at < {lead_time_start} then 'deployed before it began'
    end as reason,
    matched_by = 'estimated' as is_estimated,
from marts.change_delivery
where deployed_at is not null
