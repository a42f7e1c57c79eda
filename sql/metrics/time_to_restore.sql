-- name = "time_to_restore"
-- title = "Time to restore"
-- group = "delivery"
-- version = 2
-- unit = "seconds"
-- better = "lower"
-- shape = "event"
-- aggregate = "survival"
-- reads = ["incident_outcome"]
-- needs = ["incident"]
-- subjects = "incident_name"
-- definition = """
-- For each incident, not only those that a change caused: from opened to resolved. Open ones count with the time they
-- have lasted so far (Kaplan and Meier's median).
-- """
-- source = "https://dora.dev/guides/dora-metrics-four-keys/"
-- One row per incident, at the time it was opened.
select
    opened_at as observed_at,
    incident_hash as subject,
    null as url,
    columns('_key$'),
    -- What is to be resolved later is open.
    date_sub('second', opened_at, least(resolved_at, {now})) as value,
    resolved_at is null or resolved_at > {now} as is_open,
    case
        when resolved_at < opened_at then 'resolved before it was opened'
    end as reason,
from marts.incident_outcome
