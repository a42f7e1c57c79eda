-- What teams were on the days of their costs is found by their names, which are few, and compared by time: looking for the
-- nearest time put all days of all costs in order first, and took most of the time of a question.

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
        coalesce(held_until, timestamp 'infinity') as held_until,
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
left join team_kind
    on team_kind.name = by_day.team
    and team_kind.held_from <= by_day.day::timestamp + interval 12 hours
    and team_kind.held_until > by_day.day::timestamp + interval 12 hours;
