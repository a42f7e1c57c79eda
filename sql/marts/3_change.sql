-- Which change reached production with which deployment, for the repositories and times in scope.

create or replace temp view scoped_change as
select
    fact_hash,
    repository_hash,
    merge_revision_hash,
    coalesce(merge_revision_hash, fact_hash) as change_identity,
    first_commit_at,
    opened_at,
    first_review_at,
    merged_at,
    coalesce(author like 'bot:%', false) as is_bot,
    reverts is not null as is_revert,
from change_in_scope;

-- One row per change to be placed.
create or replace temp table placed_change as
-- Two sources may tell of one change: the one that knows more of its review is heard.
with unheard as (
    select scoped_change.fact_hash
    from scoped_change
    semi join (
        select repository_hash, change_identity
        from scoped_change
        group by all
        having count(*) > 1
    ) using (repository_hash, change_identity)
    qualify row_number() over (
        partition by repository_hash, change_identity
        order by first_review_at is null, opened_at is null, fact_hash
    ) > 1
),

-- Where a change does not say when its first commit was written, its commits may.
authored as (
    select unauthored.fact_hash, min(commit.authored_at) as first_commit_at
    from (select fact_hash from scoped_change where first_commit_at is null) as unauthored
    join facts.change using (fact_hash)
    join facts.commit
        on commit.source = change.source
        and commit.change_id = change.id
        and commit.repository_hash = change.repository_hash
    group by all
)

select
    scoped_change.* exclude (first_commit_at),
    coalesce(scoped_change.first_commit_at, authored.first_commit_at) as first_commit_at,
from scoped_change
anti join unheard using (fact_hash)
left join authored using (fact_hash);

-- A change without a merge revision of its own arrives with the first of its commits. Kept apart, since looking for
-- commits reads a large table, and there are mostly no such changes.
create or replace temp table unmerged_commit as
select unmerged.fact_hash, commit.revision_hash, commit.repository_hash
from (select fact_hash from placed_change where merge_revision_hash is null) as unmerged
join facts.change using (fact_hash)
join facts.commit
    on commit.source = change.source
    and commit.change_id = change.id
    and commit.repository_hash = change.repository_hash;

-- The deployments that may contain a change, by their rank, and how that was found: the more certain way where two find the
-- same. One number, since the least of numbers is found faster than the least of pairs.
create or replace temp table candidate as
with listed as (
    select placed_change.fact_hash, listing.rank
    from listing
    join placed_change on placed_change.merge_revision_hash = listing.revision_hash
    where coalesce(listing.repository_hash, placed_change.repository_hash) = placed_change.repository_hash
    union all
    select unmerged_commit.fact_hash, listing.rank
    from listing
    join unmerged_commit using (revision_hash)
    where coalesce(listing.repository_hash, unmerged_commit.repository_hash) = unmerged_commit.repository_hash
)
select fact_hash, rank * 4::bigint + 1 as choice from listed;

-- Changes that were there before the first deployment that is known.
create or replace temp table baseline_change (fact_hash ubigint);
