-- name = "platform_cost"
-- title = "Cost of the platform"
-- group = "business"
-- version = 2
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
-- that were platform teams on that day. A cost is spread evenly over the days until the next of its team, service,
-- resource and currency, 31 at most, so that costs may be told by the day or by the month (before version 2 it fell whole
-- on the day it was told of); the last one is taken to stand for as long as the one before it. Currencies are never added
-- or converted, so the figure is known only by currency, or for one of them.
-- """
-- source = "https://www.finops.org/framework/capabilities/allocation/"
-- One row per team, resource, service and day that a cost stands for.
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
