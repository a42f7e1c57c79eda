-- name = "lead_times_estimated"
-- title = "Lead times that are estimated by time"
-- reads = ["marts.change_delivery", "marts.change_name"]
-- suffers = [
--     "change_lead_time",
--     "dora_score",
--     "undeployed_changes",
-- ]
-- fix = """
-- Tell the deployed `revision` and its `repository`, or list the commits of each deployment (`deployed_commit`).
-- Until then a change counts as delivered by the first deployment after its merge, which is too early wherever
-- deployments are made from older branches.
-- """
-- One row per change that reached production, without those of bots.
select
    named.name as subject,
    named.url,
    named.source,
    'merged ' || strftime(merged_at, '%Y-%m-%d %H:%M') || ', taken to be in the deployment after it' as detail,
    deployed_at as seen_at,
    1 as n,
    coalesce(matched_by = 'estimated', false) as is_bad,
from marts.change_delivery as change
join marts.change_name as named on named.subject = change.change_hash
where deployed_at is not null and not is_bot
