-- name = "services_without_owner"
-- title = "Services without an owner"
-- reads = ["marts.service_history"]
-- suffers = [
--     "change_fail_rate",
--     "change_lead_time",
--     "deployment_frequency",
--     "pipeline_compliance",
--     "policy_compliance",
--     "template_adoption",
--     "time_to_restore",
-- ]
-- fix = """
-- Name the team in the catalogue: `spec.owner` of the component in Backstage, or the column `team` of `cairn
-- import service`. Figures by team leave out what nobody owns.
-- """
-- One row per service of the catalogue that is not retired.
select
    service as subject,
    null as url,
    null as source,
    'no team is told' as detail,
    known_from as seen_at,
    1 as n,
    team_key is null as is_bad,
from marts.service_history
where valid_until = timestamp 'infinity' and not is_retired
