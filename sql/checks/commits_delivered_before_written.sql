-- name = "commits_delivered_before_written"
-- title = "Commits delivered before they were written"
-- reads = ["marts.commit_bundle", "marts.commit_delivery", "facts.commit"]
-- suffers = [
--     "commit_lead_time",
-- ]
-- fix = """
-- Look at the clocks of the machines that commits are written on, and of the one that tells of deployments: one of
-- them is wrong. Such commits are left out of the median.
-- """
-- One row per commit delivered before it was written; and one that stands for all others that were delivered.
with early as (
    select revision_hash, repository_hash, deployed_at
    from marts.commit_delivery
    where is_early
)
-- Names are looked up for the bad ones only: all of them would take seconds.
select
    any_value(commit.revision) as subject,
    any_value(commit.url) as url,
    any_value(commit.source) as source,
    'delivered before it was written' as detail,
    early.deployed_at as seen_at,
    1 as n,
    true as is_bad,
from early
join facts.commit
    on commit.revision_hash = early.revision_hash and commit.repository_hash = early.repository_hash
group by early.revision_hash, early.repository_hash, early.deployed_at
union all
select
    null as subject,
    null as url,
    null as source,
    null as detail,
    null::timestamp as seen_at,
    coalesce(sum(len(lead_seconds)), 0) as n,
    false as is_bad,
from marts.commit_bundle
where not is_early
