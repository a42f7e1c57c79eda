-- The engineers of product teams and of platform teams, on average over a window: $1 is its begin, $2 its end.
-- One row; null where no team of the kind says how many it has.
with version as (
    select
        name,
        coalesce(kind, 'product') as kind,
        engineers,
        -- The first version known also stands for the time before it, since nothing better is known.
        if(row_number() over by_time = 1, least(valid_from, $1::timestamp), valid_from) as held_from,
        coalesce(lead(valid_from) over by_time, $2::timestamp) as held_until,
    from facts.team
    window by_time as (partition by name order by valid_from)
),

held as (
    select
        name,
        kind,
        held_from,
        engineers * (epoch(least(held_until, $2::timestamp)) - epoch(greatest(held_from, $1::timestamp)))
            / (epoch($2::timestamp) - epoch($1::timestamp)) as engineers,
    from version
    where held_from < $2::timestamp and held_until > $1::timestamp
)

select
    sum(engineers order by name, held_from) filter (where kind = 'product') as product_engineers,
    sum(engineers order by name, held_from) filter (where kind = 'platform') as platform_engineers,
    (select min(valid_from) from facts.team where engineers is not null) as told_from,
from held
