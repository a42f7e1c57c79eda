-- A service's first deployment from a repository, where it lists nothing, has none before it to be compared with: what was
-- merged up to its revision was there when Cairn began to look. When that came is not known, so it neither waits nor counts.

create or replace temp table first_deployment as
select
    coalesce(deployment.repository_hash, history.repository_hash) as repository_hash,
    deployment.service,
    min(deployment.finished_at) as finished_at,
    min_by(deployment.fact_hash, row(deployment.finished_at, deployment.fact_hash)) as deployment_hash,
    min_by(deployment.revision_hash, row(deployment.finished_at, deployment.fact_hash)) as revision_hash,
from facts.deployment
join production_environment using (environment)
left join marts.service_history as history
    on history.service = deployment.service
    and history.valid_from <= deployment.finished_at
    and history.valid_until > deployment.finished_at
where deployment.result = 'success'
    and coalesce(deployment.repository_hash, history.repository_hash) in (
        select repository_hash
        from placed_change
        anti join candidate using (fact_hash)
        semi join marts.listed_repository using (repository_hash)
    )
group by all;

-- How far it reaches: up to the change whose revision it is, else up to its end.
create or replace temp table early_change as
select placed_change.fact_hash, first_deployment.deployment_hash
from placed_change
anti join candidate using (fact_hash)
join first_deployment using (repository_hash)
left join facts.change as head
    on head.merge_revision_hash = first_deployment.revision_hash
    and head.repository_hash = first_deployment.repository_hash
where placed_change.merged_at <= coalesce(head.merged_at, first_deployment.finished_at);

insert into baseline_change
select distinct fact_hash
from early_change
where deployment_hash not in (
    select deployment_hash
    from facts.deployed_commit
    where deployment_hash in (select deployment_hash from early_change)
);
