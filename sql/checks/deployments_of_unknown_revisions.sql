-- name = "deployments_of_unknown_revisions"
-- title = "Deployments of a revision that nobody told of"
-- reads = ["facts.change", "facts.commit", "facts.deployment", "marts.listed_repository"]
-- suffers = [
--     "change_lead_time",
--     "dora_score",
--     "undeployed_changes",
-- ]
-- fix = """
-- Tell a deployment's `revision` whole, as the repository knows it (a tag or an abbreviation is another word), and tell of the change or
-- commit that it is. Until then what the deployment brought is estimated by time.
-- """
-- One row per successful deployment with a revision, of a repository whose changes or commits are told and whose deployments list none.
-- Those deployments first, of which there are mostly none: commits are many.
with unlisted as (
    select id, url, source, revision, finished_at, repository_hash, revision_hash
    from facts.deployment
    anti join marts.listed_repository using (repository_hash)
    where result = 'success' and revision_hash is not null and repository_hash is not null
),
known as (
    select repository_hash, merge_revision_hash as revision_hash
    from facts.change
    where merge_revision_hash is not null
        -- For why `& 0 = 0` is said, see `sql/marts/0_scope.sql`.
        and repository_hash in (select repository_hash from unlisted where repository_hash & 0 = 0)
    union all
    select repository_hash, revision_hash
    from facts.commit
    where repository_hash in (select repository_hash from unlisted where repository_hash & 0 = 0)
)
select
    id as subject,
    url,
    source,
    'revision ' || revision as detail,
    finished_at as seen_at,
    1 as n,
    revision_hash not in (select revision_hash from known) as is_bad,
from unlisted
where repository_hash in (select repository_hash from known)
