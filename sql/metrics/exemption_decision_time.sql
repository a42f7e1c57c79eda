-- name = "exemption_decision_time"
-- title = "Time to decide on an exemption"
-- group = "platform health"
-- version = 2
-- unit = "seconds"
-- better = "lower"
-- shape = "event"
-- aggregate = "survival"
-- thresholds = { good = 172800, poor = 1814400 }
-- dimensions = ["team", "service", "system", "policy", "decision"]
-- reads = ["exemption_request"]
-- definition = """
-- For each request to be exempt from a policy: from the request to the decision, granted or refused. Those that wait
-- count with the time they have waited so far (Kaplan and Meier's median).
-- """
-- source = "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final"
-- One row per request, at the time it was made.
select
    requested_at as observed_at,
    id as subject,
    url,
    columns('_key$'),
    policy,
    decision,
    -- What is to end later is open.
    date_sub('second', requested_at, least(decided_at, {now})) as value,
    decided_at is null or decided_at > {now} as is_open,
    case
        when decided_at < requested_at then 'decided before it was requested'
    end as reason,
from marts.exemption_request
