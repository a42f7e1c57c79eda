-- Where neither a change nor its commits say when the first of them was written, another source that tells of it may.

update placed_change set first_commit_at = elsewhere.first_commit_at
from (
    select
        repository_hash,
        change_identity,
        min_by(first_commit_at, place) as first_commit_at,
    from told_twice
    where first_commit_at is not null
    group by all
) as elsewhere
where placed_change.first_commit_at is null
    and placed_change.repository_hash = elsewhere.repository_hash
    and placed_change.change_identity = elsewhere.change_identity;
