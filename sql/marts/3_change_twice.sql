-- Of what tells of one change, that which knows more of its review is heard.

create or replace temp table told_twice as
select
    *,
    row_number() over (
        partition by repository_hash, change_identity
        order by first_review_at is null, opened_at is null, fact_hash
    ) as place,
from scoped_change
semi join repeated_change using (change_identity);

insert into placed_change by name
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
