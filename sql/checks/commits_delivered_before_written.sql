-- name = "commits_delivered_before_written"
-- title = "Commits delivered before they were written"
-- reads = ["marts.commit_delivery", "marts.commit_name"]
-- suffers = [
--     "commit_lead_time",
-- ]
-- fix = """
-- Look at the clocks of the machines that commits are written on, and of the one that tells of deployments: one of
-- them is wrong. Such commits are left out of the median.
-- """
-- One row per commit that reached production.
select
    name.name as subject,
    name.url,
    null as source,
    'delivered before it was written' as detail,
    delivered.deployed_at as seen_at,
    1 as n,
    delivered.is_bad,
from (
    select
        revision_hash,
        repository_hash,
        deployed_at,
        lead_seconds < 0 as is_bad,
    from marts.commit_delivery
) as delivered
left join marts.commit_name as name
    on name.subject = delivered.revision_hash and name.repository_hash = delivered.repository_hash
