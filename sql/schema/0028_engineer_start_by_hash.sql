-- One row per engineer. That a deployment came after they joined is a condition of what is taken, not of the join: over millions of
-- changes DuckDB took it for the better one to join by, and wrote each engineer beside every delivery.
create or replace view marts.engineer_start as
with engineer as (
    select
        id,
        min(joined_at) as joined_at,
        arg_min(team, joined_at) as team,
        max(left_at) as left_at,
    from facts.engineer
    group by id
),
triggered as (
    select
        engineer.id,
        min(deployment.finished_at) filter (deployment.finished_at >= engineer.joined_at) as first_at,
    from engineer
    join facts.deployment on deployment.actor = engineer.id
    where deployment.result = 'success'
    group by engineer.id
),
changed as (
    select
        engineer.id,
        min(change_delivery.deployed_at) filter (change_delivery.deployed_at >= engineer.joined_at) as first_at,
    from engineer
    join facts.change on change.author = engineer.id
    join marts.change_delivery on change_delivery.change_hash = change.fact_hash
    group by engineer.id
)
select
    team_name.key as team_key,
    engineer.joined_at,
    engineer.left_at,
    least(triggered.first_at, changed.first_at) as first_deployed_at,
    (select min(finished_at) from facts.deployment) as known_from,
from engineer
left join triggered on triggered.id = engineer.id
left join changed on changed.id = engineer.id
left join marts.name as team_name on team_name.name = engineer.team;
