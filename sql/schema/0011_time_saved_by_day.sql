-- What people say of the hours they save is of the time before they say it, for all who read it: the metric and the value
-- model take the same rows.

-- One row per saving that tools told, at its time; and one per statement of people and day that it speaks for, with the
-- part of its hours that falls on that day. A statement speaks for the days since the last earlier day on which the same
-- team said something of the same capability to the same source, 92 (a quarter) at most; what is said at midnight is of the
-- day that ends then. A day is the reporting zone's, whichever that is, and noon in UTC falls into it nearly everywhere.
drop view if exists marts.time_saved;

create view marts.time_saved as
with statement as (
    select
        *,
        ("at" - interval 1 microsecond)::date as said_on,
    from facts.time_saving
    where basis = 'survey'
),
spread as (
    select
        *,
        -- Several people may answer on one day: all of them speak for the time before it.
        least(
            coalesce(
                said_on - max(said_on) over (
                    partition by source, team, capability
                    order by said_on
                    range between unbounded preceding and interval 1 day preceding
                ),
                92
            ),
            92
        ) as n_days,
    from statement
),
by_day as (
    select
        source,
        id,
        url,
        team,
        capability,
        basis,
        (said_on - unnest(range(n_days))::integer)::timestamp + interval 12 hours as observed_at,
        hours * occurrences / n_days as hours,
    from spread
    union all by name
    select
        source,
        id,
        url,
        team,
        capability,
        coalesce(basis, 'not told') as basis,
        "at" as observed_at,
        hours * occurrences as hours,
    from facts.time_saving
    where basis is distinct from 'survey'
)
select
    by_day.source,
    by_day.id,
    by_day.url,
    team_name.key as team_key,
    by_day.capability,
    by_day.basis,
    by_day.observed_at,
    by_day.hours,
from by_day
left join marts.name as team_name on team_name.name = by_day.team;
