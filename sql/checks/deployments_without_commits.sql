-- name = "deployments_without_commits"
-- title = "Roll-outs without listed commits"
-- reads = ["facts.deployed_commit", "marts.deployment_name", "marts.deployment_outcome", "marts.name"]
-- suffers = [
--     "change_lead_time",
--     "commit_lead_time",
--     "dora_score",
-- ]
-- fix = """
-- List what each deployment brings: `deployed_commit` facts, which `cairn collect git` and the GitHub source make
-- of the revisions they see. Commit lead time knows only listed commits; change lead time falls back to the
-- revision's place on the trunk, and then to time.
-- """
-- One row per roll-out: a revision's first success in production, rollbacks left out.
with listing as (
    select distinct deployment_hash
    from facts.deployed_commit
)
select
    named.name as subject,
    named.url,
    named.source,
    name.name as detail,
    outcome.finished_at as seen_at,
    1 as n,
    listing.deployment_hash is null as is_bad,
from marts.deployment_outcome as outcome
join marts.deployment_name as named on named.subject = outcome.deployment_hash
left join listing on listing.deployment_hash = outcome.deployment_hash
left join marts.name as name on name.key = outcome.service_key
where outcome.is_rollout and outcome.kind != 'rollback'
