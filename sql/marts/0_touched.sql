-- What a batch told of: deployments, revisions and changes. The `delta_*` tables hold the rows of the batch that were new or
-- changed (`old_*`: what stood there before). What is seldom so is added by `0_touched_*.sql`.

create or replace temp table touched_deployment as
select fact_hash as deployment_hash, service, repository_hash, least(finished_at, old_finished_at) as since
from delta_deployment
union all
select fact_hash as deployment_hash, old_service as service, repository_hash, least(finished_at, old_finished_at) as since
from delta_deployment
where old_service != service;

create or replace temp table touched_revision as
select repository_hash, merge_revision_hash as revision_hash from delta_change where merge_revision_hash is not null
union
select old_repository_hash, old_merge_revision_hash from delta_change where old_merge_revision_hash is not null
union
select repository_hash, revision_hash from delta_commit;

-- Changes that stood under these identities before.
create or replace temp table standing_change as
select distinct old_repository_hash as repository_hash, coalesce(old_merge_revision_hash, fact_hash) as change_identity
from delta_change
where old_repository_hash is not null;
