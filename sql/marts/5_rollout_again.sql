-- Successes of a revision that open no roll-out, since an earlier one did.

set variable rollout_gap = (
    select value::bigint * interval 1 second from marts.rule where name = 'rollout_gap_seconds'
);

insert into later_arrival
-- What follows upon each other within the gap is a spell.
with spell_begin as (
    select
        fact_hash,
        service_key,
        environment_key,
        revision_hash,
        finished_at,
        row_number() over (
            partition by service_key, revision_hash, environment_key
            order by finished_at, fact_hash
        ) as nth,
        finished_at - lag(finished_at) over (partition by service_key, revision_hash order by finished_at, fact_hash)
            > getvariable('rollout_gap') as is_begin,
    from scoped_deployment
    semi join revision_again using (service_key, revision_hash)
    where is_production and is_successful
),

spell as (
    select
        *,
        count(*) filter (is_begin) over (
            partition by service_key, revision_hash
            order by finished_at, fact_hash
            rows unbounded preceding
        ) as spell,
    from spell_begin
),

-- The n-th success in each environment belongs to the n-th roll-out of the spell. An environment that had the revision before has
-- one behind it already: what reaches it again is no part of a roll-out that reaches others for the first time. How often it
-- had the revision does not matter, since an environment that was left out of some roll-outs takes part in the next.
ranked_success as (
    select
        *,
        nth > row_number() over in_spell as had_it,
        row_number() over in_spell + had_it::bigint as rank,
    from spell
    window in_spell as (
        partition by service_key, revision_hash, environment_key, spell
        order by finished_at, fact_hash
    )
),

-- Instants are made distinct, so that of several in the same one each has others before it.
placed_success as (
    select
        *,
        least(999, row_number() over (
            partition by service_key, revision_hash, finished_at
            order by had_it desc, rank, fact_hash
        ) - 1) as place,
        epoch_us(finished_at) * 1000 + place as moment,
    from ranked_success
)

-- It is counted already where another environment got as far within the gap before.
select fact_hash
from placed_success
qualify max(rank) over (
    partition by service_key, revision_hash
    order by moment
    range between epoch_us(getvariable('rollout_gap')) * 1000 + place preceding and 1 preceding
) >= rank;
