-- name = "changes_never_deployed"
-- title = "Changes in no deployment although their service deploys"
-- reads = ["marts.change_delivery", "marts.change_name", "marts.deployment_outcome", "marts.name"]
-- suffers = [
--     "change_lead_time",
--     "dora_score",
--     "undeployed_changes",
-- ]
-- fix = """
-- Look whether the deployments that followed name another repository or a revision that no clone knows, and
-- whether squashed or rebased merges tell the revision that reached the trunk (`merge_revision`). A change that
-- truly waits is no fault.
-- """
-- One row per change merged before the last successful production deployment of its service, without those of bots.
with latest as (
    select service_key, max(finished_at) as finished_at
    from marts.deployment_outcome
    where is_production and is_successful
    group by service_key
)
select
    named.name as subject,
    named.url,
    named.source,
    'merged before a deployment of ' || name.name as detail,
    change.merged_at as seen_at,
    1 as n,
    change.deployed_at is null as is_bad,
from marts.change_delivery as change
join marts.change_name as named on named.subject = change.change_hash
join latest on latest.service_key = change.service_key and latest.finished_at > change.merged_at
left join marts.name as name on name.key = change.service_key
where not change.is_bot
    and change.matched_by is distinct from 'baseline'
