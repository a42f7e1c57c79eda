-- What teams and their resources cost within a window of days: $1 is its first day, $2 the day after its last.
-- One row per team, resource and currency, with whether the team was a platform team at the end of the window.
with team_kind as (
    select name, kind
    from facts.team
    qualify row_number() over (partition by name order by valid_from < $2::date desc, valid_from desc) = 1
)

select
    cost.team,
    cost.resource,
    cost.currency,
    coalesce(team_kind.kind = 'platform', false) as is_platform,
    sum(cost.amount order by cost.day, cost.source, cost.service) as amount,
    count(*) as n_facts,
from facts.cost as cost
left join team_kind on team_kind.name = cost.team
where cost.day >= $1::date and cost.day < $2::date
group by all
order by all
