-- Hours saved within a window: $1 is its begin, $2 its end.
-- One row per capability and basis.
select
    capability,
    basis,
    -- In one order: a sum of the same facts is the same to the last digit.
    sum(hours * occurrences order by source, id) as hours,
    count(*) as n_facts,
from facts.time_saving
where "at" >= $1::timestamp and "at" < $2::timestamp
group by all
order by all
