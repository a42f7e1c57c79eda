-- Hours saved within a window, of all capabilities that were ever told of: $1 is its begin, $2 its end.
-- One row per capability and basis.
select
    capability,
    basis,
    -- In one order: a sum of the same facts is the same to the last digit.
    sum(hours * occurrences order by source, id)
        filter (where "at" >= $1::timestamp and "at" < $2::timestamp) as hours,
    count(*) filter (where "at" >= $1::timestamp and "at" < $2::timestamp) as n_facts,
    min("at") as first_at,
    (select max("at") from facts.time_saving where basis = 'telemetry') as last_measured_at,
from facts.time_saving
group by capability, basis
order by capability, basis
