-- What became of each change: delivered by the deployment that was found, or waiting.

insert into marts.change_delivery by name
with delivered as (
    select
        placed_change.*,
        production_deployment.service_key,
        production_deployment.team_key,
        production_deployment.system_key,
        production_deployment.environment_key,
        production_deployment.template_key,
        production_deployment.finished_at as deployed_at,
        production_deployment.deployment_hash,
        case change_rank.certainty when 1 then 'listed' when 2 then 'topology' else 'estimated' end as matched_by,
    from placed_change
    join change_rank using (fact_hash)
    join production_deployment using (rank)
),

waiting as (
    select
        waiting_change.*,
        repository_owner.service_key,
        repository_owner.team_key,
        repository_owner.system_key,
        null::integer as environment_key,
        repository_owner.template_key,
        null::timestamp as deployed_at,
        null::ubigint as deployment_hash,
        if(baseline_change.fact_hash is null, null, 'baseline') as matched_by,
    from waiting_change
    left join baseline_change using (fact_hash)
    asof left join repository_owner
        on repository_owner.repository_hash = waiting_change.repository_hash
        and repository_owner.valid_from <= waiting_change.merged_at
)

select
    placed.* exclude (fact_hash, merge_revision_hash),
    placed.fact_hash as change_hash,
    scope_repository.repository_key,
    if(opened_at >= first_commit_at, date_sub('second', first_commit_at, opened_at), null) as coding_seconds,
    if(first_review_at >= opened_at, date_sub('second', opened_at, first_review_at), null) as pickup_seconds,
    if(merged_at >= first_review_at, date_sub('second', first_review_at, merged_at), null) as review_seconds,
    if(deployed_at >= merged_at, date_sub('second', merged_at, deployed_at), null) as deploy_seconds,
from (select * from delivered union all by name select * from waiting) as placed
join scope_repository using (repository_hash)
order by deployed_at nulls last;
