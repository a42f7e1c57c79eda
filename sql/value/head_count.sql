-- The engineers of product teams, on average over a window: $1 is its begin, $2 its end.
-- One row.
with version as (
    select
        name,
        kind,
        engineers,
        -- The first version known also stands for the time before it, since nothing better is known.
        if(row_number() over by_time = 1, $1::timestamp, valid_from) as held_from,
        coalesce(lead(valid_from) over by_time, $2::timestamp) as held_until,
    from facts.team
    window by_time as (partition by name order by valid_from)
),

held as (
    select
        name,
        held_from,
        engineers,
        epoch(least(held_until, $2::timestamp)) - epoch(greatest(held_from, $1::timestamp)) as held_seconds,
    from version
    where coalesce(kind, 'product') = 'product' and engineers is not null
)

select
    sum(engineers * held_seconds order by name, held_from) / (epoch($2::timestamp) - epoch($1::timestamp)) as engineers,
    count(*) as n_versions,
from held
where held_seconds > 0
