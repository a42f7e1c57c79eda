-- A cost that is told by the month belongs to every day of that month, for all who read costs: the metric and the value
-- model take the same rows.

-- One row per team, resource, service and day that a cost stands for, with the part of the cost that falls on that day. A
-- cost stands for the days until the next of the same source, team, resource, currency and service, 31 at most; the last
-- one for as long as the one before it, and for a month where that one stood for a month; one alone for its own day. The
-- first version of a team also stands for the time before it, since nothing better is known. A day is the reporting
-- zone's, whichever that is, and noon in UTC falls into it nearly everywhere.
create or replace view marts.platform_expense as
with spread as (
    select
        *,
        least(
            coalesce(
                lead(day) over by_day - day,
                if(
                    lag(day) over by_day + interval 1 month = day,
                    (day + interval 1 month)::date - day,
                    day - lag(day) over by_day
                ),
                1
            ),
            31
        ) as n_days,
    from facts.cost
    window by_day as (partition by source, team, resource, currency, service order by day)
),
by_day as (
    select
        * exclude (day, amount),
        concat_ws(' ', team, resource, service, day) as id,
        (day + unnest(range(n_days))::integer)::date as day,
        amount / n_days as amount,
    from spread
),
team_kind as (
    select
        name,
        kind,
        if(
            row_number() over (partition by name order by held_from) = 1,
            timestamp '-infinity',
            held_from
        ) as held_from,
    from marts.team_state
)
select
    by_day.id,
    by_day.url,
    by_day.source,
    by_day.team,
    by_day.service,
    by_day.day,
    team_name.key as team_key,
    service_name.key as service_key,
    by_day.resource,
    by_day.currency,
    by_day.day::timestamp + interval 12 hours as observed_at,
    by_day.amount,
    coalesce(team_kind.kind = 'platform', false) as is_of_platform,
from by_day
left join marts.name as team_name on team_name.name = by_day.team
left join marts.name as service_name on service_name.name = by_day.service
asof left join team_kind
    on team_kind.name = by_day.team and team_kind.held_from <= by_day.day::timestamp + interval 12 hours;
