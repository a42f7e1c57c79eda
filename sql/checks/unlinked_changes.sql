-- name = "unlinked_changes"
-- title = "Changes in no deployment for a month, though their repository deploys"
-- metrics = ["change_lead_time", "undeployed_changes"]
-- fix = """
-- see whether the commits that deployments list, or their revisions, are of the branch that changes are merged into
-- """
-- One row per change merged more than 30 days ago into a repository of which something was deployed after that.
with deploying as (
    select repository_key, max(deployed_at) as last_at
    from marts.change_delivery
    where deployed_at is not null
    group by repository_key
)
select
    change_delivery.source,
    change_delivery.id as subject,
    change_delivery.merged_at as "at",
    'merged and never seen in production' as detail,
    change_delivery.deployed_at is null as is_bad,
from marts.change_delivery
join deploying using (repository_key)
where change_delivery.merged_at < {now} - interval 30 days
    and deploying.last_at > change_delivery.merged_at
    and not change_delivery.is_bot
