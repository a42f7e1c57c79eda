-- name = "exemptions_open"
-- title = "Open exemptions"
-- group = "platform health"
-- version = 1
-- unit = "exemptions"
-- better = "lower"
-- shape = "state"
-- aggregate = "count"
-- dimensions = ["team", "service", "system", "policy", "validity"]
-- counts = "exemption"
-- oldest = "opened_at"
-- reads = ["open_exemption"]
-- beside = [
--     { name = "in_force", title = "In force", unit = "", aggregate = "count" },
--     { name = "expired", title = "Expired, still in use", unit = "", aggregate = "count" },
-- ]
-- definition = """
-- Granted exemptions from policies at the end of the bucket: those in force, from the decision to their expiry, and
-- those that expired while the policy's last result still passes their service as exempt; and since when the oldest
-- has been open.
-- """
-- source = "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final"
-- One row per exemption while it is in force, and per span of time in which it is used after its expiry.
select
    opened_at,
    held_from,
    held_until,
    id as subject,
    url,
    columns('_key$'),
    policy,
    validity,
    1.0 as value,
    validity = 'in force' as in_force,
    validity = 'expired' as expired,
    null as reason,
from marts.open_exemption
