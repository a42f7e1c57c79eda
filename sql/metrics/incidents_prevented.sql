-- name = "incidents_prevented"
-- title = "Hours of prevented incidents"
-- group = "business"
-- version = 1
-- unit = "hours"
-- better = "higher"
-- shape = "event"
-- aggregate = "sum"
-- dimensions = ["team", "service", "system", "policy", "layer", "severity"]
-- counts = "policy_block"
-- reads = ["policy_stop"]
-- beside = [
--     { name = "violations", title = "Violations stopped", unit = "", aggregate = "sum" },
--     { name = "incidents", title = "Incidents expected of them", unit = "", aggregate = "sum" },
-- ]
-- definition = """
-- Violations stopped x the share of them that would have become incidents (incidents_prevented.share, 1 unless
-- configured: an upper bound) x engineers' hours that an incident takes (incidents_prevented.hours, 20 unless
-- configured). Each counts once, and is never added to hours saved every week.
-- """
-- source = "https://sre.google/sre-book/embracing-risk/"
-- One row per violation stopped.
select
    observed_at,
    id as subject,
    url,
    columns('_key$'),
    policy,
    layer,
    severity,
    {incident_share} * {incident_hours} as value,
    1.0 as violations,
    {incident_share} as incidents,
    null as reason,
from marts.policy_stop
