-- name = "platform_leverage"
-- title = "Engineers per platform engineer"
-- group = "platform health"
-- version = 1
-- unit = "engineers per platform engineer"
-- better = "higher"
-- shape = "state"
-- aggregate = "ratio"
-- thresholds = { good = 20, poor = 5 }
-- dimensions = []
-- reads = ["team_state"]
-- definition = """
-- Engineers of product teams / engineers of platform teams, by the head counts that held at the end of the bucket. Not
-- known while no platform team has engineers.
-- """
-- source = "https://teamtopologies.com/key-concepts"
-- One row per version of a team, held until the next.
select
    held_from,
    held_until,
    name as subject,
    url,
    if(kind = 'product', engineers, 0) as numerator,
    if(kind = 'platform', engineers, 0) as denominator,
    if(engineers is null, 'its head count is not told', null) as reason,
from marts.team_state
