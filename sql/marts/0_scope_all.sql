-- Everything is in scope: for a rebuild.

create or replace temp table scope_service as
select service, timestamp '-infinity' as since
from (select service from facts.deployment union select service from facts.incident where service is not null);

create or replace temp table scope_repository as
select repository_hash, repository.repository_key, timestamp '-infinity' as since
from (select repository_hash from facts.change union select repository_hash from facts.commit)
join marts.repository using (repository_hash);

create or replace temp table stale_change (deployment_hash ubigint, is_revert boolean);
create or replace temp view deployment_in_scope as from facts.deployment;
create or replace temp view change_in_scope as from facts.change;
create or replace temp view commit_in_scope as from facts.commit;

delete from marts.listed_repository;
delete from marts.change_delivery;
delete from marts.commit_bundle;

delete from marts.listing_source;
insert into marts.listing_source
select source
from (select distinct source from facts.deployment) as told
semi join marts.rule on rule.name = 'listing_source' and told.source glob rule.value;

insert into marts.listed_repository
select distinct repository_hash
from facts.deployed_commit
where repository_hash is not null
    -- For why `& 0 = 0` is said, see `0_scope.sql`.
    and deployment_hash in (select fact_hash from facts.deployment where fact_hash & 0 = 0)
union
select coalesce(deployment.repository_hash, history.repository_hash) as repository_hash
from facts.deployment
left join marts.service_history as history on history.service = deployment.service
where deployment.fact_hash in (select deployment_hash from facts.deployed_commit where repository_hash is null)
    and coalesce(deployment.repository_hash, history.repository_hash) is not null
union
-- A source that lists may have listed nothing yet.
select deployment.repository_hash
from facts.deployment
semi join marts.listing_source using (source)
where deployment.repository_hash is not null;
