-- name = "facts_in_the_future"
-- title = "Facts from the future"
-- reads = [
--     "facts.deployment",
--     "facts.change",
--     "facts.commit",
--     "facts.incident",
--     "facts.ticket",
--     "facts.provisioning",
--     "facts.policy_block",
--     "facts.policy_result",
--     "facts.quota",
--     "facts.availability",
--     "meta.source_note",
-- ]
-- suffers_by_kind = true
-- fix = """
-- Set the clock, or the time zone, of the system that tells them: they are more than five minutes later than the
-- moment at which they were taken in. They are kept, and counted once their time has come.
-- """
-- One row per fact that happens at an instant; and per other kind of which a source's last run read some of a later time
-- than its own.
select
    id as subject,
    url,
    source,
    'deployment, taken in at ' || strftime(ingested_at, '%Y-%m-%d %H:%M') as detail,
    finished_at as seen_at,
    'deployment' as kinds,
    1 as n,
    finished_at > least(ingested_at, moment.now) + interval 5 minutes as is_bad,
from facts.deployment
cross join moment
union all
select
    id as subject,
    url,
    source,
    'change, taken in at ' || strftime(ingested_at, '%Y-%m-%d %H:%M') as detail,
    merged_at as seen_at,
    'change' as kinds,
    1 as n,
    merged_at > least(ingested_at, moment.now) + interval 5 minutes as is_bad,
from facts.change
cross join moment
union all
select
    revision as subject,
    url,
    source,
    'commit, taken in at ' || strftime(ingested_at, '%Y-%m-%d %H:%M') as detail,
    committed_at as seen_at,
    'commit' as kinds,
    1 as n,
    committed_at > least(ingested_at, moment.now) + interval 5 minutes as is_bad,
from facts.commit
cross join moment
union all
select
    id as subject,
    url,
    source,
    'incident, taken in at ' || strftime(ingested_at, '%Y-%m-%d %H:%M') as detail,
    opened_at as seen_at,
    'incident' as kinds,
    1 as n,
    opened_at > least(ingested_at, moment.now) + interval 5 minutes as is_bad,
from facts.incident
cross join moment
union all
select
    id as subject,
    url,
    source,
    'ticket, taken in at ' || strftime(ingested_at, '%Y-%m-%d %H:%M') as detail,
    opened_at as seen_at,
    'ticket' as kinds,
    1 as n,
    opened_at > least(ingested_at, moment.now) + interval 5 minutes as is_bad,
from facts.ticket
cross join moment
union all
select
    id as subject,
    url,
    source,
    'provisioning, taken in at ' || strftime(ingested_at, '%Y-%m-%d %H:%M') as detail,
    requested_at as seen_at,
    'provisioning' as kinds,
    1 as n,
    requested_at > least(ingested_at, moment.now) + interval 5 minutes as is_bad,
from facts.provisioning
cross join moment
union all
select
    id as subject,
    url,
    source,
    'policy_block, taken in at ' || strftime(ingested_at, '%Y-%m-%d %H:%M') as detail,
    "at" as seen_at,
    'policy_block' as kinds,
    1 as n,
    "at" > least(ingested_at, moment.now) + interval 5 minutes as is_bad,
from facts.policy_block
cross join moment
union all
select
    policy || ' ' || service as subject,
    url,
    source,
    'policy_result, taken in at ' || strftime(ingested_at, '%Y-%m-%d %H:%M') as detail,
    "at" as seen_at,
    'policy_result' as kinds,
    1 as n,
    "at" > least(ingested_at, moment.now) + interval 5 minutes as is_bad,
from facts.policy_result
cross join moment
union all
select
    team || ' ' || resource as subject,
    url,
    source,
    'quota, taken in at ' || strftime(ingested_at, '%Y-%m-%d %H:%M') as detail,
    "at" as seen_at,
    'quota' as kinds,
    1 as n,
    "at" > least(ingested_at, moment.now) + interval 5 minutes as is_bad,
from facts.quota
cross join moment
union all
select
    component as subject,
    url,
    source,
    'availability, taken in at ' || strftime(ingested_at, '%Y-%m-%d %H:%M') as detail,
    "to" as seen_at,
    'availability' as kinds,
    1 as n,
    "to" > least(ingested_at, moment.now) + interval 5 minutes as is_bad,
from facts.availability
cross join moment
union all
select
    what as subject,
    null as url,
    source,
    what || ', of a later time than the last run' as detail,
    noted_at as seen_at,
    what as kinds,
    n,
    true as is_bad,
from meta.source_note
where sort = 'in_future'
    and what not in (
        'deployment',
        'change',
        'commit',
        'incident',
        'ticket',
        'provisioning',
        'policy_block',
        'policy_result',
        'quota',
        'availability'
    )
