-- Temporary: one row per successful production deployment in scope, ranked by time, with the keys
-- that hold at its finish. What is deployed when is decided by comparing ranks, which are small integers.

create or replace temp table production_environment as
select distinct name.name as environment, name.key as environment_key
from marts.name
join marts.rule on rule.name = 'production_environment' and name.name glob rule.value;

create or replace temp table production_deployment as
with deployment as (
    select
        deployment.fact_hash as deployment_hash,
        deployment.finished_at,
        deployment.revision_hash,
        deployment.repository_hash,
        service_name.key as service_key,
        production_environment.environment_key,
    from deployment_in_scope as deployment
    join production_environment using (environment)
    join marts.name as service_name on service_name.name = deployment.service
    where deployment.result = 'success'
)
select
    (row_number() over (order by deployment.finished_at, deployment.deployment_hash))::integer as rank,
    deployment.deployment_hash,
    deployment.finished_at,
    deployment.revision_hash,
    coalesce(deployment.repository_hash, history.repository_hash) as repository_hash,
    deployment.service_key,
    history.team_key,
    history.system_key,
    deployment.environment_key,
    history.template_key,
from deployment
left join marts.service_history as history
    on history.service_key = deployment.service_key
    and history.valid_from <= deployment.finished_at
    and history.valid_until > deployment.finished_at;
