-- The deployment that first brought each change, by what was found, and which changes wait for one.

-- The earliest that may contain it: a later deployment never takes a change away from an earlier one. Mostly only one may,
-- and only those of several are grouped.
create or replace temp table change_rank as
with repeated as materialized (
    select fact_hash
    from candidate
    qualify lag(fact_hash) over (order by fact_hash) = fact_hash
),

first_candidate as (
    select fact_hash, choice from candidate anti join repeated using (fact_hash)
    union all
    select fact_hash, min(choice) as choice from candidate semi join repeated using (fact_hash) group by fact_hash
)

select fact_hash, (choice // 4)::integer as rank, (choice % 4)::tinyint as certainty from first_candidate;

create or replace temp table waiting_change as
select * from placed_change anti join change_rank using (fact_hash);

-- Changes that were there before the first deployment that is known.
create or replace temp table baseline_change (fact_hash ubigint);

-- Filled where changes wait.
create or replace temp table repository_owner (
    repository_hash ubigint, valid_from timestamp, service_key integer, team_key integer, system_key integer, template_key integer
);
