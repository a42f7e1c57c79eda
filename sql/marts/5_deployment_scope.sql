-- A deployment is rework when it brings a revert, so the services of such deployments are in scope too.
insert into scope_service
select deployment.service, deployment.finished_at
from facts.deployment
where deployment.fact_hash in (
    select deployment_hash from stale_change where is_revert
    union all
    select production_deployment.deployment_hash
    from placed_change
    join change_rank using (fact_hash)
    join production_deployment using (rank)
    where placed_change.is_revert
);
