-- A service's first deployment from a repository, where it lists nothing, has none before it to be compared with: what was
-- merged up to its revision was there when Cairn began to look. When that came is not known, so it neither waits nor counts.

create or replace temp table first_deployment as
with wanted as (
    select distinct repository_hash from waiting_change semi join marts.listed_repository using (repository_hash)
),

deployment as (
    select repository_hash, service, environment, result, finished_at, fact_hash, revision_hash
    from facts.deployment
    where repository_hash in (select repository_hash from wanted where repository_hash & 0 = 0)
    union all
    select history.repository_hash, service, environment, result, finished_at, fact_hash, revision_hash
    from (select * from facts.deployment where repository_hash is null) as unnamed
    join marts.service_history as history using (service)
    semi join wanted on wanted.repository_hash = history.repository_hash
    where history.valid_from <= unnamed.finished_at and history.valid_until > unnamed.finished_at
)

select
    repository_hash,
    service,
    min(finished_at) as finished_at,
    min_by(fact_hash, row(finished_at, fact_hash)) as deployment_hash,
    min_by(revision_hash, row(finished_at, fact_hash)) as revision_hash,
from deployment
semi join production_environment using (environment)
where result = 'success'
group by all;

-- How far it reaches: up to the change whose revision it is, else up to its end.
create or replace temp table early_change as
select waiting_change.fact_hash, first_deployment.deployment_hash
from waiting_change
join first_deployment using (repository_hash)
left join facts.change as head
    on head.merge_revision_hash = first_deployment.revision_hash
    and head.repository_hash = first_deployment.repository_hash
where waiting_change.merged_at <= coalesce(head.merged_at, first_deployment.finished_at);

insert into baseline_change
select distinct fact_hash
from early_change
where deployment_hash not in (
    select deployment_hash
    from facts.deployed_commit
    where deployment_hash in (select deployment_hash from early_change)
);
