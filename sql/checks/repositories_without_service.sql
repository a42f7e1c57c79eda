-- name = "repositories_without_service"
-- title = "Repositories that belong to no service"
-- reads = ["marts.change_delivery", "marts.change_name", "marts.name"]
-- suffers = [
--     "change_lead_time",
--     "dora_score",
--     "undeployed_changes",
-- ]
-- fix = """
-- Give the repository to a service: the column `repository` of `cairn import service`, or of the deployments.
-- Changes of a repository that belongs to no service wait for ever, in nobody's figures. Libraries that are never
-- deployed are no fault.
-- """
-- One row per repository and source that told of its changes; it stands for as many changes.
select
    name.name as subject,
    null as url,
    named.source,
    'changes that no service delivers: ' || count(*) filter (change.service_key is null) as detail,
    max(change.merged_at) as seen_at,
    count(*) as n,
    bool_and(change.service_key is null) as is_bad,
from marts.change_delivery as change
join marts.change_name as named on named.subject = change.change_hash
join marts.name as name on name.key = change.repository_key
group by name.name, named.source
