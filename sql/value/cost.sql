-- What teams and their resources cost within a window of days: $1 is its first day, $2 the day after its last. Costs are told
-- by the day or by the month: a fact stands for the days until the next of its team and resource, 31 at most, and the last one
-- for as many as the one before it; what falls into the window counts.
-- One row per team, resource and currency, with whether the team was a platform team at the end of the window.
with team_kind as (
    select name, kind
    from facts.team
    qualify row_number() over (partition by name order by valid_from < $2::date desc, valid_from desc) = 1
),

spread as (
    select
        source,
        team,
        resource,
        currency,
        service,
        day,
        amount,
        least(coalesce(lead(day) over by_day - day, day - lag(day) over by_day, 1), 31) as n_days,
    from facts.cost
    window by_day as (partition by source, team, resource, currency, service order by day)
),

within as (
    select
        *,
        least(day + n_days::integer, $2::date) - greatest(day, $1::date) as n_days_within,
    from spread
)

select
    within.team,
    within.resource,
    within.currency,
    coalesce(team_kind.kind = 'platform', false) as is_platform,
    sum(within.amount * within.n_days_within / within.n_days order by within.day, within.source, within.service) as amount,
    count(*) as n_facts,
from within
left join team_kind on team_kind.name = within.team
where within.n_days_within > 0
group by all
order by all
