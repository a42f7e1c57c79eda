-- name = "time_to_provision"
-- title = "Time to provision"
-- group = "experience"
-- version = 2
-- unit = "seconds"
-- better = "lower"
-- shape = "event"
-- aggregate = "survival"
-- dimensions = ["team", "service", "system", "environment", "kind", "channel", "approval"]
-- left_out = ["it failed", "it was cancelled"]
-- reads = ["provisioning_request"]
-- definition = """
-- For each request for infrastructure: from the request until it was ready for use, with the time that an approval
-- took. Those under way count with the time so far (Kaplan and Meier's median); what failed or was cancelled does not
-- count.
-- """
-- source = "https://tag-app-delivery.cncf.io/whitepapers/platform-eng-maturity-model/"
-- One row per request, at the time it was made.
select
    requested_at as observed_at,
    id as subject,
    url,
    columns('_key$'),
    kind,
    channel,
    approval,
    -- What is to end later is open.
    date_sub('second', requested_at, least(ready_at, {now})) as value,
    ready_at is null or ready_at > {now} as is_open,
    case
        when result = 'failed' then 'it failed'
        when result = 'cancelled' then 'it was cancelled'
        when ready_at < requested_at then 'ready before it was requested'
        when ready_at is null and result = 'succeeded' then 'when it was ready is not known'
    end as reason,
from marts.provisioning_request
