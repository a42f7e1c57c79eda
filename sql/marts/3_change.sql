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
-- Two sources may tell of one change: the one that knows more of its review is heard. Those that may be told twice are found
-- by their identities alone, in order, which takes a third of what grouping them takes.
with repeated as (
    select change_identity
    from scoped_change
    qualify lag(change_identity) over (order by change_identity) = change_identity
),

unheard as (
    select fact_hash
    from scoped_change
    semi join repeated using (change_identity)
    qualify row_number() over (
        partition by repository_hash, change_identity
        order by first_review_at is null, opened_at is null, fact_hash
    ) > 1
)

select * from scoped_change anti join unheard using (fact_hash);
