-- name = "platform_cost"
-- title = "Cost of the platform"
-- group = "business"
-- version = 1
-- unit = "currency"
-- better = "lower"
-- shape = "event"
-- aggregate = "sum"
-- dimensions = ["team", "service", "resource", "currency"]
-- apart = { dimension = "currency" }
-- left_out = ["not a platform team's"]
-- counts = "cost"
-- reads = ["platform_expense"]
-- definition = """
-- What the platform teams' people, licences and infrastructure cost, as far as sources tell of it: the costs of teams
-- that were platform teams on that day. Currencies are never added or converted, so the figure is known only by
-- currency, or for one of them.
-- """
-- source = "https://www.finops.org/framework/capabilities/allocation/"
-- One row per team, resource, service and day.
select
    observed_at,
    id as subject,
    url,
    columns('_key$'),
    resource,
    currency,
    amount as value,
    if(is_of_platform, null, 'not a platform team''s') as reason,
from marts.platform_expense
