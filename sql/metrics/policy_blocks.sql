-- name = "policy_blocks"
-- title = "Violations stopped"
-- group = "platform health"
-- version = 1
-- unit = "violations per day"
-- better = "lower"
-- shape = "event"
-- aggregate = "rate"
-- dimensions = ["team", "service", "system", "policy", "layer", "severity"]
-- counts = "policy_block"
-- reads = ["policy_stop"]
-- definition = """
-- Violations of policies that were stopped before they were deployed, per calendar day, by policy and by the layer
-- that stopped them. More may mean more violations or better nets: read it beside policy compliance.
-- """
-- source = "https://open-policy-agent.github.io/gatekeeper/website/docs/violations/"
-- One row per violation stopped.
select observed_at, id as subject, url, columns('_key$'), policy, layer, severity, 1.0 as value, null as reason,
from marts.policy_stop
