-- Which commits the deployments in scope list.

create or replace temp table unbundled_commit as
select unnest(commit_bundle.revision_hashes) as revision_hash, commit_bundle.repository_hash
from marts.commit_bundle
join scope_repository using (repository_hash)
where commit_bundle.deployed_at >= (select min(since) from scope_repository)
    and commit_bundle.deployed_at >= scope_repository.since;

delete from marts.commit_bundle
using scope_repository
where commit_bundle.repository_hash = scope_repository.repository_hash
    and commit_bundle.deployed_at >= scope_repository.since;

-- Every commit with every deployment that lists it. Where no repository is listed it is the commit's own; there are mostly
-- no such listings, and asking each commit for it would cost as much again.
create or replace temp table brought_commit as
select commit.revision_hash, commit.repository_hash, listing.rank, listing.finished_at, commit.authored_at
from listing
join commit_in_scope as commit using (revision_hash)
where listing.repository_hash = commit.repository_hash
union all
select commit.revision_hash, commit.repository_hash, listing.rank, listing.finished_at, commit.authored_at
from (select * from listing where repository_hash is null) as listing
join commit_in_scope as commit using (revision_hash)
semi join scope_repository on scope_repository.repository_hash = commit.repository_hash;

-- Mostly one commit is told by one source and listed by one deployment. Taking the earliest of each would group all of
-- them, so those that stand more than once are found first, by their revisions alone: in order, which takes a third of what
-- grouping them takes.
create or replace temp table repeated_revision as
select revision_hash
from brought_commit
qualify lag(revision_hash) over (order by revision_hash) = revision_hash;

-- Those that were delivered before their repository's time in scope: see `4_commit_settled.sql`.
create or replace temp table settled_commit (revision_hash ubigint, repository_hash ubigint);
