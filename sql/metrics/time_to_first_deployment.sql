-- name = "time_to_first_deployment"
-- title = "Time to first deployment"
-- group = "experience"
-- version = 1
-- unit = "seconds"
-- better = "lower"
-- shape = "event"
-- aggregate = "survival"
-- thresholds = { good = 172800, poor = 1209600 }
-- dimensions = ["team"]
-- left_out = ["joined before deployments were told of"]
-- reads = ["engineer_start"]
-- definition = """
-- For each engineer who joined: from then to the first successful deployment that they triggered, in any environment,
-- or that brought a change of theirs into production, whichever came first. Who has not got there yet counts with the
-- time so far, who left before with the time until then (Kaplan and Meier's median). A figure of fewer than 5 people is
-- withheld, and the rows are shown to nobody.
-- """
-- source = "https://getdx.com/research/measuring-developer-productivity-with-the-dx-core-4/"
-- One row per engineer, at the time they joined. It names nobody, and is shown to nobody.
select
    joined_at as observed_at,
    null as subject,
    null as url,
    columns('_key$'),
    date_sub('second', joined_at, coalesce(first_deployed_at, least(left_at, {now}), {now})) as value,
    first_deployed_at is null as is_open,
    case
        when known_from is null or joined_at < known_from then 'joined before deployments were told of'
        when left_at < joined_at then 'left before they joined'
    end as reason,
from marts.engineer_start
