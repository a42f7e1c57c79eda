-- name = "commits_of_unknown_deployments"
-- title = "Listed commits of deployments that nobody told of"
-- reads = ["facts.deployed_commit", "facts.deployment"]
-- suffers = [
--     "change_lead_time",
--     "commit_lead_time",
--     "dora_score",
--     "undeployed_changes",
-- ]
-- fix = """
-- Tell of the deployment, or list its commits under the id and the source by which it is told: a deployment is known by both, so
-- that one of another source does not take them. The commits reach production with no deployment until then.
-- """
-- One row per deployment that is listed for and not known, and one per source for all others; it stands for the commits listed.
with listed as (
    select deployment_hash, count(*) as n
    from facts.deployed_commit
    group by deployment_hash
),
unknown as (
    select listed.deployment_hash
    from listed
    anti join facts.deployment on deployment.fact_hash = listed.deployment_hash
),
stray as (
    select deployment_id, source, max(ingested_at) as seen_at, count(*) as n
    from facts.deployed_commit
    where deployment_hash in (select deployment_hash from unknown)
    group by deployment_id, source
),
told as (
    select source, max(ingested_at) as seen_at, count(*) as n
    from facts.deployed_commit
    where deployment_hash not in (select deployment_hash from unknown)
    group by source
)
select
    deployment_id as subject,
    null as url,
    source,
    'commits: ' || n as detail,
    seen_at,
    n,
    true as is_bad,
from stray
union all
select
    null as subject,
    null as url,
    source,
    null as detail,
    seen_at,
    n,
    false as is_bad,
from told
