-- An hour of which samples came late is told again and longer, from the same begin on: of spans of a component that a source
-- lets begin together the longest counts.
create or replace view marts.component_availability as
select
    component || ' ' || strftime("from", '%Y-%m-%dT%H:%M:%SZ') as id,
    url,
    component,
    "from" as observed_at,
    "to" as ended_at,
    date_diff('microsecond', "from", "to") / 1e6 as measured_seconds,
    up_seconds,
from facts.availability
qualify row_number() over (partition by source, component, "from" order by "to" desc) = 1;
