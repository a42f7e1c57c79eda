-- name = "commit_lead_time"
-- title = "Commit lead time"
-- group = "delivery"
-- version = 1
-- unit = "seconds"
-- better = "lower"
-- shape = "event"
-- aggregate = "median"
-- reads = ["commit_bundle"]
-- bundled = true
-- subjects = "commit_name"
-- definition = """
-- For each commit that is not a merge: from its author's time to the finish of the first successful production
-- deployment that brought it.
-- """
-- source = "https://dora.dev/guides/dora-metrics-four-keys/"
-- One row per deployment and repository, with the commits that reached production by it.
select
    deployed_at as observed_at,
    revision_hashes as subject,
    repository_hash,
    null as url,
    columns('_key$'),
    lead_seconds as value,
    if(is_early, 'deployed before it was written', null) as reason,
from marts.commit_bundle
