-- name = "policy_compliance"
-- title = "Policy compliance"
-- group = "platform health"
-- version = 1
-- unit = "share"
-- better = "higher"
-- shape = "state"
-- aggregate = "share"
-- thresholds = { good = 0.95, poor = 0.8 }
-- dimensions = ["team", "service", "system", "template", "repository", "policy", "layer", "severity"]
-- left_out = ["exempt"]
-- reads = ["policy_state"]
-- beside = [
--     { name = "without_exemptions", title = "Were nobody exempt", unit = "share", aggregate = "share" },
--     { name = "exempt", title = "Exempt", unit = "", aggregate = "count" },
-- ]
-- definition = """
-- Pairs of a policy and a live service that pass / pairs that pass or fail, at the end of the bucket. Of several
-- results of a pair the last counts. Exempt pairs stand apart; beside it the rate as it would be if nobody were
-- exempt, every exempt pair failing.
-- """
-- source = "https://open-policy-agent.github.io/gatekeeper/website/docs/audit/"
-- One row per policy and live service, held until another result was told.
select
    held_from,
    held_until,
    policy || ' on ' || service as subject,
    url,
    columns('_key$'),
    policy,
    layer,
    severity,
    result = 'pass' as value,
    result = 'pass' as without_exemptions,
    result = 'exempt' as exempt,
    if(result = 'exempt', 'exempt', null) as reason,
from marts.policy_state
