-- name = "estimated_lead_times"
-- title = "Changes whose deployment was concluded from the times alone"
-- metrics = ["change_lead_time", "undeployed_changes"]
-- fix = """
-- have deployments tell a revision of the repository that the change belongs to, or list their commits
-- """
-- One row per change that reached production.
select
    source,
    id as subject,
    deployed_at as "at",
    'taken to be in the first deployment after its merge' as detail,
    matched_by = 'estimated' as is_bad,
from marts.change_delivery
where deployed_at is not null
