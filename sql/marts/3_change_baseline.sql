-- A service's first deployment from a repository, where it lists nothing, has none before it to be compared with: what was
-- merged up to its revision was there when Cairn began to look. When that came is not known, so it neither waits nor counts.

-- A source that lists knows what its own first deployment reaches, and has one of its own.
create or replace temp table first_deployment as
with wanted as (
    select distinct repository_hash from waiting_change semi join marts.listed_repository using (repository_hash)
),

deployment as (
    select repository_hash, service, environment, result, finished_at, fact_hash, revision_hash, source
    from facts.deployment
    where repository_hash in (select repository_hash from wanted where repository_hash & 0 = 0)
    union all
    select history.repository_hash, service, environment, result, finished_at, fact_hash, revision_hash, source
    from (select * from facts.deployment where repository_hash is null) as unnamed
    join marts.service_history as history using (service)
    semi join wanted on wanted.repository_hash = history.repository_hash
    where history.valid_from <= unnamed.finished_at and history.valid_until > unnamed.finished_at
)

select
    repository_hash,
    service,
    listing_source.source as listing_source,
    min(finished_at) as finished_at,
    min_by(fact_hash, row(finished_at, fact_hash)) as deployment_hash,
    min_by(revision_hash, row(finished_at, fact_hash)) as revision_hash,
from deployment
semi join production_environment using (environment)
left join marts.listing_source on listing_source.source = deployment.source
where result = 'success'
group by all;

-- How far it reaches: up to the change whose revision it is, and never beyond its end.
create or replace temp table early_change as
with early as (
    select
        waiting_change.fact_hash,
        waiting_change.repository_hash,
        waiting_change.merge_revision_hash,
        first_deployment.deployment_hash,
        first_deployment.listing_source,
    from waiting_change
    join first_deployment using (repository_hash)
    left join facts.change as head
        on head.merge_revision_hash = first_deployment.revision_hash
        and head.repository_hash = first_deployment.repository_hash
    where waiting_change.merged_at <= least(head.merged_at, first_deployment.finished_at)
),

-- What the source that lists tells beside its first deployment that one does not reach, whatever the times say.
beyond as (
    select source as listing_source, repository_hash, merge_revision_hash
    from facts.change
    where repository_hash in (
            select repository_hash from early where listing_source is not null and repository_hash & 0 = 0
        )
        and merge_revision_hash in (
            select merge_revision_hash from early where listing_source is not null and merge_revision_hash & 0 = 0
        )
)

select fact_hash, deployment_hash
from early
anti join beyond using (listing_source, repository_hash, merge_revision_hash);

insert into baseline_change
select distinct fact_hash
from early_change
where deployment_hash not in (
    select deployment_hash
    from facts.deployed_commit
    where deployment_hash in (select deployment_hash from early_change)
);
