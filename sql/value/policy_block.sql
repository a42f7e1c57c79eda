-- Violations stopped within a window, each once: $1 is its begin, $2 its end.
-- One row.
select
    (select count(*) from facts.policy_block where "at" >= $1::timestamp and "at" < $2::timestamp) as n_blocked,
    (select count(*) from facts.policy_block) as n_ever,
