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
    author like 'bot:%' as is_bot,
    reverts is not null as is_revert,
from change_in_scope;

-- Two sources may tell of one change: the one that knows more of its review is heard. Those that may be told twice are found
-- by their identities alone, in order, which takes a third of what grouping them takes.
create or replace temp table told_twice as
with repeated as (
    select change_identity
    from scoped_change
    qualify lag(change_identity) over (order by change_identity) = change_identity
)
select
    *,
    row_number() over (
        partition by repository_hash, change_identity
        order by first_review_at is null, opened_at is null, fact_hash
    ) as place,
from scoped_change
semi join repeated using (change_identity);

-- One row per change to be placed.
create or replace temp table placed_change as
select * replace (coalesce(is_bot, false) as is_bot)
from scoped_change
anti join told_twice using (fact_hash)
union all by name
-- What the one that is heard leaves open is the other's. When the first commit was written its own commits may know better
-- (`3_change_unauthored.sql`), so that is taken of the other last (`3_change_elsewhere.sql`).
select
    repository_hash,
    change_identity,
    min_by(fact_hash, place) as fact_hash,
    any_value(merge_revision_hash) as merge_revision_hash,
    any_value(first_commit_at) filter (place = 1) as first_commit_at,
    min_by(opened_at, place) filter (opened_at is not null) as opened_at,
    min_by(first_review_at, place) filter (first_review_at is not null) as first_review_at,
    min_by(merged_at, place) as merged_at,
    coalesce(min_by(is_bot, place) filter (is_bot is not null), false) as is_bot,
    bool_or(is_revert) as is_revert,
from told_twice
group by repository_hash, change_identity;
