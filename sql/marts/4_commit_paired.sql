-- All commits with the deployments that list them, where each commit is told by one source and listed by one deployment, as
-- mostly. Then what a deployment brought can be gathered while it is found, and need not be written down commit by commit first.
-- Those without their other half are gathered too: by how many rows there are it is seen whether each had one at most.

create or replace temp table paired_bundle as
with pair as (
    select
        listing.rank,
        commit.repository_hash,
        listing.finished_at,
        commit.revision_hash,
        date_sub('second', commit.authored_at, listing.finished_at) as lead_seconds,
    from listing
    full join commit_in_scope as commit using (revision_hash, repository_hash)
)
select
    rank,
    repository_hash,
    any_value(finished_at) as deployed_at,
    lead_seconds < 0 as is_early,
    list(revision_hash) as revision_hashes,
    list(lead_seconds) as lead_seconds,
    count(*) as n,
from pair
group by rank, repository_hash, is_early;

create or replace temp view bundle as
select * from paired_bundle where rank is not null and repository_hash is not null;
