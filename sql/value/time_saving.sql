-- Hours saved within a window, of all capabilities that were ever told of: $1 is its begin, $2 its end. What tools measured
-- counts at its time. What people say stands at one instant and speaks for the time since the same team's statement before it
-- about the same capability, 92 days (a quarter) at most; it is spread evenly over that time, so that half of it has half
-- the hours wherever the window is cut.
-- One row per capability and basis.
with spoken as (
    select
        *,
        case
            when basis = 'survey' then greatest(
                coalesce(
                    max("at") over (
                        partition by source, team, capability, basis
                        order by "at"
                        -- Several people may answer at one instant: all of them speak for the time before it.
                        range between unbounded preceding and interval 1 microsecond preceding
                    ),
                    timestamp '-infinity'
                ),
                "at" - interval 92 days
            )
        end as spoken_from,
    from facts.time_saving
),

within as (
    select
        *,
        case
            when spoken_from is null then if("at" >= $1::timestamp and "at" < $2::timestamp, 1.0, 0.0)
            else greatest(
                epoch(least("at", $2::timestamp)) - epoch(greatest(spoken_from, $1::timestamp)),
                0.0
            ) / (epoch("at") - epoch(spoken_from))
        end as share,
    from spoken
)

select
    capability,
    basis,
    -- In one order: a sum of the same facts is the same to the last digit.
    sum(hours * occurrences * share order by source, id) filter (where share > 0) as hours,
    count(*) filter (where share > 0) as n_facts,
    min("at") as first_at,
    (select max("at") from facts.time_saving where basis = 'telemetry') as last_measured_at,
from within
group by capability, basis
order by capability, basis
