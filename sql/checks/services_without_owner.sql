-- name = "services_without_owner"
-- title = "Services without an owner"
-- metrics = ["deployment_frequency", "change_lead_time", "change_fail_rate", "policy_compliance", "template_adoption"]
-- fix = """
-- name the owner in the catalogue, or tell it as a `service` fact with `team`; figures by team leave these out
-- """
-- One row per live service of the catalogue, as it is now.
select
    null as source,
    service as subject,
    held_from as "at",
    'no team is told' as detail,
    team_key is null as is_bad,
from marts.service_state
where held_until is null or held_until > {now}
