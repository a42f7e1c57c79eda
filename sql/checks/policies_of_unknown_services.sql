-- name = "policies_of_unknown_services"
-- title = "Policy results of services that the catalogue does not know"
-- reads = ["facts.policy_result", "marts.service_history"]
-- suffers = [
--     "policy_compliance",
-- ]
-- fix = """
-- Add the service to the catalogue (`cairn import service`), or map the cluster's name for it with a line of the
-- source's `services` in cairn.toml. Its results stand in no team's compliance.
-- """
-- One row per service and source that policy results name; it stands for as many of them.
select
    service as subject,
    null as url,
    source,
    'policy results: ' || count(*) as detail,
    max("at") as seen_at,
    count(*) as n,
    service not in (select service from marts.service_history) as is_bad,
from facts.policy_result
group by service, source
