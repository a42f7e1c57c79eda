-- Hours saved within a window, of all capabilities that were ever told of: $1 is its begin, $2 its end. The mart says which
-- of a statement's hours fall on which day, so that half of the time it speaks for has half the hours wherever the window is
-- cut, here as in the metric.
-- One row per capability and basis, with the days that were told of by anything of that basis.
with saving as (
    select
        *,
        observed_at >= $1::timestamp and observed_at < $2::timestamp as is_within,
    from marts.time_saved
)

select
    capability,
    nullif(basis, 'not told') as basis,
    -- In one order: a sum of the same facts is the same to the last digit.
    sum(hours order by source, id, observed_at) filter (where is_within) as hours,
    count(distinct (source, id)) filter (where is_within) as n_facts,
    min(observed_at) as first_at,
    (select max(observed_at) from marts.time_saved where basis = 'telemetry') as last_measured_at,
    min(min(observed_at)) over (partition by basis)::date as told_from,
    max(max(observed_at)) over (partition by basis)::date as told_to,
from saving
group by capability, basis
order by capability, basis
