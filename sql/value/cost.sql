-- What teams and their resources cost within a window of days: $1 is its first day, $2 the day after its last. The mart says
-- what of a cost falls on which day.
-- One row per team, resource and currency, with whether the team was a platform team then.
select
    team,
    resource,
    currency,
    is_of_platform as is_platform,
    -- In one order: a sum of the same facts is the same to the last digit.
    sum(amount order by day, source, service) as amount,
    count(distinct (source, id)) as n_facts,
from marts.platform_expense
where day >= $1::date and day < $2::date
group by all
order by all
