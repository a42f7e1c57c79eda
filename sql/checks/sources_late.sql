-- name = "sources_late"
-- title = "Sources that are late, or whose last run failed"
-- reads = [
--     "facts.deployment",
--     "facts.change",
--     "facts.commit",
--     "facts.incident",
--     "facts.ticket",
--     "facts.provisioning",
--     "facts.policy_result",
--     "facts.policy_block",
--     "facts.exemption",
--     "facts.quota",
--     "facts.availability",
--     "facts.cost",
--     "meta.cursor",
--     "meta.delivery",
--     "meta.source_run",
-- ]
-- suffers_by_kind = true
-- fix = """
-- Read it again with `cairn collect NAME`, and ask `cairn check NAME` what keeps it from being read; where it
-- pushes, look whether it still does. A source that is read is late when it was not read to its end, and one that pushes
-- or is imported again and again when it told nothing, for more than three times the usual gap between its days, or,
-- where it told of too few days to have a usual one, for more than two weeks. What was imported once is never late.
-- """
-- One row per source.
with told_day as (
    select distinct source, finished_at::date as day, ingested_at::date as taken_on from facts.deployment
    union
    select distinct source, merged_at::date as day, ingested_at::date as taken_on from facts.change
    union
    select distinct source, committed_at::date as day, ingested_at::date as taken_on from facts.commit
    union
    select distinct source, opened_at::date as day, ingested_at::date as taken_on from facts.incident
    union
    select distinct source, opened_at::date as day, ingested_at::date as taken_on from facts.ticket
    union
    select distinct source, requested_at::date as day, ingested_at::date as taken_on from facts.provisioning
    union
    select distinct source, "at"::date as day, ingested_at::date as taken_on from facts.policy_result
    union
    select distinct source, "at"::date as day, ingested_at::date as taken_on from facts.policy_block
    union
    select distinct source, requested_at::date as day, ingested_at::date as taken_on from facts.exemption
    union
    select distinct source, "at"::date as day, ingested_at::date as taken_on from facts.quota
    union
    select distinct source, "to"::date as day, ingested_at::date as taken_on from facts.availability
    union
    select distinct source, day, ingested_at::date as taken_on from facts.cost
),
gap as (
    select source, day, day - lag(day) over (partition by source order by day) as n_days
    from (select distinct source, day from told_day)
    where day <= (select now::date from moment)
),
-- Of fewer than four gaps none is usual.
pace as (
    select
        source,
        max(day) as last_day,
        if(count(n_days) >= 4, median(n_days), null) as usual_days,
    from gap
    group by source
),
-- The sources from which more is to be expected: they are read, they push, or facts of theirs came on five days or more.
awaited as (
    select source from meta.source_run
    union
    select source from meta.cursor
    union
    select source from meta.delivery
    union
    select source from told_day group by source having count(distinct taken_on) >= 5
),
-- Until when a source was read to its end. Of a clone, of which no runs are kept, the cursor tells.
read_to as (
    select source, ended_at as read_at from meta.source_run where error is null
    union all
    select source, updated_at from meta.cursor where source not in (select source from meta.source_run)
),
judged as (
    select
        coalesce(told.source, run.source) as source,
        told.kinds,
        coalesce(told.last_at, run.ended_at) as seen_at,
        -- Being asked to stop is no failure.
        if(starts_with(run.error, 'stopped;'), null, run.error) as error,
        -- That there was nothing to read is no silence.
        (select now::date from moment) - greatest(pace.last_day, read_to.read_at::date) as n_silent_days,
        pace.usual_days,
        coalesce(told.source, run.source) in (select source from awaited) as is_awaited,
    from told
    full join meta.source_run as run on run.source = told.source
    left join pace on pace.source = told.source
    left join read_to on read_to.source = coalesce(told.source, run.source)
)
select
    source as subject,
    null as url,
    source,
    case
        when error is not null then 'the last run failed: ' || error
        else 'days without anything new: ' || n_silent_days || ', usual: ' || coalesce(usual_days::varchar, 'not known yet')
    end as detail,
    seen_at,
    kinds,
    1 as n,
    error is not null or is_awaited and coalesce(n_silent_days > coalesce(3 * usual_days, 14), false) as is_bad,
from judged
