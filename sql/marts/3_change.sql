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

-- Two sources may tell of one change, which is seldom. Those that may be told twice are found by their identities alone, in
-- order, which takes a third of what grouping them takes.
create or replace temp table repeated_change as
select change_identity
from scoped_change
qualify lag(change_identity) over (order by change_identity) = change_identity;

-- One row per change to be placed; of those told twice see `3_change_twice.sql`.
create or replace temp table placed_change as
select * replace (coalesce(is_bot, false) as is_bot)
from scoped_change
anti join repeated_change using (change_identity);
